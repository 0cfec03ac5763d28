"""Hypothesis strategies: networks, parameters, batches and targets, which shrink to small networks of small integers.

They aim at what one random sample lacks: saturated units, pre-activations on a kink, tied pieces, dead units, zero
rows, repeated rows, confident labels.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn.cases.case import ActivationCase, Case
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.description import OUTPUTS, Hidden, Network, Output, Parameters, Recurrent
from ffn.network.dropout import mask_shapes
from ffn.network.outputs import distribution_of
from ffn.numbers.precision import dtype_of, precision

SMALL = st.integers(-4, 4)
DIGITS = st.integers(0, 9)
EIGHTHS = st.sampled_from((0, 8, 0, 8, 3))
DENOMINATORS = st.sampled_from((1, 2, 3, 7))  # thirds and sevenths fill the whole significand


@cache
def _lists(values: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    """Lists of one length. Made once, as Hypothesis validates each strategy anew."""
    return st.lists(values, min_size=size, max_size=size)


@cache
@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...], dtype: str, numerators: st.SearchStrategy[int] = SMALL) -> Any:
    """Small integers over one small denominator, rounded to the dtype."""
    values = draw(_lists(numerators, math.prod(shape)))
    return (np.array(values, dtype=np.float64) / draw(DENOMINATORS)).reshape(shape).astype(dtype_of(dtype))


@cache
@st.composite
def hidden_layers(draw: st.DrawFn, activations: tuple[str, ...] = (*ELEMENTWISE, "maxout")) -> Hidden:
    """A hidden layer of at most 4 units with one of the activations."""
    activation = draw(st.sampled_from(activations))
    units = draw(st.integers(1, 4))
    if activation == "maxout":
        return Hidden(units, activation, pieces=draw(st.integers(1, 3)))
    if activation == "leaky_relu":
        return Hidden(units, activation, negative_slope=draw(st.sampled_from((0.01, 0.1, 0.5, -1.0))))
    return Hidden(units, activation)


@st.composite
def networks(
    draw: st.DrawFn,
    activations: tuple[str, ...] = (*ELEMENTWISE, "maxout"),
    outputs: tuple[str, ...] = OUTPUTS,
    reductions: tuple[str, ...] = ("mean", "sum"),
    weight_decays: tuple[float, ...] = (0.0,),
    min_depth: int = 0,
    max_depth: int = 2,
    min_units: int = 1,
) -> Network:
    """A network of ``min_depth`` to ``max_depth`` hidden layers."""
    return Network(
        inputs=draw(st.integers(1, 3)),
        hidden=tuple(draw(st.lists(hidden_layers(activations), min_size=min_depth, max_size=max_depth))),
        units=draw(st.integers(min_units, 4)),
        output=Output(draw(st.sampled_from(outputs))),
        reduction=draw(st.sampled_from(reductions)),
        weight_decay=draw(st.sampled_from(weight_decays)),
    )


@st.composite
def parameters(draw: st.DrawFn, network: Network, dtype: str) -> Parameters:
    """Parameters of a network; now and then a layer whose units saturate, die or are all equal."""
    return tuple(draw(_layer_parameters(w, b, dtype)) for w, b in network.shapes)


@cache
@st.composite
def _layer_parameters(draw: st.DrawFn, w_shape: tuple[int, ...], b_shape: tuple[int, ...], dtype: str) -> Any:
    W, b = draw(arrays(w_shape, dtype)), draw(arrays(b_shape, dtype))
    kind = draw(st.sampled_from(("plain", "plain", "plain", "saturated", "dead", "equal")))
    if kind == "saturated":
        W = W * W.dtype.type(8)
    elif kind == "dead":  # a pre-activation far below 0 for every row
        b = b - b.dtype.type(32)
    elif kind == "equal":
        W, b = np.broadcast_to(W[:, :1], w_shape).copy(), np.broadcast_to(b[:1], b_shape).copy()
    return W, b


@cache
@st.composite
def batches(draw: st.DrawFn, inputs: int, dtype: str, rows: st.SearchStrategy[int]) -> Any:
    """A batch (N, inputs); rows past the first few repeat them, moved a little, so that large batches are cheap.

    A row of zeros, and equal rows, come by themselves.
    """
    count = draw(rows)
    drawn = min(count, 6)
    x = draw(arrays((drawn, inputs), dtype))
    if count > drawn:
        x = np.concatenate([x, x[np.arange(count - drawn) % drawn] + np.linspace(0, 1, count - drawn)[:, None]])
    return x.astype(dtype_of(dtype))


@st.composite
def targets(draw: st.DrawFn, network: Network, rows: int, dtype: str) -> Any:
    """Targets in the domain of the network's distribution; past the first few rows they repeat."""
    name, drawn = network.output.name, min(rows, 6)
    shape = (drawn,) if distribution_of(network.output).integer_targets else (drawn, network.targets)
    if name == "categorical":
        y = np.array(draw(st.lists(st.integers(0, network.units - 1), min_size=drawn, max_size=drawn)), dtype=np.int64)
    elif name == "bernoulli":
        y = draw(arrays(shape, "float64", EIGHTHS)).clip(0, 8) / 8
    else:
        y = draw(arrays(shape, "float64", DIGITS if name == "poisson" else SMALL))
        y = np.floor(y) if name == "poisson" else y
    y = y[np.arange(rows) % drawn]
    return y if y.dtype == np.int64 else y.astype(dtype_of(dtype))


