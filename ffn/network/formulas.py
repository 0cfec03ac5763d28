"""One table of what a network computes: for each method of an implementation its formula over a number system.

Floats, autograd's boxes, balls and every other system run the same formulas on the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ffn.network import recurrent
from ffn.network.activations import activation_named
from ffn.network.backward import gradient
from ffn.network.description import Network, Recurrent, check_parameters
from ffn.network.dropout import check_masks
from ffn.network.forward import objective, output
from ffn.network.outputs import as_targets, check_targets
from ffn.numbers.namespace import Namespace


class Formula(NamedTuple):
    """A formula: (xp, *arguments) → what the method returns, and the names of its arguments in their order.

    A loss also takes ``kernel_only=True``: without the constant of its likelihood it runs on fractions.
    """

    run: Callable[..., Any]
    arguments: tuple[str, ...]


_GIVEN = ("network", "parameters", "x")

# Each calls its function by name, so that one put in its place, such as a planted bug, is found.
FORMULAS = {
    "forward": Formula(lambda *given: output(*given), _GIVEN),
    "loss": Formula(lambda *given, **options: objective(*given, **options), (*_GIVEN, "y")),
    "gradient": Formula(lambda *given: gradient(*given), (*_GIVEN, "y")),
    "activation": Formula(lambda xp, name, z: activation_named(name).value(xp, z), ("activation", "z")),
    "slope": Formula(lambda xp, name, z: activation_named(name).slope(xp, z), ("activation", "z")),
    "dropout_forward": Formula(lambda *given: output(*given), (*_GIVEN, "masks")),
    "dropout_loss": Formula(lambda *given, **options: objective(*given, **options), (*_GIVEN, "y", "masks")),
    "dropout_gradient": Formula(lambda *given: gradient(*given), (*_GIVEN, "y", "masks")),
    "recurrent_forward": Formula(lambda *given: recurrent.output(*given), (*_GIVEN, "h0")),
    "recurrent_loss": Formula(lambda *given, **options: recurrent.loss(*given, **options), (*_GIVEN, "y", "h0")),
    "recurrent_gradient": Formula(lambda *given: recurrent.gradient(*given), (*_GIVEN, "y", "h0")),
}


def evaluate(xp: Namespace, method: str, *arguments: Any, **options: Any) -> Any:
    """What the method returns, in numbers of the system ``xp``, which need not hold the arguments yet."""
    return FORMULAS[method].run(xp, *placed(xp, method, *arguments), **options)


def placed(xp: Namespace, method: str, *arguments: Any) -> tuple[Any, ...]:
    """The arguments of a method as numbers of the system; descriptions and class indices stay what they are."""
    names = FORMULAS[method].arguments
    return tuple(_placed(xp, name, value, arguments[0]) for name, value in zip(names, arguments, strict=True))


def _placed(xp: Namespace, name: str, value: Any, described: Any) -> Any:
    if name in ("network", "activation") or value is None:
        return value
    if name == "y":
        return as_targets(xp, described.output, value)
    if name == "masks":
        return tuple(map(xp.asarray, value))
    return tuple(tuple(map(xp.asarray, layer)) for layer in value) if name == "parameters" else xp.asarray(value)


def check_arguments(
    network: Network | Recurrent, parameters: Any, x: Any, y: Any = None, masks: Any = None, h0: Any = None
) -> None:
    """Raise ValueError where shapes, dtypes or the targets' domain do not fit the network."""
    check_parameters(network, parameters)
    dtypes = {array.dtype for layer in parameters for array in layer}
    if len(dtypes) > 1:
        raise ValueError(f"the parameters mix dtypes: {', '.join(sorted(dtype.name for dtype in dtypes))}")
    shape = np.shape(x)
    steps = ("T",) if isinstance(network, Recurrent) else ()
    if len(shape) != 2 + len(steps) or shape[-1] != network.inputs or 0 in shape:
        lengths = ", ".join(("N", *steps, str(network.inputs)))
        raise ValueError(f"x has shape {shape}, not ({lengths}) with {' and '.join(('N', *steps))} at least 1")
    if y is not None:
        check_targets(network.output, network.units, y, shape[0])
    if masks is not None and isinstance(network, Network):
        check_masks(network, masks, shape[0])
    if h0 is not None and isinstance(network, Recurrent) and np.shape(h0) != (shape[0], network.hidden.units):
        raise ValueError(f"h0 has shape {np.shape(h0)}, not {(shape[0], network.hidden.units)}")
