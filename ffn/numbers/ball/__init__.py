"""Ball arithmetic: enclosures of the truth, and of everything that a precision can make of it.

A ball is a midpoint and a proven radius (Johansson 2017, Arb). Without a precision the arrays enclose the real result.
With one, each operation also adds the rounding that a program in that precision may commit, so that the result encloses
every answer that such a program can return (midpoint–radius arithmetic: Rump 1999).
"""

from ffn.numbers.ball.arrays import BallArray, magnitude, number, product, working_precision
from ffn.numbers.ball.system import Ball

__all__ = ["Ball", "BallArray", "magnitude", "number", "product", "working_precision"]
