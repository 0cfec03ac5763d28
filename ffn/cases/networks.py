"""Hypothesis strategies of networks, which shrink to small ones; drawn from what an implementation can build."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, REDUCTIONS, Hidden, Network, Output, Recurrent

ACTIVATIONS = (*ELEMENTWISE, "maxout")
NO_DECAY = (0.0,)
SLOPES = (0.01, 0.1, 0.5, -1.0)  # of leaky_relu: usual ones, one that is exact, and one that folds


Fits = Callable[[Network], bool]


class NothingSupported(Exception):
    """An implementation can build nothing of what is asked for. The text says of what."""


@dataclass(frozen=True)
class Supported:
    """What an implementation can build; all of it where nothing is said.

    Attributes:
        activations, outputs, reductions: names, of what networks are made of.
        functions: names of activations that are computed by themselves.
        depths: numbers of hidden layers.
        networks: where it can build these alone.
        accepts: the last word on a network.
        accepted: networks on which it had it, and said yes: drawn where others are refused time and again.
        left_out: elements that it can build and that no network is to contain.
    """

    activations: tuple[str, ...] = ACTIVATIONS
    outputs: tuple[str, ...] = (*OUTPUTS, *LEARNED_VARIANCE)
    reductions: tuple[str, ...] = REDUCTIONS
    functions: tuple[str, ...] = ELEMENTWISE
    depths: tuple[int, ...] = tuple(range(9))
    networks: tuple[Network, ...] = ()
    accepts: Callable[[Any], bool] | None = None
    accepted: tuple[Network, ...] = ()
    left_out: frozenset[str] = frozenset()

    def without(self, names: frozenset[str]) -> Supported:
        """The same without networks that contain these elements; those that it lists stay where all of them do."""

        def kept(all_names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in all_names if name not in names)

        def free(networks: tuple[Network, ...]) -> tuple[Network, ...]:
            return tuple(network for network in networks if not names & elements_of(network))

        if not names:
            return self
        return replace(
            self,
            activations=kept(self.activations),
            outputs=kept(self.outputs),
            reductions=kept(self.reductions),
            networks=free(self.networks) or self.networks,
            accepted=free(self.accepted) or self.accepted,
            left_out=names,
        )

    def filtered(self, strategy: st.SearchStrategy[Any], fits: Fits = lambda network: False) -> st.SearchStrategy[Any]:
        """The networks of a strategy that it accepts.

        Where it lists networks, those that fit; where it refuses what is drawn, one that fits and that it accepted.

        Raises:
            NothingSupported: when it lists networks, and none fits.
        """
        if self.networks:
            return self.known(fits)
        if self.accepts is None:
            return strategy
        known = tuple(filter(fits, self.accepted))
        return _accepted(strategy, self.accepts, known) if known else strategy.filter(self.accepts)

    def known(self, fits: Fits) -> st.SearchStrategy[Network]:
        """One of ``known_networks``."""
        return st.sampled_from(self.known_networks(fits))

    def known_networks(self, fits: Fits) -> tuple[Network, ...]:
        """Of the networks that it lists or accepted, those that fit. Raises as ``filtered`` does."""
        known = self.networks or self.accepted
        if not known:
            raise NothingSupported("supports says no to every network that it was asked about; networks may list some")
        found = tuple(filter(fits, known))
        if not found:
            raise NothingSupported("none of the implementation's networks is one of these")
        return found


def elements_of(network: Network) -> frozenset[str]:
    """What a network is made of: the names of its activations, its output and its reduction."""
    return frozenset((*(layer.activation for layer in network.hidden), network.output.name, network.reduction))


TRIES = 3  # draws before one of those that were accepted is taken

EVERYTHING = Supported()


@st.composite
def _accepted(
    draw: st.DrawFn, strategy: st.SearchStrategy[Network], accepts: Fits, known: tuple[Network, ...]
) -> Network:
    for _ in range(TRIES):
        if accepts(network := draw(strategy)):
            return network
    return draw(st.sampled_from(known))


def supported_of(wanted: Sequence[Any], supported: Sequence[Any], what: str) -> tuple[Any, ...]:
    """Those of the wanted that are supported, in their order.

    Raises:
        NothingSupported: when there is none.
    """
    found = tuple(each for each in wanted if each in supported)
    if not found:
        raise NothingSupported(f"no {what} of {', '.join(map(str, wanted))} is supported")
    return found


def first_supported(wanted: Sequence[str], supported: Supported) -> tuple[str]:
    """The first of these outputs that is supported: where any would do, one keeps a failure's cause apart."""
    output: str = supported_of(wanted, supported.outputs, "output")[0]
    return (output,)


def first_reduction(supported: Supported) -> tuple[Any]:
    """The sum, which divides by nothing, or else the mean."""
    return (supported_of(REDUCTIONS[::-1], supported.reductions, "reduction")[0],)


@cache
@st.composite
def hidden_layers(draw: st.DrawFn, activations: tuple[str, ...] = ACTIVATIONS) -> Hidden:
    """A hidden layer of at most 4 units with one of the activations."""
    activation = draw(st.sampled_from(activations))
    units = draw(st.integers(1, 4))
    if activation == "maxout":
        return Hidden(units, activation, pieces=draw(st.integers(1, 3)))
    if activation == "leaky_relu":
        return Hidden(units, activation, negative_slope=draw(st.sampled_from(SLOPES)))
    return Hidden(units, activation)


