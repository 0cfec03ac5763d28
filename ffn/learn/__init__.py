"""Learning by doing: exercises, a judge that shows the smallest example, and names for what went wrong."""

from ffn.learn.notebook import check

__all__ = ["check"]
