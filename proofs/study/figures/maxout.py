"""Figures: Maxout."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Drawing

from ffn.constructions import best_square
from proofs.study.figures.figure import FIRST, INK, SECOND, THIRD, Figure, panels


def square_by_pieces() -> Drawing:
    drawing, (left, right) = panels(2)
    x = np.linspace(-1, 1, 401)
    left.plot(x, x**2, color=INK, label="x²")
    for pieces, colour in ((1, FIRST), (2, SECOND), (3, THIRD)):
        f = best_square(-1.0, 1.0, pieces)
        values = np.array([f(t) for t in x])
        left.plot(x, values, color=colour, label=f"n = {pieces}")
        right.plot(x, values - x**2, color=colour)
    left.set(xlabel="x", title="best maximum of n lines")
    left.legend()
    right.set(xlabel="x", title="its error")
    right.grid()
    return drawing


FIGURES = {
    "C27": Figure(
        square_by_pieces,
        "The best maximum of n affine functions, and how far it is from x²: the error swings between the bounds "
        "±1/(2n²), reached 2n + 1 times.",
        "Left: x² on [−1, 1] with the best approximations of one, two and three pieces. Right: their errors, scalloped "
        "curves that touch equal heights above and below zero: 1/2, 1/8 and 1/18.",
    ),
}
