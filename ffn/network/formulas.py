"""One table of what a network computes: for each method of an implementation its formula over a number system.

Floats, autograd's boxes, balls and every other system run the same formulas on the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ffn.network import recurrent
from ffn.network.activations import activation_named
from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network, Parameters, Recurrent, check_parameters
from ffn.network.dropout import check_masks
from ffn.network.forward import objective, output
from ffn.network.outputs import as_targets, check_targets, distribution_of, log_probabilities, probabilities
from ffn.numbers.floating import floating
from ffn.numbers.namespace import Namespace


class Formula(NamedTuple):
    """A formula: (xp, *arguments) → what the method returns, and the names of its arguments in their order.

    A loss also takes ``kernel_only=True``: without the constant of its likelihood it runs on fractions.
    """

    run: Callable[..., Any]
    arguments: tuple[str, ...]


_GIVEN = ("network", "parameters", "x")
_ELEMENTWISE = ("activation", "z", "negative_slope")  # the last where it is given

# Each calls its function by name, so that one put in its place, such as a planted bug, is found.
FORMULAS = {
    "forward": Formula(lambda *given: output(*given), _GIVEN),
    "loss": Formula(lambda *given, **options: objective(*given, **options), (*_GIVEN, "y")),
    "gradient": Formula(lambda *given: gradient(*given), (*_GIVEN, "y")),
    "activation": Formula(lambda xp, name, z, *slope: activation_named(name, *slope).value(xp, z), _ELEMENTWISE),
    "slope": Formula(lambda xp, name, z, *slope: activation_named(name, *slope).slope(xp, z), _ELEMENTWISE),
    "dropout_forward": Formula(lambda *given: output(*given), (*_GIVEN, "masks")),
    "dropout_loss": Formula(lambda *given, **options: objective(*given, **options), (*_GIVEN, "y", "masks")),
    "dropout_gradient": Formula(lambda *given: gradient(*given), (*_GIVEN, "y", "masks")),
    "recurrent_forward": Formula(lambda *given: recurrent.output(*given), (*_GIVEN, "h0")),
    "recurrent_loss": Formula(lambda *given, **options: recurrent.loss(*given, **options), (*_GIVEN, "y", "h0")),
    "recurrent_gradient": Formula(lambda *given: recurrent.gradient(*given), (*_GIVEN, "y", "h0")),
}


def _mean(forward: str) -> Formula:
    def run(xp: Namespace, network: Network | Recurrent, *given: Any) -> Any:
        return distribution_of(network.output).mean(xp, FORMULAS[forward].run(xp, network, *given))

    return Formula(run, FORMULAS[forward].arguments)


# What is computed too, and no implementation is asked for.
FURTHER = {
    "mean": _mean("forward"),
    "dropout_mean": _mean("dropout_forward"),
    "recurrent_mean": _mean("recurrent_forward"),
    "softmax": Formula(lambda xp, z: probabilities(xp, z), ("z",)),
    "log_softmax": Formula(lambda xp, z: log_probabilities(xp, z), ("z",)),
}
_ALL = FORMULAS | FURTHER


def argument_names(method: str) -> tuple[str, ...]:
    """The names of the method's arguments, in their order."""
    return _ALL[method].arguments


def evaluate(xp: Namespace, method: str, *arguments: Any, **options: Any) -> Any:
    """What the method returns, in numbers of the system ``xp``, which need not hold the arguments yet."""
    return _ALL[method].run(xp, *placed(xp, method, *arguments), **options)


def placed(xp: Namespace, method: str, *arguments: Any) -> tuple[Any, ...]:
    """The arguments of a method as numbers of the system; descriptions and class indices stay what they are."""
    named = zip(argument_names(method), arguments, strict=False)
    return tuple(_placed(xp, name, value, arguments[0]) for name, value in named)


def _placed(xp: Namespace, name: str, value: Any, described: Any) -> Any:
    if name in ("network", "activation", "negative_slope") or value is None:
        return value
    if name == "y":
        return as_targets(xp, described.output, value)
    if name == "masks":
        return tuple(map(xp.asarray, value))
    return tuple(tuple(map(xp.asarray, layer)) for layer in value) if name == "parameters" else xp.asarray(value)


