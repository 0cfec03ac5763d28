"""Independent ways to the gradient, against which the backward pass by hand is held.

Each takes a case, with dropout masks or of a recurrent layer too, and returns the gradient of its loss by every
parameter, nested and shaped as the parameters. None of them
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
from typing import Any

import numpy as np

from ffn.cases.case import Case, flat, mapped
from ffn.network.activations import PIECEWISE_LINEAR, activation_of
from ffn.network.description import Network, Parameters, Recurrent
from ffn.network.formulas import FORMULAS, placed
from ffn.network.forward import trace
from ffn.numbers.arrays import elementwise
from ffn.numbers.namespace import Array, Namespace

QUADRATIC = ("gaussian", "laplace")  # the outputs whose NLL is a polynomial of z between kinks

DIGITS = 50  # of an irrational symbolic gradient
BITS = 512  # of a central difference
STEP = 2.0**-100  # of a central difference: leaves some 400 of those bits, and boxes that hold 30 digits

Direction = tuple[tuple[Array, ...], ...]
Shapes = tuple[tuple[tuple[int, ...], ...], ...]


def loss_on(xp: Namespace, case: Case) -> tuple[Any, Callable[[Any], Array]]:
    """The case's parameters in a number system, and its loss there as a function of them, without its constant."""
    method = case.method("loss")
    network, at, *rest = placed(xp, method, *case.arguments(method))
    return at, lambda parameters: FORMULAS[method].run(xp, network, parameters, *rest, kernel_only=True)


def autograd_gradient(case: Case) -> Parameters:
    """Reverse mode by the autograd library, in float64, of the loss that ships.

    Shares the forward pass; every derivative in it is autograd's own. At a kink of ``maximum`` autograd takes half of
    both slopes.
    """
    from ffn.numbers.traced import traced

    method = case.method("loss")
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        return reverse_mode(method, *placed(traced, method, *case.arguments(method)))


def reverse_mode(loss: str, network: Any, parameters: Parameters, *rest: Any) -> Parameters:
    """autograd's gradient of what a method of ``ffn.network.formulas`` returns, by the parameters."""
    from autograd import grad

    from ffn.numbers.traced import traced

    by_parameters = grad(lambda parameters: FORMULAS[loss].run(traced, network, parameters, *rest))
    gradients: Parameters = tuple(map(tuple, by_parameters(parameters)))
    return gradients


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
    from ffn.numbers.ball import Ball
    from ffn.numbers.dual import Dual, DualArray

    part = inner or Ball()
    at, loss = loss_on(Dual(part), case)

    def derivative(direction: Direction) -> Array:
        tangents = iter(flat(mapped(part.asarray, direction)))
        return loss(mapped(lambda array: DualArray(array.primal, next(tangents)), at)).tangent

    return _by_coordinate(case.network.shapes, derivative, part.stack)


def symbolic_gradient(case: Case) -> Parameters:
    """sympy's derivative of the shipped forward pass run on symbols, with the case's numbers put in afterwards.

    Shares the forward pass; the derivative is sympy's. At a kink the side is that of the forward pass's ``Piecewise``.
    The formulas grow with depth and rows: meant for small cases.

    Returns:
        Object arrays of Fractions: exact where the gradient is rational, else right to 50 significant digits.
    """
    import sympy

    from ffn.numbers.symbolic import symbolic

    at, loss_at = loss_on(symbolic, case)
    symbols = mapped(elementwise(lambda _: sympy.Dummy(real=True)), at)
    numbers = dict(zip(_entries(symbols), _entries(at), strict=True))
    loss = loss_at(symbols)

    def derivative(symbol: Any) -> Fraction:
        value = loss.diff(symbol).xreplace(numbers)
        if not value.is_Rational:
            value = sympy.Rational(value.evalf(DIGITS))
        return Fraction(int(value.p), int(value.q))

    gradients: Parameters = mapped(elementwise(derivative), symbols)
    return gradients


