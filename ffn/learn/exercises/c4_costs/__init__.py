"""Costs."""

TITLE = "Costs"
