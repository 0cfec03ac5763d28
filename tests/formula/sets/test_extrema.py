"""Gradients through maxima: pivots, which are subtracted for safety, and ties, which share."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.operations.backward.ties import _joined
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import enclosures
from ffn.numbers.precision import dtype_of

Array = Any


def softmax(xp: Any, x: Array) -> Array:
    """As it is written everywhere: the maximum is not marked as a pivot."""
    e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def probabilities(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def by_product(x: Array, g: Array) -> Array:
    """p(g − Σpg): the pivot is a constant."""
    p = probabilities(x)
    return p * (g - (p * g).sum(-1, keepdims=True))


def through_maximum(x: Array, g: Array) -> Array:
    """Operation by operation, with what is left of the sum added to the largest entry."""
    e = np.exp(x - x.max(-1, keepdims=True))
    total = e.sum(-1, keepdims=True)
    ds = (g / total - (g * e / (total * total)).sum(-1, keepdims=True)) * e
    top = np.eye(x.shape[-1], dtype=x.dtype)[x.argmax(-1)]
    return ds - top * ds.sum(-1, keepdims=True)


@pytest.mark.parametrize("kernel", [by_product, through_maximum])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_pivot_may_be_a_constant_or_not(dtype: str, kernel: Any) -> None:
    """Without it three of four backward passes of a softmax would be called wrong: what a maximum sends back is the sum
    of the roundings of its row, and repairs the largest entry."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, g = (6 * rng.normal(size=(4, 6))).astype(dtype), rng.normal(size=(4, 6)).astype(dtype)
        assert kernel(x, g) in admissible.gradient(softmax, x, cotangent=g)
        assert kernel(x, g) * (1 + 1e-3 * (x == x.max())) not in admissible.gradient(softmax, x, cotangent=g)


def hypotenuse(xp: Any, x: Array) -> Array:
    """√Σx², scaled by the largest |x|."""
    top = xp.max(xp.abs(x), axis=-1, keepdims=True)
    return (top * xp.sqrt(xp.sum((x / top) ** 2, axis=-1, keepdims=True)))[:, 0]


def log_sum(xp: Any, a: Array, b: Array) -> Array:
    top = xp.maximum(a, b)
    return top + xp.log(xp.exp(a - top) + xp.exp(b - top))


def test_whatever_a_pivot_does() -> None:
    """A scale, and the maximum of two arrays; the planted bugs leave out a term of the true gradient."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 6)).astype(np.float32)
    one = np.ones(5, dtype=np.float32)
    slope = a / np.sqrt((a * a).sum(-1, keepdims=True))
    assert slope in admissible.gradient(hypotenuse, a, cotangent=one)
    assert slope * (np.abs(a) < np.abs(a).max(-1, keepdims=True)) not in admissible.gradient(
        hypotenuse, a, cotangent=one
    )
    share = 1 / (1 + np.exp(b - a))
    admitted = admissible.gradient(log_sum, a, b, cotangent=np.ones_like(a))
    assert (share, 1 - share) in admitted
    assert (share, 1 - share + (b > a)) not in admitted


REAL = {
    "not divided by the sum": lambda xp, x: xp.exp(x - xp.max(x, axis=-1, keepdims=True)),
    "and a hundred millionth of it": lambda xp, x: softmax(xp, x) + 1e-8 * xp.max(x, axis=-1, keepdims=True),
    "used as a scale too": lambda xp, x: softmax(xp, x) * xp.max(x, axis=-1, keepdims=True),
}


@pytest.mark.parametrize("name", REAL)
def test_a_maximum_that_counts_is_no_pivot(name: str) -> None:
    """Without it a backward pass that forgets the maximum would pass wherever there is one.

    The forgetful one is the set's own truth for the formula with the gradient stopped there.
    """
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(2, 4, 6))
    stopped = lambda xp, x: REAL[name](Stopping(xp), x)  # noqa: E731
    forgetful = admissible.gradient(stopped, x, cotangent=g).middle
    right = admissible.gradient(REAL[name], x, cotangent=g)
    assert right.middle in right
    assert forgetful not in right


class Stopping:
    """A namespace whose maximum is always a pivot."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def __getattr__(self, name: str) -> Any:
        return getattr(self.xp, name)

    def max(self, *arguments: Any, **options: Any) -> Any:
        return self.xp.stop_gradient(self.xp.max(*arguments, **options))


