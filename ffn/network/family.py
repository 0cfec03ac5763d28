"""Families of networks: what an implementation can build, where sizes and depth may vary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any, Self

from ffn.network.description import Hidden, Network

Range = Sequence[int]  # of whole numbers, such as range(8, 257, 8)
MOST_DEPTHS = 9  # of which there are members
AXES = ("inputs", "widths", "units", "depths")


@dataclass(frozen=True)
class Family:
    """The networks that differ from one in the sizes that are named, and in nothing else.

    Attributes:
        network: one of them; its output, reduction and weight decay are those of all.
        inputs: the widths that x may have.
        widths: those that each hidden layer may have, whatever the others have.
        units: those of the last layer.
        depths: the numbers of hidden layers; the kinds of layers are those of ``network``, over and over.

    What is left out does not vary.

    Raises:
        ValueError: when an attribute is no sequence of whole numbers from 1 up (``depths``: from 0), or the network has
            no hidden layer that could be repeated.
    """

    network: Network
    inputs: Range | None = None
    widths: Range | None = None
    units: Range | None = None
    depths: Range | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            raise ValueError(f"network takes a Network, not {self.network!r}")
        for name in AXES:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _counts(name, getattr(self, name), int(name != "depths")))
        if self.depths and self.depths[-1] and not self.network.hidden:
            raise ValueError("depths repeats the hidden layers of network, which has none")
        together = self.network.output.units_per_target
        if wrong := [units for units in self.units or () if together > 1 and units % together]:
            raise ValueError(f"units of {self.network.output.name} are multiples of {together}, not {wrong[0]}")

    def __contains__(self, network: object) -> bool:
        """Whether a network is one of these."""
        if not isinstance(network, Network) or len(network.hidden) not in self._values("depths"):
            return False
        of_its_size = replace(self.network, inputs=network.inputs, units=network.units, hidden=network.hidden)
        layers = self._layers(len(network.hidden))
        return (
            of_its_size == network
            and network.inputs in self._values("inputs")
            and network.units in self._values("units")
            and all(
                layer in self._of_widths(own, layer.units) for layer, own in zip(network.hidden, layers, strict=True)
            )
        )

    def members(self, sizes: Sequence[int]) -> Iterator[Network]:
        """Some of them: of the first two depths with each of these sizes, or near it, of others with one of them."""
        for number, depth in enumerate(self._values("depths")[:MOST_DEPTHS]):
            for place in range(len(sizes)) if number < 2 else (number % len(sizes),):
                turn = islice(cycle(sizes), place, None)
                yield replace(
                    self.network,
                    inputs=_near(self._values("inputs"), next(turn)),
                    units=_near(self._values("units"), next(turn)),
                    hidden=tuple(
                        replace(layer, units=_near(self.widths or (layer.units,), next(turn)))
                        for layer in self._layers(depth)
                    ),
                )

    def _layers(self, depth: int) -> tuple[Hidden, ...]:
        return tuple(islice(cycle(self.network.hidden), depth))

    def _of_widths(self, layer: Hidden, units: int) -> tuple[Hidden, ...]:
        """The layer with that many units, if it may have them."""
        return (replace(layer, units=units),) if units in (self.widths or (layer.units,)) else ()

    def _values(self, axis: str) -> Range:
        own = len(self.network.hidden) if axis == "depths" else getattr(self.network, axis)
        return getattr(self, axis) or (own,)

    def to_json(self) -> str:
        """The family as JSON, a range by its start, stop and step."""
        varying = {name: _written(getattr(self, name)) for name in AXES if getattr(self, name) is not None}
        return json.dumps({"network": json.loads(self.network.to_json()), **varying})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The family that ``to_json`` wrote.

        Raises:
            ValueError: when the text is not JSON or does not describe one.
        """
        fields = json.loads(text)
        try:
            network = Network.from_json(json.dumps(fields.pop("network")))
            return cls(network, **{name: _read(values) for name, values in fields.items()})
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"not the description of a family: {error}") from error


def _counts(name: str, values: Any, least: int) -> Range:
    """The values in their order, each once; a range, which may be long, stays one."""
    refusal = ValueError(f"{name} is a sequence of whole numbers from {least} up, not {values!r}")
    if not isinstance(values, range):
        if not isinstance(values, Sequence) or any(type(value) is not int for value in values):
            raise refusal
        values = tuple(sorted(set(values)))
    ordered: Range = values if len(values) < 2 or values[0] < values[-1] else values[::-1]
    if not ordered or ordered[0] < least:
        raise refusal
    return ordered


def _near(values: Range, size: int) -> int:
    """The least of the values that is at least so large, or the largest."""
    return next((value for value in values if value >= size), values[-1])


def _written(values: Range) -> Any:
    return {"range": [values.start, values.stop, values.step]} if isinstance(values, range) else list(values)


def _read(values: Any) -> Range:
    return range(*values["range"]) if isinstance(values, dict) else tuple(values)
