"""Midpoint–radius arithmetic encloses the exact result, whatever the operands in their enclosures."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from ffn.admissible.formula.enclosures.arbs import Arbs
from ffn.admissible.formula.enclosures.midrad import MidRad
from ffn.numbers.arrays import elementwise
from ffn.numbers.ball import working_precision

Exact = Callable[..., arb]

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Exact]] = {
    "negative": (lambda a: -a, lambda x: -x),
    "abs": (abs, abs),
    "root": (lambda a: a.root(), arb.sqrt),
    "reciprocal_root": (lambda a: a.reciprocal_root(), arb.rsqrt),
    "exp": (lambda a: a.exp(), arb.exp),
    "expm1": (lambda a: a.expm1(), arb.expm1),
    "log": (lambda a: a.log(), arb.log),
    "exp2": (lambda a: a.exp2(), lambda x: (x * arb(2).log()).exp()),
    "log2": (lambda a: a.log2(), lambda x: x.log() / arb(2).log()),
    "log10": (lambda a: a.log10(), lambda x: x.log() / arb(10).log()),
    "log1p": (lambda a: a.log1p(), arb.log1p),
    "sinh": (lambda a: a.sinh(), arb.sinh),
    "cosh": (lambda a: a.cosh(), arb.cosh),
    "atan": (lambda a: a.atan(), arb.atan),
    "tanh": (lambda a: a.tanh(), arb.tanh),
    "erf": (lambda a: a.erf(), arb.erf),
    "sin": (lambda a: a.sin(), arb.sin),
    "cos": (lambda a: a.cos(), arb.cos),
}
OPERATIONS: dict[str, tuple[Callable[[Any, Any], Any], Exact]] = {
    "add": (lambda a, b: a.add(b), lambda x, y: x + y),
    "multiply": (lambda a, b: a.multiply(b), lambda x, y: x * y),
    "divide": (lambda a, b: a.divide(b), lambda x, y: x / y),
    "maximum": (lambda a, b: a.maximum(b), lambda x, y: x.max(y)),
    "hull": (lambda a, b: a.hull(b), lambda x, y: x),
}
BITS = 300


def operands(seed: int, count: int = 400) -> MidRad:
    """Midpoints of every size and sign, whole numbers among them, and some whose products are subnormal, or 0, in
    float64; radii from none to wider than the midpoint."""
    rng = np.random.default_rng(seed)
    m = rng.normal(size=count) * 10.0 ** rng.integers(-9, 3, size=count)
    m[::7] = np.round(m[::7])
    m[::13] *= 1e-160
    r = np.abs(m) * 10.0 ** rng.integers(-17, 1, size=count) * rng.choice([0.0, 1.0, 2.0], size=count)
    return MidRad(m, r)


def exactly(value: float) -> arb:
    return arb(fmpq(*Fraction(value).as_integer_ratio()))


def points(m: float, r: float) -> Iterator[arb]:
    """Both ends of an enclosure and its middle, exactly."""
    return (exactly(m) + step * exactly(r) for step in (-1, 0, 1))


def escapes(found: MidRad, exact: Exact, *given: MidRad) -> list[tuple[int, arb]]:
    """The entries whose exact result, at some ends of the operands, is not in the enclosure found."""
    escaped = []
    with working_precision(BITS):
        for i in range(given[0].m.size):
            if not (found.r[i] < np.inf and np.isfinite(found.m[i])):  # nothing known, or log 0
                continue
            for x in points(given[0].m[i], given[0].r[i]):
                for y in points(given[-1].m[i], given[-1].r[i]):
                    value = exact(x, y) if len(given) == 2 else exact(x)
                    if not abs(value - exactly(found.m[i])) <= exactly(found.r[i]):
                        escaped.append((i, value))
    return escaped


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_an_enclosure_encloses_its_values(name: str) -> None:
    """Without it a correct kernel could be called wrong: the set would miss values that it may return."""
    function, exact = FUNCTIONS[name]
    for given in (operands(0), MidRad(np.abs(operands(1).m), operands(1).r)):
        with np.errstate(all="ignore"):
            found = function(given)
        assert not escapes(found, exact, given)
        assert (found.r < np.inf).any()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_enclosures_encloses_its_values(name: str) -> None:
    function, exact = OPERATIONS[name]
    a, b = operands(2), operands(3)
    with np.errstate(all="ignore"):
        found = function(a, b)
    assert not escapes(found, exact, a, b)
    assert (found.r < np.inf).any()


def test_a_radius_without_its_second_order_is_seen() -> None:
    """The planted bug: |a| r_b + r_a |b|, which forgets r_a r_b."""
    a, b = operands(2), operands(3)
    forgetful = MidRad(a.m * b.m, np.abs(a.m) * b.r + a.r * np.abs(b.m))
    assert escapes(forgetful, lambda x, y: x * y, a, b)


def test_a_midpoint_that_forgets_its_rounding_is_seen() -> None:
    """The planted bug: a sum with the radii of its terms alone."""
    a, b = operands(2), operands(3)
    assert escapes(MidRad(a.m + b.m, a.r + b.r), lambda x, y: x + y, a, b)


def test_products_and_sums_of_arrays_enclose_the_exact_ones() -> None:
    """Without it a long sum in float64 would be taken for the exact one, or a radius fall short of its last ends."""
    one, two = operands(4, 300), operands(6, 240)
    a, b = MidRad(np.abs(one.m), one.r).formed(lambda p: p.reshape(5, 60)), MidRad(np.abs(two.m), two.r)
    b, place = b.formed(lambda p: p.reshape(60, 4)), np.broadcast_to(np.arange(60) % 7, (5, 60))
    found = (a.matmul(b), a.sum((1,)), a.cumulative(1), a.max(1), a.gathered(place, 7))
    with working_precision(BITS):
        for step in (-1, 0, 1):
            x, y = (elementwise(exactly)(part.m) + step * elementwise(exactly)(part.r) for part in (a, b))
            sums = [x[place == i].sum() for i in range(7)]
            exact = (
                x @ y,
                x.sum(axis=1),
                np.add.accumulate(x, axis=1),
                np.frompyfunc(arb.max, 2, 1).reduce(x, 1),
                sums,
            )
            for each, values in zip(found, exact, strict=True):
                for m, r, value in zip(each.m.ravel(), each.r.ravel(), np.ravel(values), strict=True):
                    assert abs(value - exactly(m)) <= exactly(r)


@pytest.mark.parametrize("function", ["exp", "exp2"])
def test_a_power_too_small_for_float64_may_be_a_large_one_times_more(function: str) -> None:
    """Without it e^(−800 ± 200) would be 0 as e^−800 is, and a correct kernel's e^−600 be refused."""
    given = MidRad(np.array([-800.0, -1070.0, -1080.0, -800.0, -0.5]), np.array([200.0, 100.0, 300.0, 0.0, 0.3]))
    with np.errstate(all="ignore"):
        found = FUNCTIONS[function][0](given)
    assert not escapes(found, FUNCTIONS[function][1], given)
    assert (found.r < np.inf).all()


def test_both_arithmetics_enclose_the_same_numbers() -> None:
    """Without it float64 and float32 would be judged by two different arithmetics."""
    given = operands(5, 60)
    with working_precision(BITS), np.errstate(all="ignore"):
        balls = Arbs.exactly(given.m).widened(given.r)
        for name, (function, _) in FUNCTIONS.items():
            one, two = function(given), function(balls)
            known = (one.r < np.inf) & (two.radius() < np.inf)
            assert (one.lower() <= two.upper())[known].all(), name
            assert (two.lower() <= one.upper())[known].all(), name


def test_an_infinity_that_is_meant_stays_a_point() -> None:
    """Without it masked attention could not be judged: its −∞ would spread."""
    masked = MidRad.exactly(np.array([-np.inf, 1.0]))
    moved = masked.add(MidRad(np.array([2.0, 2.0]), np.array([0.1, 0.1])))
    assert moved.m[0] == -np.inf
    assert moved.r[0] == 0
    assert moved.exp().m[0] == 0
    assert moved.exp().r[0] == 0
