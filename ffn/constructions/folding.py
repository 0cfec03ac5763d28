"""Deep relu networks that fold their input: what depth does with few units.

Each layer folds the unit cube onto itself, so that whatever comes after is repeated in every fold. The parameters are
fractions.

Sources: Telgarsky 2015 (the tent map), Yarotsky 2017 (x² from it), Montúfar, Pascanu, Cho & Bengio 2014 (more inputs).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.numbers.exact import exact

HALF = Fraction(1, 2)


def tent(depth: int) -> tuple[Network, Parameters]:
    """The tent map T(x) = 2 relu(x) − 4 relu(x − ½), composed ``depth`` times: two relu units a layer.

    On [0, 1] it goes up and down 2^(depth − 1) times between 0 and 1, in 2^depth pieces.

    Raises:
        ValueError: when the depth is below 1.
    """
    _require_depth(depth)
    into, shift, out = _array([[1, 1]]), _array([0, -HALF]), _array([[2], [-4]])
    parameters = ((into, shift), *((out @ into, shift),) * (depth - 1), (out, _array([0])))
    return _relu_network(parameters)


def square(depth: int) -> tuple[Network, Parameters]:
    """x² on [0, 1] by ``depth`` layers of three relu units: f = x − Σ_{s ≤ depth} T^s(x)/4^s, from above.

    It is the chord of x² between the multiples of 2^-depth, so its error is 4^-(depth + 1). Two units of a layer
    compute the next tent map; the third carries what has been summed up, which is never negative.

    Raises:
        ValueError: when the depth is below 1.
    """
    _require_depth(depth)
    layers = [(_array([[1, 1, 1]]), _array([0, -HALF, 0]))]
    for level in range(1, depth):
        share = Fraction(1, 4**level)
        W = [[2, 2, -2 * share], [-4, -4, 4 * share], [0, 0, 1]]
        layers.append((_array(W), _array([0, -HALF, 0])))
    share = Fraction(1, 4**depth)
    return _relu_network((*layers, (_array([[-2 * share], [4 * share], [1]]), _array([0]))))


def folding(inputs: int, width: int, depth: int) -> tuple[Network, Parameters]:
    """A network with as many linear regions in the unit cube as Montúfar et al. construct: ``depth`` relu layers.

    The first depth − 1 layers fold each input p = ⌊width/inputs⌋ times, which makes p^inputs cubes out of one; units
    that are left over stay at 0. The last layer's hyperplanes lie in general position, and all that happens happens
    inside the cube: the i-th is Σ_k tᵏ(x_k − ½) = ε t^inputs for t = i + 1 (Vandermonde).

    Raises:
        ValueError: when the width is below the number of inputs, or the depth below 1.
    """
    _require_depth(depth)
    if width < inputs or inputs < 1:
        raise ValueError(f"a width of at least the {inputs} inputs is needed, not {width}")
    folds = width // inputs
    into, shift, out = _fold(inputs, width, folds)
    before = _array(np.eye(inputs, dtype=int))
    layers = []
    for _ in range(depth - 1):
        layers.append((before @ into, shift))
        before = out
    planes, offsets = _crossing_planes(inputs, width)
    layers.append((before @ planes, offsets))
    out = _array([[2**i] for i in range(width)])  # no two sets of units with one sum: each region its own map
    return _relu_network((*layers, (out, _array([0]))))


def _fold(inputs: int, width: int, folds: int) -> tuple[Any, Any, Any]:
    """W (inputs, width), b (width,) of the units, and V (width, inputs) that makes the folded inputs of them.

    One input: p relu(x) − 2p relu(x − 1/p) + 2p relu(x − 2/p) − …, a zigzag between 0 and 1.
    """
    into, shift, out = (np.zeros(shape, dtype=object) for shape in ((inputs, width), width, (width, inputs)))
    for k in range(inputs):
        for i in range(folds):
            unit = k * folds + i
            into[k, unit] = 1
            shift[unit] = Fraction(-i, folds)
            out[unit, k] = folds if i == 0 else 2 * folds * (-1) ** i
    return _array(into), _array(shift), _array(out)


def _crossing_planes(inputs: int, width: int) -> tuple[Any, Any]:
    """W (inputs, width), b (width,): hyperplanes in general position whose every meeting point lies in the cube.

    A meeting point's distances from the middle are ε times elementary symmetric functions of some tᵢ ≤ width, below
    ε (1 + width)^inputs. Units point to alternate sides: no polynomial in t of that degree has signs so alternate, so
    with more units than inputs some unit is active everywhere, and no fold is lost where nothing is.
    """
    scale = Fraction(1, 2 * (1 + width) ** inputs)
    W, b = [], []
    for t in range(1, width + 1):
        sign = (-1) ** (width - t + 1)
        normal = [sign * t**k for k in range(inputs)]
        W.append(normal)
        b.append(-sum(normal) * HALF - sign * scale * t**inputs)
    return _array(W).T, _array(b)


def _relu_network(parameters: Parameters) -> tuple[Network, Parameters]:
    hidden = tuple(Hidden(len(b), "relu") for _, b in parameters[:-1])
    W, b = parameters[0][0], parameters[-1][1]
    return Network(W.shape[0], len(b), Output("gaussian"), hidden), parameters


def _require_depth(depth: int) -> None:
    if depth < 1:
        raise ValueError(f"depth is at least 1, not {depth}")


def _array(values: Any) -> Any:
    return exact.asarray(values)