def check_arguments(
    network: Network | Recurrent, parameters: Any, x: Any, y: Any = None, masks: Any = None, h0: Any = None
) -> None:
    """Raise ValueError where shapes, dtypes or the targets' domain do not fit the network.

    The parameters are arrays of one of the four dtypes, and floats beside them have the same. Lists, and integers that
    it can hold, take it; class indices stay integers. Parameters of exact numbers, such as fractions, go with any
    floats.
    """
    if not isinstance(network, (Network, Recurrent)):
        raise ValueError(f"a Network or a Recurrent is asked for, not {network!r}")
    check_parameters(network, parameters)
    indices = distribution_of(network.output).integer_targets
    named_masks = {f"masks[{layer}]": mask for layer, mask in enumerate(() if masks is None else masks)}
    _check_dtypes(network, parameters, {"x": x, "y": None if indices else y, "h0": h0, **named_masks})
    shape = np.shape(x)
    steps = ("T",) if isinstance(network, Recurrent) else ()
    if len(shape) != 2 + len(steps) or shape[-1] != network.inputs or 0 in shape:
        lengths = ", ".join(("N", *steps, str(network.inputs)))
        raise ValueError(f"x has shape {shape}, not ({lengths}) with {' and '.join(('N', *steps))} at least 1")
    if y is not None:
        check_targets(network.output, network.units, y, shape[0])
    if masks is not None:
        if isinstance(network, Recurrent):
            raise ValueError("masks belong to a network, not to a recurrent layer")
        check_masks(network, masks, shape[0])
    if h0 is not None:
        if isinstance(network, Network):
            raise ValueError("h0 belongs to a recurrent layer, not to a network")
        if np.shape(h0) != (shape[0], network.hidden.units):
            raise ValueError(f"h0 has shape {np.shape(h0)}, not {(shape[0], network.hidden.units)}")


def check_elementwise(name: str, z: Any, negative_slope: float | None = None) -> None:
    """Raise ValueError for an activation, a dtype or a slope that there is not."""
    activation_named(name)
    Hidden(1, name, negative_slope=negative_slope)
    floating(np.asarray(z).dtype)


def check_logits(z: Any) -> None:
    """Raise ValueError where z is not (N, classes), or of none of the four dtypes."""
    shape = np.shape(z)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(f"z has shape {shape}, not (N, classes) with both at least 1")
    floating(np.asarray(z).dtype)


def _check_range(name: str, value: Any, dtype: np.dtype[Any]) -> None:
    """Of a list: that none of its numbers becomes infinite."""
    if value is None:
        return
    try:
        wide = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} cannot be made an array of {dtype.name}: {error}") from None
    with np.errstate(over="ignore"):
        beyond = np.isfinite(wide) & ~np.isfinite(wide.astype(dtype))
    if beyond.any():
        raise ValueError(f"{name} holds {wide[beyond][0]:g}, which is beyond the largest {dtype.name}")


def _check_dtypes(network: Network | Recurrent, parameters: Parameters, others: dict[str, Any]) -> None:
    dtype = parameters[0][0].dtype
    if dtype.kind == "O":
        return
    floating(dtype)  # raises for what is none of the four
    arrays = (array for layer in parameters for array in layer)
    names = (name for layer in network.names for name in layer)
    for name, value in (*zip(names, arrays, strict=True), *others.items()):
        if not hasattr(value, "dtype"):
            _check_range(name, value, dtype)
        elif not _is_held(np.asarray(value), dtype):
            found = np.asarray(value).dtype.name
            raise ValueError(f"{name} is {found}, and {network.names[0][0]} {dtype.name}: all are of one dtype")


def _is_held(array: npt.NDArray[Any], dtype: np.dtype[Any]) -> bool:
    if array.dtype == dtype or array.dtype.kind not in "biu":
        return array.dtype == dtype
    return bool(np.all(array.astype(dtype).astype(np.float64) == array))
