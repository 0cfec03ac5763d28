"""What evaluates the pages of C40, C41 and C42: finding a network, the cost of gradients, no free lunch."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from ffn.constructions.training import Descent, accuracy, train
from ffn.network.backward import affine_input_vjp, affine_vjp, gradient
from ffn.network.description import Hidden, Network, Output, initialise
from ffn.network.forward import affine, objective, output, trace
from ffn.numbers.counting import cost
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN
from proofs.chapters.code_on_fractions import column, fractions
from proofs.chapters.evaluation import drawn, evaluates, lines
from proofs.chapters.limits.derivations.no_free_lunch import LEARNERS, mean_accuracy, predicted
from proofs.chapters.limits.figures import limits as figures
from proofs.chapters.limits.figures.limits import CORNERS, XOR

# C40


@cache
def from_start(seed: int, steps: int) -> tuple[float, bool]:
    """The mean squared error on XOR after so many steps, and whether a unit is off on all four rows."""
    trained = train(XOR, initialise(XOR, seed), *CORNERS, Descent(0.1, epochs=steps)).parameters
    hidden, last = trace(FLOATS, XOR, trained, CORNERS[0])
    return float(np.mean((last.z - CORNERS[1]) ** 2)), bool((hidden.z <= 0).all(axis=0).any())


@evaluates(
    "C40",
    "Of «» random starts descent gets there from three within «» steps and from a fourth in ten times as "
    "many; the other twelve have come to a mean squared error of 1/8, 1/6 or 1/4 by then, nine of them with "
    "a dead unit.",
)
def starts_on_xor_and_where_they_end() -> tuple[int, int]:
    ends = {seed: from_start(seed, 500) for seed in range(16)}
    found = [seed for seed, (error, _) in ends.items() if error < 1e-3]
    stuck = {seed: end for seed, end in ends.items() if min(abs(end[0] - Fraction(1, k)) for k in (8, 6, 4)) < 1e-3}
    late = set(ends) - set(found) - set(stuck)
    assert (len(found), len(late), len(stuck)) == (3, 1, 12)
    assert from_start(late.pop(), 5000)[0] < 1e-3
    assert sum(dead for _, dead in stuck.values()) == 9
    return len(ends), 500


@evaluates(
    "C40",
    r"$\operatorname{relu}(x_1 + x_2) - 2 \operatorname{relu}(x_1 + x_2 - 1)$ is XOR",
    r"If $w \cdot x_n + b < 0$ for all $n$ in a unit of the first layer, then $\partial L / \partial (w, b, "
    r"v) = 0$ for it on every batch",
)
def a_dead_unit_has_no_gradient() -> None:
    assert [max(a + b, 0) - 2 * max(a + b - 1, 0) for a, b in product((0, 1), repeat=2)] == [0, 1, 1, 0]
    network = Network(2, 1, GAUSSIAN, (Hidden(2, "relu"),), reduction="sum")
    parameters = ((fractions([[-1, 1], [-2, 1]]), fractions([-1, 0])), (column(3, 1), fractions([1])))
    x, y = fractions([[0, 0], [1, 0], [1, 1]]), column(5, -2, 1)
    for rows in ([0], [1, 2], [0, 1, 2]):
        (dW, db), (dV, _) = gradient(exact, network, parameters, x[rows], y[rows])
        assert not any((*dW[:, 0], db[0], dV[0, 0]))
    assert dW[:, 1].any()


@evaluates("C40", "reads «» % of handwritten digits that it has not seen")
def digits_that_are_read() -> int:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    seen, held_out = order[:1400], order[1400:]
    network = Network(64, 10, Output("categorical"), (Hidden(32, "relu"),))
    trained = train(network, initialise(network, seed=1), x[seen] / 16, y[seen], Descent(0.3, epochs=20, batch_size=32))
    return int(100 * accuracy(network, trained.parameters, x[held_out] / 16, y[held_out]))


@evaluates(
    "C40",
    "Descent on XOR with two ReLUs, which could compute it exactly. Most of «» random starts end on a "
    "plateau, at a mean squared error of 1/4, 1/6 or 1/8.",
    "Sixteen curves of the mean squared error: a few solid ones fall to «», the dashed ones level out at "
    "1/4, 1/6 or 1/8.",
)
def curves_from_sixteen_starts() -> tuple[int, int]:
    curves = [line.get_ydata() for line in drawn(figures.xor_from_16_starts).axes[0].get_lines()]
    solid = [curve[-1] < 1 / 16 for curve in curves]
    assert 0 < sum(solid) < 8
    level = [min(abs(curve[-1] - 1 / k) for k in (4, 6, 8)) < 0.02 for curve in curves]
    assert [not good for good in solid] == level
    return len(curves), round(min(curve[-1] for curve in curves))


# C41


@evaluates(
    "C41",
    r"With relu layers and the squared error summed over $N$ rows, counting each $+$, $-$, $\times$ and "
    r"$\div$, $$\operatorname{cost}(\nabla L) \le 3 \operatorname{cost}(L) + N \cdot (\text{number of units}),$$ "
    r"and for layers of width 8 and four rows $2 \operatorname{cost}(L) \le \operatorname{cost}(\nabla L) \le "
    r"3 \operatorname{cost}(L)$ at every depth tried",
    "Operations, counted. The gradient, with the forward pass that it needs, costs less than three times the "
    "loss alone, at any width and depth shown; with differences each further parameter costs one more loss.",
    "Left: the ratio of the two costs over the width for one, two and four hidden layers, all below a line at «».",
    "while a dashed line for differences rises to «»",
)
def cost_of_a_gradient() -> tuple[int, int]:
    for width, depth, rows in product((1, 3, 8), (1, 2, 4), (1, 4)):
        network = Network(width, width, GAUSSIAN, (Hidden(width, "relu"),) * depth, reduction="sum")
        parameters, ones = initialise(network, seed=0), np.ones((rows, width))
        loss = cost(objective, network, parameters, ones, ones, kernel_only=True)
        of_gradient = cost(gradient, network, parameters, ones, ones)
        assert of_gradient <= 3 * loss + rows * width * (depth + 1)
        assert (width, rows) != (8, 4) or 2 * loss <= of_gradient <= 3 * loss
    left = lines(figures.cost_of_gradients, 0)
    assert all(max(left[f"{depth} hidden layer{'s' * (depth > 1)}"][1]) < 3 for depth in (1, 2, 4))
    return 3, 1000


@evaluates("C41", r"Each vjp is the adjoint of its step: $\langle J v, w \rangle = \langle v, J^\top w \rangle$.")
def adjoints_of_an_affine_layer() -> None:
    W, x, v, w = (fractions(each) for each in ([[1, 2], [3, -1], [0, 4]], [[1, -2, 5]], [[2, 1, -1]], [[3, -2]]))
    moved = affine(exact, x + v, W, fractions([0, 0])) - affine(exact, x, W, fractions([0, 0]))
    assert (moved * w).sum() == (v * affine_input_vjp(exact, W, w)).sum()
    dW, db = affine_vjp(exact, x, w, None)
    D = fractions([[1, 0], [-1, 2], [3, 3]])
    assert ((x @ D) * w).sum() == (D * dW).sum()
    assert db.tolist() == w[0].tolist()


@evaluates(
    "C41",
    "a layer of threshold units has slope «» wherever it has one, so that nothing below it gets a gradient",
    "The activations have slopes that are not «» everywhere",
    counterexample=True,
)
def threshold_units_have_no_slope() -> tuple[int, int]:
    step = Fraction(1, 100)
    slopes = {((t + step > 0) - (t > 0)) / step for t in (Fraction(k, 2) for k in (-3, -1, 1, 3))}
    assert slopes == {0}
    return int(slopes.pop()), 0


@evaluates(
    "C41",
    "Counted in operations it is two to three losses in a dense network with layers of eight units and four "
    "rows, while differences cost one loss a parameter and more.",
)
def differences_cost_a_loss_a_parameter() -> None:
    network = Network(8, 8, GAUSSIAN, (Hidden(8, "relu"),), reduction="sum")
    parameters, ones = initialise(network, seed=0), np.ones((4, 8))
    loss = cost(objective, network, parameters, ones, ones, kernel_only=True)
    assert 2 <= cost(gradient, network, parameters, ones, ones) / loss <= 3
    assert output(FLOATS, network, parameters, ones).shape == (4, 8)


# C42

INPUTS = range(5)
LABELINGS = list(product((0, 1), repeat=5))
SMOOTH = [labels for labels in LABELINGS if sum(a != b for a, b in pairwise(labels)) <= 1]


def score(learner: str, trained: tuple[int, ...], labelings: Any) -> Fraction:
    """The mean share of right answers off the training set."""
    unseen = [x for x in INPUTS if x not in trained]
    right = sum(
        predicted(learner, {i: labels[i] for i in trained}, x) == labels[x] for labels in labelings for x in unseen
    )
    return Fraction(right, len(unseen) * len(labelings))


@evaluates(
    "C42",
    "averaged over all «» ways to label them, every learner, be it clever, stubborn or constant, is right on "
    "exactly half of the inputs that it was not trained on",
    r"For every training set $S \subsetneq X$ and every function $A$ from the labels on $S$ to predictions "
    r"$$\frac{1}{2^{|X|}} \sum_{f : X \to \{0, 1\}} \frac{1}{|X \setminus S|} \sum_{x \notin S} "
    r"\mathbf{1}\bigl[ A(f|_S)(x) = f(x) \bigr] = \frac{1}{2} .$$",
    "a learner that ignores its data cannot overfit, and its score is one half too",
    counterexample=True,
)
def every_learner_is_right_on_half() -> int:
    """A point off S keeps both labels whatever is on S, so that any answer is right on half; counted for "
    "every table on one set."""
    seen, unseen = (1, 3), (0, 2, 4)
    for table in product(product((0, 1), repeat=3), repeat=4):
        right = sum(
            table[2 * labels[1] + labels[3]][k] == labels[x] for labels in LABELINGS for k, x in enumerate(unseen)
        )
        assert Fraction(right, 3 * 32) == Fraction(1, 2)
    for learner, trained in product(LEARNERS, (seen, (0,), (0, 1, 2, 4))):
        assert mean_accuracy((learner, trained)) == Fraction(1, 2)
    return len(LABELINGS)


