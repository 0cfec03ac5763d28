"""The claims of the study notes, each with its verdict."""
