"""Balls with centres: whatever the noise, a number is its centre, its share of the noise and its rest.

Claim: each operation on numbers within these bounds, rounded by all that the precision allows, ends within them: in the
ball, and no farther from Σ cₛεₛ than the rest. Noise that a product reads anew may be anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.numbers.ball import Ball, BallArray, working_precision
from ffn.numbers.ball.centred import Centred, Noise, TooLarge, arrays, deviations, products
from ffn.numbers.ball.centred.arrays import CentredArray
from ffn.numbers.ball.centred.deviations import Deviations
from ffn.numbers.precision import precision
from tests.helpers.profiles import examples

BITS, NOISE, CORNERS = 128, 3, 8
MODEL = precision("float16")
TRUTH = Ball(BITS)
MASK = np.array([[True, False], [False, True]])
WEIGHTS = np.array([[1.0, -0.5], [0.75, 1.0]])
Operation = Callable[[Any, Any, Any], Any]

OPERATIONS: dict[str, Operation] = {
    "sum of two": lambda xp, a, b: a + b,
    "difference": lambda xp, a, b: a - b,
    "product": lambda xp, a, b: a * b,
    "square": lambda xp, a, b: a * a,
    "quotient": lambda xp, a, b: a / (b + 4),
    "quotient of what is alike": lambda xp, a, b: (a + 4) / (a + b + 8),
    "negative": lambda xp, a, b: -a,
    "beside a row": lambda xp, a, b: a * b[:1],
    "beside a number": lambda xp, a, b: 1 - a / 2,
    "sum over rows": lambda xp, a, b: a.sum(axis=0),
    "sum over columns": lambda xp, a, b: (a - b).sum(axis=1),
    "sum over all": lambda xp, a, b: xp.total([a, b]),
    "matrix product": lambda xp, a, b: xp.matmul(a, b.T),
    "affine": lambda xp, a, b: xp.affine(a, xp.asarray(WEIGHTS), b[0]),
    "two layers": lambda xp, a, b: xp.matmul(xp.matmul(a, xp.asarray(WEIGHTS)) * b, xp.asarray(WEIGHTS.T)),
    "layers and their gradient": lambda xp, a, b: xp.matmul(a.T, xp.matmul(a * b, xp.asarray(WEIGHTS)) - a),
    "rows in another order": lambda xp, a, b: a + xp.matmul(b, xp.asarray(WEIGHTS))[[1, 0]],
    "rows side by side": lambda xp, a, b: xp.matmul(xp.concatenate([a.T, b.T]).T, xp.asarray(WEIGHTS)),
    "exp": lambda xp, a, b: xp.exp(a),
    "log": lambda xp, a, b: xp.log(a + 4),
    "log1p": lambda xp, a, b: xp.log1p(xp.exp(a)),
    "tanh": lambda xp, a, b: xp.tanh(a),
    "maximum": lambda xp, a, b: xp.maximum(a, b),
    "select": lambda xp, a, b: xp.select(a, a, b / 8),
    "where": lambda xp, a, b: xp.where(MASK, a, -b),
    "stack": lambda xp, a, b: xp.stack([a, b]).reshape(2, 4),
    "concatenate": lambda xp, a, b: xp.concatenate([a, b]) * 2,
    "either": lambda xp, a, b: xp.either(a * (b + 1), lambda: a * b + a),
    "within": lambda xp, a, b: xp.within(xp.exp(-(a * a)), "0", "1"),
}
BENT = ("product", "square", "quotient", "matrix product", "exp", "log", "tanh")


def operand(xp: Centred, random: np.random.Generator, size: float) -> CentredArray:
    """Numbers around 0 and 1, with noise that those of a row have in common, and rests."""
    with working_precision(BITS):
        centres = np.vectorize(arb, otypes=[object])(random.integers(-4, 5, (2, 2)) / 4)
        owner = np.array([[0, 0], [1, 1]])
        deviations = Deviations(size * random.normal(size=(NOISE, 2, 2)), size * random.random((2, 2)), owner)
        sizes = np.vectorize(lambda radius: arb(0, radius), otypes=[object])(deviations.size())
        return CentredArray(centres + sizes, centres, deviations, xp)


def share(of: Deviations, noise: Any) -> Any:
    """Σ cₛεₛ of each number, of the noise that there was to begin with."""
    kept = of.shared[:NOISE]
    return np.einsum("s...,s...->...", kept, noise[: len(kept), np.maximum(of.owner, 0)])


def drawn(of: CentredArray, noise: Any, random: np.random.Generator) -> BallArray:
    """Numbers at an end of the rests, at a given noise."""
    shares = share(of.deviations, noise) + random.choice([-1, 1], of.shape) * of.deviations.rest
    return BallArray(of.centres + np.vectorize(arb, otypes=[object])(shares), TRUTH)


def leaves(operation: Operation, seed: int, size: float) -> bool:
    """Whether a result, off by a rounding of the last operation in it, leaves its bounds at some noise."""
    random, xp = np.random.default_rng(seed), Centred(BITS, MODEL)
    xp.noise.count = NOISE
    a, b = operand(xp, random, size), operand(xp, random, size)
    with working_precision(BITS):
        found = operation(xp, a, b)
        for _ in range(CORNERS):
            noise = random.choice([-1.0, 1.0], (NOISE, 2))
            exact = operation(TRUTH, drawn(a, noise, random), drawn(b, noise, random)).balls
            anew = np.abs(found.deviations.shared[NOISE:]).sum(axis=0)
            once = MODEL.unit_roundoff if rounds(operation) else 0.0
            off = random.choice([-once, once], exact.shape)
            shares, bounds = share(found.deviations, noise), found.deviations.rest + anew
            each = zip(
                found.balls.flat, found.centres.flat, exact.flat, shares.flat, off.flat, bounds.flat, strict=True
            )
            for ball, centre, value, of_noise, error, bound in each:
                computed = value + value.mid() * error
                if not ball.overlaps(computed) or not abs(computed - centre - of_noise).lower() <= bound * (1 + 1e-9):
                    return True
    return False


def rounds(operation: Operation) -> bool:
    """Whether its last step rounds what no program holds."""
    exact = ("negative", "maximum", "select", "where", "stack", "concatenate", "within", "beside a number")
    return all(operation is not OPERATIONS[name] for name in exact)


@pytest.mark.parametrize("name", OPERATIONS)
@examples(20)
@given(seed=st.integers(0, 2**32), size=st.sampled_from([1e-4, 0.01, 0.1, 0.3]))
def test_whatever_the_noise_a_result_is_within_its_bounds(name: str, seed: int, size: float) -> None:
    """Without it a slope or a bound of the second order could be too small, and a right answer refused."""
    assert not leaves(OPERATIONS[name], seed, size)


def test_what_both_factors_of_a_gradient_lose_together_is_paired() -> None:
    """Without it the error of a row would count twice in Σₙ xₙyₙ where y falls as x grows: it counts for nothing."""
    noise, rows = np.full((1, 2, 1), 0.25), np.array([[0], [1]])
    x, y = (Deviations(sign * noise, np.zeros((2, 1)), rows) for sign in (1, -1))
    ones = np.ones((2, 1))
    assert products.over_rows(ones.T, x.formed(np.transpose), ones, y) == 0
    assert products.over_rows(ones.T, x.formed(np.transpose), ones, x) == pytest.approx(1.0)
    one = [Deviations(each.shared * [[1.0], [-1.0]], each.rest, 0 * rows) for each in (x, x)]
    assert products.over_rows(ones.T, one[0].formed(np.transpose), ones, one[1]) == 0  # two steps of one row
    alike = Deviations(y.shared, y.rest, 0 * rows)
    assert products.over_rows(ones.T, x.formed(np.transpose), ones, alike) is None


@pytest.mark.parametrize("name", BENT)
def test_slopes_at_the_centres_alone_are_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: derivatives are taken at the centres, and nothing is said of how they change around these."""
    monkeypatch.setattr(CentredArray, "reach", lambda self: np.zeros(self.shape))
    monkeypatch.setattr(products, "bent", lambda *sizes: 0.0)
    assert any(leaves(OPERATIONS[name], seed, 0.1) for seed in range(20))


