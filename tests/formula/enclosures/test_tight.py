"""Enclosures in both arithmetics are as narrow as their formulas say: what is exact stays a point, a bound is met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from ffn.admissible.formula.enclosures.arbs import Arbs
from ffn.admissible.formula.enclosures.midrad import EPS, MidRad
from ffn.numbers.ball import number, working_precision
from tests.formula.enclosures.test_enclosed import BITS, FUNCTIONS, OPERATIONS, exactly

KINDS = pytest.mark.parametrize("kind", [MidRad, Arbs])
NEVER = np.zeros(3, dtype=bool)
OFF: dict[Any, float] = {
    MidRad: 1e-5,
    Arbs: 2e-2,
}  # what is asked of flint's own functions, of which the width is theirs


@contextmanager
def quiet() -> Iterator[None]:
    with working_precision(128), np.errstate(all="ignore"):
        yield


def around(kind: Any, m: Any, r: Any) -> Any:
    return kind.exactly(np.asarray(m, dtype=float)).widened(np.asarray(r, dtype=float))


def ends(exact: Callable[..., arb], *given: tuple[float, float]) -> tuple[float, float]:
    """The smallest and the largest value at the ends of the operands, to the nearest float64."""
    with working_precision(BITS):
        corners = [[exactly(m) + step * exactly(r) for step in (-1, 1)] for m, r in given]
        values = [exact(x, y) for x in corners[0] for y in corners[-1]] if len(given) == 2 else map(exact, corners[0])
        found = [float(value.mid()) for value in values]
    return min(found), max(found)


# where a function is steep, or as steep as its bound says
PLACES: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(FUNCTIONS, (0.3, 1.7, 5.0)),
    "sin": (1e-5, 2e-5, 3e-5),
    "cos": (math.pi / 2, math.pi / 2 + 1e-5, -math.pi / 2),
    "tanh": (0.3, -1.7, 5.0),
    "erf": (0.3, -1.7, 3.0),
    "exp": (0.3, -17.0, 5.0),
    "exp2": (0.3, -17.0, 5.0),
    "expm1": (0.3, -1.7, 5.0),
}


@KINDS
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_something_narrow_is_as_wide_as_its_slope_makes_it(name: str, kind: Any) -> None:
    """Without it a slope could be twice as large, and every set of a kernel with it."""
    if kind is Arbs and name in FLINTS:
        return
    function, exact = FUNCTIONS[name]
    m = np.array(PLACES[name])
    r = np.abs(m) * 1e-7
    with quiet():
        found = function(around(kind, m, r))
        widths = found.upper() - found.lower()
    for low, high, width in zip(
        *np.transpose([ends(exact, each) for each in zip(m, r, strict=True)]), widths, strict=True
    ):
        assert width <= (high - low) * (1 + OFF[kind]) + 200 * EPS * max(abs(low), abs(high))


FLINTS = ("exp", "expm1", "sinh", "cosh", "tanh", "erf", "sin", "cos")  # whose width is flint's alone
UPPER_END = ("exp", "exp2", "expm1", "reciprocal_root", "negative", "abs")
LOWER_END = ("exp", "exp2", "log", "log2", "log10", "log1p", "negative", "abs")


@KINDS
@pytest.mark.parametrize("name", sorted({*UPPER_END, *LOWER_END}))
def test_a_function_of_something_wide_reaches_its_end_and_no_further(name: str, kind: Any) -> None:
    """Without it a bound that holds to first order could be taken where the next one counts."""
    function, exact = FUNCTIONS[name]
    with quiet():
        found = function(around(kind, [1.5, 4.0], [0.6, 1.0]))
    for i, each in enumerate([(1.5, 0.6), (4.0, 1.0)]):
        low, high = ends(exact, each)
        if name in UPPER_END:
            assert found.upper()[i] == pytest.approx(high, rel=OFF[kind])
        if name in LOWER_END:
            assert found.lower()[i] == pytest.approx(low, rel=OFF[kind])


@KINDS
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_something_wide_reaches_its_end_and_no_further(name: str, kind: Any) -> None:
    """Without it r_a r_b could be counted twice, or a hull reach beyond both."""
    function, exact = OPERATIONS[name]
    pairs = [((3.0, 0.5), (2.0, 0.25)), ((3.0, 0.0), (2.0, 0.5)), ((1.0, 0.5), (2.0, 0.0)), ((-3.0, 0.5), (2.0, 0.25))]
    for a, b in pairs:
        with quiet():
            found = function(around(kind, [a[0]], [a[1]]), around(kind, [b[0]], [b[1]]))
        low, high = ends(exact, a, b)
        if name == "hull":
            low, high = min(a[0] - a[1], b[0] - b[1]), max(a[0] + a[1], b[0] + b[1])
        down = name in ("multiply", "divide") and a[0] < 0  # where a radius for both ends is met
        far = found.lower()[0] if down else found.upper()[0]
        assert far == pytest.approx(low if down else high, rel=1e-8)
        if name not in ("multiply", "divide"):
            assert found.lower()[0] == pytest.approx(low, rel=1e-8)


EXACT: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    **{f"{name} of 0": (FUNCTIONS[name][0], 0.0, 0.0) for name in ("root", "expm1", "log1p", "sinh", "tanh", "erf")},
    **{f"{name} of 0": (FUNCTIONS[name][0], 0.0, 0.0) for name in ("sin", "atan", "abs", "negative")},
    **{f"{name} of 1": (FUNCTIONS[name][0], 1.0, 0.0) for name in ("log", "log2", "log10")},
    "e^−∞": (lambda a: a.exp(), -math.inf, 0.0),
    "2^−∞": (lambda a: a.exp2(), -math.inf, 0.0),
    "e^−∞ − 1": (lambda a: a.expm1(), -math.inf, -1.0),
    "log 0": (lambda a: a.log(), 0.0, -math.inf),
    "log 0 to base 2": (lambda a: a.log2(), 0.0, -math.inf),
    "log ∞": (lambda a: a.log(), math.inf, math.inf),
    "log(1 − 1)": (lambda a: a.log1p(), -1.0, -math.inf),
    "e^∞": (lambda a: a.exp(), math.inf, math.inf),
    "|−3|": (abs, -3.0, 3.0),
    "−3": (lambda a: -a, 3.0, -3.0),
    "2^∞": (lambda a: a.exp2(), math.inf, math.inf),
    "e^∞ − 1": (lambda a: a.expm1(), math.inf, math.inf),
    "log ∞ to base 2": (lambda a: a.log2(), math.inf, math.inf),
    "log(1 + ∞)": (lambda a: a.log1p(), math.inf, math.inf),
    "|−∞|": (abs, -math.inf, math.inf),
    "√∞": (lambda a: a.root(), math.inf, math.inf),
}


@KINDS
@pytest.mark.parametrize("name", EXACT)
def test_what_is_exact_is_a_point(name: str, kind: Any) -> None:
    """Without it a mask, or a ReLU's zero, would have a width, and no zero be a zero any more."""
    function, given, expected = EXACT[name]
    with quiet():
        found = function(kind.exactly(np.array([given, 0.5])))
    assert (found.middle()[0], found.radius()[0]) == (expected, 0)