def test_one_maximum_may_be_a_pivot_in_one_place_and_count_in_another() -> None:
    """Without it the softmax of a formula that uses its maximum again would be held to the repaired sum."""
    rng = np.random.default_rng(2)
    for _ in range(10):
        x, g = (6 * rng.normal(size=(4, 6))).astype(np.float32), rng.normal(size=(4, 6)).astype(np.float32)
        top, p = x.max(-1, keepdims=True), probabilities(x)
        computed = by_product(x, g * top) + (x == top) * (g * p).sum(-1, keepdims=True)
        assert computed in admissible.gradient(REAL["used as a scale too"], x, cotangent=g)


def test_a_maximum_may_be_a_pivot_in_one_row_and_count_in_another() -> None:
    """Without it the row in which it counts could take any share of its cotangent, or twice of it."""
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=(2, 2, 6)).astype(np.float32)
    formula = lambda xp, x: softmax(xp, x) + np.array([[0.0], [1.0]]) * xp.max(x, axis=-1, keepdims=True)  # noqa: E731
    sent = (x == x.max(-1, keepdims=True)) * np.float32([[0], [1]]) * g.sum(-1, keepdims=True)
    admitted = admissible.gradient(formula, x, cotangent=g)
    assert by_product(x, g) + sent in admitted
    assert by_product(x, g) + sent * np.float32(0.999) not in admitted
    assert by_product(x, g) + sent * np.float32(1.001) not in admitted


def test_a_maximum_with_a_constant_is_no_pivot() -> None:
    """Without it each relu would be looked at for cotangents that vanish, in a pass of its own."""
    for record in (True, False):
        xp = Namespace(enclosures("float32"), None, record)
        x = xp.given(X)
        assert xp.maximum(x, 0.0).shape == xp.minimum(x, 6.0).shape == xp.clip(x, 0, 6).shape == X.shape
        assert xp.extrema == []
        tops = [xp.maximum(x, x), xp.max(x, axis=1), xp.max(x, axis=1, keepdims=True)]
        assert xp.extrema == tops * record
        assert xp.places == {id(top): i for i, top in enumerate(tops * record)}


def test_a_pivot_is_found_at_a_kink_too() -> None:
    """Without it a row of zeros under a relu would hide that its maximum is a pivot: there every slope is right."""
    x = np.float32([[8, 0, 1, 0], [0, 0, 0, 0]])
    g = np.float32([[1.3, -0.7, 0.4, 0.1], [0, 0, 0, 0]])
    formula = lambda xp, x: softmax(xp, xp.maximum(x, 0))  # noqa: E731
    assert by_product(x, g) * (x > 0) in admissible.gradient(formula, x, cotangent=g)


def test_a_pivot_is_found_where_a_branch_behind_it_may_go_either_way() -> None:
    """Without it a leaky relu at its kink would hide that the maximum before it is a pivot."""
    x = np.float32([[2, 2, 2, 2], [1, 3, 0, 2]])
    g = np.float32([[1.3, -0.7, 0.4, 0.1], [0.3, 0.9, -1.1, 0.2]])

    def leaky(xp: Any, x: Array) -> Array:
        p = softmax(xp, x) - 0.25
        return xp.where(p > 0, p, 0.5 * p)

    slope = np.where(probabilities(x) > 0.25, np.float32(1), np.float32(0.5))
    admitted = admissible.gradient(leaky, x, cotangent=g)
    for kernel in (by_product, through_maximum):
        assert kernel(x, g * slope) in admitted
        assert kernel(x, g * slope) * (1 + 1e-3 * (x == 3)) not in admitted


