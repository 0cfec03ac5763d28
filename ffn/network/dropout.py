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


def draw_masks(network: Network, keep: Sequence[Any], rows: int, seed: int, dtype: npt.DTypeLike = np.float64) -> Masks:
    """Independent masks for every row.

    Args:
        network: the network.
        keep: of each layer's input, the probability that a unit is kept, or one for each of its units.
        rows: of the batch.
        seed: of NumPy's default generator; the same seed gives the same masks.
        dtype: of the masks.

    Raises:
        ValueError: when ``keep`` does not fit the layers' inputs, or is not from 0 to 1.
    """
    shapes = mask_shapes(network, rows)
    rates = _rates(keep, [units for _, units in shapes])
    if not all(np.all((q >= 0) & (q <= 1)) for q in rates):
        raise ValueError(f"keep is made of probabilities from 0 to 1, not {keep!r}")
    generator = np.random.default_rng(seed)
    return tuple((generator.random(shape) < q).astype(dtype) for shape, q in zip(shapes, rates, strict=True))


def weight_scaled(parameters: Parameters, keep: Sequence[Any]) -> Parameters:
    """The parameters for inference: each row of W times the keep probability of the unit that it reads from.

    The network without masks then gives, where it is affine, exactly the mean over all masks; elsewhere an
    approximation to it. Inverted dropout, which divides the masks by ``keep`` instead, trains these parameters.

    Args:
        parameters: as trained with masks.
        keep: of each layer's input, as ``draw_masks`` takes it.

    Raises:
        ValueError: when ``keep`` does not fit the layers' inputs.
    """
    rates = _rates(keep, [W.shape[0] for W, _ in parameters])
    return tuple((_rows_scaled(W, q), b) for (W, b), q in zip(parameters, rates, strict=True))


def check_masks(network: Network, masks: Sequence[Any], rows: int) -> None:
    """Raise ValueError where the masks do not have the network's shapes or hold something else than 0 and 1."""
    masks = tuple(map(np.asarray, masks))
    shapes = tuple(mask.shape for mask in masks)
    if shapes != mask_shapes(network, rows):
        raise ValueError(f"masks have shapes {mask_shapes(network, rows)}, not {shapes}")
    if not all(np.all((mask == 0) | (mask == 1)) for mask in masks):
        raise ValueError("masks hold 0 and 1 alone")


def _rates(keep: Sequence[Any], widths: Sequence[int]) -> list[npt.NDArray[Any]]:
    """Of each layer's input, ``widths`` units wide, one number or one for each unit, as arrays."""
    rates = [np.asarray(q) for q in keep]
    if len(rates) != len(widths):
        raise ValueError(f"keep has {len(rates)} entries for {len(widths)} layers")
    for layer, (q, units) in enumerate(zip(rates, widths, strict=True)):
        if q.shape not in ((), (units,)):
            raise ValueError(f"keep of layer {layer} is one number, or an array of shape ({units},), not {q.shape}")
    return rates


def _rows_scaled(W: Any, q: npt.NDArray[Any]) -> Any:
    q = q.astype(W.dtype)  # a float64 beside float32 weights would widen them
    return W * q.reshape(-1, *(1,) * (W.ndim - 1))
