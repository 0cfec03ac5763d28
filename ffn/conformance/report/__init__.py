"""The report of a run: what was found, as JSON for machines, and as what the terminal shows."""
