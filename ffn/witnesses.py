"""Independent ways to the gradient, against which the backward pass by hand is held.

Each takes a ``Case`` and returns the gradient of its loss by every parameter, shaped as the parameters. None of them
uses ``ffn.network.backward`` or the slopes in ``ffn.network.activations``; each says what code it does share.

======================  =====================================  ==========================================
witness                 numbers                                what it returns
======================  =====================================  ==========================================
autograd_gradient       float64                                floats, judged by ``ffn.admissible``
dual_gradient           any; balls when left out               an enclosure, at kinks of every slope
symbolic_gradient       sympy expressions                      fractions, rounded to 50 digits if irrational
exact_differences       fractions                              the derivative itself
central_differences     balls of several hundred bits          an enclosure of the difference quotient
======================  =====================================  ==========================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ffn.cases.case import Case
from ffn.network.activations import PIECEWISE_LINEAR, activation_of
from ffn.network.description import Parameters
from ffn.network.forward import LayerTrace, objective, trace
from ffn.network.outputs import as_targets
from ffn.numbers.namespace import Array, Namespace

if TYPE_CHECKING:
    from ffn.numbers.ball import Ball

QUADRATIC = ("gaussian", "laplace")  # the outputs whose NLL is a polynomial of z between kinks

DIGITS = 50  # of an irrational symbolic gradient
BITS = 512  # of a central difference
STEP = 2.0**-100  # of a central difference: leaves some 400 of those bits, and boxes that hold 30 digits

Direction = tuple[tuple[Array, ...], ...]
Shapes = tuple[tuple[tuple[int, ...], ...], ...]


def autograd_gradient(case: Case) -> Parameters:
    """Reverse mode by the autograd library, in float64, of the shipped ``objective``.

    Shares the forward pass; every derivative in it is autograd's own. At a kink of ``maximum`` autograd takes half of
    both slopes.
    """
    from autograd import grad

    from ffn.numbers.traced import traced

    x, y = traced.asarray(case.x), as_targets(traced, case.network.output, case.y)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        by_parameters = grad(lambda parameters: objective(traced, case.network, parameters, x, y))
        return _as_tuples(by_parameters(_asarrays(traced, case.parameters)))


def dual_gradient(case: Case, inner: Namespace | None = None) -> Parameters:
    """Forward mode by dual numbers: one directional derivative a parameter (Griewank & Walther 2008, ch. 3).

    Shares the forward pass; its derivatives are those of ``ffn.numbers.dual``, one a function of the namespace.

    Args:
        case: the case.
        inner: the number system of both parts. Left out, balls: the result then encloses the gradient, and at a kink
            every slope between the one-sided ones.

    Returns:
        Arrays of the inner number system.
    """

    def loss(xp: Namespace, parameters: Any) -> Array:
        x, y = xp.asarray(case.x), as_targets(xp, case.network.output, case.y)
        return objective(xp, case.network, parameters, x, y, kernel_only=True)

    return dual_derivatives(loss, case.parameters, inner)


def dual_derivatives(
    loss: Callable[[Namespace, Any], Array], parameters: Any, inner: Namespace | None = None
) -> tuple[Any, ...]:
    """Forward mode of any loss: (xp, parameters) → a scalar, such as that of dropout or of a recurrent layer.

    Args:
        loss: runs on the dual numbers that it is handed.
        parameters: nested tuples of two levels.
        inner: the number system of both parts; balls when left out.

    Returns:
        The derivatives, nested and shaped as the parameters.
    """
    from ffn.numbers.ball import Ball
    from ffn.numbers.dual import Dual, DualArray

    part = inner or Ball()
    xp = Dual(part)
    at = _asarrays(part, parameters)

    def derivative(direction: Direction) -> Array:
        layers = zip(at, _asarrays(part, direction), strict=True)
        return loss(xp, tuple(tuple(map(DualArray, primals, tangents)) for primals, tangents in layers)).tangent

    shapes = tuple(tuple(tuple(array.shape) for array in layer) for layer in parameters)
    return _by_coordinate(shapes, derivative, part.stack)


def symbolic_gradient(case: Case) -> Parameters:
    """sympy's derivative of the shipped forward pass run on symbols, with the case's numbers put in afterwards.

    Shares the forward pass; the derivative is sympy's. At a kink the side is that of the forward pass's ``Piecewise``.
    The formulas grow with depth and rows: meant for small cases.

    Returns:
        Object arrays of Fractions: exact where the gradient is rational, else right to 50 significant digits.
    """
    import sympy

    from ffn.numbers.symbolic import symbolic

    def rational(value: Any) -> Any:
        return sympy.Rational(Fraction(value))  # the float itself, not the decimal that it prints as

    rationals, symbol = np.frompyfunc(rational, 1, 1), np.frompyfunc(lambda _: sympy.Dummy(real=True), 1, 1)
    at = tuple((_objects(rationals, W), _objects(rationals, b)) for W, b in case.parameters)
    symbols = tuple((_objects(symbol, W), _objects(symbol, b)) for W, b in at)
    numbers = dict(zip(_entries(symbols), _entries(at), strict=True))
    x, y = _objects(rationals, case.x), case.y
    y = y if np.issubdtype(y.dtype, np.integer) else _objects(rationals, y)
    loss = objective(symbolic, case.network, symbols, x, y, kernel_only=True)

    def derivative(symbol: Any) -> Fraction:
        value = loss.diff(symbol).xreplace(numbers)
        if not value.is_Rational:
            value = sympy.Rational(value.evalf(DIGITS))
        return Fraction(int(value.p), int(value.q))

    derivatives = np.frompyfunc(derivative, 1, 1)
    return tuple((_objects(derivatives, W), _objects(derivatives, b)) for W, b in symbols)


def exact_differences(case: Case) -> Parameters:
    """Central differences on fractions that equal the derivative, with no error at all.

    Inside one activation pattern the output is affine in each single weight, hence the loss a quadratic q in it, and
    (q(θ + h) − q(θ − h))/2h = q′(θ) whatever h is. The pattern is recorded, and h halved until it is the same at θ − h,
    θ and θ + h; then it is so in between, because layer by layer each pre-activation is affine there.

    Shares the forward pass and the places of the kinks, and no derivative with anything.

    Returns:
        Object arrays of Fractions.

    Raises:
        ValueError: where an activation is not piecewise linear, the output is neither gaussian nor laplace, or a
            pre-activation lies on a kink, where there is no derivative to equal.
    """
    from ffn.numbers.exact import exact

    _require_piecewise_quadratic(case)
    at = _asarrays(exact, case.parameters)
    x, y = exact.asarray(case.x), exact.asarray(case.y)

    def pattern(parameters: Parameters) -> list[int]:
        return list(_pattern(case, trace(exact, case.network, parameters, x), y))

    here = pattern(at)
    if 0 in here:
        raise ValueError("the case sits on a kink: a pre-activation is exactly there, or two pieces of a maxout tie")

    def derivative(direction: Direction) -> Array:
        h = Fraction(1)
        while any(pattern(_moved(at, side * h, direction)) != here for side in (1, -1)):
            h /= 2
        after, before = (
            objective(exact, case.network, _moved(at, side * h, direction), x, y, kernel_only=True) for side in (1, -1)
        )
        return (after - before) / (2 * h)

    return _by_coordinate(case.network.shapes, derivative, exact.stack)


def central_differences(case: Case, h: float = STEP, bits: int = BITS) -> Parameters:
    """(f(θ + h) − f(θ − h))/2h by every parameter, enclosed by balls of several hundred bits.

    No truncation error has to be estimated: by the mean value theorem the quotient is f′(ξ) for some ξ
    between θ − h and θ + h, so it lies in ``gradient_over_box``. Where f has kinks, Lebourg's mean value theorem says
    the same of Clarke's generalised gradient, the convex hull of the slopes nearby (Clarke 1983, section 2.3).

    Shares the forward pass, and no derivative with anything.

    Args:
        case: the case.
        h: the step, a power of two so that it is exact.
        bits: working precision; a quotient loses about log₂(1/h) of them.

    Returns:
        Arrays of balls.
    """
    from ffn.numbers.ball import Ball

    xp = Ball(bits)
    at = _asarrays(xp, case.parameters)
    x, y = xp.asarray(case.x), as_targets(xp, case.network.output, case.y)

    def derivative(direction: Direction) -> Array:
        step = _asarrays(xp, direction)
        after, before = (
            objective(xp, case.network, _moved(at, side * h, step), x, y, kernel_only=True) for side in (1, -1)
        )
        return (after - before) / (2 * h)

    return _by_coordinate(case.network.shapes, derivative, xp.stack)


def gradient_over_box(case: Case, h: float = STEP, bits: int = BITS) -> Parameters:
    """The shipped backward pass, run on balls θ ± h: no witness, but what ``central_differences`` must overlap.

    It encloses the gradient at every point of the box. All parameters are widened at once, so that it also holds every
    slope beside a kink: with a bias at each pre-activation the parameters that lie on a kink have measure zero, and
    Clarke's gradient is the hull of the limits of gradients from outside such a set.
    """
    from ffn.network.backward import gradient
    from ffn.numbers.ball import Ball

    xp = Ball(bits)
    box = tuple((_widened(xp, W, h), _widened(xp, b, h)) for W, b in case.parameters)
    return gradient(xp, case.network, box, xp.asarray(case.x), as_targets(xp, case.network.output, case.y))


def _widened(xp: Ball, values: Array, h: float) -> Array:
    from flint import arb

    from ffn.numbers.ball import BallArray

    return xp.asarray(values) + BallArray(arb(0, h), xp)


def _by_coordinate(
    shapes: Shapes, derivative: Callable[[Direction], Array], stack: Callable[[Sequence[Array]], Array]
) -> tuple[Any, ...]:
    """The gradient, put together from the derivative in the direction of each single parameter."""
    partials = (derivative(direction) for direction in _directions(shapes))
    return tuple(
        tuple(stack([next(partials) for _ in range(math.prod(shape))]).reshape(*shape) for shape in layer)
        for layer in shapes
    )


def _directions(shapes: Shapes) -> Iterator[Direction]:
    """For each parameter: integers shaped as the parameters, 1 in its place and 0 elsewhere."""
    zeros = tuple(tuple(np.zeros(shape, dtype=np.int8) for shape in layer) for layer in shapes)
    for layer in zeros:
        for array in layer:
            for index in np.ndindex(array.shape):
                array[index] = 1
                yield zeros
                array[index] = 0


def _moved(parameters: Parameters, h: Any, direction: Direction) -> Parameters:
    pairs = zip(parameters, direction, strict=True)
    return tuple((W + h * dW, b + h * db) for (W, b), (dW, db) in pairs)


def _pattern(case: Case, steps: list[LayerTrace], y: Array) -> Iterator[int]:
    """On which side of each kink a pre-activation lies, and which piece wins a maxout; 0 where it is on the kink."""
    for layer, step in zip(case.network.hidden, steps, strict=False):
        if layer.activation == "maxout":
            for pieces in step.z.reshape(-1, step.z.shape[2]).tolist():
                largest = max(pieces)
                yield 0 if pieces.count(largest) > 1 else 1 + pieces.index(largest)
        else:
            for kink in activation_of(layer).kinks:
                yield from _signs(step.z - Fraction(kink.at))
    if case.network.output.name == "laplace":
        yield from _signs(steps[-1].z - y)


def _signs(values: Array) -> Iterator[int]:
    return ((value > 0) - (value < 0) for value in values.ravel().tolist())


def _require_piecewise_quadratic(case: Case) -> None:
    for layer in case.network.hidden:
        if layer.activation not in (*PIECEWISE_LINEAR, "maxout"):
            raise ValueError(f"{layer.activation} is not piecewise linear: differences of it have an error")
    if case.network.output.name not in QUADRATIC:
        raise ValueError(f"the loss of {case.network.output.name} is not quadratic: differences of it have an error")


def _objects(ufunc: Callable[[Any], Any], array: Array) -> Array:
    return np.asarray(ufunc(array.astype(object)), dtype=object)


def _entries(parameters: Parameters) -> Iterator[Any]:
    return (entry for pair in parameters for array in pair for entry in array.ravel())


def _asarrays(xp: Namespace, parameters: Any) -> tuple[Any, ...]:
    return tuple(tuple(xp.asarray(array) for array in layer) for layer in parameters)


def _as_tuples(gradient: Any) -> Parameters:
    return tuple((dW, db) for dW, db in gradient)