LIBRARIES = (
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sinh",
    "cosh",
    "tanh",
    "erf",
    "sin",
    "cos",
    "atan",
)


@pytest.mark.parametrize("name", [*LIBRARIES, "reciprocal_root"])
def test_what_a_library_computed_may_be_off_by_what_it_states(name: str) -> None:
    """Without it the four ulps that NumPy states of its functions in float64 would be taken for none."""
    with quiet():
        found = FUNCTIONS[name][0](MidRad.exactly(np.array([0.3, 1.7])))
    assert (found.r >= 4 * 2 * EPS * np.abs(found.m)).all()
    assert (found.r <= 150 * EPS * np.abs(found.m)).all()


@KINDS
def test_a_sum_with_what_is_known_to_be_exact_is_a_point(kind: Any) -> None:
    """Without it small whole numbers would round where no program rounds."""
    with quiet():
        a, b, zero = (kind.exactly(np.array(each)) for each in ([3.0, 0.5, -1.0], [2.0, 4.0, 1.0], [0.0, 0.0, 0.0]))
        yes = ~NEVER
        found = {
            "add": (a.add(b, yes), [5, 4.5, 0]),
            "multiply": (a.multiply(b, yes), [6, 2, -1]),
            "by 0": (a.multiply(zero), [0, 0, 0]),
            "0 over": (zero.divide(b), [0, 0, 0]),
            "sum": (a.sum((0,), True), 2.5),
            "sum of zeros": (zero.sum((0,)), 0),
            "cumulative": (a.cumulative(0, True), [3, 3.5, 2.5]),
            "gathered": (a.gathered(np.array([1, 1, 0]), 3, yes), [-1, 3.5, 0]),
            "max": (a.max(0), 3),
            "maximum": (a.maximum(b), [3, 4, 1]),
            "matmul": (a.formed(lambda p: p[None]).matmul(b.formed(lambda p: p[:, None]), np.array(True)), [[7]]),
            "hull": (a.hull(a), [3, 0.5, -1]),
        }
    for name, (each, expected) in found.items():
        assert np.array_equal(each.middle(), expected), name
        assert not each.radius().any(), name


