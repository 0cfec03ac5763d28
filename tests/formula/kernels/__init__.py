"""Kernels in NumPy, correct and wrong, for the formulas that come with the kit.

A kernel is a function of float32 arrays, as a fused kernel computes: arrays of a narrower precision are widened, and
its answer is rounded once, to their precision. So one text is judged in three precisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.probes import array_of
from ffn.numbers.precision import dtype_of

PRECISIONS = ("float32", "bfloat16", "float16")
Kernel = Callable[..., Any]
ROWS, SIZE, KEYS = 6, 65, 16


@dataclass(frozen=True)
class Problem:
    """A formula with the shapes that its kernels are tried on.

    Attributes:
        cotangent: of a gradient, the shape of the formula's output.
        kinds: the probes that the kernels are tried on, beside ordinary numbers.
    """

    formula: Any
    shapes: tuple[Any, ...]
    cotangent: tuple[int, ...] | None = None
    wrt: Any = None
    algorithms: Sequence[Any] = ()
    kinds: tuple[str, ...] = ("whole numbers",)
    positive: tuple[int, ...] = field(default=())

    def inputs(self, kind: str, seed: int, dtype: str) -> tuple[Any, ...]:
        rng = np.random.default_rng(seed)
        shapes = (*self.shapes, self.cotangent) if self.cotangent is not None else self.shapes
        arrays = [array_of(kind, rng, shape, dtype) for shape in shapes]
        return tuple(abs(array) if i in self.positive else array for i, array in enumerate(arrays))

    def admitted(self, arrays: Sequence[Any]) -> Any:
        if self.cotangent is None:
            return admissible.value(self.formula, *arrays, compute="float32", algorithms=self.algorithms)
        return admissible.gradient(
            self.formula,
            *arrays[:-1],
            cotangent=arrays[-1],
            wrt=self.wrt,
            compute="float32",
            algorithms=self.algorithms,
        )


def labels(rng: np.random.Generator) -> Any:
    found = rng.integers(0, SIZE, size=ROWS)
    found[2] = -100
    return found


ROW, VECTOR = (ROWS, SIZE), (SIZE,)
HEAD = (2, KEYS, 8)
LINEAR = ((ROWS, 70), (9, 70), (9,))
MASK = formulas.causal(KEYS, KEYS)
FAR = ("whole numbers", "scale 60", "one dominant entry")

PROBLEMS: dict[str, Problem] = {
    "gelu": Problem(formulas.gelu, (ROW,)),
    "gelu tanh": Problem(formulas.gelu_tanh, (ROW,)),
    "silu": Problem(formulas.silu, (ROW,), kinds=FAR),
    "swiglu": Problem(formulas.swiglu, (ROW, ROW)),
    "mish": Problem(formulas.mish, (ROW,)),
    "layer norm": Problem(
        formulas.layer_norm,
        (ROW, VECTOR, VECTOR),
        algorithms=(formulas.layer_norm_welford,),
        kinds=("whole numbers", "scale 0.02"),
    ),
    "rms norm": Problem(formulas.rms_norm, (ROW, VECTOR), kinds=("whole numbers", "scale 0.02")),
    "softmax": Problem(formulas.softmax, (ROW,), kinds=FAR),
    "log softmax": Problem(formulas.log_softmax, (ROW,), kinds=FAR),
    "cross entropy": Problem(formulas.cross_entropy, (ROW, labels), kinds=FAR),
    "smoothed": Problem(partial(formulas.cross_entropy, smoothing=0.1), (ROW, labels)),
    "attention": Problem(formulas.attention, (HEAD, HEAD, HEAD), kinds=("scale 60",)),
    "causal": Problem(partial(formulas.attention, mask=MASK), (HEAD, HEAD, HEAD)),
    "linear": Problem(formulas.linear, LINEAR),
    "linear relu": Problem(formulas.linear_relu, LINEAR),
    "rotary": Problem(formulas.rotary, ((ROWS, 8), (ROWS, 8), (ROWS, 8))),
    "sgd": Problem(formulas.sgd_step, (VECTOR, VECTOR, VECTOR)),
    "adam": Problem(partial(formulas.adam_step, step=3), (VECTOR,) * 4, positive=(3,)),
    "huber": Problem(formulas.huber, (ROW, ROW)),
    "d gelu": Problem(formulas.gelu, (ROW,), ROW),
    "d silu": Problem(formulas.silu, (ROW,), ROW),
    "d layer norm": Problem(formulas.layer_norm, (ROW, VECTOR, VECTOR), ROW),
    "d rms norm": Problem(formulas.rms_norm, (ROW, VECTOR), ROW),
    "d softmax": Problem(formulas.softmax, (ROW,), ROW),
    "d log softmax": Problem(formulas.log_softmax, (ROW,), ROW),
    "d cross entropy": Problem(formulas.cross_entropy, (ROW, labels), ()),
    "d linear": Problem(formulas.linear, LINEAR, (ROWS, 9)),
    "d attention": Problem(formulas.attention, (HEAD, HEAD, HEAD), HEAD),
}


def run(kernel: Kernel, arrays: Sequence[Any], dtype: str) -> Any:
    """The kernel's answer in the precision of its arrays."""
    wide = [array.astype(np.float32) if array.dtype == dtype_of(dtype) else array for array in arrays]
    with np.errstate(all="ignore"):
        answer = kernel(*wide)
        many = isinstance(answer, tuple)
        found = tuple(np.asarray(each).astype(dtype_of(dtype)) for each in (answer if many else (answer,)))
    return found if many else found[0]


def tried(name: str, kernel: Kernel, dtype: str, seeds: range) -> Iterator[tuple[str, Any]]:
    """The judgements of a kernel on ordinary numbers of every seed, then on the probes of its problem."""
    for kind, seed in [*(("ordinary", seed) for seed in seeds), *((kind, 0) for kind in PROBLEMS[name].kinds)]:
        arrays, admitted = asked(name, kind, seed, dtype)
        with np.errstate(all="ignore"):
            yield f"{kind}, seed {seed}", admitted.judge(run(kernel, arrays, dtype))


@lru_cache(maxsize=256)
def asked(name: str, kind: str, seed: int, dtype: str) -> tuple[Any, Any]:
    """The inputs of a problem and their set, made once for all its kernels."""
    arrays = PROBLEMS[name].inputs(kind, seed, dtype)
    with np.errstate(all="ignore"):
        return arrays, PROBLEMS[name].admitted(arrays)
