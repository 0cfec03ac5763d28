"""Derivations as plain data, and the independent checks of each of their steps."""
