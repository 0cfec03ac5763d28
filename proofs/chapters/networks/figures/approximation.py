"""Figures of the claims on width and depth, C6 and C7."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb

import numpy as np
from matplotlib.axes import Axes

from ffn.constructions.folding import square, tent
from ffn.constructions.interpolation import interpolate
from ffn.constructions.maxout import best_square
from ffn.constructions.regions import linear_pieces, montufar_regions, most_deep_regions
from proofs.chapters.code_on_floats import outputs
from proofs.chapters.figure import FAINT, FIFTH, FIRST, FOURTH, INK, SECOND, THIRD, figure_of
from proofs.chapters.networks.figures.networks import Built


def error_on_the_square(net: Built) -> Fraction:
    """The largest distance from x² on [0, 1]: at the ends of the pieces, or where the slopes agree."""
    errors = []
    for piece in linear_pieces(*net, 0, 1):
        slope, intercept = piece.slope[0], piece.intercept[0]
        left, right = Fraction(piece.left or 0), Fraction(1 if piece.right is None else piece.right)
        places = [x for x in (left, right, slope / 2) if left <= x <= right]
        errors += [abs(slope * x + intercept - x * x) for x in places]
    return max(errors)


def on_knots(n: int, best: bool) -> Built:
    """x² by n pieces: its chords, or the best ones."""
    knots = [Fraction(i, n) for i in range(n + 1)]
    f = best_square(0, 1, n)
    return interpolate(knots, [f(t) if best else t * t for t in knots])


@figure_of("C6", 2)
def width_and_error(left: Axes, right: Axes) -> None:
    x = np.linspace(0, 1, 201)
    left.plot(x, x**2, color=INK, label="x²")
    for n, colour, line in ((1, FOURTH, ":"), (2, SECOND, "--"), (4, THIRD, "-.")):
        left.plot(x, outputs(*on_knots(n, best=False), x), line, color=colour, label=f"{n} ReLU" + "s" * (n > 1))
    left.set(xlabel="x", title="chords of x²")
    left.legend()
    widths = (1, 2, 4, 8, 16, 32)
    for best, colour, marker, label in ((False, FIRST, "o", "chords"), (True, SECOND, "s", "best pieces")):
        errors = [float(error_on_the_square(on_knots(n, best))) for n in widths]
        right.loglog(widths, errors, "-" + marker, color=colour, label=label)
    affine_error = float(error_on_the_square(on_knots(1, best=True)))
    right.axhline(affine_error, color=FAINT, linestyle="--", label="best affine map")
    right.set(xlabel="ReLUs", title="largest error: ∝ 1/n²", xticks=widths, xticklabels=[str(n) for n in widths])
    right.minorticks_off()
    right.legend()


@figure_of("C7", 3, height=2.7)
def folds(left: Axes, middle: Axes, right: Axes) -> None:
    x = np.linspace(0, 1, 257)
    for shift, (depth, colour) in enumerate(((3, THIRD), (2, SECOND), (1, FIRST))):
        left.plot(x, outputs(*tent(depth), x) + 1.3 * shift, color=colour)
        left.text(1.04, 1.3 * shift + 0.4, str(len(linear_pieces(*tent(depth), 0, 1))))
    left.set(xlabel="x", yticks=[], title="pieces of 1, 2, 3 tents", xlim=(0, 1.2))
    depths = range(1, 9)
    units = [3 * depth for depth in depths]
    middle.semilogy(units, _errors(depths), "-o", color=FIRST, markersize=4)
    middle.semilogy(units, [1 / (8 * (n + 1) ** 2) for n in units], "--", color=SECOND)
    middle.text(23.5, 4e-4, "one layer,\nat least", ha="right", va="bottom")
    middle.text(13, 2e-5, "3 units\na layer", ha="right")
    middle.set(xlabel="units", title="error for x²", xticks=(3, 12, 24))
    _counts(right)


def _errors(depths: Sequence[int]) -> list[float]:
    return [float(error_on_the_square(square(depth))) for depth in depths]


def _counts(ax: Axes) -> None:
    """Two layers of 32 units on two inputs: what formulas say of their regions."""
    n, d = 32, 2
    quotient, binomial = (n // d) ** d * n**d, comb(n, d) ** d * n**d
    bars = (
        ("folding", montufar_regions((n, n), d), FIRST),
        ("(n/d)ᵈnᵈ", quotient, THIRD),
        ("at most", most_deep_regions((n, n), d), INK),
        ("C(n,d)ᵈnᵈ", binomial, FIFTH),
    )
    for place, (_, count, colour) in enumerate(bars):
        ax.barh(-place, count, color=colour, alpha=0.6, linewidth=0)
        ax.text(count * 1.3, -place, str(count), va="center", fontsize="small")
    ax.set(yticks=[-i for i in range(4)], yticklabels=[name for name, _, _ in bars], xlim=(1e4, 4e11), xscale="log")
    ax.set_title("regions, 32 + 32 units")
    ax.set_xticks([1e5, 1e7])
    ax.minorticks_off()
