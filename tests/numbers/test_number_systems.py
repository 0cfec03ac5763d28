"""One forward and one backward pass on six number systems: what they compute is one function.

Fractions give its values without rounding, balls enclose them, floats are admissible, sympy's formulas evaluate to
them, autograd's boxes and dual numbers carry them. Each system also keeps the promises that the passes rest on: at a
kink, of its precision, of its dtype.

Sources: Johansson 2017 (Arb); Rump 1999 (midpoint–radius arithmetic); Griewank & Walther 2008, ch. 3 (dual numbers).
"""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from ffn import admissible, reference
from ffn.cases.case import Case
from ffn.cases.strategies import arrays
from ffn.network import backward
from ffn.network.activations import activation_named
from ffn.network.forward import objective, trace
from ffn.numbers.ball import Ball, BallArray, number, working_precision
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from ffn.numbers.precision import NAMES
from ffn.numbers.symbolic import symbolic
from ffn.numbers.traced import traced
from ffn.witnesses import BITS, DIGITS
from tests.helpers.gradients import any_case, by_hand, flat, off_kinks, overlap, piecewise_case, placed
from tests.helpers.profiles import examples

ball = Ball()
SMOOTH = ("identity", "sigmoid", "tanh", "softplus")
numbers = st.floats(-1e6, 1e6)


def output(case: Case, xp):
    """The shipped forward pass on the numbers of xp: the last affine output."""
    network, parameters, x, _ = placed(case, xp)
    return trace(xp, network, parameters, x)[-1].h


def around(middle: float, radius: float) -> BallArray:
    """One ball."""
    return BallArray([arb(middle, radius)], ball)


def holds(balls: BallArray, *values: float) -> bool:
    """Whether the first ball contains all of the values."""
    return all(balls.balls[0].contains(value) for value in values)


def as_fractions(expressions: list) -> list[Fraction]:
    """sympy's numbers, to 50 digits where they are irrational."""
    rationals = [sympy.Rational(e if e.is_Rational else e.evalf(DIGITS)) for e in expressions]
    return [Fraction(int(r.p), int(r.q)) for r in rationals]


# One function


@given(piecewise_case())
@examples(30)
def test_fractions_stay_fractions(case: Case):
    """An integer that slips in becomes a float at the next division: no == would mean anything after it."""
    assert {type(entry) for entry in flat(by_hand(case))} == {Fraction}
    assert type(objective(exact, *placed(case, exact), kernel_only=True)) is Fraction


@given(piecewise_case())
@examples(30)
def test_balls_hold_the_exact_values(case: Case):
    """A ball that misses the exact value encloses nothing."""
    z = output(case, exact).ravel().tolist()
    assert overlap(output(case, ball).balls.ravel(), z)
    assert overlap(flat(by_hand(case, ball)), flat(by_hand(case)))


@given(piecewise_case().map(off_kinks))
@examples(15)
def test_formulas_evaluate_to_the_exact_values(case: Case):
    """The proofs are about the formulas: were they not what the code computes, they would prove nothing of it."""
    assert as_fractions(output(case, symbolic).ravel()) == output(case, exact).ravel().tolist()
    assert as_fractions(flat(by_hand(case, symbolic))) == flat(by_hand(case))


@given(any_case(activations=SMOOTH, outputs=("gaussian", "bernoulli", "categorical", "poisson"), max_depth=1))
@examples(8)
def test_transcendental_formulas_evaluate_into_the_balls(case: Case):
    """sympy and flint share no code: an exp, log or tanh that one gets wrong would part them."""
    case = case.rows(slice(1))
    with working_precision(BITS):
        evaluated = [
            number(value) * arb(1, 1e-49) for value in as_fractions(flat(by_hand(case, symbolic)))
        ]  # 50 digits
    assert overlap(flat(by_hand(case, ball)), evaluated)


@pytest.mark.parametrize("dtype", NAMES)
@given(st.data())
@examples(15)
def test_floats_are_admissible(dtype: str, data):
    """Rounding may move a float off the truth, but not out of the set of what a correct program can return."""
    case = data.draw(any_case()).cast(dtype)
    arguments = case.network, case.parameters, case.x
    # by examine, as some of the cases overflow and are not judged
    assert admissible.output(case).examine(reference.forward(*arguments)).outside is None
    assert admissible.gradient(case).examine(reference.gradient(*arguments, case.y)).outside is None


@given(any_case())
@examples(20)
def test_traced_values_are_admissible(case: Case):
    """autograd differentiates what it has traced: another function would have another gradient."""
    with np.errstate(over="ignore"):
        assert admissible.output(case).examine(output(case, traced)).outside is None


@given(piecewise_case())
@examples(20)
def test_dual_numbers_carry_the_values(case: Case):
    """The primal of a dual number is the number; without a direction the tangent is 0."""
    z = output(case, Dual(exact))
    assert z.primal.tolist() == output(case, exact).tolist()
    assert not z.tangent.any()


