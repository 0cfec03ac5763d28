"""The gradient checkers of torch, jax and autograd, each as its documentation has it called, on a function in NumPy.

A function is a scalar of a list of arrays, with the gradient that somebody wrote for it: each library is given it as an
operation of one's own. In float64, which all of them ask for, with their own tolerances; jax's also in float32, which
is its default.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

Arrays = list[Any]
Function = Callable[[Arrays], Any]
Gradient = Callable[[Arrays], Arrays]
Checker = Callable[[Function, Gradient, Arrays], bool]


def gradcheck(function: Function, gradient: Gradient, arrays: Arrays) -> bool:
    """torch.autograd.gradcheck: every entry by differences, 1e-3 relative and 1e-5 absolute."""
    import torch

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *given: Any) -> Any:
            context.save_for_backward(*given)
            return torch.tensor(float(function([each.detach().numpy() for each in given])), dtype=torch.float64)

        @staticmethod
        def backward(context: Any, *cotangents: Any) -> Any:
            found = gradient([each.detach().numpy() for each in context.saved_tensors])
            return tuple(torch.from_numpy(np.array(each, dtype=np.float64)) * cotangents[0] for each in found)

    given = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    return bool(torch.autograd.gradcheck(Own.apply, given, raise_exception=False))


def _jax(dtype: str) -> Checker:
    def check_grads(function: Function, gradient: Gradient, arrays: Arrays) -> bool:
        """jax.test_util.check_grads in reverse mode: one random direction."""
        import jax
        from jax.test_util import check_grads as check

        jax.config.update("jax_enable_x64", True)
        kind = np.dtype(dtype)

        @jax.custom_vjp
        def own(*given: Any) -> Any:
            def primal(*each: Any) -> Any:
                return np.asarray(function([np.asarray(a) for a in each]), dtype=kind)

            return jax.pure_callback(primal, jax.ShapeDtypeStruct((), kind), *given)

        def backward(given: Any, cotangent: Any) -> Any:
            found = gradient([np.asarray(each) for each in given])
            return tuple(jax.numpy.asarray(each, dtype=kind) * cotangent for each in found)

        own.defvjp(lambda *given: (own(*given), given), backward)
        try:
            check(own, [jax.numpy.asarray(array, dtype=kind) for array in arrays], order=1, modes=["rev"])
        except AssertionError:
            return False
        return True

    return check_grads


def autograd_check_grads(function: Function, gradient: Gradient, arrays: Arrays) -> bool:
    """autograd.test_util.check_grads in reverse mode: one random direction, 1e-6 relative and absolute."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads as check

    own = primitive(lambda *given: float(function([np.asarray(each) for each in given])))

    def pulled_back(place: int) -> Any:
        def of(answer: Any, *given: Any) -> Any:
            return lambda cotangent: np.asarray(gradient([np.asarray(each) for each in given])[place]) * cotangent

        return of

    defvjp(own, *map(pulled_back, range(len(arrays))))
    np.random.seed(0)
    try:
        check(own, argnum=tuple(range(len(arrays))), modes=["rev"], order=1)(
            *[np.asarray(array, dtype=np.float64) for array in arrays]
        )
    except AssertionError:
        return False
    return True


# what it is called, its module, its check
EVERY: dict[str, tuple[str, Checker]] = {
    "torch.autograd.gradcheck": ("torch", gradcheck),
    "jax.test_util.check_grads, float64": ("jax", _jax("float64")),
    "jax.test_util.check_grads, float32": ("jax", _jax("float32")),
    "autograd.test_util.check_grads": ("autograd", autograd_check_grads),
}


def installed() -> dict[str, Checker]:
    """Those that can be run here."""
    return {name: check for name, (module, check) in EVERY.items() if find_spec(module)}