@pytest.mark.parametrize("name", [name for name in OPERATIONS if rounds(OPERATIONS[name])])
def test_a_rounding_that_is_not_charged_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: what an operation loses by itself is forgotten."""
    monkeypatch.setattr(arrays, "charge", lambda rounded, exact: np.zeros(rounded.shape))
    assert any(leaves(OPERATIONS[name], seed, 1e-5) for seed in range(20))


def test_a_slope_that_is_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: the slope of tanh is 1 everywhere."""
    right = Centred._function
    wrong = lambda self, name, z, slope, bend: right(self, name, z, np.ones(z.shape), bend)  # noqa: E731
    monkeypatch.setattr(Centred, "_function", wrong)
    assert any(leaves(OPERATIONS["tanh"], seed, 0.01) for seed in range(20))


def test_what_a_product_hands_on_cancels() -> None:
    """Without it nothing would be gained: of s − s, for a sum s that is off, balls alone know no more than 2r."""
    x, found = np.ones((1, 4), np.float16) / 3, {}
    for xp in (Centred(BITS, MODEL), Ball(BITS, MODEL)):
        fours, opposite, ones = (xp.asarray(np.array(each)) for each in ([[1.0]] * 4, [[1.0, -1.0]], [[1.0], [1.0]]))
        zero = xp.matmul(xp.matmul(xp.matmul(xp.asarray(x), fours), opposite), ones)
        found[type(xp)] = float(zero.balls[0, 0].abs_upper())
    once = MODEL.rounding * 4 / 3
    assert found[Ball] > 13 * once  # four roundings of s, twice, and
    assert found[Centred] < 7 * once  # one of each product with ±1, and two of their sum, of terms 8/3 in all


def test_a_pass_that_would_take_too_long_is_given_up() -> None:
    """Without it a wide network could take minutes where its balls take seconds."""
    xp, random = Centred(BITS, MODEL, Noise(most=10)), np.random.default_rng(0)
    xp.noise.count = NOISE
    with pytest.raises(TooLarge):
        xp.matmul(operand(xp, random, 0.1), xp.asarray(WEIGHTS))


def test_noise_that_is_not_kept_is_counted_as_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the deviations of a large product, of which only the sizes are kept, could be lost."""
    monkeypatch.setattr(products, "KEPT", 0)
    assert not any(leaves(OPERATIONS["two layers"], seed, 0.1) for seed in range(20))


def test_rows_that_are_taken_for_one_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: errors of different rows are added up as if they were the same error, and cancel."""
    monkeypatch.setattr(deviations, "alike", lambda parts: (list(parts), parts[0].owner))
    assert any(leaves(OPERATIONS["rows in another order"], seed, 0.01) for seed in range(20))
