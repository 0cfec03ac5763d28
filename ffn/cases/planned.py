"""Cases with the levels that a plan gives them: the network by its description, the values by named patterns.

Values fill the significand and lie near 1, and each weight is divided by the root of the number of inputs, so that
pre-activations stay near 1 too: there rounding is small beside the answer, and a wrong one shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn.cases import levels as standard
from ffn.cases.case import Case
from ffn.cases.networks import (
    ACTIVATIONS,
    EVERYTHING,
    NO_DECAY,
    Fits,
    NothingSupported,
    Supported,
    fitting,
    supported_of,
)
from ffn.cases.plan import Levels, Plan
from ffn.cases.strategies import SEEDS
from ffn.network.description import OUTPUTS, REDUCTIONS, Hidden, Network, Output, Recurrent
from ffn.network.dropout import mask_shapes
from ffn.network.outputs import distribution_of
from ffn.numbers.precision import dtype_of, precision

Values = npt.NDArray[np.float64]
Generator = np.random.Generator
PLAIN = {"weights": "plain", "biases": "plain"}
FORGOTTEN = 8  # steps beyond which what is halved at each is below rounding
Changed = Callable[[Case, Levels, Generator], Case]


def unchanged(case: Case, levels: Levels, generator: Generator) -> Case:
    return case


def network_plan(
    dtype: str,
    activations: tuple[str, ...] = ACTIVATIONS,
    outputs: tuple[str, ...] = OUTPUTS,
    reductions: tuple[str, ...] = REDUCTIONS,
    weight_decays: tuple[float, ...] | None = None,
    depths: Sequence[int] = (0, 1),
    rows: Sequence[int] = (),
    min_units: int = 1,
    further: dict[str, tuple[Any, ...]] | None = None,
    change: Changed = unchanged,
    of_layers: bool = True,
    supported: Supported = EVERYTHING,
) -> Plan:
    """A plan of networks, batches and targets, from what is supported.

    Args:
        dtype: the precision.
        activations, outputs, reductions, weight_decays, depths, min_units: of the networks; depth counts hidden layers.
        rows: of the batches; the standard ones where none are given.
        further: factors besides, which ``change`` reads.
        change: (case, levels, generator) → the case that is judged.
        of_layers: whether for a law about layers: others take one slope and one number of pieces.
        supported: what may be built.

    Raises:
        NothingSupported: when there are none of these networks.
    """
    if supported.networks:
        fits = partial(fitting, activations, outputs, reductions, weight_decays, min_units=min_units)
        network: dict[str, tuple[Any, ...]] = {"network": _known(supported, fits, min(depths))}
    else:
        asked = (activations, outputs, reductions, weight_decays, depths, min_units, of_layers)
        network = _network_factors(dtype, *asked, supported)
    values = {
        "rows": tuple(rows) or standard.rows(dtype),
        "magnitude": standard.exponents(dtype),
        "weights": standard.WEIGHTS,
        "biases": standard.BIASES,
        "data": standard.INPUTS,
        "targets": standard.TARGETS,
    }
    factors = network | values | (further or {})
    factors = {name: levels for name, levels in factors.items() if levels}
    return Plan(factors, partial(built, dtype, change), standard.later(factors), shared=True)


def _known(supported: Supported, fits: Callable[..., Fits], least: int) -> tuple[Network, ...]:
    """Known networks of at least so many hidden layers; where there are none and it need not be so many, of one."""
    try:
        return supported.known_networks(fits(min_depth=least))
    except NothingSupported:
        if least < 2:
            raise
        return supported.known_networks(fits(min_depth=1))


def _network_factors(
    dtype: str,
    activations: tuple[str, ...],
    outputs: tuple[str, ...],
    reductions: tuple[str, ...],
    weight_decays: tuple[float, ...] | None,
    depths: Sequence[int],
    min_units: int,
    of_layers: bool,
    supported: Supported,
) -> dict[str, tuple[Any, ...]]:
    depths = supported_of(depths, supported.depths, "depth")
    sizes, deepest = standard.sizes(dtype), max(depths)
    layers = layers_of(supported_of(activations, supported.activations, "activation"), of_layers) if deepest else ()
    return {
        "depth": depths,
        "layer 1": layers,
        "layer 2": layers if deepest > 1 else (),
        "width 1": sizes if deepest else (),
        "width 2": sizes if deepest > 1 else (),
        "inputs": sizes,
        "units": tuple(size for size in sizes if size >= min_units),
        "output": _outputs(supported_of(outputs, supported.outputs, "output")),
        "reduction": supported_of(reductions, supported.reductions, "reduction"),
        "decay": weight_decays or NO_DECAY,
    }


def of_plan(plan: Callable[..., Plan], dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Any]:
    """A case of the plan with other values, of a network that is accepted."""
    planned: Plan = plan(dtype, supported=supported)
    drawn = st.builds(
        lambda levels, seed: planned.case(levels, str(seed)),
        st.sampled_from(planned.rows()),
        SEEDS,
    )
    if (accepts := supported.accepts) is None:
        return drawn
    return drawn.filter(lambda case: not isinstance(case, Case) or accepts(case.network))


def built(dtype: str, change: Changed, levels: Levels, generator: Generator) -> Case:
    network = levels["network"] if "network" in levels else described(levels)
    x = inputs(dtype, levels, (levels["rows"], network.inputs), generator)
    y = targets(dtype, network, levels, generator)
    # In one layer, or they would saturate, or cancel, everything; in the earlier of two, which more layers follow.
    patterned = generator.integers(network.depth, size=2).min()
    layers = [
        _layer(dtype, levels if place == patterned else {**levels, **PLAIN}, None if place else x, shapes, generator)
        for place, shapes in enumerate(network.shapes)
    ]
    case = Case(network, _cast(tuple(layers), dtype), x.astype(dtype_of(dtype)), _in_dtype(y, dtype))
    return change(case, levels, generator)


def described(levels: Levels) -> Network:
    """The network that the levels describe; beyond the second, hidden layers repeat the first two."""
    hidden = (replace(levels[f"layer {n}"], units=levels[f"width {n}"]) for n in islice(cycle((1, 2)), levels["depth"]))
    return Network(
        inputs=levels["inputs"],
        hidden=tuple(hidden),
        units=_units(levels),
        output=levels["output"],
        reduction=levels["reduction"],
        weight_decay=levels["decay"],
    )


def layers_of(activations: Sequence[str], several: bool = True) -> tuple[Hidden, ...]:
    """Layers of each activation, of width 1.

    Of a single one with every slope or number of pieces; of more with the first two, or, unless ``several``, with one.
    """
    slopes: Sequence[float] = standard.SLOPES[:2] if several else (standard.OTHER_SLOPE,)
    pieces: Sequence[int] = standard.PIECES[: 2 if several else 1]
    if len(activations) == 1:
        slopes, pieces = standard.SLOPES, standard.PIECES
    variants = {
        "leaky_relu": [Hidden(1, "leaky_relu", negative_slope=slope) for slope in slopes],
        "maxout": [Hidden(1, "maxout", pieces=count) for count in pieces],
    }
    return tuple(layer for name in activations for layer in variants.get(name, [Hidden(1, name)]))


def _outputs(names: Sequence[str]) -> tuple[Output, ...]:
    mixtures = [Output("mixture", components) for components in standard.COMPONENTS]
    return tuple(output for name in names for output in (mixtures if name == "mixture" else [Output(name)]))


def _units(levels: Levels) -> int:
    """The width of the last layer for that many targets; of classes at least two, as a single one has no loss."""
    output: Output = levels["output"]
    return output.units_per_target * (max(levels["units"], 2) if output.name == "categorical" else int(levels["units"]))


# values


def full(dtype: str, generator: Generator, shape: Sequence[int]) -> Values:
    """Numbers of full significand from ±½ to ±2."""
    signs = np.where(generator.uniform(size=shape) < standard.negative(dtype), -1.0, 1.0)
    return signs * generator.uniform(0.5, 2.0, shape)


def inputs(dtype: str, levels: Levels, shape: tuple[int, ...], generator: Generator) -> Values:
    """The inputs (N, d), or (N, T, d), by the pattern ``data``, times 2^``magnitude``."""
    x: Any = full(dtype, generator, shape)
    pattern = levels["data"]
    column = generator.integers(shape[-1])
    if pattern == "whole":
        x = generator.integers(1, 5, shape) * np.sign(x)
    elif pattern == "equal rows":
        x[1:] = x[:1]
    elif pattern == "zero column":
        x[..., column] = 0
    elif pattern == "constant column":
        x[..., column] = 1
    elif pattern == "one-hot":
        x = np.eye(shape[-1])[generator.integers(0, shape[-1], shape[:-1])]
    elif pattern == "halves":
        x = generator.choice([0.5, 1.0, -0.5, -1.0], shape)
    elif pattern == "zero row":
        x[generator.integers(shape[0])] = 0
    scaled: Values = np.ldexp(x, levels["magnitude"])
    return scaled


def _layer(
    dtype: str, levels: Levels, x: Values | None, shapes: Sequence[tuple[int, ...]], generator: Generator
) -> tuple[Values, Values]:
    """W and b of a layer by the patterns ``weights`` and ``biases``; what reads the inputs x undoes their magnitude."""
    w_shape, b_shape = shapes
    gain = standard.gain(dtype)
    W = gain * full(dtype, generator, w_shape) / math.sqrt(w_shape[0])
    b = gain * full(dtype, generator, b_shape) / 2
    unit = generator.integers(b_shape[0])
    weights, biases = levels["weights"], levels["biases"]
    if weights == "equal units":
        W, b = np.broadcast_to(W[:, :1], w_shape).copy(), np.broadcast_to(b[:1], b_shape).copy()
    elif weights == "saturated unit":
        W[:, unit] *= 8 if x is None else _saturating(dtype, np.ldexp(x, -levels["magnitude"]) @ W[:, unit], generator)
    elif weights == "scaled columns":
        W *= np.ldexp(1.0, generator.integers(-2, 2, b_shape))
    elif weights == "one each":  # each unit reads one input, in full
        W *= (np.arange(w_shape[0])[:, None] == np.arange(b_shape[0]) % w_shape[0]).reshape(
            w_shape[:2] + (1,) * (len(w_shape) - 2)
        )
    elif weights == "zero column":
        W[:, unit] = 0
    if biases == "zero":
        b[:] = 0
    elif biases == "proportional":
        b = W[0].copy()
    elif biases == "one large":
        b[unit] *= 4
    if weights == "dead unit":
        b[unit] = -8 * np.abs(W[:, unit]).sum()
    return (W if x is None else np.ldexp(W, -levels["magnitude"])), b


def _saturating(dtype: str, z: Values, generator: Generator) -> float:
    """What takes the largest of these pre-activations to 0.6 to 0.9 of where e^-z is lost beside 1, at -log u.

    So what lets go of e^-z too early is seen to.
    """
    largest = z.flat[np.abs(z).argmax()]
    return precision(dtype).bits * math.log(2) * generator.uniform(0.6, 0.9) / largest if largest else 8


def targets(dtype: str, network: Network, levels: Levels, generator: Generator) -> Values | npt.NDArray[np.int64]:
    """Targets in the domain of the output by the pattern ``targets``."""
    rows, name, pattern = levels["rows"], network.output.name, levels["targets"]
    if distribution_of(network.output).integer_targets:
        used = network.units - 1 if pattern == "last unused" and network.units > 1 else network.units
        y: Any = generator.integers(0, used, rows)
        y = {"ends": y * 0 + network.units - 1, "constant": y * 0 + used // 2}.get(pattern, y)
    else:
        y = _numbers(dtype, name, pattern, (rows, network.targets), generator)
    return np.sort(y, axis=0) if pattern == "sorted" else y


# Of a constant ½ nothing hides log Γ(1.5), an eighth below that of any count, in a precision of few digits either.
COUNTS = {"ends": (0.0, 1.0), "far": (25.0, 180.0), "whole": (0.0, 7.0), "constant": (0.5, 0.5)}


def _numbers(dtype: str, name: str, pattern: str, shape: tuple[int, ...], generator: Generator) -> Values:
    if name == "bernoulli":
        if pattern in ("ends", "whole", "sorted"):
            return generator.integers(0, 2, shape).astype(float)
        return np.full(shape, 0.5) if pattern == "constant" else generator.uniform(0, 1, shape)
    if name == "poisson":  # counts need not be whole
        low, high = COUNTS.get(pattern, (0.25, 9.0))
        y = generator.uniform(low, high, shape)
        return y.round() if pattern in ("whole", "ends") else y
    y = -3 * full(dtype, generator, shape)  # away from the outputs, where these are mostly positive
    y = y.round() if pattern == "whole" else y * 16 if pattern == "far" else y
    return np.zeros(shape) if pattern == "constant" else y


def _cast(layers: Any, dtype: str) -> Any:
    return tuple(tuple(array.astype(dtype_of(dtype)) for array in layer) for layer in layers)


def _in_dtype(y: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    return y if y.dtype.kind == "i" else y.astype(dtype_of(dtype))


# parts


def masked(case: Case, levels: Levels, generator: Generator) -> Case:
    """The case with masks by the pattern ``masks``."""
    assert isinstance(case.network, Network)
    shapes = mask_shapes(case.network, case.x.shape[0])
    masks = tuple(_mask(levels["masks"], shape, generator).astype(case.x.dtype) for shape in shapes)
    return replace(case, masks=masks)


def _mask(pattern: str, shape: tuple[int, ...], generator: Generator) -> Values:
    mask = (generator.uniform(size=shape) < 2 / 3).astype(float)
    one = tuple(generator.integers(shape))
    if pattern in ("none dropped", "one dropped"):
        mask[:] = 1
    elif pattern in ("all dropped", "one kept"):
        mask[:] = 0
    elif pattern == "alternating":
        mask = (np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 2).astype(float)
    if pattern.startswith("one"):
        mask[one] = 1 - mask[one]
    return mask


def recurrent_plan(dtype: str, activations: tuple[str, ...], outputs: tuple[str, ...]) -> Plan:
    """Recurrent layers, their sequences and first states."""
    sizes = standard.sizes(dtype)
    factors = {
        "layer 1": layers_of(activations),
        "width 1": sizes,
        "inputs": sizes,
        "units": sizes,
        "output": _outputs(outputs),
        "reduction": REDUCTIONS,
        "steps": standard.steps(dtype),
        "rows": standard.rows(dtype)[:6],
        "magnitude": standard.exponents(dtype),
        "data": standard.INPUTS,
        "weights": standard.WEIGHTS,
        "biases": standard.BIASES,
        "targets": standard.TARGETS,
        "first state": ("plain", "zero"),
    }
    return Plan(factors, partial(_recurrent, dtype), standard.later(factors), shared=True)


def _kept(units: int, generator: Generator) -> Values:
    """U that moves the units about, with either sign: what the first step adds is there after the last one."""
    return generator.permutation(np.diag(generator.choice([-1.0, 1.0], units)))


def _halving(dtype: str, levels: Levels, generator: Generator) -> Values:
    """U by the pattern ``weights``, of norm at most ½: or an unbounded state grows with the power of the steps."""
    units = levels["width 1"]
    U, _ = _layer(dtype, levels, None, ((units, units), (units,)), generator)
    halved: Values = U / (2 * max(1.0, float(np.linalg.norm(U, 2))))
    return halved


def _recurrent(dtype: str, levels: Levels, generator: Generator) -> Case:
    hidden = replace(levels["layer 1"], units=levels["width 1"])
    network = Recurrent(levels["inputs"], hidden, _units(levels), levels["output"], levels["reduction"])
    x = inputs(dtype, levels, (levels["rows"], levels["steps"], network.inputs), generator)
    W, b = _layer(dtype, levels, x, ((network.inputs, hidden.units), (hidden.units,)), generator)
    U = _kept(hidden.units, generator) if levels["steps"] > FORGOTTEN else _halving(dtype, levels, generator)
    layers = (W, U, b), _layer(dtype, levels, None, network.readout.shapes[0], generator)
    h0 = full(dtype, generator, (levels["rows"], hidden.units)) * (levels["first state"] == "plain")
    y = targets(dtype, network.readout, levels, generator)
    to = dtype_of(dtype)
    return Case(network, _cast(layers, dtype), x.astype(to), _in_dtype(y, dtype), h0=h0.astype(to))
