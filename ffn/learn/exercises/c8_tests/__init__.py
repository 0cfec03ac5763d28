"""Reverse: write the test."""

TITLE = "Reverse: write the test"