@KINDS
@pytest.mark.parametrize("n", [1, 2, 50])
def test_sums_have_the_radii_of_their_terms_and_what_float64_may_lose(kind: Any, n: int) -> None:
    """Without it (n − 1)ε Σ|x| could be short, in any order (Jeannerod & Rump 2013), or a radius be counted twice."""
    rng = np.random.default_rng(n)
    m, r, w = rng.normal(size=(4, n)), np.abs(rng.normal(size=(4, n))) * 1e-9, rng.normal(size=(n, 2))
    rw, place = np.abs(w) * 1e-8, np.broadcast_to(np.arange(n) % 7, (4, n))
    gathered = [np.array([np.where(place == i, part, 0).sum() for i in range(7)]) for part in (r, np.abs(m))]
    with quiet():
        a, b, p, q = around(kind, m, r), around(kind, w, rw), kind.exactly(m), kind.exactly(w)
        size = np.abs(m) @ np.abs(w)
        found = {
            "sum": (a.sum((1,)), r.sum(axis=1), np.abs(m).sum(axis=1), n - 1, 4 * n),
            "cumulative": (a.cumulative(1), r.cumsum(axis=1), np.abs(m).cumsum(axis=1), 0, 4 * n),
            "gathered": (a.gathered(place, 7), *gathered, 0, 4 * n),
            "sum of points": (p.sum((1,)), 0 * r.sum(axis=1), np.abs(m).sum(axis=1), n - 1, 4 * n),
            "cumulative of points": (p.cumulative(1), 0 * r, np.abs(m).cumsum(axis=1), 0, 4 * n),
            "gathered of points": (p.gathered(place, 7), 0 * gathered[0], gathered[1], 0, 4 * n),
            "matmul": (a.matmul(b), np.abs(m) @ rw + r @ (np.abs(w) + rw), size, n, n + 2),
            "matmul with a point": (a.matmul(q), r @ np.abs(w), size, n, n + 2),
            "matmul of a point": (p.matmul(b), np.abs(m) @ rw, size, n, n + 2),
            "matmul of points": (p.matmul(q), 0 * size, size, n, n + 2),
        }
    if kind is MidRad and n > 1:  # where float64 rounds a point is none any more
        assert all(found[f"{name} of points"][0].radius().any() for name in ("sum", "cumulative", "gathered"))
    for name, (each, radius, size, least, most) in found.items():
        least, most = (least, most) if kind is MidRad else (0, 2)  # what float64 rounds, which arb does not
        assert (each.radius() >= radius * (1 - 1e-12) + least * EPS * size * (1 - 1e-12)).all(), name
        assert (each.radius() <= radius * (1 + 2e-6) + 2.001 * most * EPS * size + 1e-300).all(), name


@KINDS
def test_bounds_are_those_of_the_ball(kind: Any) -> None:
    """Without it a lower bound could lie above, or a magnitude below, by a rounding; or both far away."""
    m, r = np.array([1 / 3, -7.0, 0.0, 5e-324, 1e300]), np.array([1e-17, 2.0, 1e-320, 0.0, 1e284])
    with quiet():
        a = around(kind, m, r)
        low, high, size = a.lower(), a.upper(), a.magnitude()
        for i, (x, y) in enumerate(zip(m, r, strict=True)):
            first, last = exactly(x) - exactly(y), exactly(x) + exactly(y)
            assert exactly(low[i]) <= first
            assert last <= exactly(high[i])
            assert abs(exactly(x)) + exactly(y) <= exactly(size[i])
    assert np.allclose(low, m - r, rtol=1e-8, atol=1e-320)
    assert np.allclose(high, m + r, rtol=1e-8, atol=1e-320)
    assert np.allclose(size, np.abs(m) + r, rtol=1e-8, atol=1e-320)
    assert (low[3], high[3]) == (5e-324, 5e-324)


