"""Dropout: input and hidden units left out at random, by masks that are given.

A mask is an array of 0 and 1, 1 where a unit is kept, one for the input of each affine layer: (N, inputs), then
(N, units) for every hidden layer. ``forward.trace`` and ``backward.gradient`` multiply each layer's input by its mask;
nothing is scaled up in training, so that the weights are scaled down for inference (``weight_scaled``).

Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014; Goodfellow, Bengio & Courville 2016,
section 7.12.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.network.description import Network, Parameters

Masks = tuple[Any, ...]


def mask_shapes(network: Network, rows: int) -> tuple[tuple[int, int], ...]:
    """The shapes of the masks for a batch of so many rows."""
    return tuple((rows, W[0]) for W, _ in network.shapes)


def draw_masks(
    network: Network, keep: Sequence[float], rows: int, seed: int, dtype: npt.DTypeLike = np.float64
) -> Masks:
    """Independent masks for every row.

    Args:
        network: the network.
        keep: the probability that a unit is kept: of the inputs, then of each hidden layer.
        rows: of the batch.
        seed: of NumPy's default generator; the same seed gives the same masks.
        dtype: of the masks.

    Raises:
        ValueError: when there is not one probability, from 0 to 1, for each affine layer.
    """
    if len(keep) != network.depth or not all(0 <= q <= 1 for q in keep):
        raise ValueError(f"keep is {network.depth} probabilities from 0 to 1, not {keep!r}")
    generator = np.random.default_rng(seed)
    shapes = mask_shapes(network, rows)
    return tuple((generator.random(shape) < q).astype(dtype) for shape, q in zip(shapes, keep, strict=True))


def weight_scaled(parameters: Parameters, keep: Sequence[Any]) -> Parameters:
    """The parameters for inference: each row of W times the keep probability of the unit that it reads from.

    The network without masks then gives, where it is affine, exactly the mean over all masks; elsewhere an
    approximation to it.

    Args:
        parameters: as trained with masks.
        keep: of each layer's input, a probability or one for each of its units.

    Raises:
        ValueError: when there is not one entry for each layer.
    """
    if len(keep) != len(parameters):
        raise ValueError(f"keep has {len(keep)} entries for {len(parameters)} layers")
    return tuple((_rows_scaled(W, q), b) for (W, b), q in zip(parameters, keep, strict=True))


def check_masks(network: Network, masks: Sequence[Any], rows: int) -> None:
    """Raise ValueError where the masks do not have the network's shapes or hold something else than 0 and 1."""
    shapes = tuple(tuple(mask.shape) for mask in masks)
    if shapes != mask_shapes(network, rows):
        raise ValueError(f"masks have shapes {mask_shapes(network, rows)}, not {shapes}")
    if not all(np.all((mask == 0) | (mask == 1)) for mask in masks):
        raise ValueError("masks hold 0 and 1 alone")


def _rows_scaled(W: Any, q: Any) -> Any:
    q = np.asarray(q).astype(W.dtype)  # a float64 beside float32 weights would widen them
    return W * q.reshape(-1, *(1,) * (W.ndim - 1))