X = np.float32([[1, 3, 3, 0], [2, 2, 2, 2]])
G = np.float32([1.7, -0.3])
TOP = (X.max(-1, keepdims=True) == X).astype(np.float32)
EQUAL = TOP / TOP.sum(-1, keepdims=True)
FIRST, LAST = np.eye(4, dtype=np.float32)[[[1, 0], [2, 3]]]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_shares_of_a_tie_sum_to_one(dtype: str) -> None:
    """Without it a backward pass of max pooling that gives every tied entry all of the cotangent, or none of it any,
    would pass on the one probe that could show it."""
    x, g = X.astype(dtype_of(dtype)), G.astype(dtype_of(dtype))
    admitted = admissible.gradient(lambda xp, x: xp.max(x, axis=-1), x, cotangent=g, compute="float32")
    for right in (FIRST, LAST, EQUAL):
        assert (right * g[:, None].astype(np.float32)).astype(x.dtype) in admitted
    for wrong in (TOP, TOP * 0, EQUAL * 1.25, FIRST + TOP / 8):
        computed = (wrong * g[:, None].astype(np.float32)).astype(x.dtype)
        assert computed not in admitted
        said = admitted.explain(computed)
        assert "share one cotangent: together" in said
        assert "the formula gives" not in said  # that is what is wrong, and no change of the formula


def test_ties_of_windows_that_overlap_are_summed_together() -> None:
    """Without it the entries of a pooling with a stride below its window could not be told from a wrong one."""
    x, g = np.float32([[1, 2, 2, 2, 1, 5]]), np.float32([[1, 2, 3, 4]])
    windows = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    admitted = admissible.gradient(lambda xp, x: xp.max(xp.take(x, windows, axis=1), axis=-1), x, cotangent=g)
    assert np.float32([[0, 3, 3, 0, 0, 4]]) in admitted
    assert np.float32([[0, 0.5 + 2 / 3, 0.5 + 2 / 3 + 1.5, 2 / 3 + 1.5, 0, 4]]) in admitted
    assert np.float32([[0, 3, 6, 5, 0, 4]]) not in admitted
    assert np.float32([[0, 1, 3, 0, 0, 4]]) not in admitted


def test_an_entry_tied_in_one_window_may_be_the_largest_of_another() -> None:
    """Without it a right answer would be refused: what it has of the other window is no share of the tie."""
    x, g = np.float32([[2, 2, 1, 0]]), np.float32([[3, 5, 7]])
    formula = lambda xp, x: xp.max(xp.take(x, [[0, 1], [1, 2], [2, 3]], axis=1), axis=-1)  # noqa: E731
    admitted = admissible.gradient(formula, x, cotangent=g)
    for right in ([3, 5, 7, 0], [0, 8, 7, 0], [1.5, 6.5, 7, 0]):
        assert np.float32([right]) in admitted
    for wrong in ([0, 5, 7, 0], [3, 8, 7, 0], [3, 0, 7, 0]):
        assert np.float32([wrong]) not in admitted


def test_a_tie_of_two_arrays_and_of_minima() -> None:
    y, z, g = np.float32([1, 2, 3]), np.float32([1, 5, 3]), np.float32([1, 2, 3])
    for formula, larger in (
        (lambda xp, y, z: xp.maximum(y, z), [0, 2, 0]),
        (lambda xp, y, z: -xp.minimum(-y, -z), [0, 2, 0]),
    ):
        admitted = admissible.gradient(formula, y, z, cotangent=g)
        assert (np.float32([1, 0, 3]), np.float32(larger)) in admitted
        assert (np.float32([0.5, 0, 1.5]), np.float32([0.5, 2, 1.5])) in admitted
        assert (np.float32([1, 0, 3]), np.float32([1, 2, 3])) not in admitted
        assert (np.float32([0, 0, 0]), np.float32(larger)) not in admitted


