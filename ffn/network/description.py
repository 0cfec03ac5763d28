"""The description of a feedforward network, and its parameters.

Shapes. A batch x is (N, inputs), one example a row. A layer's W is (in, units), or (in, units, pieces) for maxout, and
its b (units,) or (units, pieces): z = x @ W + b, as in the book's g(Wᵀx + c) (Goodfellow, Bengio & Courville 2016,
ch. 6). The last layer is affine. Parameters, and their gradient, are a tuple of (W, b).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from ffn.network.activations import ACTIVATIONS, DEFAULT_NEGATIVE_SLOPE, ELEMENTWISE

Parameters = tuple[tuple[Any, Any], ...]

OUTPUTS = ("gaussian", "laplace", "bernoulli", "categorical", "poisson")
LEARNED_VARIANCE = ("heteroscedastic", "mixture")  # the outputs whose units hold log-variances too
REDUCTIONS: tuple[Literal["mean", "sum"], ...] = ("mean", "sum")
DEFAULT_PIECES = 2
DEFAULT_COMPONENTS = 2


@dataclass(frozen=True, repr=False)
class Hidden:
    """A hidden layer.

    Attributes:
        units: its width.
        activation: one of ``ELEMENTWISE``, or ``"maxout"``.
        negative_slope: of leaky_relu alone, 0.01 when left out.
        pieces: of maxout alone, 2 when left out.

    Raises:
        ValueError: when an attribute is out of its range or belongs to another activation.
    """

    units: int
    activation: str = "relu"
    negative_slope: float | None = None
    pieces: int | None = None

    def __post_init__(self) -> None:
        _make_plain(self)
        _require_count("units", self.units)
        if self.activation not in (*ELEMENTWISE, "maxout"):
            raise ValueError(f"unknown activation {self.activation!r}: one of {', '.join(ELEMENTWISE)} or maxout")
        self._settle("negative_slope", "leaky_relu", DEFAULT_NEGATIVE_SLOPE)
        self._settle("pieces", "maxout", DEFAULT_PIECES)
        if self.pieces is not None:
            _require_count("pieces", self.pieces)
        if self.negative_slope is not None:
            _require_finite("negative_slope", self.negative_slope)

    def __repr__(self) -> str:
        own = "".join(
            f", {name}={getattr(self, name)!r}"
            for name in ("negative_slope", "pieces")
            if getattr(self, name) is not None
        )
        return f"Hidden({self.units!r}, {self.activation!r}{own})"

    def _settle(self, attribute: str, activation: str, default: float) -> None:
        """Give the attribute its default where the activation has it, and refuse it elsewhere."""
        value = getattr(self, attribute)
        if value is not None and self.activation != activation:
            raise ValueError(f"{attribute} belongs to {activation}, not to {self.activation}")
        if value is None and self.activation == activation:
            object.__setattr__(self, attribute, default)


@dataclass(frozen=True, repr=False)
class Output:
    """The output distribution.

    Attributes:
        name: gaussian (unit variance), laplace, bernoulli, categorical or poisson, whose units are one a target; or
            heteroscedastic, whose units are the means of all targets, then their log-variances; or mixture, whose units
            are the logits, then the means, then the log-variances of all components, target by target.
        components: of mixture alone, 2 when left out.

    Raises:
        ValueError: when an attribute is out of its range or belongs to another output.
    """

    name: str
    components: int | None = None

    def __post_init__(self) -> None:
        _make_plain(self)
        if self.name not in (*OUTPUTS, *LEARNED_VARIANCE):
            raise ValueError(f"unknown output {self.name!r}: one of {', '.join((*OUTPUTS, *LEARNED_VARIANCE))}")
        if self.name != "mixture" and self.components is not None:
            raise ValueError(f"components belongs to mixture, not to {self.name}")
        if self.name == "mixture":
            object.__setattr__(self, "components", DEFAULT_COMPONENTS if self.components is None else self.components)
            _require_count("components", self.components)

    def __repr__(self) -> str:
        own = "" if self.components is None else f", components={self.components!r}"
        return f"Output({self.name!r}{own})"

    @property
    def blocks(self) -> int:
        """How many numbers of each target, or of each component, lie one after the other in the units."""
        return {"heteroscedastic": 2, "mixture": 3}.get(self.name, 1)

    @property
    def units_per_target(self) -> int:
        """How many units one scalar target takes; for categorical, whose units are one variable, 1 a class."""
        return self.blocks * (self.components or 1)


class _Described:
    """What descriptions have in common: they are written and read as JSON."""

    def to_json(self) -> str:
        """The description as JSON: the attributes, those of other activations left out."""
        attributes: Any = asdict(self, dict_factory=_without_none)  # type: ignore[call-overload]
        return json.dumps(attributes)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The description that ``to_json`` wrote.

        Raises:
            ValueError: when the text is not JSON or does not describe a network, or a recurrent layer.
        """
        fields = json.loads(text)
        try:
            hidden = fields.pop("hidden", ())
            layers = Hidden(**hidden) if isinstance(hidden, dict) else tuple(Hidden(**layer) for layer in hidden)
            return cls(hidden=layers, output=Output(**fields.pop("output")), **fields)  # type: ignore[call-arg]
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"not the description of a {cls.__name__}: {error}") from error