@st.composite
def cases(
    draw: st.DrawFn, dtype: str, networks: st.SearchStrategy[Network], rows: st.SearchStrategy[int] | None = None
) -> Case:
    """A network with parameters, batch and targets, of 1 to 5 rows where nothing else is said."""
    network = draw(networks)
    x = draw(batches(network.inputs, dtype, rows if rows is not None else st.integers(1, 5)))
    y = draw(targets(network, x.shape[0], dtype))
    return Case(network, draw(parameters(network, dtype)), x, y)


# From where a polynomial takes over to where softplus turns linear in libraries (20) and the exponential overflows.
ORDINARY = (2.0**-16, 2.0**-10, 2.0**-5, 0.25, 0.5, 1.0, 3.0, 10.0, 20.0, 20.5, 25.0, 100.0, 750.0)


def special_values(name: str, dtype: str) -> npt.NDArray[Any]:
    """Pre-activations where implementations of the activation go wrong.

    ±0, the smallest and largest numbers, the kinks with their neighbours, and in each precision the thresholds from
    which σ and tanh round to 1 and the exponential overflows, with their neighbours.
    """
    model, target, activation = precision(dtype, subnormals="kept"), dtype_of(dtype), activation_named(name)
    kinks = [abs(float(kink.at)) for kink in activation.kinks]
    tiny = [2 * model.underflow, precision(dtype, subnormals="flushed").underflow]  # the smallest, and smallest normal
    ends = [model.largest, model.largest / 2]
    positive = np.array([0.0, *tiny, *ORDINARY, *ends, *activation.thresholds(model), *kinks]).astype(target)
    near = [np.nextafter(positive, target.type(side)) for side in (0, model.largest)]
    values = np.concatenate([positive, *near])
    return np.concatenate([values, -values])


@st.composite
def activation_cases(draw: st.DrawFn, dtype: str, name: str, size: int = 40) -> ActivationCase:
    """An activation at special values and at ordinary numbers of the dtype."""
    special = special_values(name, dtype)
    chosen = draw(_lists(st.integers(0, len(special) - 1), size))
    ordinary = draw(arrays((8,), dtype, st.integers(-64, 64)))
    return ActivationCase(name, np.concatenate([ordinary, special[np.array(chosen)]]))


