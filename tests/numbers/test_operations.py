"""Every operation of every number system, by itself, beside Python's own numbers.

A pass that is right as a whole may still never enter an operation, or enter it where two formulas agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import autograd.numpy
import numpy as np
import pytest
import sympy
from autograd.tracer import getval
from flint import arb

from ffn.numbers.arrays import elementwise
from ffn.numbers.ball import Ball, BallArray, number, working_precision
from ffn.numbers.counting import Counted, Counting, cost
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from ffn.numbers.namespace import quotient
from ffn.numbers.precision import NAMES, dtype_of, precision
from ffn.numbers.symbolic import symbolic
from ffn.numbers.traced import traced

ball = Ball()
SYSTEMS: dict[str, Any] = {
    **{name: floating(name) for name in NAMES},
    "exact": exact,
    "balls": ball,
    "balls with roundings": Ball(precision=precision("float64")),
    "dual": Dual(exact),
    "dual balls": Dual(ball),
    "counting": Counting(),
    "symbolic": symbolic,
    "traced": traced,
}
X, W, B = [[1, 2, 3], [-1, 0, 5]], [[2, 1], [0, -3], [1, 4]], [7, -2]

# What each operation makes of X, W and B, with the answer from integers.
RATIONAL: dict[str, tuple[Callable[[Any, Any, Any, Any], Any], Any]] = {
    "asarray": (lambda xp, x, w, b: x, X),
    "ones_like": (lambda xp, x, w, b: xp.ones_like(x), [[1, 1, 1], [1, 1, 1]]),
    "sum of rows": (lambda xp, x, w, b: x.sum(axis=0), [0, 2, 8]),
    "sum of all": (lambda xp, x, w, b: xp.total([x, w, b]), 20),
    "affine": (lambda xp, x, w, b: xp.affine(x, w, b), [[12, 5], [10, 17]]),
    "matmul": (lambda xp, x, w, b: xp.matmul(x, w), [[5, 7], [3, 19]]),
    "transposed": (lambda xp, x, w, b: w.T, [[2, 0, 1], [1, -3, 4]]),
    "reshaped": (lambda xp, x, w, b: x.reshape(3, 2), [[1, 2], [3, -1], [0, 5]]),
    "indexed by an array": (lambda xp, x, w, b: x[np.array([1])] * 2, [[-2, 0, 10]]),
    "indexed": (lambda xp, x, w, b: x[1], [-1, 0, 5]),
    "stack": (lambda xp, x, w, b: xp.stack([b, -b]), [[7, -7], [-2, 2]]),
    "stack of matrices": (lambda xp, x, w, b: xp.stack([x, x + 1])[1], [[-1, 0], [0, 1], [5, 6]]),
    "concatenate": (lambda xp, x, w, b: xp.concatenate([x, -x]), [[1, 2, 3, -1, -2, -3], [-1, 0, 5, 1, 0, -5]]),
    "concatenate vectors": (lambda xp, x, w, b: xp.concatenate([b, b + 1]), [7, -2, 8, -1]),
    "difference": (lambda xp, x, w, b: x - x * 2, [[-1, -2, -3], [1, 0, -5]]),
    "from a number": (lambda xp, x, w, b: 1 - b, [-6, 3]),
    "a number on it": (lambda xp, x, w, b: 1 + b, [8, -1]),
    "a number times": (lambda xp, x, w, b: 3 * b, [21, -6]),
    "product": (lambda xp, x, w, b: b * b, [49, 4]),
    "quotient": (lambda xp, x, w, b: (b * 4) / xp.asarray([4, 2]), [7, -4]),
    "a number divided": (lambda xp, x, w, b: 14 / xp.asarray([7, -2]), [2, -7]),
    "quotient by a number": (lambda xp, x, w, b: quotient(xp, b * 4, 4), [7, -2]),
    "maximum": (lambda xp, x, w, b: xp.maximum(x, xp.asarray([[0, 5, 3], [0, 0, 0]])), [[1, 5, 3], [0, 0, 5]]),
    "select": (lambda xp, x, w, b: xp.select(b, b * 2, b * 3), [14, -6]),
    "select of numbers": (lambda xp, x, w, b: xp.select(b, 1, 0), [1, 0]),
    "select of 2 and 0": (lambda xp, x, w, b: xp.select(b, 2, 0), [2, 0]),
    "select at a half": (lambda xp, x, w, b: xp.select(b / 14, 1, 0), [1, 0]),
    "select of others": (lambda xp, x, w, b: xp.select(b, 1, 3), [1, 3]),
    "select of a number and an array": (lambda xp, x, w, b: xp.select(b, 1, b), [1, -2]),
    "select of an array and a number": (lambda xp, x, w, b: xp.select(b, b, 0), [7, 0]),
    "select at a kink": (lambda xp, x, w, b: xp.select(b, b, 0) + xp.select(x[1], 1, 0)[1] * 9, [7, 0]),
    "where": (lambda xp, x, w, b: xp.where(np.array([False, True]), b, b + 1), [8, -2]),
    "where of a number": (lambda xp, x, w, b: xp.where(np.array([False, True]), 0, b), [7, 0]),
    "either": (lambda xp, x, w, b: xp.either(b, lambda: b), [7, -2]),
    "headroom": (lambda xp, x, w, b: xp.headroom(3).matmul(x, w), [[5, 7], [3, 19]]),
    "within": (lambda xp, x, w, b: xp.within(b, "-10", "10"), [7, -2]),
}
AT_A_KINK = "select at a kink"  # where a ball takes all between both sides

# e^z and the like at a few places, and their derivatives.
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exp": (math.exp, math.exp),
    "log": (math.log, lambda z: 1 / z),
    "log1p": (math.log1p, lambda z: 1 / (1 + z)),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
}
PLACES = [0.25, 1.0, 2.5]


def plain(values: Any) -> Any:
    """The numbers of any system, as exact as it has them; of a ball its middle."""
    if isinstance(values, DualArray):
        return plain(values.primal)
    if isinstance(values, BallArray):
        values = values.balls
    return np.vectorize(_number, otypes=[object])(np.asarray(getval(values)))


def _number(value: Any) -> Fraction:
    if isinstance(value, Counted):
        return Fraction(value.value)
    if isinstance(value, sympy.Expr):
        return Fraction(str(sympy.Rational(value)))
    return Fraction(float(value.mid() if hasattr(value, "mid") else value))


@pytest.mark.parametrize("operation", RATIONAL)
@pytest.mark.parametrize("system", SYSTEMS)
def test_an_operation_means_the_same_in_every_number_system(system: str, operation: str) -> None:
    """Without it an operation that no pass of the tests needs could be anything."""
    if "balls" in system and operation == AT_A_KINK:
        return
    xp, (run, expected) = SYSTEMS[system], RATIONAL[operation]
    found = run(xp, xp.asarray(X), xp.asarray(W), xp.asarray(B))
    assert plain(found).shape == np.shape(expected)
    assert np.all(plain(found) == np.array(expected, dtype=object))


@pytest.mark.parametrize("text", ["1/4", "-3", "0.5"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_constant_is_the_number_that_is_written(system: str, text: str) -> None:
    """Without it ½ log 2π could be taken of another number."""
    assert plain(SYSTEMS[system].constant(text)) == Fraction(text)


def test_pi_is_pi() -> None:
    """Without it the constant of a normal distribution could be that of another."""
    assert symbolic.constant("pi") is sympy.pi
    assert {floating("float64").constant("pi"), traced.constant("pi")} == {math.pi}
    with pytest.raises(TypeError, match=r"^pi is not rational: it has no exact value here$"):
        exact.constant("pi")
    for xp in (ball, Ball(precision=precision("float16"))):
        found = xp.constant("pi").balls.item()
        with working_precision(200):
            assert found.contains(arb.pi())
        assert float(found.rad()) < 4 * (2.0**-53 if xp.precision is None else 1.01 * xp.precision.unit_roundoff)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("xp", [floating("float64"), ball, traced], ids=["float64", "balls", "traced"])
def test_a_function_is_the_one_of_its_name(xp: Any, name: str) -> None:
    """Without it log1p could be log."""
    found = [float(each) for each in plain(getattr(xp, name)(xp.asarray(PLACES)))]
    assert found == pytest.approx([FUNCTIONS[name][0](z) for z in PLACES], rel=1e-15, abs=0)


def test_a_gamma_function_is_that_of_a_factorial() -> None:
    """Without it the constant of a Poisson loss could be anything: nothing is differentiated through it."""
    for xp in (floating("float64"), traced, ball, Dual(ball)):
        assert float(plain(xp.lgamma(xp.asarray([6.0])))[0]) == pytest.approx(math.log(120), rel=1e-15)
    assert plain(exact.lgamma(exact.asarray([1, 2]))).tolist() == [0, 0]
    assert symbolic.lgamma(symbolic.asarray([5]))[0] == sympy.log(24)
    with pytest.raises(TypeError, match=r"^log Γ\(3\) is not rational: it has no exact value here$"):
        exact.lgamma(exact.asarray([3]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_a_formula_is_sympys(name: str) -> None:
    """Without it the derivations could be about another function than the code's."""
    t = sympy.Symbol("t", positive=True)
    (found,) = getattr(symbolic, name)(symbolic.asarray([t]))
    assert found == {"exp": sympy.exp(t), "log": sympy.log(t), "log1p": sympy.log(1 + t), "tanh": sympy.tanh(t)}[name]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_quotient_may_be_a_product_with_the_reciprocal(dtype: str) -> None:
    """Without it a program that divides by a constant as compilers do would be refused, or one be off by ulps."""
    model = precision(dtype)
    xp, type_, u = Ball(precision=model), dtype_of(dtype).type, model.rounding
    x = np.arange(128, 256).astype(dtype_of(dtype))  # a binade of bfloat16
    by_product, by_quotient = x * (type_(1) / type_(3)), x / type_(3)
    assert (by_product != by_quotient).any()
    for divisor in (3, xp.asarray([type_(3)])):
        found = quotient(xp, xp.asarray(x), divisor).balls
        for each, *members in zip(found, x, by_product, by_quotient, strict=True):
            value, *answers = map(float, members)
            assert all(each.contains(answer) for answer in answers)
            assert abs(each - number(Fraction(value) / 3)) < value / 3 * (2 * u + 4 * u * u) + 4 * model.underflow


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_tangent_is_multiplied_by_the_derivative(name: str) -> None:
    """Without it forward mode would be a witness of nothing."""
    xp, floats = Dual(floating("float64")), floating("float64")
    found = getattr(xp, name)(DualArray(floats.asarray(PLACES), floats.asarray([3.0, 3.0, 3.0])))
    assert found.primal == pytest.approx([FUNCTIONS[name][0](z) for z in PLACES], rel=1e-15, abs=0)
    assert found.tangent == pytest.approx([3 * FUNCTIONS[name][1](z) for z in PLACES], rel=1e-14, abs=0)