@dataclass(frozen=True)
class Network(_Described):
    """A feedforward network: any number of hidden layers, then an affine layer whose rows z give the distribution.

    Attributes:
        inputs: width of x.
        hidden: the hidden layers, from the input on; may be empty.
        units: width of the last affine layer: a multiple of the units that the output takes for each target.
        output: the distribution that turns z into a negative log-likelihood, summed over the units.
        reduction: ``"mean"`` or ``"sum"`` over the batch.
        weight_decay: λ of (λ/2) Σ‖W‖², biases excluded.

    Raises:
        ValueError: when an attribute is out of its range.
    """

    inputs: int
    units: int
    output: Output
    hidden: tuple[Hidden, ...] = ()
    reduction: Literal["mean", "sum"] = "mean"
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _make_plain(self)
        if isinstance(self.hidden, Hidden):
            raise ValueError(f"hidden is a tuple of layers, not one: ({self.hidden!r},)")
        object.__setattr__(self, "hidden", tuple(self.hidden))
        _require_count("inputs", self.inputs)
        _require_readout(self.units, self.output, self.reduction)
        for layer in self.hidden:
            _require_type("hidden", layer, Hidden)
        _require_finite("weight_decay", self.weight_decay)
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay is at least 0, not {self.weight_decay!r}")

    @property
    def depth(self) -> int:
        """The number of affine layers."""
        return len(self.hidden) + 1

    @property
    def targets(self) -> int:
        """The number of scalar targets of an example; categorical has one class index instead."""
        return self.units // self.output.units_per_target

    @cached_property
    def shapes(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """The shapes of (W, b), layer by layer."""
        widths = (self.inputs, *(layer.units for layer in self.hidden))
        pieces = tuple((layer.pieces,) if layer.pieces else () for layer in self.hidden)
        hidden = zip(widths, self.hidden, pieces, strict=False)
        return (
            *(((d, layer.units, *k), (layer.units, *k)) for d, layer, k in hidden),
            ((widths[-1], self.units), (self.units,)),
        )

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Where each array of the parameters stands, as messages say it."""
        return tuple((f"layer {layer}, W", f"layer {layer}, b") for layer in range(self.depth))

    @property
    def axes(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """What each axis of the parameters runs over, nested as ``shapes``; the same name, the same things."""
        layers = range(1, self.depth)
        units = ["input", *(f"unit {layer}" for layer in layers), "column"]
        pieces = [(f"piece {layer}",) if hidden.pieces else () for layer, hidden in enumerate(self.hidden, 1)]
        reads = zip(units[:-1], units[1:], [*pieces, ()], strict=True)
        return tuple(((read, unit, *piece), (unit, *piece)) for read, unit, piece in reads)

    def resized(self, lengths: Mapping[str, int]) -> Network:
        """The network with other lengths of some axes; of ``component`` too, which lies within the columns."""
        hidden = tuple(
            replace(
                layer,
                units=lengths.get(f"unit {place}", layer.units),
                pieces=lengths.get(f"piece {place}", layer.pieces),
            )
            for place, layer in enumerate(self.hidden, 1)
        )
        return replace(self, inputs=lengths.get("input", self.inputs), hidden=hidden, **_readout(self, lengths))


@dataclass(frozen=True)
class Recurrent(_Described):
    """A recurrent layer, unrolled over the T steps of its input, and the affine output of its last state.

    h_t = g(x_t W + h_{t−1} U + b) for t = 1, …, T, then z = h_T V + c. A batch x is (N, T, inputs), the first state
    (N, hidden.units); the parameters are ((W, U, b), (V, c)), the same at every step.
    Source: Goodfellow, Bengio & Courville 2016, section 10.2.

    Attributes:
        inputs: width of x_t.
        hidden: the recurrent layer: its width, and g, which is element-wise.
        units: width of z.
        output: the distribution that turns z into a negative log-likelihood.
        reduction: ``"mean"`` or ``"sum"`` over the batch.

    Raises:
        ValueError: when an attribute is out of its range.
    """

    inputs: int
    hidden: Hidden
    units: int
    output: Output
    reduction: Literal["mean", "sum"] = "mean"

    def __post_init__(self) -> None:
        _make_plain(self)
        _require_count("inputs", self.inputs)
        _require_type("hidden", self.hidden, Hidden)
        if self.hidden.activation == "maxout":
            raise ValueError("the activation of a recurrent layer is element-wise, not maxout")
        _require_readout(self.units, self.output, self.reduction)

    @property
    def readout(self) -> Network:
        """The affine network from the last state to z."""
        return Network(self.hidden.units, self.units, self.output, reduction=self.reduction)

    @property
    def shapes(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """The shapes of ((W, U, b), (V, c))."""
        width = self.hidden.units
        return ((self.inputs, width), (width, width), (width,)), self.readout.shapes[0]

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """What each array of the parameters is called."""
        return ("W", "U", "b"), ("V", "c")

    @property
    def axes(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """What each axis of the parameters runs over, nested as ``shapes``."""
        return (("input", "state"), ("state", "state"), ("state",)), (("state", "column"), ("column",))

    def resized(self, lengths: Mapping[str, int]) -> Recurrent:
        """The layer with other lengths of some axes."""
        hidden = replace(self.hidden, units=lengths.get("state", self.hidden.units))
        return replace(self, inputs=lengths.get("input", self.inputs), hidden=hidden, **_readout(self, lengths))


def check_parameters(network: Network | Recurrent, parameters: Sequence[Sequence[Any]]) -> None:
    """Raise ValueError, naming the place, where the parameters do not have the shapes that the description asks for."""
    if len(parameters) != len(network.names):
        raise ValueError(f"the network has {len(network.names)} layers, the parameters {len(parameters)}")
    for arrays, names, shapes in zip(parameters, network.names, network.shapes, strict=True):
        if len(arrays) != len(names):
            raise ValueError(f"{', '.join(names)} are asked for, and {len(arrays)} arrays given")
        for array, name, shape in zip(arrays, names, shapes, strict=True):
            if not hasattr(array, "shape"):
                raise ValueError(f"{name} is a {type(array).__name__}, not an array")
            if tuple(array.shape) != shape:
                raise ValueError(f"{name} has shape {tuple(array.shape)}, not {shape}")


def initialise(
    network: Network, seed: int, scheme: Literal["he", "glorot"] | None = None, dtype: npt.DTypeLike = np.float64
) -> Parameters:
    """Random weights and zero biases.

    Args:
        network: the network that the parameters are for.
        seed: of NumPy's default generator; the same seed gives the same parameters.
        scheme: ``"he"``: variance 2/fan_in (He et al. 2015), which keeps the second moment through relu, since
            E[relu(z)²] = s²/2; ``"glorot"``: variance 2/(fan_in + fan_out) (Glorot & Bengio 2010). Left out, each layer
            gets He where a rectifying or maxout activation follows and Glorot elsewhere.
        dtype: of the arrays.

    Raises:
        ValueError: for an unknown scheme.
    """
    if scheme not in (None, "he", "glorot"):
        raise ValueError(f"unknown scheme {scheme!r}: he or glorot")
    generator = np.random.default_rng(seed)
    followed_by = [*(layer.activation for layer in network.hidden), "identity"]
    parameters = []
    for (w_shape, b_shape), activation in zip(network.shapes, followed_by, strict=True):
        he = scheme == "he" or (scheme is None and (activation == "maxout" or ACTIVATIONS[activation].rectifies))
        scale = math.sqrt(2 / w_shape[0] if he else 2 / (w_shape[0] + w_shape[1]))
        W = generator.normal(0, scale, w_shape)
        parameters.append((W.astype(dtype), np.zeros(b_shape, dtype)))
    return tuple(parameters)


def _without_none(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in items if value is not None}


def _make_plain(description: Any) -> None:
    """NumPy's numbers become Python's: they are as good, and JSON and messages know nothing of them."""
    for name, value in vars(description).items():
        if isinstance(value, np.generic):
            object.__setattr__(description, name, value.item())


def _require_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is a whole number from 1 up, not {value!r}")


def _require_finite(name: str, value: Any) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is a finite number, not {value!r}")


def _require_readout(units: Any, output: Any, reduction: Any) -> None:
    _require_count("units", units)
    _require_type("output", output, Output)
    if units % output.units_per_target:
        raise ValueError(f"units of {output.name} is a multiple of {output.units_per_target}, not {units}")
    if reduction not in REDUCTIONS:
        raise ValueError(f"unknown reduction {reduction!r}: mean or sum")


def _readout(network: Network | Recurrent, lengths: Mapping[str, int]) -> dict[str, Any]:
    """Units and output, of other lengths where they are given."""
    output = replace(network.output, components=lengths.get("component", network.output.components))
    return {"units": lengths.get("column", network.units), "output": output}


def _require_type(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise ValueError(f"{name} takes {kind.__name__}, not {value!r}")
