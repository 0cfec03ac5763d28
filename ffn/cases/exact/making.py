"""Making exact cases: networks of any depth and width, batches and targets on which no correct program rounds.

Weights are sparse, ±1 or another power of two, so that sums stay small; inputs have as many bits as sums leave. Three
things make every place along every axis count in an answer:

- every unit reads something and is read by something, whatever the sizes;
- in one row, the *witness*, every path is open: no unit is dead there, no hard tanh saturated, each piece wins in turn;
- the residual, target minus output, is 0 but for the witness and, in other rows, one target each, as many as gradients
  can sum exactly.

Beside them *lanes*, paths of one unit a layer: each sum there has one term, so that one weight of full significand is
multiplied by powers of two alone, and a copy of it in fewer bits shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ffn.cases.case import Case
from ffn.cases.exact.arithmetic import Floats, Rounds, lowest_bit
from ffn.cases.exact.certificate import EXACT_ANSWERS, exactly
from ffn.cases.exact.layers import Places, biases, lanes, linked
from ffn.network.activations import activation_of
from ffn.network.description import Hidden, Network, Output
from ffn.network.maxout import maxout
from ffn.numbers.floating import floating
from ffn.numbers.precision import dtype_of, precision

EXACT_ACTIVATIONS = ("identity", "relu", "leaky_relu", "absolute", "hard_tanh", "maxout")
EXACT_OUTPUTS = ("gaussian", "laplace")
ATTEMPTS = 7  # each with fewer bits in the inputs and fewer residuals than the one before
EDGES = tuple(2**k + d for k in range(4, 12) for d in (-1, 0))  # rows at the ends of tiles, which have residuals first
MOST_RESIDUALS = 64  # of one target


@dataclass(frozen=True)
class _Recipe:
    """What a case is made of, and how sparingly."""

    network: Network
    rows: int
    dtype: str
    answers: tuple[str, ...]
    few_bits: int | None
    random: np.random.Generator
    thrift: int

    @property
    def bits(self) -> int:
        return precision(self.dtype).bits

    @property
    def has_lanes(self) -> bool:
        return self.network.output.name == "gaussian" and min(self.widths) > 1 and self.few_bits is None

    @property
    def signs(self) -> tuple[float, ...]:
        """Of inputs and weights: at last one alone, with which a slope below 1 is never taken."""
        return (-1.0, 1.0) if self.thrift < ATTEMPTS - 2 else (1.0,)

    @property
    def judges_cotangents(self) -> bool:
        """Whether residuals go through the lanes too, where their full weights meet inputs of one bit alone."""
        decays = bool(self.network.weight_decay)  # a sum in a lane would have two terms
        return "gradient" in self.answers and len(self.network.hidden) == 1 and not self.thrift and not decays

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.network.inputs, *(layer.units for layer in self.network.hidden), self.network.units)


def exact_case(
    levels: Mapping[str, Any],
    dtype: str,
    seed: int | np.random.Generator = 0,
    answers: tuple[str, ...] = EXACT_ANSWERS,
) -> Case:
    """A case on which no correct program in the dtype rounds.

    Args:
        levels: of ``rows``, ``inputs``, ``width``, ``units``, ``depth`` (hidden layers), ``activation`` (one of
            ``EXACT_ACTIVATIONS``) with ``slope`` (0 or ±2^k) or ``pieces``, ``output`` (one of ``EXACT_OUTPUTS``),
            ``reduction`` and ``decay`` (0 or 2^k); what is left out is the first of each. ``bits`` limits those of
            the inputs, and of all weights, so that sums stay exact also where some of their terms are wrong.
        dtype: the precision.
        seed: of the values, or a generator.
        answers: those that are exact. The output alone leaves more room for full significands.

    Raises:
        Rounds: where no attempt is exact: a mean of rows whose number is no power of two, say, or sums of too many
            terms.
        ValueError: for what describes no network.
    """
    return exact_case_of((network_of(levels), levels.get("rows", 1)), dtype, seed, answers, levels.get("bits"))


def network_of(levels: Mapping[str, Any]) -> Network:
    """The network that the levels of ``exact_case`` describe."""
    activation = levels.get("activation", "relu")
    own = {"leaky_relu": {"negative_slope": levels.get("slope", 0.5)}, "maxout": {"pieces": levels.get("pieces", 2)}}
    layer = Hidden(levels.get("width", 1), activation, **own.get(activation, {}))
    return Network(
        inputs=levels.get("inputs", 1),
        hidden=(layer,) * levels.get("depth", 1),
        units=levels.get("units", 1),
        output=Output(levels.get("output", "gaussian")),
        reduction=levels.get("reduction", "sum"),
        weight_decay=levels.get("decay", 0.0),
    )


def exact_case_of(
    network_and_rows: tuple[Network, int],
    dtype: str,
    seed: int | np.random.Generator = 0,
    answers: tuple[str, ...] = EXACT_ANSWERS,
    bits: int | None = None,
) -> Case:
    """An exact case of a given network, with so many rows. Raises Rounds as ``exact_case`` does."""
    network, rows = network_and_rows
    if not may_be_exact(network, rows):
        raise Rounds("every program rounds on this network: another activation, output, slope, decay or mean")
    random = np.random.default_rng(seed)
    for thrift in range(ATTEMPTS):
        try:
            case = _made(_Recipe(network, rows, dtype, answers, bits, random, thrift))
            for name in answers:
                exactly(name, case)
            return case
        except Rounds as rounds:
            last = rounds
    raise last


def may_be_exact(network: Network, rows: int = 1) -> bool:
    """Whether a network's functions and factors are exact on some numbers."""
    slopes = [layer.negative_slope for layer in network.hidden if layer.negative_slope is not None]
    factors = [*slopes, network.weight_decay, rows if network.reduction == "mean" else 1]
    return (
        all(layer.activation in EXACT_ACTIVATIONS for layer in network.hidden)
        and network.output.name in EXACT_OUTPUTS
        and all(factor == 0 or math.frexp(abs(factor))[0] == 0.5 for factor in factors)
    )


