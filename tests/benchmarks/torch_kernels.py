"""The kernels of torch on CPU by the sets of their formulas: the share of entries outside, by precision."""

from functools import partial
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from ffn import admissible
from ffn.admissible import formulas

F = torch.nn.functional
ROWS, SIZE = 128, 200
ROW, VECTOR, HEAD = (ROWS, SIZE), (SIZE,), (2, 32, 16)
LABELS = torch.arange(ROWS) % SIZE

# formula, kernel, shapes
KERNELS: dict[str, tuple[Any, Any, tuple[tuple[int, ...], ...]]] = {
    "gelu": (formulas.gelu, F.gelu, (ROW,)),
    "gelu, tanh": (formulas.gelu_tanh, partial(F.gelu, approximate="tanh"), (ROW,)),
    "silu": (formulas.silu, F.silu, (ROW,)),
    "mish": (formulas.mish, F.mish, (ROW,)),
    "layer norm": (formulas.layer_norm, lambda x, w, b: F.layer_norm(x, VECTOR, w, b), (ROW, VECTOR, VECTOR)),
    "rms norm": (formulas.rms_norm, lambda x, w: F.rms_norm(x, VECTOR, w, eps=1e-6), (ROW, VECTOR)),
    "softmax": (formulas.softmax, lambda x: F.softmax(x, -1), (ROW,)),
    "log softmax": (formulas.log_softmax, lambda x: F.log_softmax(x, -1), (ROW,)),
    "cross entropy": (
        lambda xp, x: formulas.cross_entropy(xp, x, LABELS.numpy()),
        lambda x: F.cross_entropy(x, LABELS),
        (ROW,),
    ),
    "smoothed by 0.1": (
        lambda xp, x: formulas.cross_entropy(xp, x, LABELS.numpy(), smoothing=0.1),
        lambda x: F.cross_entropy(x, LABELS, label_smoothing=0.1),
        (ROW,),
    ),
    "attention": (formulas.attention, F.scaled_dot_product_attention, (HEAD,) * 3),
    "linear": (formulas.linear, F.linear, (ROW, (64, SIZE), (64,))),
    "huber": (formulas.huber, F.huber_loss, (ROW, ROW)),
}
DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def measured() -> list[dict[str, Any]]:
    """Print the table of values and gradients, and return its figures."""
    torch.set_num_threads(1)
    figures = [
        {"formula": name, "dtype": str(dtype).removeprefix("torch."), **_outside(*KERNELS[name], dtype)}
        for name in KERNELS
        for dtype in DTYPES
    ]
    title = f"formulas: entries of torch {torch.__version__} outside, halves computed in float32"
    table = Table("formula", "precision", "value", "gradient", title=title)
    for figure in figures:
        shares = (f"{figure[what]:.1%}" if figure[what] else "none" for what in ("value", "gradient"))
        table.add_row(figure["formula"], figure["dtype"], *shares)
    Console().print(table)
    return figures


def _outside(formula: Any, kernel: Any, shapes: Any, dtype: Any) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    leaves = [torch.randn(*shape, generator=generator).to(dtype).requires_grad_() for shape in shapes]
    answer = kernel(*leaves)
    cotangent = torch.ones(answer.shape, dtype=dtype)
    if answer.ndim:
        cotangent = torch.randn(*answer.shape, generator=generator).to(dtype)
    gradient = torch.autograd.grad(answer, leaves, cotangent)
    arrays = [leaf.detach() for leaf in leaves]
    value = admissible.value(formula, *arrays, compute="float32").judge(answer)
    slope = admissible.gradient(formula, *arrays, cotangent=cotangent, compute="float32").judge(gradient)
    return {"value": value.outside / value.size, "gradient": slope.outside / slope.size}