@st.composite
def kink_cases(draw: st.DrawFn, dtype: str, names: tuple[str, ...]) -> ActivationCase:
    """A kinked activation at its kinks exactly; 0 with either sign."""
    name = draw(st.sampled_from(names))
    kinks = [float(kink.at) for kink in activation_named(name).kinks]
    z = draw(st.lists(st.sampled_from([*kinks, *(-0.0 for kink in kinks if kink == 0)]), min_size=1, max_size=4))
    return ActivationCase(name, np.array(z).astype(dtype_of(dtype)))


@st.composite
def kinked_network_cases(draw: st.DrawFn, dtype: str, activations: tuple[str, ...]) -> Case:
    """One hidden layer whose pre-activations lie on a kink for every row of zeros: b is the kink itself."""
    network = draw(networks(activations, outputs=("gaussian",), min_depth=1, max_depth=1))
    case = draw(cases(dtype, st.just(network), st.integers(1, 3)))
    kinks = activation_named(network.hidden[0].activation).kinks
    on_kink = np.full(network.hidden[0].units, float(draw(st.sampled_from(kinks)).at)).astype(case.x.dtype)
    (W, _), last = case.parameters
    x = case.x.copy()
    x[0] = 0
    return replace(case, parameters=((W, on_kink), last), x=x)


@st.composite
def maxout_cases(draw: st.DrawFn, dtype: str, tied: bool) -> Case:
    """One maxout layer, read off by a last layer that copies its units; with ``tied``, some pieces are equal."""
    units, pieces = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    network = Network(
        inputs=draw(st.integers(1, 3)),
        hidden=(Hidden(units, "maxout", pieces=pieces),),
        units=units,
        output=Output("gaussian"),
        reduction="sum",
    )
    case = draw(cases(dtype, st.just(network), st.integers(1, 3)))
    W, b = draw(arrays((network.inputs, units, pieces), dtype)), draw(arrays((units, pieces), dtype))
    if tied:
        source = draw(st.lists(st.integers(0, 1), min_size=pieces, max_size=pieces))
        W, b = W[..., source].copy(), b[..., source].copy()
    copy = np.eye(units, dtype=case.x.dtype), np.zeros(units, dtype=case.x.dtype)
    return replace(case, parameters=((W, b), copy))


MARGINS = (10.0, 30.0, 100.0, 200.0, 800.0, 10000.0)


@st.composite
def confident_cases(draw: st.DrawFn, dtype: str, right: bool) -> Case:
    """Bernoulli and categorical outputs whose logits differ by a large margin, for or against the target."""
    margin = draw(st.sampled_from(MARGINS))
    name = draw(st.sampled_from(("bernoulli", "categorical")))
    units = draw(st.integers(2, 4)) if name == "categorical" else 1
    logits = draw(arrays((units,), dtype))
    favoured = draw(st.integers(0, units - 1))
    logits[favoured] = margin
    if name == "categorical":
        y = np.array([favoured if right else (favoured + 1) % units])
    else:
        y = np.array([[float(right)]]).astype(logits.dtype)
    network = Network(inputs=1, units=units, output=Output(name), reduction="sum")
    x = np.ones((1, 1), dtype=logits.dtype)
    return Case(network, ((logits.reshape(1, units), np.zeros(units, dtype=logits.dtype)),), x, y)


@st.composite
def shifted_logits_cases(draw: st.DrawFn, dtype: str) -> Case:
    """A categorical network whose last biases all lie just above a power of two beyond the overflow of exp."""
    case = draw(cases(dtype, networks(outputs=("categorical",), max_depth=1, min_units=2)))
    *hidden, (W, b) = case.parameters
    shift = 2.0 ** math.ceil(math.log2(math.log(precision(dtype).largest)))
    return replace(case, parameters=(*hidden, (W, b.dtype.type(shift) + abs(b))))


