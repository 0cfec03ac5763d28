"""Saturation and precision."""

TITLE = "Saturation and precision"
