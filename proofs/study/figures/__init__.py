"""A figure for each claim, drawn from what the project's own code computes."""