def exact_differences(case: Case) -> Parameters:
    """Central differences on fractions that equal the derivative, with no error at all.

    Inside one activation pattern the output is affine in each single weight, hence the loss a quadratic q in it, and
    (q(θ + h) − q(θ − h))/2h = q′(θ) whatever h is. The pattern is recorded, and h halved until it is the same at θ − h,
    θ and θ + h; then it is so in between, because layer by layer each pre-activation is affine there.

    Shares the forward pass and the places of the kinks, and no derivative with anything.

    Returns:
        Object arrays of Fractions.

    Raises:
        ValueError: where an activation is not piecewise linear, the output is neither gaussian nor laplace, the weights
            are those of a recurrent layer, or a pre-activation lies on a kink, where there is no derivative to equal.
    """
    from ffn.numbers.exact import exact

    _require_piecewise_quadratic(case)
    at, loss = loss_on(exact, case)
    pattern = _pattern_on(case)
    here = pattern(at)
    if 0 in here:
        raise ValueError("the case sits on a kink: a pre-activation is exactly there, or two pieces of a maxout tie")

    def derivative(direction: Direction) -> Array:
        h = Fraction(1)
        while any(pattern(_moved(at, side * h, direction)) != here for side in (1, -1)):
            h /= 2
        after, before = (loss(_moved(at, side * h, direction)) for side in (1, -1))
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
    at, loss = loss_on(xp, case)

    def derivative(direction: Direction) -> Array:
        after, before = (loss(_moved(at, side * h, direction)) for side in (1, -1))
        return (after - before) / (2 * h)

    return _by_coordinate(case.network.shapes, derivative, xp.stack)


def gradient_over_box(case: Case, h: float = STEP, bits: int = BITS) -> Parameters:
    """The shipped backward pass, run on balls θ ± h: no witness, but what ``central_differences`` must overlap.

    It encloses the gradient at every point of the box. All parameters are widened at once, so that it also holds every
    slope beside a kink: with a bias at each pre-activation the parameters that lie on a kink have measure zero, and
    Clarke's gradient is the hull of the limits of gradients from outside such a set.
    """
    from flint import arb

    from ffn.numbers.ball import Ball, BallArray

    xp = Ball(bits)
    method = case.method("gradient")
    network, at, *rest = placed(xp, method, *case.arguments(method))
    box = mapped(lambda array: array + BallArray(arb(0, h), xp), at)
    gradients: Parameters = FORMULAS[method].run(xp, network, box, *rest)
    return gradients


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


def _moved(parameters: Any, h: Any, direction: Direction) -> Any:
    return tuple(
        tuple(array + h * change if change.any() else array for array, change in zip(*layers, strict=True))
        for layers in zip(parameters, direction, strict=True)
    )


def _pattern_on(case: Case) -> Callable[[Any], list[int]]:
    """Its pattern as a function of the parameters: ``_pattern`` on the case's data."""
    from ffn.numbers.exact import exact

    method = case.method("loss")
    network, _, x, y, *masks = placed(exact, method, *case.arguments(method))
    return lambda parameters: list(_pattern(network, y, trace(exact, network, parameters, x, *masks)))


def _pattern(network: Network, y: Array, steps: Sequence[Any]) -> Iterator[int]:
    """On which side of each kink a pre-activation lies, and which piece wins a maxout; 0 where it is on the kink."""
    for layer, step in zip(network.hidden, steps, strict=False):
        if layer.activation == "maxout":
            for pieces in step.z.reshape(-1, step.z.shape[2]).tolist():
                largest = max(pieces)
                yield 0 if pieces.count(largest) > 1 else 1 + pieces.index(largest)
        else:
            for kink in activation_of(layer).kinks:
                yield from _signs(step.z - Fraction(kink.at))
    if network.output.name == "laplace":
        yield from _signs(steps[-1].z - y)


def _signs(values: Array) -> Iterator[int]:
    return ((value > 0) - (value < 0) for value in values.ravel().tolist())


def _require_piecewise_quadratic(case: Case) -> None:
    if isinstance(case.network, Recurrent):
        raise ValueError("every step shares the weights, of which the loss is no quadratic: differences have an error")
    for layer in case.network.hidden:
        if layer.activation not in (*PIECEWISE_LINEAR, "maxout"):
            raise ValueError(f"{layer.activation} is not piecewise linear: differences of it have an error")
    if case.network.output.name not in QUADRATIC:
        raise ValueError(f"the loss of {case.network.output.name} is not quadratic: differences of it have an error")


def _entries(parameters: Any) -> Iterator[Any]:
    return (entry for array in flat(parameters) for entry in array.ravel())
