"""The gradients of the formulas that come with the kit, against autograd's."""

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import make_vjp

from ffn import admissible
from ffn.admissible import formulas
from tests.formula.programs.test_formulas import ARRAYS, ENTRIES, ROW, arrays


class Traced:
    """The operations of a formula in autograd's, which share nothing with those of the kit."""

    exp, log, log1p, expm1, tanh, sqrt = anp.exp, anp.log, anp.log1p, anp.expm1, anp.tanh, anp.sqrt
    sin, cos, abs, maximum, where, sum, mean, max = (
        anp.sin,
        anp.cos,
        anp.abs,
        anp.maximum,
        anp.where,
        anp.sum,
        anp.mean,
        anp.max,
    )

    @staticmethod
    def erf(x: Any) -> Any:
        from autograd.scipy.special import erf

        return erf(x)

    @staticmethod
    def rsqrt(x: Any) -> Any:
        return 1 / anp.sqrt(x)

    @staticmethod
    def stop_gradient(x: Any) -> Any:
        return getattr(x, "_value", x)

    @staticmethod
    def matrix_transpose(x: Any) -> Any:
        return anp.swapaxes(x, -1, -2)

    @staticmethod
    def take(x: Any, index: Any, axis: int = 0) -> Any:
        return x[index]

    @staticmethod
    def take_along_axis(x: Any, index: Any, axis: int) -> Any:
        return x[np.arange(len(index))[:, None], index]

    @staticmethod
    def concat(parts: Any, axis: int = 0) -> Any:
        return anp.concatenate(parts, axis=axis)

    @staticmethod
    def zeros_like(x: Any) -> Any:
        return anp.zeros_like(x)


GRADIENTS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    **{name: (formula, (ROW,)) for name, (formula, _) in ENTRIES.items()},
    **{name: (formula, shapes) for name, (formula, _, shapes) in ARRAYS.items() if "_step" not in name},
    "rotary": (formulas.rotary, ((3, 4),) * 3),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_the_gradient_of_a_formula_is_autograd_s(name: str) -> None:
    """Without it reverse mode over enclosures could share its mistakes with nobody."""
    formula, shapes = GRADIENTS[name]
    given = arrays(shapes, 1)
    floating = [i for i, array in enumerate(given) if array.dtype == np.float64]

    def traced(*some: Any) -> Any:
        every = list(given)
        for i, array in zip(floating, some, strict=True):
            every[i] = array
        return formula(Traced, *every)

    value = traced(*[given[i] for i in floating])
    cotangent = np.random.default_rng(2).normal(size=np.shape(value))
    found = []
    for j, i in enumerate(floating):

        def alone(array: Any, j: int = j) -> Any:
            return traced(*[array if k == j else given[floating[k]] for k in range(len(floating))])

        found.append(make_vjp(alone)(given[i])[0](cotangent))
    admitted = admissible.gradient(formula, *given, cotangent=cotangent)
    judgement = admitted.judge(tuple(found) if len(found) > 1 else found[0])
    assert not judgement.outside, judgement
    assert judgement.undecided < 0.15  # a row that sees one key has no gradient
    assert (
        tuple(each * (1 + 1e-9) for each in found) not in admitted
        if len(found) > 1
        else found[0] * (1 + 1e-9) not in admitted
    )
