"""Optimisation."""

TITLE = "Optimisation"