@given(any_case(activations=SMOOTH, outputs=("gaussian", "bernoulli", "categorical", "poisson")))
@examples(20)
def test_nested_dual_numbers_agree_with_forward_over_reverse(case: Case):
    """vᵀHv is the second derivative in the direction v, and ⟨v, Hv⟩ by dual numbers through the backward pass: the
    two meet only if a dual number may lie inside another, and the slopes are right to second order."""
    network, parameters, _, _ = placed(case, ball)
    v = tuple((ball.ones_like(W), ball.ones_like(b)) for W, b in parameters)
    along = [tuple(map(DualArray, at, towards)) for at, towards in zip(parameters, v, strict=True)]
    constant = tuple(tuple(DualArray(u, u * 0) for u in pair) for pair in v)
    nested, once = Dual(Dual(ball)), Dual(ball)
    twice_along = [tuple(map(DualArray, at, towards)) for at, towards in zip(along, constant, strict=True)]
    _, _, x, y = placed(case, nested)
    second = objective(nested, network, twice_along, x, y, kernel_only=True).tangent.tangent
    _, _, x, y = placed(case, once)
    gradients = backward.gradient(once, network, along, x, y)
    products = ball.total([part.tangent for pair in gradients for part in pair])
    assert overlap([second.balls.item()], [products.balls.item()])


# What each system promises


@given(numbers)
def test_a_float_is_held_exactly(value: float):
    """A witness of another number, such as the decimal that a float prints as, witnesses another network."""
    held = exact.asarray([value])[0], as_fractions(symbolic.asarray([value]))[0]
    assert held == (Fraction(value), Fraction(value))
    assert ball.asarray([value]).balls[0] == value


def test_what_is_irrational_is_refused_on_fractions():
    """A rounded exp or π among fractions would make == a lie."""
    with pytest.raises(TypeError, match="rational"):
        exact.exp(exact.asarray([1]))
    with pytest.raises(TypeError, match="rational"):
        exact.constant("pi")


@given(numbers, numbers)
def test_select_takes_the_second_at_a_kink(a: float, b: float):
    """At t = 0 every system that has one value takes the same side; else their gradients would differ at kinks."""
    for xp in (exact, floating("float64"), traced, symbolic):
        t, p, q = (xp.asarray([value]) for value in (0.0, a, b))
        assert xp.select(t, p, q).tolist() == q.tolist()
    z = Dual(exact).asarray([0])
    assert Dual(exact).select(z, z + 1, z - 1).primal[0] == -1


@given(numbers, numbers, st.sampled_from([0.0, 1.0, 1e-300]))
def test_select_on_a_ball_that_straddles_0_holds_both(a: float, b: float, radius: float):
    """Which side is right is not known there: an enclosure of one of them would miss the other."""
    assert holds(ball.select(around(0, radius), around(a, 0), around(b, 0)), a, b, (a + b) / 2)


@pytest.mark.parametrize(("name", "left", "right"), [("relu", 0, 1), ("leaky_relu", 0.5, 1), ("absolute", -1, 1)])
def test_the_slope_at_a_kink_is_every_slope_between_the_one_sided(name: str, left: float, right: float):
    """The subdifferential of a convex kink is an interval; off the kink the slope is a single number."""
    activation = activation_named(name, 0.5)
    assert holds(activation.slope(ball, around(0, 0)), left, right, (left + right) / 2)
    assert activation.slope(ball, around(2, 1)).balls[0] == right
    assert activation.slope(ball, around(-2, 1)).balls[0] == left


def test_maximum_of_balls_does_not_depend_on_the_order():
    """NumPy's maximum compares, and a ball that straddles 0 answers False both ways: the result would depend on it."""
    z, zero = around(0, 1), around(0, 0)
    for larger in (ball.maximum(z, zero), ball.maximum(zero, z)):
        assert holds(larger, 0, 1)
        assert not larger.balls[0].contains(-1)


@given(st.integers(2, 2000))
def test_working_precision_is_restored_when_something_raises(bits: int):
    """flint's precision is global: left changed, it would silently change every ball made later."""

    def fail() -> None:
        with working_precision(bits):
            raise OverflowError(ctx.prec)

    before = ctx.prec
    with pytest.raises(OverflowError, match=f"^{bits}$"):
        fail()
    assert ctx.prec == before


def test_a_failing_operation_restores_the_precision():
    """The operators set the precision themselves, and must give it back in the same way."""
    before = ctx.prec
    with pytest.raises(TypeError):
        Ball(2000).asarray([1]) + "one"
    assert ctx.prec == before


@given(arrays((3,), "float64"))
def test_every_operator_works_in_the_working_precision(values: np.ndarray):
    """An operation done in flint's usual 53 bits would throw away what the others keep."""
    third = Ball(BITS).asarray(values) / 3 + 1
    for result in (third, -third, third - 1, third * 3, third[:2], third.T, third.sum(), third.reshape(3, 1)):
        assert all(entry.rad() < 2.0 ** (20 - BITS) for entry in result.balls.ravel())


@pytest.mark.parametrize("dtype", NAMES)
@given(st.data())
@examples(10)
def test_a_dtype_is_kept(dtype: str, data):
    """NumPy widens bfloat16 @ bfloat16 to float32, after which the precision under test would be another."""
    case = data.draw(any_case()).cast(dtype)
    gradient = reference.gradient(case.network, case.parameters, case.x, case.y)
    assert {part.dtype.name for pair in gradient for part in pair} == {dtype}
    assert reference.forward(case.network, case.parameters, case.x).dtype.name == dtype


@given(any_case())
@examples(20)
def test_a_ball_with_rounding_holds_the_ball_without(case: Case):
    """What a precision may make of a value includes the value itself."""
    wide = admissible.output(case).parts[0][1].ravel()
    narrow = output(case, ball).balls.ravel()
    assert all(w.contains(n) for w, n in zip(wide, narrow, strict=True))