def test_what_else_a_tied_entry_does_is_counted() -> None:
    """Without it the sum of tied entries that are used elsewhere too would be compared with their shares alone."""
    formula = lambda xp, x: xp.max(x, axis=-1) + xp.sum(x * x, axis=-1)  # noqa: E731
    admitted = admissible.gradient(formula, X, cotangent=G)
    assert G[:, None] * (2 * X + EQUAL) in admitted
    assert G[:, None] * (2 * X + FIRST) in admitted
    assert G[:, None] * (2 * X + TOP) not in admitted
    assert G[:, None] * (2 * X) not in admitted


def test_what_tied_entries_share_is_told_entry_by_entry() -> None:
    """Without it the sum of a tie could be that of another, or be held to fewer roundings than its shares have."""
    pool = lambda xp, x: xp.max(x, axis=-1)  # noqa: E731
    shared = admissible.gradient(pool, X, cotangent=G).shared
    assert shared is not None
    assert (shared.array.tolist(), shared.place.tolist()) == ([0] * 6, [1, 2, 4, 5, 6, 7])
    assert shared.group.tolist() == [0, 0, 1, 1, 1, 1]
    assert np.array_equal([shared.low, shared.high], [G, G])
    assert (shared.terms.tolist(), shared.magnitude.tolist()) == ([9] * 6, [abs(G[0])] * 2 + [abs(G[1])] * 4)
    lowest = admissible.gradient(lambda xp, x: xp.min(x, axis=-1), -X, cotangent=G).shared
    assert lowest is not None
    assert np.array_equal([lowest.low, lowest.high], [G, G])
    g = np.float32([2, -1])
    more = admissible.gradient(lambda xp, x: pool(xp, x) + 4.0 * xp.sum(x, axis=-1), X, cotangent=g).shared
    assert more is not None
    assert np.allclose([more.low, more.high], [[2 + 2 * 8, -1 - 4 * 4]] * 2, rtol=1e-30, atol=1e-30)
    assert more.magnitude.tolist() == [2 + 8] * 2 + [1 + 4] * 4


def test_ties_that_meet_in_an_entry_are_one_sum() -> None:
    """Without it overlapping windows would be summed apart, or rows that do not meet together."""
    labels = _joined(np.array([0, 1, 1, 2, 5, 6, 2, 6]), np.array([0, 0, 1, 1, 2, 4, 3, 4]), 5)
    assert labels.tolist() == [0, 0, 2, 0, 4]
    y, z, g = np.float32([[1, 1], [2, 1]]), np.float32([[1, 1], [3, 3]]), np.float32([1, 4])
    windows = lambda xp, y, z: xp.max(xp.concat([y, z], axis=1), axis=1)  # noqa: E731
    assert admissible.gradient(windows, y, z, cotangent=g, wrt="y").shared is None  # not an argument's own entries
    pair = lambda xp, y, z: xp.maximum(y, z)  # noqa: E731
    both = admissible.gradient(pair, y, z, cotangent=y).shared
    assert both is not None
    assert (both.array.tolist(), both.place.tolist(), both.group.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1])
    assert both.terms.tolist() == [9] * 4
    assert admissible.gradient(pair, y, z, cotangent=y, wrt=["z"]).shared is None  # shared with what is not asked for
    turned = lambda xp, y, z: -xp.minimum(-y, xp.flip(-z[::-1], 0).reshape(2, 2)[::1])  # noqa: E731
    again = admissible.gradient(turned, y, z, cotangent=y).shared
    assert again is not None
    assert (again.array.tolist(), again.place.tolist(), again.group.tolist()) == (
        [0, 0, 1, 1],
        [0, 1, 0, 1],
        [0, 1, 0, 1],
    )
    assert (again.low.tolist(), again.high.tolist()) == ([1, 1], [1, 1])
    flipped = admissible.gradient(lambda xp, y, z: xp.maximum(y, xp.flip(z, 1)), y, z, cotangent=y).shared
    assert flipped is not None
    assert (flipped.place.tolist(), flipped.group.tolist()) == ([0, 1, 0, 1], [0, 1, 1, 0])
    twice = admissible.gradient(lambda xp, y, z: (xp.maximum(y, z), xp.maximum(z, y)), y, z, cotangent=(y, y)).shared
    assert twice is not None
    assert (twice.terms.tolist(), twice.low.tolist(), twice.magnitude.tolist()) == ([10] * 4, [2, 2], [2] * 4)


