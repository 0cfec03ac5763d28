"""Inputs that no single random draw has: a missing maximum shows at large numbers, a wrong tail at odd sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.evaluation import Formula
from ffn.admissible.formula.taken import STORED, named
from ffn.numbers.precision import NAMES, dtype_of, precision

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]
Shapes = Sequence[Any] | Callable[[int], Sequence[Any]]

SIZES = (1, 7, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200)  # one below, at and one above the blocks that kernels like


def _normal(scale: float, offset: float = 0.0) -> Draw:
    return lambda rng, shape: rng.normal(size=shape) * scale + offset


def _rows(change: Callable[[np.random.Generator, Floats], None]) -> Draw:
    """Ordinary numbers with something done to the last axis, as the last of at least one."""

    def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        array = rng.normal(size=shape)
        if array.ndim and array.size:
            change(rng, array)
        return array

    return drawn


def _constant(rng: np.random.Generator, rows: Floats) -> None:
    rows[...] = rows[..., :1]


def _ties(rng: np.random.Generator, rows: Floats) -> None:
    rows[...] = np.round(rows)


def _dominant(rng: np.random.Generator, rows: Floats) -> None:
    rows[..., rng.integers(rows.shape[-1])] += 30


def _tail(rng: np.random.Generator, rows: Floats) -> None:
    rows[..., rows.shape[-1] // 2 + 1 :] = 0


def _last(rng: np.random.Generator, rows: Floats) -> None:
    rows[..., -1] *= 8


DRAWS: dict[str, Draw] = {
    "ordinary": _normal(1),
    "scale 0.02": _normal(0.02),
    "scale 60": _normal(60),
    "mean 50": _normal(1, 50),
    "mean -50": _normal(1, -50),
    "whole numbers": lambda rng, shape: rng.integers(-2, 3, size=shape).astype(np.float64),
    "eighths": lambda rng, shape: rng.integers(-16, 17, size=shape) / 8,
    "zeros": lambda rng, shape: np.zeros(shape),
    "constant rows": _rows(_constant),
    "ties": _rows(_ties),
    "one dominant entry": _rows(_dominant),
    "a tail of zeros": _rows(_tail),
    "a last entry that counts": _rows(_last),
    "subnormals": _normal(0),  # of the precision, see ``drawn``
    "huge": _normal(0),
}


def drawn(name: str, rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> npt.NDArray[Any]:
    """An array of one kind."""
    array = DRAWS[name](rng, shape)
    if dtype in NAMES and name in ("subnormals", "huge"):
        model = precision(dtype, "kept")
        array = rng.normal(size=shape) * (64 * 2 * model.underflow if name == "subnormals" else model.largest / 1024)
    import ml_dtypes

    return array.astype(dtype_of(dtype) if dtype in NAMES else getattr(ml_dtypes, dtype))


def probes(
    formula: Formula, shapes: Shapes, dtype: Any = "float32", seed: int = 0, **options: Any
) -> Iterator[tuple[str, tuple[npt.NDArray[Any], ...]]]:
    """Named inputs for a formula: a few sizes with ordinary numbers, then each kind of numbers.

    Those on which the formula is not judged, since correct programs may overflow there or zeros would pass, are left
    out.

    Args:
        shapes: for each argument its shape, or a function of a random generator that makes the array (labels, masks);
            or a function of a size n that gives that list, which is called for sizes one below, at and one above
            powers of two.
        dtype: the precision of the floating-point arguments.
        options: as ``admissible.value`` takes them.

    Raises:
        ValueError: where none is left.
    """
    name, some, reason = named(dtype, names=STORED), False, ""
    for size in SIZES if callable(shapes) else (0,):
        for kind in list(DRAWS) if size in (0, 65) else ["ordinary"]:
            wanted = _shapes(shapes, size)
            arrays = _arrays([kind] * len(wanted), np.random.default_rng([seed, size]), wanted, name)
            unjudged = _unjudged(formula, arrays, options)
            some, reason = some or not unjudged, reason or unjudged
            if not unjudged:
                yield f"{kind}, n = {size}" if size else kind, arrays

    if not some:
        raise ValueError(f"the formula is judged on none of the probes; of the first, {reason}")


def inputs(
    formula: Formula, shapes: Shapes, dtype: Any = "float32", **options: Any
) -> SearchStrategy[tuple[npt.NDArray[Any], ...]]:
    """The same as a strategy of Hypothesis: a kind of numbers for each argument, and any size of the list.

    Where the formula is not judged on that mixture, all its arguments are of the first kind, and if need be ordinary;
    what is not judged then either is no example. Arguments as ``probes`` has them.
    """
    from hypothesis import reject
    from hypothesis import strategies as st

    if not callable(formula):
        raise TypeError("the formula comes first: inputs(formula, shapes, dtype)")
    name = named(dtype, names=STORED)

    @st.composite
    def strategy(draw: Any) -> tuple[npt.NDArray[Any], ...]:
        wanted = _shapes(shapes, draw(st.sampled_from(SIZES)) if callable(shapes) else 0)
        kinds = [draw(st.sampled_from(list(DRAWS))) for _ in wanted]
        seed = draw(st.integers(0, 2**16))
        for mixture in (kinds, kinds[:1] * len(wanted), ["ordinary"] * len(wanted)):
            arrays = _arrays(mixture, np.random.default_rng(seed), wanted, name)
            if not _unjudged(formula, arrays, options):
                return arrays
        return reject()

    return strategy()


def _unjudged(formula: Formula, arrays: Sequence[Any], options: Any) -> str:
    """Why the formula is not judged on these arrays, where it is not."""
    from ffn.admissible.formula import value

    with np.errstate(all="ignore"):
        admitted = value(formula, *arrays, **options)
        true = [part.middle.astype(dtype_of(part.returned.name)) for part in admitted.parts]
        return admitted.judge(true).unjudged


def _shapes(shapes: Shapes, size: int) -> Sequence[Any]:
    return shapes(size) if callable(shapes) else shapes


def _arrays(
    kinds: Sequence[str], rng: np.random.Generator, shapes: Sequence[Any], dtype: str
) -> tuple[npt.NDArray[Any], ...]:
    return tuple(array_of(kind, rng, shape, dtype) for kind, shape in zip(kinds, shapes, strict=True))


def array_of(kind: str, rng: np.random.Generator, shape: Any, dtype: str) -> npt.NDArray[Any]:
    """An argument: of a kind of numbers, or what a function of the generator makes."""
    if callable(shape):
        made = np.asarray(shape(rng))
        return made.astype(dtype_of(dtype)) if made.dtype.kind == "f" and dtype in NAMES else made
    return drawn(kind, rng, (shape,) if isinstance(shape, int) else tuple(shape), dtype)