def _made(recipe: _Recipe) -> Case:
    """One attempt; whether it is exact is looked at afterwards."""
    network, random = recipe.network, recipe.random
    witness = int(random.integers(recipe.rows))
    paths = lanes(random, recipe.widths, recipe.has_lanes)
    # The layer whose weight in the lane has every bit: the last where gradients are to be sums of few bits.
    first = 0 if recipe.answers == ("forward",) else network.depth - 1
    full = random.integers(first, network.depth, size=len(paths))
    every_bit = (random.integers(2 ** (recipe.bits - 1), 2**recipe.bits, len(paths)) | 1) / 2.0**recipe.bits
    links = [
        linked(
            random,
            widths,
            1 if layer is None else layer.pieces or 1,
            _fan(recipe),
            recipe.signs,
            paths[:, [place, place + 1]],
            np.where(full == place, every_bit, 1.0),
        )
        for place, (layer, widths) in enumerate(zip((*network.hidden, None), pairwise(recipe.widths), strict=True))
    ]
    h = _inputs(recipe, paths, witness, sum(math.log2(link.fan_in + 1) for link in links))
    x, parameters, sizes = h, [], [_bits(h)]
    for layer, link, (w_shape, b_shape) in zip((*network.hidden, None), links, network.shapes, strict=True):
        v = link.apply(h)
        b = biases(layer, link, v, witness, random, recipe.signs)
        parameters.append((link.matrix().reshape(w_shape), b.reshape(b_shape)))
        z = (v + b).reshape(recipe.rows, *b_shape)
        h = z if layer is None else _activated(layer, z)
        sizes.append(_bits(h))
    backward = np.cumsum([0.0, *(math.log2(link.fan_out) for link in reversed(links[1:]))])[::-1]
    spare = recipe.bits - max(size + back for size, back in zip(sizes, backward, strict=False)) - 2
    y = _targets(recipe, h, witness, paths, int(2 ** max(0.0, spare)))
    cast = tuple((_cast(W, recipe.dtype), _cast(b, recipe.dtype)) for W, b in parameters)
    return Case(network, cast, _cast(x, recipe.dtype), _cast(y, recipe.dtype))


