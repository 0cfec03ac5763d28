"""The implementation under test, called with copies and held to the shapes and kinds of the protocol."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.case import ActivationCase, Case
from ffn.network import Network, Parameters
from ffn.numbers.precision import NAMES

METHODS = ("forward", "loss", "gradient", "activation", "slope")


class ImplementationError(Exception):
    """The implementation raised, or returned something of the wrong kind or shape. The text says which."""


class Subject:
    """An implementation whose answers come back as NumPy arrays of the right shape, or as ImplementationError.

    Raises:
        TypeError: when the object offers no method of the protocol, or no dtypes.
    """

    def __init__(self, implementation: Any) -> None:
        self.implementation = implementation
        if not any(self.offers(method) for method in METHODS):
            raise TypeError(f"{implementation!r} offers none of {', '.join(METHODS)}")
        dtypes = getattr(implementation, "dtypes", None)
        if not isinstance(dtypes, Sequence) or isinstance(dtypes, str) or not set(dtypes) <= set(NAMES) or not dtypes:
            raise TypeError(f"{implementation!r} has no dtypes: a sequence of some of {', '.join(NAMES)}")
        self.dtypes = tuple(dtypes)
        self.name = str(getattr(implementation, "name", type(implementation).__name__))

    def offers(self, method: str) -> bool:
        return callable(getattr(self.implementation, method, None))

    def supports(self, network: Network) -> bool:
        supports = getattr(self.implementation, "supports", None)
        return supports is None or bool(self.call(supports, network))

    # answers, checked

    def forward(self, case: Case) -> npt.NDArray[Any]:
        return self.array(self.raw_forward(case), (case.x.shape[0], case.network.units), "forward")

    def loss(self, case: Case) -> npt.NDArray[Any]:
        return self.array(self.raw_loss(case), (), "loss")

    def gradient(self, case: Case) -> Parameters:
        return self.as_parameters(case.network, self.raw_gradient(case))

    def activation(self, case: ActivationCase) -> npt.NDArray[Any]:
        answer = self.call(self.implementation.activation, case.activation, case.z.copy())
        return self.array(answer, case.z.shape, "activation")

    def slope(self, case: ActivationCase) -> npt.NDArray[Any]:
        answer = self.call(self.implementation.slope, case.activation, case.z.copy())
        return self.array(answer, case.z.shape, "slope")

    # answers as they come, from copies of the inputs

    def raw_forward(self, case: Case) -> Any:
        return self.call(self.implementation.forward, case.network, copies(case.parameters), case.x.copy())

    def raw_loss(self, case: Case) -> Any:
        arguments = copies(case.parameters), case.x.copy(), case.y.copy()
        return self.call(self.implementation.loss, case.network, *arguments)

    def raw_gradient(self, case: Case) -> Any:
        arguments = copies(case.parameters), case.x.copy(), case.y.copy()
        return self.call(self.implementation.gradient, case.network, *arguments)

    def call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Call it with its own warnings silenced: overflow to infinity is an answer like any other."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return method(*arguments)
        except (Exception, SystemExit) as error:
            name = getattr(method, "__name__", "call")
            text = " ".join(str(error).split())
            raise ImplementationError(f"{name} raised {type(error).__name__}: {text}") from error

    def array(self, answer: Any, shape: tuple[int, ...], method: str) -> npt.NDArray[Any]:
        """The answer as an array of real numbers of that shape."""
        try:
            array = np.asarray(answer)
        except (TypeError, ValueError) as error:  # nested lists of unequal lengths
            raise ImplementationError(f"{method} returned {type(answer).__name__}, not an array of numbers") from error
        if array.dtype.name != "bfloat16" and array.dtype.kind not in "iuf":
            kind = f"{type(answer).__name__} of {array.dtype}"
            raise ImplementationError(f"{method} returned {kind}, not of real numbers")
        if array.shape != shape:
            raise ImplementationError(f"{method} returned shape {array.shape}, not {shape}")
        return array

    def as_parameters(self, network: Network, answer: Any) -> Parameters:
        """The answer as ((dW, db), ...) of the network's shapes."""
        try:
            pairs = [(dW, db) for dW, db in answer]
        except (TypeError, ValueError) as error:
            raise ImplementationError("gradient returned something that is no sequence of pairs (dW, db)") from error
        if len(pairs) != network.depth:
            raise ImplementationError(f"gradient returned {len(pairs)} layers, not {network.depth}")
        return tuple(
            (self.array(dW, w, f"gradient of layer {layer}, W,"), self.array(db, b, f"gradient of layer {layer}, b,"))
            for layer, ((dW, db), (w, b)) in enumerate(zip(pairs, network.shapes, strict=True))
        )


def copies(parameters: Parameters) -> Parameters:
    return tuple((W.copy(), b.copy()) for W, b in parameters)
