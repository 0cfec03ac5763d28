"""Whole passes, and what belongs to them."""