@st.composite
def learned_variance_networks(draw: st.DrawFn, name: str, max_depth: int = 0) -> Network:
    """A network with one or two targets whose variance is learned too; a mixture of up to 3 components."""
    output = Output(name, draw(st.integers(1, 3))) if name == "mixture" else Output(name)
    return Network(
        inputs=draw(st.integers(1, 2)),
        hidden=tuple(draw(st.lists(hidden_layers(("identity", "relu", "tanh")), max_size=max_depth))),
        units=draw(st.integers(1, 2)) * output.units_per_target,
        output=output,
        reduction=draw(st.sampled_from(("mean", "sum"))),
    )


@st.composite
def learned_variance_cases(draw: st.DrawFn, dtype: str, name: str, max_depth: int = 0) -> Case:
    """Means far and near, and log-variances whose exponentials mostly stay in the range of the precision."""
    case = draw(cases(dtype, learned_variance_networks(name, max_depth)))
    *rest, (W, b) = case.parameters
    W, b = W.copy(), b.copy()
    first = W.shape[1] - W.shape[1] // case.network.output.blocks
    W[:, first:], b[first:] = W[:, first:] / W.dtype.type(8), b[first:] / b.dtype.type(8)
    return replace(case, parameters=(*rest, (W, b)))


# Without softplus, say: a library's mistake in it is not one of its dropout.
DROPOUT_ACTIVATIONS = ("identity", "relu", "leaky_relu", "tanh", "maxout")


@st.composite
def dropout_cases(draw: st.DrawFn, dtype: str) -> Case:
    """A case with masks that keep two units of three; now and then they drop all, or nothing."""
    network = draw(networks(DROPOUT_ACTIVATIONS, outputs=("gaussian", "categorical"), weight_decays=(0.0, 0.5)))
    case = draw(cases(dtype, st.just(network)))
    shapes = mask_shapes(network, case.x.shape[0])
    masks = tuple(draw(arrays_of((1, 1, 0), shape)).astype(case.x.dtype) for shape in shapes)
    return replace(case, masks=masks)


@cache
@st.composite
def arrays_of(draw: st.DrawFn, values: tuple[int, ...], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An array of some of the values."""
    size = math.prod(shape)
    return np.array(draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))).reshape(shape)


RECURRENT_ACTIVATIONS = ("identity", "relu", "tanh", "sigmoid")


@st.composite
def recurrents(
    draw: st.DrawFn,
    activations: tuple[str, ...] = RECURRENT_ACTIVATIONS,
    outputs: tuple[str, ...] = ("gaussian", "bernoulli", "categorical"),
) -> Recurrent:
    """A recurrent layer of at most 3 units; 2 classes where they are that, since a single one has no loss."""
    name = draw(st.sampled_from(outputs))
    return Recurrent(
        inputs=draw(st.integers(1, 2)),
        hidden=Hidden(draw(st.integers(1, 3)), draw(st.sampled_from(activations))),
        units=2 if name == "categorical" else draw(st.integers(1, 2)),
        output=Output(name),
        reduction=draw(st.sampled_from(("mean", "sum"))),
    )


@st.composite
def recurrent_cases(
    draw: st.DrawFn, dtype: str, recurrents: st.SearchStrategy[Recurrent] | None = None, max_steps: int = 4
) -> Case:
    """A recurrent layer with parameters, one to three sequences of 1 to ``max_steps`` steps, and a first state."""
    recurrent = draw(recurrents if recurrents is not None else _any_recurrent)
    rows, steps = draw(st.integers(1, 3)), draw(st.integers(1, max_steps))
    (w, u, b), (v, c) = recurrent.shapes
    U = draw(arrays(u, dtype))
    half = U.dtype.type(2)  # or an unbounded state grows with the fourth power of U
    parameters = (
        (draw(arrays(w, dtype)), U / half, draw(arrays(b, dtype))),
        (draw(arrays(v, dtype)), draw(arrays(c, dtype))),
    )
    x = draw(arrays((rows, steps, recurrent.inputs), dtype))
    h0 = draw(arrays((rows, recurrent.hidden.units), dtype))
    return Case(recurrent, parameters, x, draw(targets(recurrent.readout, rows, dtype)), h0=h0)


_any_recurrent = recurrents()
