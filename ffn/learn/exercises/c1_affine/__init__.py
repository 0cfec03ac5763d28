"""Affine maps, hyperplanes, XOR."""

TITLE = "Affine maps, hyperplanes, XOR"
