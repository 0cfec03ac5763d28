"""Hypothesis strategies of cases: parameters, batches and targets of networks, which shrink to small integers.

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
from ffn.cases.networks import (
    EVERYTHING,
    Supported,
    first_reduction,
    first_supported,
    learned_variance_networks,
    networks,
    recurrents,
    supported_of,
)
from ffn.network.activations import activation_named
from ffn.network.description import Hidden, Network, Output, Parameters, Recurrent
from ffn.network.dropout import mask_shapes
from ffn.network.outputs import distribution_of
from ffn.numbers.precision import dtype_of, precision

SMALL = st.integers(-4, 4)
DIGITS = st.integers(0, 9)
EIGHTHS = st.sampled_from((0, 8, 0, 8, 3))
SEEDS = st.integers(0, 2**32 - 1)
MOST_DRAWN = 256  # numbers, beyond which Hypothesis runs out of what a case may draw
DENOMINATORS = st.sampled_from((1, 2, 3, 7))  # thirds and sevenths fill the whole significand


@cache
def _lists(values: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    """Lists of one length. Made once, as Hypothesis validates each strategy anew."""
    return st.lists(values, min_size=size, max_size=size)


@cache
@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...], dtype: str, numerators: st.SearchStrategy[int] = SMALL) -> Any:
    """Small integers over one small denominator, rounded to the dtype; past the first few hundred they repeat."""
    size = math.prod(shape)
    values: Any = draw(_lists(numerators, min(size, MOST_DRAWN)))
    if size > MOST_DRAWN:
        values = np.random.default_rng(draw(SEEDS)).choice(values, size)
    return (np.array(values, dtype=np.float64) / draw(DENOMINATORS)).reshape(shape).astype(dtype_of(dtype))


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


def network_cases(
    dtype: str, rows: st.SearchStrategy[int] | None = None, supported: Supported = EVERYTHING, **options: Any
) -> st.SearchStrategy[Case]:
    """Cases of ``networks`` with these options that are supported. Raises as that does."""
    return cases(dtype, networks(supported=supported, **options), rows)


# From where a polynomial takes over to where softplus turns linear in libraries (20) and the exponential overflows.
ORDINARY = (2.0**-16, 2.0**-10, 2.0**-8, 2.0**-7, 2.0**-5, 0.25, 0.5, 1.0, 3.0, 10.0, 20.0, 20.5, 25.0, 100.0, 750.0)


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


def ordinary_values(dtype: str, size: int, generator: np.random.Generator) -> npt.NDArray[Any]:
    """Numbers of full significand, from a 64th to 64 in magnitude."""
    magnitudes = np.ldexp(generator.uniform(1, 2, size), generator.integers(-6, 6, size))
    return (generator.choice([-1.0, 1.0], size) * magnitudes).astype(dtype_of(dtype))


def activation_cases(
    dtype: str, name: str, size: int = 40, supported: Supported = EVERYTHING
) -> st.SearchStrategy[ActivationCase]:
    """An activation at special values and at ordinary numbers of the dtype."""
    supported_of((name,), supported.functions, "activation")
    return _activation_cases(dtype, name, size)


@st.composite
def _activation_cases(draw: st.DrawFn, dtype: str, name: str, size: int) -> ActivationCase:
    special = special_values(name, dtype)
    chosen = draw(_lists(st.integers(0, len(special) - 1), size))
    ordinary = draw(arrays((8,), dtype, st.integers(-64, 64)))
    return ActivationCase(name, np.concatenate([ordinary, special[np.array(chosen)]]))


def kink_cases(
    dtype: str, names: tuple[str, ...], supported: Supported = EVERYTHING
) -> st.SearchStrategy[ActivationCase]:
    """A kinked activation at its kinks exactly; 0 with either sign."""
    return _kink_cases(dtype, supported_of(names, supported.functions, "activation"))


@st.composite
def _kink_cases(draw: st.DrawFn, dtype: str, names: tuple[str, ...]) -> ActivationCase:
    name = draw(st.sampled_from(names))
    kinks = [float(kink.at) for kink in activation_named(name).kinks]
    z = draw(st.lists(st.sampled_from([*kinks, *(-0.0 for kink in kinks if kink == 0)]), min_size=1, max_size=4))
    return ActivationCase(name, np.array(z).astype(dtype_of(dtype)))


def kinked_network_cases(
    dtype: str, activations: tuple[str, ...], supported: Supported = EVERYTHING
) -> st.SearchStrategy[Case]:
    """One hidden layer whose pre-activations lie on a kink for every row of zeros: b is the kink itself."""
    outputs = first_supported(("gaussian", "bernoulli", "categorical", "laplace", "poisson"), supported)
    one_hidden = networks(activations, outputs, min_depth=1, max_depth=1, supported=supported)
    return cases(dtype, one_hidden, st.integers(1, 3)).flatmap(_on_a_kink)


@st.composite
def _on_a_kink(draw: st.DrawFn, case: Case) -> Case:
    return on_a_kink(case, draw(st.integers(0, 1)))


def on_a_kink(case: Case, place: int) -> Case:
    """The case with the biases of its first layer on a kink of the activation, and a row of zeros."""
    (W, b), *rest = case.parameters
    assert isinstance(case.network, Network)
    kinks = activation_named(case.network.hidden[0].activation).kinks
    on_kink = np.full(b.shape, float(kinks[place % len(kinks)].at)).astype(b.dtype)
    x = case.x.copy()
    x[0] = 0
    return replace(case, parameters=((W, on_kink), *rest), x=x)


def maxout_cases(dtype: str, tied: bool, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    """One maxout layer, read off by a last layer that copies its units; with ``tied``, some pieces are equal."""
    supported_of(("maxout",), supported.activations, "activation")
    supported_of((1,), supported.depths, "depth")
    output = first_supported(("gaussian", "laplace", "bernoulli", "poisson"), supported)[0]
    reduction = first_reduction(supported)[0]

    def fits(network: Network) -> bool:
        widths = [layer.units for layer in network.hidden if layer.activation == "maxout" and layer.pieces != 1]
        plain = len(network.hidden) == 1 and network.output.name == output and not network.weight_decay
        return plain and widths == [network.units]

    drawn = supported.filtered(_maxout_networks(output, reduction), fits)
    return drawn.flatmap(lambda network: _maxout_cases(dtype, network, tied))


@st.composite
def _maxout_networks(draw: st.DrawFn, output: str, reduction: Any) -> Network:
    units, pieces = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    hidden = (Hidden(units, "maxout", pieces=pieces),)
    return Network(draw(st.integers(1, 3)), units, Output(output), hidden, reduction)


@st.composite
def _maxout_cases(draw: st.DrawFn, dtype: str, network: Network, tied: bool) -> Case:
    (w_shape, b_shape), _ = network.shapes
    case = draw(cases(dtype, st.just(network), st.integers(1, 3)))
    W, b = draw(arrays(w_shape, dtype)), draw(arrays(b_shape, dtype))
    if tied:
        pieces = b_shape[-1]
        source = draw(st.lists(st.integers(0, 1), min_size=pieces, max_size=pieces))
        W, b = W[..., source].copy(), b[..., source].copy()
    return read_off(case, W, b)


def read_off(case: Case, W: npt.NDArray[Any], b: npt.NDArray[Any]) -> Case:
    """The case with these parameters of its hidden layer, and a last layer that copies the units."""
    copy = np.eye(case.network.units, dtype=case.x.dtype), np.zeros(case.network.units, dtype=case.x.dtype)
    return replace(case, parameters=((W, b), copy))


# From e^-10, a loss that rounding sees, over 24, beyond where libraries take softplus for linear, to beyond every exp.
MARGINS = (10.0, 24.0, 100.0, 200.0, 800.0, 10000.0)


def confident_heads(supported: Supported = EVERYTHING) -> tuple[Network, ...]:
    """Affine networks with a single input whose outputs are classes or probabilities, one for each number of units."""
    supported_of((0,), supported.depths, "depth")
    names = supported_of(("bernoulli", "categorical"), supported.outputs, "output")
    reduction = first_reduction(supported)[0]
    units = {"bernoulli": (1,), "categorical": (2, 3, 4)}
    return tuple(Network(1, width, Output(name), reduction=reduction) for name in names for width in units[name])


def confident_cases(dtype: str, right: bool, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    """Bernoulli and categorical outputs whose logits differ by a large margin, for or against the target."""
    heads = confident_heads(supported)
    drawn = supported.filtered(st.sampled_from(heads), lambda network: network in heads)
    return drawn.flatmap(lambda network: _confident_cases(dtype, network, right))


@st.composite
def _confident_cases(draw: st.DrawFn, dtype: str, network: Network, right: bool) -> Case:
    logits = draw(arrays((network.units,), dtype))
    return confident(network, logits, draw(st.sampled_from(MARGINS)), draw(st.integers(0, network.units - 1)), right)


def confident(network: Network, logits: npt.NDArray[Any], margin: float, favoured: int, right: bool) -> Case:
    """A row whose logits are those given, but for the favoured one, which is the margin, for or against the target."""
    logits = logits.copy()
    logits[favoured] = margin
    if network.output.name == "categorical":
        y = np.array([favoured if right else (favoured + 1) % network.units])
    else:
        y = np.array([[float(right)]]).astype(logits.dtype)
    x = np.ones((1, 1), dtype=logits.dtype)
    return Case(network, ((logits.reshape(1, -1), np.zeros(network.units, dtype=logits.dtype)),), x, y)


def shifted_logits_cases(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    """A categorical network whose last biases all lie just above a power of two beyond the overflow of exp."""
    classes = networks(outputs=("categorical",), max_depth=1, min_units=2, supported=supported)
    return cases(dtype, classes).map(with_shifted_logits)


def with_shifted_logits(case: Case) -> Case:
    """The case with its last biases just above a power of two beyond the overflow of exp."""
    shift = 2.0 ** math.ceil(math.log2(math.log(precision(case.dtype).largest)))
    *hidden, (W, b) = case.parameters
    return replace(case, parameters=(*hidden, (W, b.dtype.type(shift) + abs(b))))


def learned_variance_cases(
    dtype: str, name: str, max_depth: int = 0, supported: Supported = EVERYTHING
) -> st.SearchStrategy[Case]:
    """Means far and near, and log-variances whose exponentials mostly stay in the range of the precision."""
    return cases(dtype, learned_variance_networks(name, max_depth, supported)).map(with_smaller_log_variances)


def with_smaller_log_variances(case: Case) -> Case:
    """The case with an eighth of its log-variances, whose exponentials then stay in the range of the precision."""
    *rest, (W, b) = case.parameters
    W, b = W.copy(), b.copy()
    first = W.shape[1] - W.shape[1] // case.network.output.blocks
    W[:, first:], b[first:] = W[:, first:] / W.dtype.type(8), b[first:] / b.dtype.type(8)
    return replace(case, parameters=(*rest, (W, b)))


# Sigmoid and softplus are not 0 at 0: there what is dropped is seen to be the output, not the pre-activation.
DROPOUT_ACTIVATIONS = ("identity", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "maxout")
DROPOUT_OUTPUTS = ("gaussian", "categorical")


def dropout_cases(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    """A case with masks that keep two units of three; now and then they drop all, or nothing."""
    outputs = supported_of(DROPOUT_OUTPUTS, supported.outputs, "output")
    drawn = networks(DROPOUT_ACTIVATIONS, outputs, weight_decays=(0.0, 0.5), supported=supported)
    return cases(dtype, drawn).flatmap(_masked)


@st.composite
def _masked(draw: st.DrawFn, case: Case) -> Case:
    assert isinstance(case.network, Network)
    shapes = mask_shapes(case.network, case.x.shape[0])
    masks = tuple(draw(arrays_of((1, 1, 0), shape)).astype(case.x.dtype) for shape in shapes)
    return replace(case, masks=masks)


@cache
@st.composite
def arrays_of(draw: st.DrawFn, values: tuple[int, ...], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An array of some of the values."""
    size = math.prod(shape)
    return np.array(draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))).reshape(shape)


@st.composite
def recurrent_cases(
    draw: st.DrawFn,
    dtype: str,
    recurrents: st.SearchStrategy[Recurrent] | None = None,
    max_steps: int = 4,
    supported: Supported = EVERYTHING,
) -> Case:
    """A recurrent layer with parameters, one to three sequences of 1 to ``max_steps`` steps, and a first state."""
    recurrent = draw(recurrents if recurrents is not None else supported.filtered(_any_recurrent))
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