# (operation on a and b, derivative along ȧ, ḃ) at fractions.
TANGENTS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any, Any, Any], Any]]] = {
    "a + b": (lambda a, b: a + b, lambda a, b, s, t: s + t),
    "a − b": (lambda a, b: a - b, lambda a, b, s, t: s - t),
    "1 − b": (lambda a, b: 1 - b, lambda a, b, s, t: -t),
    "a·b": (lambda a, b: a * b, lambda a, b, s, t: s * b + a * t),
    "a/b": (lambda a, b: a / b, lambda a, b, s, t: (s * b - a * t) / (b * b)),
    "1/b": (lambda a, b: 1 / b, lambda a, b, s, t: -t / (b * b)),
    "−a": (lambda a, b: -a, lambda a, b, s, t: -s),
    "a[0]": (lambda a, b: a[0:1], lambda a, b, s, t: s[0:1]),
    "max": (lambda a, b: Dual(exact).maximum(a, b), lambda a, b, s, t: np.where(a > b, s, t)),
    "where": (lambda a, b: Dual(exact).where(np.array([True, False]), 0, b), lambda a, b, s, t: t * [0, 1]),
    "where of b": (lambda a, b: Dual(exact).where(np.array([True, False]), b, 0), lambda a, b, s, t: t * [1, 0]),
    "concatenate": (lambda a, b: Dual(exact).concatenate([a, b]), lambda a, b, s, t: np.concatenate([s, t])),
    "stack": (lambda a, b: Dual(exact).stack([a, b]), lambda a, b, s, t: np.stack([s, t], -1)),
    "sum": (lambda a, b: a.sum(axis=0), lambda a, b, s, t: s.sum()),
    "total": (lambda a, b: Dual(exact).total([a, b]), lambda a, b, s, t: s.sum() + t.sum()),
    "matmul": (
        lambda a, b: Dual(exact).matmul(a.reshape(1, 2), b.reshape(2, 1)),
        lambda a, b, s, t: np.array([[(s * b + a * t).sum()]]),
    ),
    "affine": (
        lambda a, b: Dual(exact).affine(a.reshape(1, 2), b.reshape(2, 1), a[0:1]),
        lambda a, b, s, t: np.array([[(s * b + a * t).sum() + s[0]]]),
    ),
    "transposed": (lambda a, b: a.reshape(1, 2).T, lambda a, b, s, t: s.reshape(2, 1)),
}


