"""Backpropagation by hand."""

TITLE = "Backpropagation by hand"