@pytest.mark.parametrize(
    ("x", "g", "said"),
    [
        ([[1, 3, 3, 0]], [2], "∂x[0, 1], ∂x[0, 2] share one cotangent: together 4, admissible from 1.9"),
        ([[3, 3, 3, 0]], [4], "∂x[0, 0], ∂x[0, 1], ∂x[0, 2] share one cotangent: together 12, admissible from 3.9"),
        ([[3, 3, 3, 3, 0]], [-2], "∂x[0, 0], ∂x[0, 1], ∂x[0, 2] and 1 more share one cotangent: together -8, "),
    ],
)
def test_a_tie_is_told_by_its_entries_and_its_sum(x: Any, g: Any, said: str) -> None:
    """Without it a reader would not know which entries share, what they have together, or what they may have."""
    x, g = np.float32(x), np.float32(g)
    admitted = admissible.gradient(lambda xp, x: xp.max(x, axis=-1), x, cotangent=g)
    judgement = admitted.judge((x == x.max()) * g[:, None])
    assert judgement.tied.startswith(f"tied for an extremum, {said}")
    assert judgement.outside == (x == x.max()).sum()
    assert admitted.judge((x == x.max()) * g[:, None] / (x == x.max()).sum()).tied == ""


def test_a_tie_is_judged_where_all_of_its_entries_are() -> None:
    """Without it a sample of a gradient, or a cotangent without bounds, would be refused for a sum that is unknown."""
    pool = lambda xp, x: xp.max(x, axis=-1)  # noqa: E731
    some = np.array([[True, True, False, True], [True] * 4])
    sampled = admissible.gradient(pool, X, cotangent=G, outputs=some)
    assert sampled.judge(TOP * [[1.7], [0]]).tied.startswith("tied for an extremum, ∂x[1, 0], ")
    assert sampled.judge(TOP * [[1.7], [-0.3 / 4]]).tied == ""
    free = admissible.gradient(lambda xp, x: pool(xp, x) * np.float32([[1e38], [1]])[:, 0] * 10.0, X, cotangent=G)
    wrong = free.judge(np.float32(TOP * [[0], [-3]]))
    assert wrong.tied.startswith("tied for an extremum, ∂x[1, 0], ")


def test_ties_of_pivots_alone_leave_nothing_to_sum() -> None:
    """Without it a row of equal numbers under a softmax without a mark would be a fault."""
    x, g = np.float32([[1, 1, 1], [2, 2, 0]]), np.float32([[1, 2, 3], [0.5, 0.25, 1]])
    admitted = admissible.gradient(softmax, x, cotangent=g)
    assert admitted.shared is None
    assert by_product(x, g) in admitted


def test_a_pool_of_pools_is_admitted_whatever_it_shares() -> None:
    """A probe of ties, with each of the two conventions that libraries have."""
    for name, (x,) in admissible.probes(lambda xp, x: xp.max(x, axis=-1), [(5, 9)], "float32"):
        g = np.arange(1, 6, dtype=np.float32)
        admitted = admissible.gradient(lambda xp, x: xp.max(x, axis=-1), x, cotangent=g)
        top = (x == x.max(-1, keepdims=True)).astype(np.float32)
        assert g[:, None] * (top / top.sum(-1, keepdims=True)) in admitted, name
        assert g[:, None] * np.eye(9, dtype=np.float32)[x.argmax(-1)] in admitted, name
        assert g[:, None] * top in admitted or (top.sum(-1) > 1).any(), name


def test_the_formulas_that_come_with_the_kit_have_no_tie_to_sum() -> None:
    """Their maxima are pivots, or of one array and a constant: nothing of theirs hangs on a tie."""
    x = np.zeros((3, 5), dtype=np.float32)
    admitted = admissible.gradient(formulas.softmax, x, cotangent=np.ones_like(x))
    assert admitted.shared is None
