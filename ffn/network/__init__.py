"""A feedforward network: its description, its parts, forward once, backward by hand."""
