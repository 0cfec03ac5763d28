"""Provers and refuters of a single step: normal form, sign, z3, small sizes, ball arithmetic."""
