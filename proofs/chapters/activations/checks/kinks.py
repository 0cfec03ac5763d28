"""What evaluates the pages of C17 to C20: kinks."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy

from ffn import reference
from ffn.constructions.interpolation import interpolate
from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network
from ffn.network.forward import objective, output, trace
from ffn.numbers.exact import exact
from proofs.chapters.activations.figures import kinks as figures
from proofs.chapters.activations.figures.kinks import BOOK, INPUTS, XOR, one_relu, slope_by_chain_rule
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import drawn, evaluates, lines

ONE = fractions([[1]])


def squared(w: Any) -> Any:
    """(relu(w) − 1)², by the code."""
    return 2 * objective(exact, *one_relu(Fraction(w), 0), ONE, ONE, kernel_only=True)


# C17


@evaluates(
    "C17",
    r"the loss $(\operatorname{relu}(w) - 1)^2$ is «» at $w = -1$, «» at $w = 1$, and «» in the middle, above "
    r"the mean of both",
    r"For $\ell(w) = (\operatorname{relu}(w) - 1)^2$: $\ell(0) = 1 > \frac{1}{2}(\ell(-1) + \ell(1)) = \frac{1}{2}$.",
    "Left: from w = −1 up to w = ½ the loss lies above the chord that ends at w = 1.",
    "Left: a curve, level at 1 up to w = 0 and then a parabola down to 0 at w = 1; a dashed chord passes "
    "below it at w = 0.",
    counterexample=True,
)
def a_relu_above_one_weight() -> tuple[Any, ...]:
    assert 2 * squared(0) > squared(-1) + squared(1)
    assert {squared(Fraction(-k, 3)) for k in range(9)} == {1}
    assert all(squared(Fraction(k, 8)) == (Fraction(k, 8) - 1) ** 2 for k in range(9))
    above = [k for k in range(-7, 8) if squared(Fraction(k, 8)) > (1 - Fraction(k, 8)) / 2]
    assert above == list(range(-7, 4))
    return squared(-1), squared(1), squared(0)


@evaluates(
    "C17",
    "descent that starts at $w = -1$ has gradient «» and stays, where on the linear $(w - 1)^2$ it arrives at «»",
    counterexample=True,
)
def descent_with_relu_and_without() -> tuple[Any, Any]:
    (dW, _), _ = gradient(exact, *one_relu(Fraction(-1), 0), ONE, ONE)
    w = sympy.Symbol("w")
    assert sympy.solve(sympy.diff((w - 1) ** 2, w), w) == [1]
    assert sympy.diff((w - 1) ** 2, w, 2).is_positive
    return dW.item(), 1


@evaluates(
    "C17",
    r"If $W_2, \dots, W_L \ge 0$, then $$f\Bigl(\frac{x + y}{2}\Bigr) \le \frac{f(x) + f(y)}{2},$$ and with "
    r"equality, whatever the weights, "
    "where no unit changes sides between $x$ and $y$.",
    "Right: the output is convex in x if no later weight is negative; here one negative weight loses that.",
    "Right: two piecewise linear functions, one convex, one that bends down.",
)
def convex_in_the_input() -> None:
    generator = np.random.default_rng(0)
    network = Network(1, 1, GAUSSIAN, (Hidden(3, "relu"), Hidden(2, "relu")))
    for _ in range(12):
        parts = [
            (fractions(generator.integers(-3, 4, size=W)), fractions(generator.integers(-3, 4, size=b)))
            for W, b in network.shapes
        ]
        for x, y in product(range(-3, 4), repeat=2):
            at = fractions([[x], [y], [Fraction(x + y, 2)]])
            later = [parts[0], *((abs(W), b) for W, b in parts[1:])]
            f = output(exact, network, later, at)[:, 0]
            assert 2 * f[2] <= f[0] + f[1]
            sides = [step.z > 0 for step in trace(exact, network, parts, at)[:-1]]
            if all((side[0] == side[1]).all() and (side[0] == side[2]).all() for side in sides):
                f = output(exact, network, parts, at)[:, 0]
                assert 2 * f[2] == f[0] + f[1]
    convex, bent = (np.diff(line[1], 2) for line in lines(figures.not_convex, 1).values())
    assert (convex > -1e-9).all()
    assert bent.min() < -1e-3


# C18


@evaluates(
    "C18",
    "the book's own network for XOR has loss «», with three of its eight pre-activations exactly «»",
    "Left: at the optimum the inputs of XOR fall on the folds, where a pre-activation is 0: three of eight.",
    "with (0, 0) on the fold of unit 1 and (0, 1), (1, 0) on the fold of unit 2",
    counterexample=True,
)
def the_book_s_network_sits_on_kinks() -> tuple[int, int]:
    parameters = tuple((fractions(W.astype(int)), fractions(b.astype(int))) for W, b in BOOK)
    x, y = fractions(INPUTS.astype(int)), fractions([[0], [1], [1], [0]])
    z = trace(exact, XOR, parameters, x)[0].z
    assert (z.size, int((z == 0).sum())) == (8, 3)
    assert np.argwhere(z == 0).tolist() == [[0, 0], [1, 1], [2, 1]]
    return int(objective(exact, XOR, parameters, x, y, kernel_only=True)), 0


@evaluates(
    "C18",
    "In one variable $n - 1$ relus pass through any $n$ points, each unit with its kink at a data point.",
    counterexample=True,
)
def relus_through_points() -> None:
    points, values = [-2, 0, 1, 5, 6], [3, -1, 4, 1, 5]
    network, parameters = interpolate(points, values)
    at = fractions(points).reshape(-1, 1)
    z = trace(exact, network, parameters, at)[0].z
    assert network.hidden[0].units == len(points) - 1
    assert output(exact, network, parameters, at)[:, 0].tolist() == values
    assert all((z[:, unit] == 0).any() for unit in range(z.shape[1]))


@evaluates(
    "C18",
    "where every residual is 0 the squared error does have a gradient, namely 0, though the network has none",
    r"If $f(x_i; \theta) = y_i$ for all $i$, then for every direction $d$ and $\varepsilon \le 1$ "
    r"$$\frac{1}{2} \sum_i \bigl( f(x_i; \theta + \varepsilon d) "
    r"- y_i \bigr)^2 \le C \varepsilon^2,$$ because $f$ is locally Lipschitz in $\theta$, on kinks too; so "
    r"the gradient is 0.",
    "The book only says that training is not expected to arrive at a gradient of 0.",
    "Right: the loss bends there if a residual is left; at residual 0 it is flat, with gradient 0.",
    "with residual ¾ it has a corner at 0, without a residual it is smooth",
)
def at_residual_zero_the_loss_is_flat() -> None:
    for direction in product((-1, 2), repeat=4):
        ratios = []
        for k in range(1, 12):
            eps = Fraction(1, 2**k)
            moved = one_relu(eps * direction[0], eps * direction[1], 1 + eps * direction[2], eps * direction[3])
            ratios.append(objective(exact, *moved, ONE, 0 * ONE, kernel_only=True) / eps**2)
        assert max(ratios) <= 100
    t, corner = lines(figures.optimum_on_kinks, 1)["residual ¾"]
    smooth = lines(figures.optimum_on_kinks, 1)["residual 0"][1]
    middle = len(t) // 2
    sides = [(each[middle] - each[middle - 1], each[middle + 1] - each[middle]) for each in (corner, smooth)]
    assert abs(sides[0][1] - sides[0][0]) > 10 * abs(sides[1][1] - sides[1][0])
    assert smooth[middle] == 0


@evaluates("C18", "With a residual the loss may have two slopes there; not if $v = 0$, or where kinks cancel.")
def slopes_with_a_residual() -> None:
    def loss(w: Any, v: Any) -> Any:
        return objective(exact, *one_relu(w, 0, v), ONE, ONE, kernel_only=True)

    step = Fraction(1, 1000)
    assert (loss(step, 1) - loss(0, 1)) / step != (loss(0, 1) - loss(-step, 1)) / step == 0
    assert loss(step, 0) == loss(-step, 0) == loss(0, 0)
    signs = ((fractions([[1, -1]]), fractions([0, 0])), (fractions([[1], [-1]]), fractions([0])))
    network = Network(1, 1, GAUSSIAN, (Hidden(2, "relu"),))
    at = fractions([[-step], [0], [step]])
    assert (output(exact, network, signs, at) == at).all()


# C19


@evaluates(
    "C19",
    "For one relu every slope from «» to «» is right at «»",
    "Left: each slope s from 0 to 1 gives a line below relu.",
    "Left: relu and three lines through 0 with slopes 0, ½ and 1, none above it.",
)
def lines_below_relu() -> tuple[int, ...]:
    for s in (Fraction(k, 8) for k in range(-8, 17)):
        below = all(max(x, 0) >= s * x for x in range(-5, 6))
        assert below == (0 <= s <= 1)
    relu = lines(figures.slopes_at_zero, 0)["relu"][1]
    assert all(
        (line[1] <= relu).all() for label, line in lines(figures.slopes_at_zero, 0).items() if label.startswith("s =")
    )
    return 0, 1, 0


@evaluates("C19", "sympy takes «».", counterexample=True)
def slope_of_sympy() -> str:
    x = sympy.Symbol("x", real=True)
    return {"1/2": "½"}[str(sympy.diff(sympy.Max(0, x), x).subs(x, 0))]


@evaluates(
    "C19",
    "the usual frameworks take 0, as this code does",
    "Choose s = relu′(0): through relu(x) − relu(−x), which is x, backpropagation gives 2s.",
    r"$\operatorname{relu}(x) - \operatorname{relu}(-x)$ is just $x$, with slope «» everywhere, but with "
    r"slope $s$ at 0 the chain rule returns $2s$ there",
    r"$$\operatorname{relu}'(0) = s \in [0, 1] \allowbreak \ \Rightarrow\ \frac{d}{dx} \bigl( "
    r"\operatorname{relu}(x) - \operatorname{relu}(-x) \bigr) "
    r"\allowbreak \text{ is computed as } \begin{cases} 1 & x \ne 0 \\ 2s & x = 0 \end{cases}$$",
    "Right: for relu(x) − relu(−x), which is x, the chain rule returns 2s at 0: right for s = ½ alone.",
    "Right: a straight line from 0 to 2 over s, which meets the true slope 1 at s = ½.",
    counterexample=True,
)
def chain_rule_at_a_kink() -> int:
    assert reference.slope("relu", np.zeros(1))[0] == 0
    assert [slope_by_chain_rule(s) for s in (0.0, 0.25, 0.5, 1.0)] == [0, 0.5, 1, 2]
    x = sympy.Symbol("x", real=True)
    assert all((sympy.Max(x, 0) - sympy.Max(-x, 0)).subs(x, at) == at for at in range(-4, 5))
    for at, slope in ((-3.0, 1.0), (2.0, 1.0), (0.0, 0.0)):  # the code has s = 0
        assert reference.slope("relu", np.array([at, -at])).sum() == slope
    return 1


# C20


@evaluates(
    "C20",
    r"a kink at $z = 0$ is, in the space of its parameters, the set where $w \cdot x_i + b = 0$ for some data "
    r"point: one plane for each point, which has no volume. "
    r"That needs the bias, or an $x_i$ that is not 0: without a bias a row of zeros has $z = 0$ whatever the weights",
    r"$$K_i = \{ (w, b) : w \cdot x_i + b = 0 \}$$ is a hyperplane in the space of $(w, b)$, of measure 0. "
    r"With $b = 0$ fixed, $\{ w : w \cdot x_i = 0 \}$ is a "
    r"hyperplane if $x_i \ne 0$, and all $w$ if $x_i = 0$.",
    counterexample=True,
)
def kinks_in_the_space_of_parameters() -> None:
    for x in product(range(-2, 3), repeat=2):
        assert any((*x, 1))  # the normal of K_i
        weights = list(product(range(-2, 3), repeat=2))
        on = [w for w in weights if w[0] * x[0] + w[1] * x[1] == 0]
        assert (len(on) == len(weights)) == (not any(x))


@evaluates(
    "C20",
    "Left: in the plane of (w, b) each data point has its kink on one line; darker where more points are active.",
    "Right: without a bias the kink is w = 0, except for x = 0, where z is 0 for every w.",
    "Left: four lines through the origin, one for each data point, between regions of different tint. Right: "
    "z as a function of w: lines that cross 0 once, and for x = 0 a thick line along the axis.",
)
def kinks_of_the_figure() -> None:
    left = drawn(figures.kinks_of_parameters).axes[0].get_lines()
    assert len(left) == 4
    assert all(abs(np.interp(0, line.get_xdata(), line.get_ydata())) < 1e-9 for line in left)
    for label, (w, z) in lines(figures.kinks_of_parameters, 1).items():
        if label.startswith("x ="):
            crossings = np.abs(z) < 1e-12
            assert (
                crossings.all()
                if label == "x = 0"
                else w[crossings].tolist() == [0] or np.abs(w[crossings]).max() < 1e-9
            )