def fitting(
    activations: tuple[str, ...],
    outputs: tuple[str, ...],
    reductions: tuple[str, ...],
    weight_decays: tuple[float, ...] | None = None,
    min_depth: int = 0,
    min_units: int = 1,
) -> Fits:
    """Whether a network is one of these, of any depth: who builds none as shallow is judged on what it builds."""

    def fits(network: Network) -> bool:
        return (
            all(layer.activation in activations for layer in network.hidden)
            and (network.output.name, network.reduction) in product(outputs, reductions)
            and (weight_decays is None or (network.weight_decay > 0) in {decay > 0 for decay in weight_decays})
            and len(network.hidden) >= min_depth
            and network.units >= min_units
        )

    return fits


def networks(
    activations: tuple[str, ...] = ACTIVATIONS,
    outputs: tuple[str, ...] = OUTPUTS,
    reductions: tuple[str, ...] = REDUCTIONS,
    weight_decays: tuple[float, ...] | None = None,
    min_depth: int = 0,
    max_depth: int = 2,
    min_units: int = 1,
    supported: Supported = EVERYTHING,
) -> st.SearchStrategy[Network]:
    """Networks of ``min_depth`` to ``max_depth`` hidden layers that are supported.

    Where weight decay is all the same, it is drawn with none, and any is taken of what an implementation lists.

    Raises:
        NothingSupported: when there are none.
    """

    fits = fitting(activations, outputs, reductions, weight_decays, min_depth, min_units)
    if supported.networks or not set(supported.depths) & set(range(min_depth, max_depth + 1)):
        return supported.known(fits)
    depths = supported_of(range(min_depth, max_depth + 1), supported.depths, "depth")
    if max(depths):
        activations = supported_of(activations, supported.activations, "activation")
    outputs = supported_of(outputs, supported.outputs, "output")
    reductions = supported_of(reductions, supported.reductions, "reduction")
    drawn = _networks(activations, outputs, reductions, weight_decays or NO_DECAY, min(depths), max(depths), min_units)
    return supported.filtered(drawn, fits)


@cache
@st.composite
def _networks(
    draw: st.DrawFn,
    activations: tuple[str, ...],
    outputs: tuple[str, ...],
    reductions: tuple[str, ...],
    weight_decays: tuple[float, ...],
    min_depth: int,
    max_depth: int,
    min_units: int,
) -> Network:
    return Network(
        inputs=draw(st.integers(1, 3)),
        hidden=tuple(draw(st.lists(hidden_layers(activations), min_size=min_depth, max_size=max_depth))),
        units=draw(st.integers(min_units, 4)),
        output=Output(draw(st.sampled_from(outputs))),
        reduction=draw(st.sampled_from(reductions)),
        weight_decay=draw(st.sampled_from(weight_decays)),
    )


@st.composite
def _learned_variance_networks(
    draw: st.DrawFn, name: str, activations: tuple[str, ...], reductions: tuple[str, ...], max_depth: int
) -> Network:
    output = Output(name, draw(st.integers(1, 3))) if name == "mixture" else Output(name)
    return Network(
        inputs=draw(st.integers(1, 2)),
        hidden=tuple(draw(st.lists(hidden_layers(activations), max_size=max_depth))),
        units=draw(st.integers(1, 2)) * output.units_per_target,
        output=output,
        reduction=draw(st.sampled_from(reductions)),
    )


def learned_variance_networks(
    name: str, max_depth: int = 0, supported: Supported = EVERYTHING
) -> st.SearchStrategy[Network]:
    """Networks with one or two targets whose variance is learned too; a mixture of up to 3 components.

    Raises:
        NothingSupported: when there are none.
    """
    supported_of((name,), supported.outputs, "output")
    if supported.networks:
        return supported.known(lambda network: network.output.name == name)
    if max_depth == 0:
        supported_of((0,), supported.depths, "depth")
    activations = tuple(name for name in ("identity", "relu", "tanh") if name in supported.activations) or ("identity",)
    reductions = supported_of(REDUCTIONS, supported.reductions, "reduction")
    drawn = _learned_variance_networks(name, activations, reductions, max_depth)
    return supported.filtered(drawn, lambda network: network.output.name == name)


RECURRENT_ACTIVATIONS = ("identity", "relu", "leaky_relu", "tanh", "sigmoid")
RECURRENT_OUTPUTS = ("gaussian", "bernoulli", "categorical")


@st.composite
def recurrents(
    draw: st.DrawFn,
    activations: tuple[str, ...] = RECURRENT_ACTIVATIONS,
    outputs: tuple[str, ...] = RECURRENT_OUTPUTS,
) -> Recurrent:
    """A recurrent layer of at most 3 units; 2 classes where they are that, since a single one has no loss."""
    name = draw(st.sampled_from(outputs))
    return Recurrent(
        inputs=draw(st.integers(1, 2)),
        hidden=Hidden(draw(st.integers(1, 3)), draw(st.sampled_from(activations))),
        units=2 if name == "categorical" else draw(st.integers(1, 2)),
        output=Output(name),
        reduction=draw(st.sampled_from(("mean", "sum"))),
    )
