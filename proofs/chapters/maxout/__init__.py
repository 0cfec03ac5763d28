"""Maxout."""
