"""The bounds of every entry, and the comparison of an answer with them."""