@evaluates(
    "C42",
    "Restrict it to the ten smooth labelings, those that change at most once from left to right, and the "
    "nearest neighbour is right on «.1f» of the others after seeing the middle input alone",
    "while no learner, whatever it has seen, does better than «.1f» there",
    counterexample=True,
)
def smooth_labelings() -> tuple[float, float]:
    assert len(SMOOTH) == 10
    best = max(_best_possible(trained) for size in range(1, 5) for trained in combinations(INPUTS, size))
    return float(score("nearest neighbour", (2,), SMOOTH)), float(best)


def _best_possible(trained: tuple[int, ...]) -> Fraction:
    """What a learner could reach at best: at each unseen input the more frequent label among those that fit "
    "what it saw."""
    unseen = [x for x in INPUTS if x not in trained]
    right = 0
    for labels in product((0, 1), repeat=len(trained)):
        fitting = [f for f in SMOOTH if tuple(f[i] for i in trained) == labels]
        right += sum(max(sum(f[x] for f in fitting), sum(1 - f[x] for f in fitting)) for x in unseen)
    return Fraction(right, len(unseen) * len(SMOOTH))


@evaluates(
    "C42",
    "Four learners on the «» labelings of five inputs, three of them seen. A box is filled by the share of "
    "right answers on the other two. Over all labelings everyone has «»; over the smooth ones the nearest "
    "neighbour wins.",
    "Four rows of «» boxes, the ten smooth labelings first.",
    "the last is «.2f» for every learner",
)
def learners_of_the_figure() -> tuple[Any, ...]:
    seen = figures.SEEN
    assert {score(learner, seen, LABELINGS) for learner in LEARNERS} == {Fraction(1, 2)}
    smooth = {learner: score(learner, seen, SMOOTH) for learner in LEARNERS}
    assert max(smooth, key=smooth.__getitem__) == "nearest neighbour"
    assert sorted(smooth.values())[-1] > sorted(smooth.values())[-2]
    return 32, Fraction(1, 2), 32, 0.5