@pytest.mark.parametrize("operation", TANGENTS)
def test_a_tangent_follows_the_rule_of_its_operation(operation: str) -> None:
    """Without it a rule that no network needs could be wrong."""
    run, rule = TANGENTS[operation]
    a, b, s, t = (exact.asarray([Fraction(p, 3), Fraction(q, 7)]) for p, q in ((2, 5), (-4, 6), (5, 1), (1, -2)))
    found = run(DualArray(a, s), DualArray(b, t))
    assert np.shape(found.tangent) == np.shape(rule(a, b, s, t))
    assert np.all(found.tangent == rule(a, b, s, t))


def test_a_constant_has_no_tangent() -> None:
    """Without it a number beside a variable would be differentiated as one."""
    assert plain(DualArray(exact.asarray([0]), Dual(exact).constant("1/2").tangent)) == [0]
    assert Dual(exact).constant("1/2").tangent == 0
    assert (Dual(exact).ones_like(Dual(exact).asarray([3])).tangent == 0).all()
    assert (Dual(exact).lgamma(DualArray(exact.asarray([1]), exact.asarray([7]))).tangent == 0).all()  # of a target


@pytest.mark.parametrize(("operation", "count"), [("affine", 24), ("matmul", 20), ("difference", 12), ("stack", 0)])
def test_every_operation_of_arithmetic_counts_once(operation: str, count: int) -> None:
    """Without it the cost of a gradient would be another number: X is 2×3, W 3×2, and negating costs nothing."""
    xp = Counting()
    arrays = [xp.asarray(array) for array in (X, W, B)]
    before = Counted.operations
    RATIONAL[operation][0](xp, *arrays)
    assert Counted.operations - before == count


