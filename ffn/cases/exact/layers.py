"""The layers of an exact case: which inputs each unit reads, by which weights, and biases that keep off every kink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ffn.cases.exact.arithmetic import Floats, lowest_bit
from ffn.network.description import Hidden

Places = npt.NDArray[np.int_]
TRIES = 12  # biases of each unit before one that is large

LANES = 4  # one lane for so many places along the shortest axis


@dataclass
class Link:
    """The weights between two layers: which input each column reads by which weight, zeros left out.

    Attributes:
        inputs: of the layer.
        columns: units times pieces, the pieces of a unit side by side.
        sources, targets: of each weight, distinct pairs.
        weights: of each.
        fixed: columns whose biases are given: those of lanes.
        pieces: of each unit.
        fan_in, fan_out: the most weights of a column that is not fixed, and of an input.
    """

    inputs: int
    columns: int
    sources: Places
    targets: Places
    weights: Floats
    fixed: dict[int, float]
    pieces: int
    fan_in: int
    fan_out: int

    def matrix(self) -> Floats:
        W = np.zeros((self.inputs, self.columns))
        W[self.sources, self.targets] = self.weights
        return W

    def apply(self, h: Floats) -> Floats:
        return h @ self.matrix()

    def flip(self, columns: npt.NDArray[np.bool_]) -> None:
        """Change the sign of every weight of some columns."""
        self.weights[columns[self.targets]] *= -1


def lanes(random: np.random.Generator, widths: tuple[int, ...], wanted: bool) -> Places:
    """Disjoint paths from an input to an output, (lanes, layers + 1): the place on each layer."""
    count = max(1, min(widths) // LANES) if wanted else 0
    return np.stack([random.permutation(width)[:count] for width in widths], axis=1)


def linked(
    random: np.random.Generator,
    widths: tuple[int, ...],
    pieces: int,
    fan: tuple[int, int],
    signs: tuple[float, ...],
    paths: Places,
    in_lanes: Floats,
) -> Link:
    """Weights ±1 so that every input is read and every column reads something; those of lanes are given.

    Args:
        random: the generator.
        widths: inputs and units.
        pieces: of each unit.
        fan: how many further inputs a column reads, and how many it reads at most; the last input is kept.
        signs: of the weights.
        paths: (lanes, 2), the places of the lanes on both sides.
        in_lanes: the weight of each lane.
    """
    inputs, columns = widths[0], widths[1] * pieces
    lane_in, lane_out = paths[:, 0], paths[:, 1] * pieces
    free_in = np.delete(np.arange(inputs), lane_in)
    free_out = np.delete(np.arange(columns).reshape(-1, pieces), paths[:, 1], axis=0).ravel()
    count = max(len(free_in), len(free_out))
    order_in, order_out = random.permutation(free_in), random.permutation(free_out)
    pairs = [np.stack([np.resize(order_in, count), np.resize(order_out, count)])]
    if len(free_in) > 1:
        pairs += [np.stack([random.permutation(np.resize(free_in, len(free_out))), free_out]) for _ in range(fan[0])]
    sources, targets = np.divmod(np.unique(np.array([columns, 1]) @ np.concatenate(pairs, axis=1)), columns)
    kept = _at_most(random, sources, targets, fan[1])
    sources, targets = sources[kept], targets[kept]
    return Link(
        inputs=inputs,
        columns=columns,
        sources=np.concatenate([sources, lane_in]),
        targets=np.concatenate([targets, lane_out]),
        weights=np.concatenate([random.choice(signs, len(sources)), in_lanes]),
        fixed={out + piece: 0.0 if piece == 0 else -1.0 for out in lane_out.tolist() for piece in range(pieces)},
        pieces=pieces,
        fan_in=int(np.bincount(targets).max(initial=1)),
        fan_out=int(np.bincount(sources).max(initial=1)),
    )


def _at_most(random: np.random.Generator, sources: Places, targets: Places, most: int) -> npt.NDArray[np.bool_]:
    """Which weights stay so that no column has more than so many; the last input is among them."""
    if len(sources) <= most:
        return np.ones(len(sources), bool)
    order = random.permutation(len(sources))
    order = order[np.argsort(-sources[order] * (sources[order] == sources.max()), kind="stable")]
    by_column = order[np.argsort(targets[order], kind="stable")]
    counts = np.bincount(targets)
    rank = np.arange(len(sources)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = np.zeros(len(sources), bool)
    kept[by_column[rank < most]] = True
    return kept


def biases(
    layer: Hidden | None, link: Link, v: Floats, witness: int, random: np.random.Generator, signs: tuple[float, ...]
) -> Floats:
    """Biases, one a column, with which no pre-activation is at a kink and in the witness row every unit is alive.

    Signs of weights, and of ``v`` = h @ W with them, may be changed on the way.

    Args:
        layer: of the link; None for the last, which has no kink.
        link: the weights.
        v: what the columns read of each row, (rows, columns).
        witness: the row.
        random: the generator.
        signs: of the biases.
    """
    unit = max(0.25, float(lowest_bit(v).min(initial=1.0)))
    name = "identity" if layer is None else layer.activation
    fixed = np.array(list(link.fixed), int)
    b = _candidates(random, link.columns, unit, signs)
    if name == "hard_tanh":
        b = _centred(random, v, witness)
    elif name == "maxout":
        b = _distinct(random, v, witness, link.pieces, fixed)
    elif name != "identity":
        for _ in range(TRIES):
            hit = (v + b == 0).any(axis=0)
            if not hit.any():
                break
            b = np.where(hit, _candidates(random, link.columns, unit, signs), b)
        b = np.where((v + b == 0).any(axis=0), np.abs(v).max(axis=0) + unit, b)
        dead = v[witness] + b < 0
        dead[fixed] = False
        if name == "relu" or (layer is not None and layer.negative_slope == 0):
            link.flip(dead)
            v[:, dead] *= -1
            b[dead] *= -1
    b[fixed] = list(link.fixed.values())
    return b + 0.0  # and no −0


def _candidates(random: np.random.Generator, columns: int, unit: float, signs: tuple[float, ...]) -> Floats:
    return np.asarray(random.integers(0, 3, columns) * random.choice(signs, columns) * unit)


def _centred(random: np.random.Generator, v: Floats, witness: int) -> Floats:
    """With which the witness is inside (−1, 1) and no row is at its ends."""
    finest = min(float(lowest_bit(v).min(initial=np.inf)), 1.0)
    b: Floats = -v[witness]
    for tried in range(TRIES):
        fraction = 0.5 if tried < TRIES // 2 else finest / 2
        hit = (np.abs(v + b) == 1).any(axis=0) | (np.abs(v[witness] + b) >= 1)
        if not hit.any():
            break
        b = np.where(hit, -v[witness] + random.choice((-fraction, fraction), len(b)), b)
    return b


def _distinct(random: np.random.Generator, v: Floats, witness: int, pieces: int, fixed: Places) -> Floats:
    """With which no two pieces of a unit tie, and in the witness row each piece wins in its turn; none above 0."""
    units = v.shape[1] // pieces
    own = np.setdiff1d(np.arange(units), fixed // pieces)
    read = v.reshape(-1, units, pieces)[:, own]
    unit, b = float(lowest_bit(read).min(initial=1.0)), np.zeros((units, pieces))
    winner = (np.arange(len(own)) % pieces)[:, None]
    spread = np.ptp(read, axis=(0, 2))[:, None] + unit  # so far apart that the order is the same in every row
    tied = np.ones(len(own), bool)
    for tried in range(TRIES):
        ranks = random.permuted(np.tile(np.arange(pieces), (len(own), 1)), axis=1)
        ranks = (ranks - np.take_along_axis(ranks, winner, axis=1)) % pieces  # the winner's is 0
        offsets = -ranks * (unit if tried < TRIES // 2 else spread)
        above = read[witness] + offsets - np.take_along_axis(read[witness], winner, axis=1)
        offsets = np.where((ranks > 0) & (above >= 0), offsets - above - unit, offsets)
        b[own[tied]] = offsets[tied]
        tied = (np.diff(np.sort(read + b[own])) == 0).any(axis=(0, 2))
        if not tied.any():
            break
    return b.ravel()
