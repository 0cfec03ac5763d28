"""Activations and slopes."""

TITLE = "Activations and slopes"
