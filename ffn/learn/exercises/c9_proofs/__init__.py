"""Prove the step."""

TITLE = "Prove the step"
