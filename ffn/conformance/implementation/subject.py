"""The implementation under test, called with copies and held to the shapes and kinds of the protocol."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import RECURRENT_NAMES, ActivationCase, Case, DropoutCase, RecurrentCase
from ffn.conformance.implementation.protocol import PARTS
from ffn.network.description import Network, Parameters, Recurrent
from ffn.numbers.precision import NAMES

METHODS = (
    *("forward", "loss", "gradient", "activation", "slope"),
    *("dropout_forward", "dropout_loss", "dropout_gradient"),
    *("recurrent_forward", "recurrent_loss", "recurrent_gradient"),
)


class ImplementationError(Exception):
    """The implementation raised, or returned something of the wrong kind or shape. The text says which."""


class Subject:
    """An implementation whose answers come back as NumPy arrays of the right shape, or as ImplementationError.

    Raises:
        TypeError: when the object offers no method of the protocol, or no dtypes, or parts that nobody knows.
    """

    def __init__(self, implementation: Any) -> None:
        self.implementation = implementation
        if not any(self.offers(method) for method in METHODS):
            raise TypeError(f"{implementation!r} offers none of {', '.join(METHODS)}")
        dtypes = getattr(implementation, "dtypes", None)
        if not isinstance(dtypes, Sequence) or isinstance(dtypes, str) or not set(dtypes) <= set(NAMES) or not dtypes:
            raise TypeError(f"{implementation!r} has no dtypes: a sequence of some of {', '.join(NAMES)}")
        self.dtypes = tuple(dtypes)
        self.parts = tuple(getattr(implementation, "parts", ()))
        if unknown := [part for part in self.parts if part not in PARTS]:
            raise TypeError(f"{implementation!r} offers an unknown part {unknown[0]!r}: {', '.join(PARTS)}")
        self.name = str(getattr(implementation, "name", type(implementation).__name__))

    def offers(self, method: str) -> bool:
        return callable(getattr(self.implementation, method, None))

    def supports(self, network: Network) -> bool:
        supports = getattr(self.implementation, "supports", None)
        return supports is None or bool(self.call(supports, network))

    def supports_recurrent(self, recurrent: Recurrent) -> bool:
        supports = getattr(self.implementation, "supports_recurrent", None)
        return supports is None or bool(self.call(supports, recurrent))

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

    def dropout_forward(self, case: DropoutCase) -> npt.NDArray[Any]:
        given = copies(case.parameters), case.x.copy(), _copied(case.masks)
        answer = self.call(self.implementation.dropout_forward, case.network, *given)
        return self.array(answer, (case.x.shape[0], case.network.units), "dropout_forward")

    def dropout_loss(self, case: DropoutCase) -> npt.NDArray[Any]:
        given = copies(case.parameters), case.x.copy(), case.y.copy(), _copied(case.masks)
        return self.array(self.call(self.implementation.dropout_loss, case.network, *given), (), "dropout_loss")

    def dropout_gradient(self, case: DropoutCase) -> Parameters:
        given = copies(case.parameters), case.x.copy(), case.y.copy(), _copied(case.masks)
        return self.as_parameters(case.network, self.call(self.implementation.dropout_gradient, case.network, *given))

    def recurrent_forward(self, case: RecurrentCase) -> npt.NDArray[Any]:
        given = tuple(map(_copied, case.parameters)), case.x.copy(), case.h0.copy()
        answer = self.call(self.implementation.recurrent_forward, case.recurrent, *given)
        return self.array(answer, (case.x.shape[0], case.recurrent.units), "recurrent_forward")

    def recurrent_loss(self, case: RecurrentCase) -> npt.NDArray[Any]:
        given = tuple(map(_copied, case.parameters)), case.x.copy(), case.y.copy(), case.h0.copy()
        return self.array(self.call(self.implementation.recurrent_loss, case.recurrent, *given), (), "recurrent_loss")

    def recurrent_gradient(self, case: RecurrentCase) -> tuple[tuple[npt.NDArray[Any], ...], ...]:
        given = tuple(map(_copied, case.parameters)), case.x.copy(), case.y.copy(), case.h0.copy()
        answer = self.call(self.implementation.recurrent_gradient, case.recurrent, *given)
        return self.as_recurrent_parameters(case.recurrent, answer)

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

    def as_recurrent_parameters(self, recurrent: Recurrent, answer: Any) -> tuple[tuple[npt.NDArray[Any], ...], ...]:
        """The answer as ((dW, dU, db), (dV, dc)) of the layer's shapes."""
        try:
            layers = [tuple(layer) for layer in answer]
        except TypeError as error:
            raise ImplementationError("recurrent_gradient returned something that is no nested sequence") from error
        if [len(layer) for layer in layers] != [len(names) for names in RECURRENT_NAMES]:
            raise ImplementationError("recurrent_gradient returned something else than ((dW, dU, db), (dV, dc))")
        return tuple(
            tuple(
                self.array(array, shape, f"recurrent_gradient of {name}")
                for name, array, shape in zip(names, arrays, shapes, strict=True)
            )
            for names, arrays, shapes in zip(RECURRENT_NAMES, layers, recurrent.shapes, strict=True)
        )


def _copied(arrays: tuple[npt.NDArray[Any], ...]) -> tuple[npt.NDArray[Any], ...]:
    return tuple(array.copy() for array in arrays)


def copies(parameters: Parameters) -> Parameters:
    return tuple((W.copy(), b.copy()) for W, b in parameters)
