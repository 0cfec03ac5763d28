"""What evaluates the pages of C44, C48 and C49: ranges, bends, the usual choice."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ffn import reference
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import Hidden, Network
from ffn.network.forward import activate, output
from ffn.numbers.exact import exact
from proofs.chapters.activations.figures import ranges as figures
from proofs.chapters.activations.figures.saturation import true
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import drawn, evaluates, lines


@evaluates("C44", r"At 20 the slope of σ is $«.2f» \cdot 10^{-9}$", counterexample=True)
def slope_far_out() -> float:
    (slope,) = true("sigmoid", "slope", np.array([20.0]))
    return float(slope * 10**9)


@evaluates(
    "C44",
    r"If $|g| \le 1$ then $$\Bigl| c + \sum_i v_i\, g(w_i \cdot x + b_i) \Bigr| \le |c| + \sum_i |v_i| \quad "
    r"\text{for every } x.$$",
    "above them no network equals $x$ far out, as two relus do everywhere",
    counterexample=True,
)
def bound_above_bounded_units() -> None:
    generator = np.random.default_rng(0)
    network = Network(1, 1, GAUSSIAN, (Hidden(3, "hard_tanh"),))
    for _ in range(30):
        (W, b), (V, c) = [
            (fractions(generator.integers(-4, 5, size=W)), fractions(generator.integers(-4, 5, size=b)))
            for W, b in network.shapes
        ]
        most = abs(c).sum() + abs(V).sum()
        at = fractions([[-1000], [0], [Fraction(1, 3)], [1000]])
        assert (abs(output(exact, network, ((W, b), (V, c)), at)) <= most).all()
        assert most < 1000
    signs = fractions([[1, -1]])
    relus = Network(1, 1, GAUSSIAN, (Hidden(2, "relu"),))
    assert (output(exact, relus, ((signs, fractions([0, 0])), (signs.T, fractions([0]))), at) == at).all()


@evaluates(
    "C44",
    "Left: as an output σ turns every logit into a probability.",
    "Right: fitted to $x$ on the tinted range, two tanh units level off outside, below the bound $|c| + "
    "\\sum |v|$; two relus are $x$ everywhere.",
    "Left: an S-shaped curve between 0 and 1.",
)
def fits_of_the_figure() -> None:
    ((_, probability),) = lines(figures.bounded, 0).values()
    assert ((probability > 0) & (probability < 1)).all()
    right = lines(figures.bounded, 1)
    x, fitted = right["two tanh units"]
    most = right["|c| + Σ|v|"][1][0]
    assert (np.abs(fitted) < most).all()
    assert np.abs(fitted - x)[np.abs(x) <= 2].mean() < 0.1
    assert np.abs(np.diff(fitted))[-10:].max() < 0.01 * (x[1] - x[0])
    assert (right["two relus: x"][1] == x).all()


@evaluates(
    "C48",
    r"A function $g$ is affine if and only if it is continuous and $g\bigl(\frac{x + y}{2}\bigr) = "
    r"\frac{1}{2} (g(x) + g(y))$ for all $x, y$. For the identity that holds; "
    "each of the others breaks it at $x = -1$, $y = 3$.",
    "For each but the identity the value in the middle of −1 and 3 (dot) is not on the chord (cross).",
    "a dashed chord from −1 to 3, a dot on the curve and a cross on the chord at 1; for the identity the two coincide",
    "Of the eight element-wise activations in the code all but the identity bend.",
    "The activations of the code.",
    counterexample=True,
)
def bends_of_the_activations() -> None:
    for name in ELEMENTWISE:
        low, middle, high = true(name, "value", np.array([-1.0, 1.0, 3.0]))
        assert (2 * middle == low + high) == (name == "identity")
    assert len(ELEMENTWISE) == 8
    assert [axes.get_title() for axes in drawn(figures.bends).axes] == list(ELEMENTWISE)


@evaluates(
    "C49",
    r"$$\operatorname{relu}(cz) = c \operatorname{relu}(z) \quad (c \ge 0).$$",
    "it answers to a pre-activation ten times as large with ten times as much",
    "Its slope is 0 or 1",
)
def relu_has_no_scale() -> None:
    z = fractions([[Fraction(k, 3) for k in range(-9, 10)]])
    relu = Hidden(19, "relu")
    for c in (0, Fraction(1, 7), 10):
        assert (activate(exact, relu, c * z) == c * activate(exact, relu, z)).all()
    assert set(reference.slope("relu", np.linspace(-3, 3, 7))) == {0.0, 1.0}


@evaluates("C49", "in floats it does not round")
def relu_does_not_round() -> None:
    z = np.random.default_rng(0).normal(size=(1, 100))
    assert set(activate(FLOATS, Hidden(100, "relu"), z)[0]) <= {*z[0], 0.0}


@evaluates(
    "C49",
    "What is left of a gradient after so many layers of 64 units, at the start of training.",
    "With He's weights relu keeps its size up to chance; with Glorot's, tanh loses some of it, and σ more "
    "than a factor of 4 at each layer.",
    "relu about level, tanh falling slowly, σ falling steeply",
)
def gradients_at_the_start() -> None:
    drawn_lines = lines(figures.what_is_left)
    relu, tanh, sigmoid = (drawn_lines[name][1] for name in ("relu", "tanh", "sigmoid"))
    assert 1 / 2 < relu[-1] < 2
    assert 1 / 20 < tanh[-1] < 1 / 2
    assert (sigmoid[:-1] / sigmoid[1:] > 4).all()
