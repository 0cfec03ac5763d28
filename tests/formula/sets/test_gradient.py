"""``computed in admissible.gradient(formula, *arrays, cotangent=…)``, and what tied entries share."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.operations.backward.ties import _joined
from ffn.numbers.precision import dtype_of
from tests.formula.sets.test_extrema import by_product, softmax


def test_every_slope_between_the_one_sided_ones_at_a_kink() -> None:
    """Without it a program would be blamed for its convention at the kink of relu, or not for leaving it."""
    x, one = np.float32([-1, 0, 2]), np.ones(3, dtype=np.float32)
    admitted = admissible.gradient(lambda xp, x: xp.maximum(x, 0), x, cotangent=one)
    for slope in (0, 0.3, 1):
        assert np.float32([0, slope, 1]) in admitted
    assert np.float32([0, 1.5, 1]) not in admitted
    assert np.float32([0.1, 1, 1]) not in admitted


def test_tied_maxima_share_or_take_all() -> None:
    x = np.float32([[1, 3, 3]])
    admitted = admissible.gradient(lambda xp, x: xp.max(x, axis=-1), x, cotangent=np.ones(1, dtype=np.float32))
    for shared in ([0, 1, 0], [0, 0, 1], [0, 0.5, 0.5]):
        assert np.float32([shared]) in admitted
    assert np.float32([[1, 0, 0]]) not in admitted


def test_a_scalar_needs_no_cotangent_and_wrt_names_arguments() -> None:
    """Without it the gradient of a loss would ask for a 1, and that of a weight for all the others."""
    x, y = np.float32([[1, 2], [3, 4]]), np.float32([[1, 1], [1, 1]])

    def loss(xp: Any, prediction: Any, target: Any) -> Any:
        return xp.sum(xp.square(prediction - target))

    admitted = admissible.gradient(loss, x, y, wrt="prediction")
    assert 2 * (x - y) in admitted
    assert (2 * (x - y), -2 * (x - y)) in admissible.gradient(loss, x, y)
    with pytest.raises(ValueError, match=r"^wrt is of prediction, target"):
        admissible.gradient(loss, x, y, wrt="weight")
    with pytest.raises(ValueError, match=r"^the cotangent has shapes"):
        admissible.gradient(loss, x, y, cotangent=np.ones(3, dtype=np.float32))


def test_rows_that_are_gathered_twice_add_up() -> None:
    """Without it an embedding's gradient could forget all but one of the rows."""
    table, index = np.arange(12, dtype=np.float32).reshape(4, 3), np.array([1, 1, 3])
    cotangent = np.ones((3, 3), dtype=np.float32)
    admitted = admissible.gradient(lambda xp, table: xp.take(table, index), table, cotangent=cotangent)
    exact = np.zeros_like(table)
    np.add.at(exact, index, cotangent)
    assert exact in admitted
    exact[1] = 1
    assert exact not in admitted


def test_a_backward_pass_from_stored_probabilities_is_an_algorithm() -> None:
    """Without it a backward pass that reads the softmax as it was stored would be called wrong, or admitted unasked."""
    rng = np.random.default_rng(0)
    x, g = (rng.normal(size=(4, 33)).astype(np.float16) for _ in range(2))
    p = np.exp(x.astype(np.float32) - x.max(-1, keepdims=True))
    p = (p / p.sum(-1, keepdims=True)).astype(np.float16).astype(np.float32)
    computed = (p * (g - (g * p).sum(-1, keepdims=True))).astype(np.float16)
    plain = admissible.gradient(formulas.softmax, x, cotangent=g, compute="float32")
    assert computed not in plain

    def stored(xp: Any, x: Any, g: Any) -> Any:
        p = xp.cast(formulas.softmax(xp, x))
        return p * (g - xp.sum(g * p, axis=-1, keepdims=True))

    with pytest.raises(ValueError, match="another function"):
        admissible.gradient(formulas.softmax, x, cotangent=g, algorithms=[lambda xp, x, g: 2 * stored(xp, x, g)])
    admitted = admissible.gradient(formulas.softmax, x, cotangent=g, compute="float32", algorithms=[stored])
    assert computed in admitted


def test_the_order_in_which_cotangents_meet_is_free() -> None:
    """Without it a residual connection's gradient would hang on which branch comes first."""
    x = np.float32([1.1, -2.3, 0.7])
    formula = lambda xp, x: x * x + xp.tanh(x) + 3 * x + xp.exp(x)  # noqa: E731
    one = np.ones_like(x)
    parts = [2 * x, 1 - np.tanh(x) ** 2, np.float32([3, 3, 3]), np.exp(x)]
    admitted = admissible.gradient(formula, x, cotangent=one)
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        total = parts[order[0]]
        for i in order[1:]:
            total = total + parts[i]
        assert total in admitted


# ties, which share a cotangent

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