def test_a_cost_is_that_of_the_pass_alone_on_the_numbers_given() -> None:
    """Without it making the numbers could count, or the pass be run on others."""

    def run(xp: Counting, network: str, parameters: Any, x: Any, y: Any, times: int) -> None:
        assert network == "a network"
        assert [plain(part).tolist() for pair in parameters for part in pair] == [W, B]
        assert (plain(x).tolist(), plain(y).tolist()) == (X, [4])
        for _ in range(times):
            xp.affine(x, *parameters[0])

    assert Counted(2) >= 2
    assert not Counted(2) > 2
    Counted.operations = 1000
    assert cost(run, "a network", [(W, B)], X, [4], times=2) == 48


@pytest.mark.parametrize("system", ["float64", "exact", "traced", "balls"])
def test_a_detached_choice_is_of_each_row(system: str) -> None:
    """Without it a pivot taken down the columns would be as stable in a square, and overflow in a row."""
    xp = SYSTEMS[system]
    assert plain(xp.detached_max(xp.asarray(X))).tolist() == [[3], [5]]
    assert xp.detached_positive(xp.asarray(X)).tolist() == [[True, True, True], [False, False, True]]
    assert xp.detached_positive(xp.asarray(np.zeros((0, 3)))).dtype == bool


def test_detached_choices_of_formulas_are_fixed() -> None:
    """Without it a formula would hold a maximum that no one can differentiate."""
    z = symbolic.asarray(X)
    assert symbolic.detached_max(z).tolist() == [[0], [0]]
    assert not symbolic.detached_positive(z).any()
    assert symbolic.detached_positive(z).dtype == bool
    assert Dual(exact).detached_max(Dual(exact).asarray(X)).tolist() == [[3], [5]]