def _cast(array: Floats, dtype: str) -> Any:
    """The same numbers in the dtype."""
    with np.errstate(over="ignore"):
        found = array.astype(dtype_of(dtype))
    if not np.array_equal(found.astype(np.float64), array):
        raise Rounds("an argument has too many bits")
    return found


def _fan(recipe: _Recipe) -> tuple[int, int]:
    """How many inputs a unit reads beside those that it has to, and how many at most."""
    more = 2 if recipe.bits >= 24 and recipe.thrift == 0 and len(recipe.widths) <= 5 else 0
    return more, 2 ** max(1, recipe.bits - len(recipe.widths) - 1 - recipe.thrift // 2)


def _inputs(recipe: _Recipe, paths: Places, witness: int, growth: float) -> Floats:
    """x: whole numbers of as many bits as the sums leave, below 2 in size; those of lanes powers of two."""
    bits = max(1, min(recipe.bits // 2 + 1, int(recipe.bits - growth) - 2) - 2 * recipe.thrift)
    bits = min(bits, recipe.few_bits or bits)
    shape = recipe.rows, recipe.network.inputs
    x = recipe.random.integers(1, 2**bits, shape) * recipe.random.choice(recipe.signs, shape) / 2 ** (bits - 1)
    if recipe.judges_cotangents:
        x[witness] = np.sign(x[witness]) * 2.0 ** np.floor(np.log2(np.abs(x[witness]))).clip(-1)
    below_1 = any(layer.activation == "hard_tanh" for layer in recipe.network.hidden)
    x[:, paths[:, 0]] = recipe.random.choice((0.25, 0.5) if below_1 else (1.0, 2.0), (recipe.rows, len(paths)))
    return np.asarray(x)


def _activated(layer: Hidden, z: Floats) -> Floats:
    xp = floating("float64")
    found: Floats = maxout(xp, z) if layer.activation == "maxout" else activation_of(layer).value(xp, z)
    return found


def _bits(h: Floats) -> float:
    """How many bits the numbers need over their common lowest one."""
    return math.log2(np.abs(h).max(initial=0) / lowest_bit(h).min(initial=np.inf) + 1)


def _targets(recipe: _Recipe, z: Floats, witness: int, paths: Places, most: int) -> Floats:
    """y = z − r with few residuals r; an absolute error has none that is 0, as that is its kink."""
    random, (rows, units) = recipe.random, z.shape
    own = np.ones(units, dtype=bool)
    own[paths[:, -1]] = False
    signs = random.choice((-2.0, -1.0, 1.0, 2.0), z.shape)
    if recipe.network.output.name == "laplace":
        return np.asarray(z - signs)
    r = np.zeros(z.shape)
    columns = np.flatnonzero(own)
    others = _in_turn(random, rows, witness)[: min(most, MOST_RESIDUALS) // 4**recipe.thrift * len(columns)]
    places = columns[np.arange(len(others)) % len(columns)]
    r[others, places] = signs[others, places]
    some = random.permutation(columns)[: max(1, len(columns) // 4 ** max(0, recipe.thrift - 1))]
    r[witness, some] = signs[witness, some]
    if recipe.judges_cotangents:
        r[witness, ~own] = 2.0 ** np.floor(np.log2(z[witness, ~own]))
    return np.asarray(z - r)


def _in_turn(random: np.random.Generator, rows: int, witness: int) -> Places:
    """The rows but one, those at the ends of tiles first."""
    ends = [row for row in (rows - 1, 0, *EDGES) if row < rows]
    every = np.array(list(dict.fromkeys((*ends, *random.permutation(rows).tolist()))))
    return np.asarray(every[every != witness])
