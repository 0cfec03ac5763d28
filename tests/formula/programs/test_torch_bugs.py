"""Wrong kernels in torch, by the formulas that they are for; skipped where it is not installed."""

import math
from typing import Any

import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.probes import drawn

torch: Any = pytest.importorskip("torch")
np: Any = pytest.importorskip("numpy")
F = torch.nn.functional
Tensor = Any

ROW, HEAD = (6, 65), (2, 16, 8)
NORM = (ROW, (65,), (65,))


def norm(x: Tensor, w: Tensor, b: Tensor, correction: int = 0, eps: float = 1e-5, outside: bool = False) -> Tensor:
    v, mean = torch.var_mean(x, -1, correction=correction, keepdim=True)
    return (x - mean) / (v.sqrt() + eps if outside else (v + eps).sqrt()) * w + b


def softmax(x: Tensor, top: bool = True) -> Tensor:
    e = (x - x.amax(-1, keepdim=True) if top else x).exp()
    return e / e.sum(-1, keepdim=True)


def attention(q: Tensor, k: Tensor, v: Tensor, scale: float = 8**-0.5, diagonal: int = 0) -> Tensor:
    mask = torch.ones(16, 16, dtype=torch.bool).tril(diagonal)
    return softmax((q @ k.mT * scale).masked_fill(~mask, -math.inf)) @ v


def causal(xp: Any, q: Any, k: Any, v: Any) -> Any:
    return formulas.attention(xp, q, k, v, mask=formulas.causal(16, 16))


def in_tiles(x: Tensor, w: Tensor, tail: bool) -> Tensor:
    """A product in tiles of 32; without its tail 65 columns are 64."""
    ends = range(0, 65 if tail else 64, 32)
    return sum((x[:, i : i + 32] @ w[i : i + 32] for i in ends), torch.zeros(()))


class Silu(torch.autograd.Function):
    """A backward pass of one's own; ``term`` is the second of its slope."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, term: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.term = term
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + ctx.term * x * (1 - s)), None


def slope(term: float) -> Any:
    def kernel(x: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(Silu.apply(x, term).sum(), x)[0]

    return kernel


# formula, shapes, what is drawn, a right kernel, wrong ones
CASES: dict[str, tuple[Any, Any, str, Any, dict[str, Any]]] = {
    "layer norm": (
        formulas.layer_norm,
        NORM,
        "scale 0.02",
        norm,
        {
            "var divides by n − 1": lambda *a: norm(*a, correction=1),
            "ε outside": lambda *a: norm(*a, outside=True),
            "ε of 1e-6": lambda *a: norm(*a, eps=1e-6),
            "weight forgotten": lambda x, w, b: norm(x, torch.ones_like(w), b),
        },
    ),
    "softmax": (
        formulas.softmax,
        (ROW,),
        "scale 60",
        softmax,
        {
            "no maximum": lambda x: softmax(x, top=False),
            "last column stale": lambda x: torch.cat([softmax(x)[:, :-1], softmax(x)[:, :1]], -1),
        },
    ),
    "gelu": (
        formulas.gelu,
        (ROW,),
        "scale 60",
        lambda x: x * 0.5 * (1 + torch.erf(x * math.sqrt(0.5))),
        {"tanh for erf": lambda x: F.gelu(x, approximate="tanh"), "relu": torch.relu},
    ),
    "causal attention": (
        causal,
        (HEAD,) * 3,
        "ordinary",
        attention,
        {
            "scale 1/d": lambda *a: attention(*a, scale=1 / 8),
            "mask one off": lambda *a: attention(*a, diagonal=1),
        },
    ),
    "product": (
        lambda xp, x, w: x @ w,
        (ROW, (65, 9)),
        "ordinary",
        lambda x, w: in_tiles(x, w, tail=True),
        {
            "tail not summed": lambda x, w: in_tiles(x, w, tail=False),
            "factors in bfloat16": lambda x, w: (x.bfloat16() @ w.bfloat16()).float(),
        },
    ),
    "slope of silu": (
        lambda xp, x: (lambda s: s * (1 + x * (1 - s)))(formulas.sigmoid(xp, x)),
        (ROW,),
        "ordinary",
        slope(1),
        {"without its second term": slope(0), "half of it": slope(0.5)},
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", CASES)
def test_a_bug_in_torch_is_seen_and_its_kernel_admitted(name: str, dtype: str) -> None:
    """Without it a table of bugs in NumPy would have to stand for those of the library that kernels are written for."""
    formula, shapes, kind, right, wrong = CASES[name]
    seen: dict[str, bool] = {}
    for each in dict.fromkeys(["ordinary", kind]):
        rng = np.random.default_rng(0)
        wide = [torch.from_numpy(drawn(each, rng, shape, dtype).astype(np.float32)) for shape in shapes]
        arrays = [array.to(getattr(torch, dtype)) for array in wide]
        admitted = admissible.value(formula, *arrays, compute="float32")
        assert right(*wide).to(arrays[0].dtype) in admitted
        for label, kernel in {**wrong, "returned as it was computed": right}.items():
            cast = kernel is not right
            computed = kernel(*wide).to(arrays[0].dtype) if cast else kernel(*wide).double()
            seen[label] = seen.get(label, False) or computed not in admitted
    unseen = {label for label, found in seen.items() if not found}
    assert unseen <= ({"factors in bfloat16"} if dtype == "bfloat16" else set())  # which they are there
