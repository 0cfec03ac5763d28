"""Arrays of torch and jax, judged as they are; skipped where they are not installed.

`nox -s arrays` has jax, `nox -s "adapters(torch)"` torch.
"""

import shutil
import warnings
from typing import Any

import pytest
from hypothesis import settings

from ffn import admissible
from ffn.admissible import formulas
from tests.helpers.profiles import DEFAULT

THOROUGH = settings.default is not None and settings.default.max_examples > DEFAULT
NAMES = ("float32", "float16", "bfloat16", "float64")


def inside(name: str) -> str | None:
    return "float32" if name.endswith("float16") else None


@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_jax(name: str) -> None:
    """Without it a program in jax could be judged after a copy by hand alone."""
    jax: Any = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    dtype, wide = jax.numpy.dtype(name), jax.numpy.dtype(inside(name) or name)
    x, g = (jax.random.normal(jax.random.PRNGKey(seed), (6, 65)).astype(dtype) for seed in (0, 1))

    def gelu(x: Any) -> Any:
        return jax.nn.gelu(x.astype(wide), approximate=False)

    softmax = jax.jit(lambda x: jax.nn.softmax(x.astype(wide)).astype(dtype))(x)
    assert softmax in admissible.value(formulas.softmax, x, compute=inside(name))
    assert softmax * 1.01 not in admissible.value(formulas.softmax, x, compute=inside(name))
    slope = jax.grad(lambda x: (gelu(x) * g.astype(wide)).sum())(x)
    assert slope in admissible.gradient(formulas.gelu, x, cotangent=g, compute=inside(name))


@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_torch(name: str) -> None:
    torch: Any = pytest.importorskip("torch")
    dtype, wide = getattr(torch, name), getattr(torch, inside(name) or name)
    x = torch.randn(6, 65, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
    g = torch.ones(6, 65, dtype=dtype)
    softmax = torch.softmax(x.to(wide), -1).to(dtype)
    assert softmax in admissible.value(formulas.softmax, x, compute=inside(name))
    assert softmax * 1.01 not in admissible.value(formulas.softmax, x, compute=inside(name))
    slope = torch.autograd.grad((torch.nn.functional.silu(x.to(wide)) * g.to(wide)).sum(), x)
    assert slope in admissible.gradient(formulas.silu, x, cotangent=g, compute=inside(name))


@pytest.mark.skipif(not THOROUGH or shutil.which("g++") is None, reason="a thorough run, where there is a compiler")
@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_kernels_compiled_by_torch(name: str) -> None:
    """Without it what a compiler fuses, and vectorises in an order of its own, could be called wrong."""
    torch: Any = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    x, w, b = (torch.randn(*shape, generator=generator).to(getattr(torch, name)) for shape in ((8, 65), (65,), (65,)))

    def kernel(x: Any, w: Any, b: Any) -> Any:
        return torch.nn.functional.gelu(torch.nn.functional.layer_norm(x, (65,), w, b), approximate="tanh")

    def formula(xp: Any, x: Any, w: Any, b: Any) -> Any:
        return formulas.gelu_tanh(xp, xp.cast(formulas.layer_norm(xp, x, w, b)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(kernel, dynamic=False)(x, w, b)
    assert compiled in admissible.value(formula, x, w, b, compute=inside(name), algorithms=[_fused])
    assert compiled * 1.01 not in admissible.value(formula, x, w, b, compute=inside(name), algorithms=[_fused])


def _fused(xp: Any, x: Any, w: Any, b: Any) -> Any:
    return formulas.gelu_tanh(xp, formulas.layer_norm(xp, x, w, b))