@KINDS
def test_what_is_not_known_stays_so_and_the_rest_is_known(kind: Any) -> None:
    """Without it an entry that may overflow would be bounded, or spoil those beside it."""
    with quiet():
        nan = kind.exactly(np.array([np.nan, 2.0]))
        some = kind.exactly(np.array([1.0, 2.0])).known_where(np.array([False, True]))
        straddling = around(kind, [0.5, 2.0], [0.6, 0.1])
        found = {
            "nan": nan,
            "masked": some,
            "widened": kind.exactly(np.array([1.0, 2.0])).widened(np.array([np.inf, 0.0])),
            "sum": some.add(kind.exactly(np.array([1.0, 1.0]))),
            "product": some.multiply(kind.exactly(np.array([1.0, 1.0]))),
            "maximum": some.maximum(kind.exactly(np.array([5.0, 1.0]))),
            "maximum of the other": kind.exactly(np.array([5.0, 1.0])).maximum(some),
            "hull": some.hull(kind.exactly(np.array([1.0, 2.0]))),
            "log": straddling.add(kind.exactly(np.array([-0.2, 0.0]))).log(),
            "root": straddling.add(kind.exactly(np.array([-0.2, 0.0]))).root(),
            "reciprocal root": straddling.reciprocal_root(),
            "quotient": kind.exactly(np.array([1.0, 1.0])).divide(straddling),
            "overflow": kind.exactly(np.array([1e308, 1.0])).multiply(kind.exactly(np.array([10.0, 1.0]))).exp(),
        }
    for name, each in found.items():
        assert each.radius()[0] == np.inf, name
        assert each.radius()[1] < np.inf, name
        assert (each.lower()[0], each.upper()[0], each.magnitude()[0]) == (-np.inf, np.inf, np.inf), name
        assert (each.middle()[0], each.nearest_bounds()[0][0] if kind is Arbs else -np.inf) == (0, -np.inf), name


@KINDS
def test_the_largest_along_an_axis_reaches_from_the_largest_lower_to_the_largest_upper_end(kind: Any) -> None:
    """Without it a pivot could be one that no entry reaches, or a row that is masked altogether have none."""
    with quiet():
        a = around(kind, [[1.0, 2.0, 1.9], [-np.inf, -np.inf, -np.inf]], [[0.5, 0.1, 0.25], [0.0, 0.0, 0.0]])
        found = a.max(1)
    assert found.lower()[0] <= 1.9 <= 2.15 <= found.upper()[0]
    assert (found.lower()[0], found.upper()[0]) == pytest.approx((1.85 if kind is MidRad else 1.9, 2.15), rel=1e-8)
    assert (found.middle()[1], found.radius()[1]) == (-np.inf, 0)


def test_both_ends_are_rounded_to_the_nearest_float64() -> None:
    """Without it an answer in float64 would be held to a number beside the nearest one."""
    third = Fraction(1, 3)
    with quiet():
        low, high = around(Arbs, [0.5, 2.0], [0.0, 1e-9]).add(Arbs([number(third), arb(0)])).nearest_bounds()
    assert low[0] == high[0] == float(Fraction(1, 2) + third)
    assert (low[1], high[1]) == pytest.approx((2 - 1e-9, 2 + 1e-9), rel=1e-15)
    assert low[1] <= 2 - 1e-9 < 2 + 1e-9 <= high[1]


@KINDS
def test_an_infinity_is_added_to_and_multiplied(kind: Any) -> None:
    """Without it a masked score would no longer be −∞ once it is scaled, or a bias is added to it."""
    with quiet():
        masked, wide = kind.exactly(np.array([-np.inf, 1.0])), around(kind, [2.0, 2.0], [0.5, 0.5])
        half, two = (kind.exactly(np.array([each, each])) for each in (0.5, 2.0))
        for found in (
            masked.add(wide),
            wide.add(masked),
            masked.multiply(two),
            masked.divide(half),
            masked.divide(two),
        ):
            assert (found.middle()[0], found.radius()[0]) == (-np.inf, 0)
            assert np.isfinite(found.middle()[1])
        total = masked.hull(masked).maximum(kind.exactly(np.array([-1.0, 0.0])))
        assert (total.middle().tolist(), total.radius().tolist()) == ([-1, 1], [0, 0])


def test_a_bounded_function_is_bounded_whatever_its_argument() -> None:
    """Without it a sine of something wide would be as wide as that."""
    with quiet():
        wide = around(MidRad, [0.0, 1.0], [1e9, 1e9])
        for name, most in (("sin", 2), ("cos", 2), ("tanh", 2), ("erf", 2), ("atan", math.pi)):
            assert (FUNCTIONS[name][0](wide).radius() <= most * (1 + 1e-6)).all(), name