@pytest.mark.parametrize("dtype", NAMES)
def test_what_is_made_of_a_dtype_is_of_that_dtype(dtype: str) -> None:
    """Without it float32 would be judged in float64: NumPy widens in silence."""
    xp = floating(dtype)
    x, w, b = (xp.asarray(array) for array in (X, W, B))
    made = [x, xp.ones_like(x), xp.affine(x, w, b), xp.matmul(x, w), xp.lgamma(w * w + 1), xp.select(x, 1, 0)]
    made += [xp.select(x, 2, 0), xp.where(x > 0, 1, x), xp.maximum(x, 0), xp.constant("1/3"), xp.tanh(x)]
    assert {each.dtype for each in made} == {dtype_of(dtype)}
    assert floating() is floating("float64")
    assert xp is floating(dtype_of(dtype)) or repr(xp) == repr(floating(dtype_of(dtype))) == f"Floating({dtype!r})"


@pytest.mark.parametrize("dtype", NAMES)
def test_what_is_of_the_dtype_is_not_copied(dtype: str) -> None:
    """Without it a pass over wide layers would copy its weights, and each of its results."""
    xp = floating(dtype)
    x = xp.asarray(X)
    assert xp.asarray(x) is x


def test_an_operation_on_entries_makes_an_array_of_objects_of_a_single_one_too() -> None:
    """Without it a scalar would come back as a number of NumPy's, with its rounding, or without a shape."""
    found = elementwise(lambda a, b: a + b, 2)(np.array(1, dtype=object), np.array(2, dtype=object))
    assert (found.dtype, found.shape, found.item()) == (np.dtype(object), (), 3)


def test_functions_of_numpy_that_balls_do_not_have_are_refused() -> None:
    """Without it a sum by numpy.add.reduce would have no roundings, and an ``out`` be left as it was."""
    b, out = ball.asarray(B), np.zeros(2)
    for call in (lambda: np.add.reduce(b), lambda: np.add(b, b, out=out), lambda: np.sin(b), lambda: b + "1"):
        with pytest.raises(TypeError):
            call()


def test_what_autograd_traces_is_a_box() -> None:
    """Without it a NumPy function in the middle would cut the tape, and the gradient be 0."""
    assert traced.asarray([1]).dtype == np.float64
    gradient = autograd.elementwise_grad(lambda z: traced.where(z > 0, traced.tanh(z), traced.maximum(z, 0)))
    assert gradient(np.array([0.5, -0.5])) == pytest.approx([1 - math.tanh(0.5) ** 2, 0.0])


def test_a_whole_number_beyond_53_bits_is_held() -> None:
    """Without it an integer would pass through a float on its way into a ball or a fraction."""
    large = 2**53 + 1
    assert ball.asarray(np.array([large])).balls[0].mid() == large
    assert exact.asarray(np.array([large]))[0] == large
    assert ball.asarray(np.array(large)).balls.shape == ()
    assert BallArray([], ball).balls.dtype == object
    assert number(np.float32(0.5)) == 0.5
    assert symbolic.asarray([sympy.Symbol("a")])[0] == sympy.Symbol("a")
    assert symbolic.asarray(np.array([0.1]))[0] == sympy.Rational(Fraction(0.1).numerator, Fraction(0.1).denominator)


def test_what_no_system_has_gets_one_line() -> None:
    """Without it a reader would be told of a key that is missing, or of nothing."""
    with pytest.raises(ValueError, match="unknown dtype 'half': one of float16, bfloat16, float32, float64"):
        dtype_of("half")
    with pytest.raises(ValueError, match="unknown dtype 'int8': one of float16, bfloat16, float32, float64"):
        floating("int8")
    with pytest.raises(TypeError, match=r"^this function leaves the rational numbers: it has no exact value here$"):
        exact.exp(exact.asarray([1]))
