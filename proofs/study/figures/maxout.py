"""Figures: Maxout."""

from __future__ import annotations

from proofs.study.figures.figure import Figure

FIGURES: dict[str, Figure] = {}
