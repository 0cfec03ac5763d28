"""Maxout and approximation."""

TITLE = "Maxout and approximation"
