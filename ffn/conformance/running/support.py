"""What an implementation can build, found by asking it: cases are drawn from that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from ffn.cases import levels
from ffn.cases.networks import ACTIVATIONS, EVERYTHING, SLOPES, Supported
from ffn.conformance.implementation.errors import Died, ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import ANSWERS
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, REDUCTIONS, Hidden, Network, Output, Recurrent

PROBED_DEPTHS = range(4)
# Inputs, hidden units and targets: small ones, and those of kernels that take multiples of 4 or 8 alone.
PROBED_SIZES = ((2, 2, 2), (1, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 2), (4, 4, 4), (8, 8, 8), (16, 16, 1), (5, 6, 3))
PROBED_PIECES = (2, 3, 4, 1)
PROBED_COMPONENTS = (2, 1, 3)
PROBED_DECAYS = ((0.0,), (0.1, 0.5))  # none, and some


def supported_by(subject: Subject, dtype: str) -> Supported:
    """What the implementation can build in a dtype: what it lists in ``networks``, or what its ``supports`` accepts.

    Of families some members are known, and any is built that is drawn and is one of them.
    ``supports`` is asked about each activation, output, reduction, depth and weight decay, in networks of several sizes
    until it accepts one, and has the last word on every network that is drawn.
    """
    functions = tuple(name for name in ELEMENTWISE if _says(subject, name))
    if subject.networks and not subject.families:
        return replace(_of(subject.networks, functions), networks=subject.networks)
    if not subject.families and not subject.offers("supports") and not subject.offers("supports_recurrent"):
        return Supported(functions=functions)

    def accepts(network: Network | Recurrent) -> bool:
        if subject.families and isinstance(network, Network) and not subject.is_listed(network):
            return False
        names = (name for name in ANSWERS if subject.offers(name) or isinstance(network, Recurrent))
        try:
            return any(subject.supports(network, dtype, name) for name in names)
        except Died:
            raise
        except ImplementationError:
            return True  # the laws will meet the error on this network, and report it

    if not subject.families and not subject.offers("supports"):
        return Supported(functions=functions, accepts=accepts)
    candidates = _listed(subject, dtype) if subject.families else probes(subject.parts)
    try:
        first = (_first(subject, dtype, accepts, alike) for alike in candidates)
        accepted = tuple(network for network in first if network)
    except Died:
        return Supported(functions=functions)  # so do they a process that dies when it is asked
    return replace(_of(accepted, functions), accepts=accepts, accepted=accepted)


def _first(
    subject: Subject, dtype: str, accepts: Callable[[Network], bool], alike: Iterator[Network]
) -> Network | None:
    """The first that is accepted. Where the very first is not, the others are asked about in one message."""
    first = next(alike)
    if accepts(first):
        return first
    others = tuple(alike)
    if others and subject.offers("supports"):
        for name in filter(subject.offers, ANSWERS):
            subject.ask(others, dtype, name)
    return next(filter(accepts, others), None)


def _listed(subject: Subject, dtype: str) -> Iterator[Iterator[Network]]:
    """Each network that it lists, and some of each family."""
    members = (network for family in subject.families for network in family.members(levels.sizes(dtype)))
    return (iter((network,)) for network in dict.fromkeys((*subject.networks, *members)))


def probes(parts: tuple[str, ...] = ()) -> Iterator[Iterator[Network]]:
    """For every activation, output, reduction, depth and kind of weight decay, small networks of several sizes.

    The outputs whose variance is learned are parts, and asked about where they are offered.
    """
    outputs = (*OUTPUTS, *(name for name in LEARNED_VARIANCE if name in parts))
    for name, reduction, depth, decays in product(outputs, REDUCTIONS, PROBED_DEPTHS, PROBED_DECAYS):
        for activation in ACTIVATIONS if depth else ("identity",):
            yield iter(_alike(name, activation, depth, reduction, decays))


@cache
def _alike(name: str, activation: str, depth: int, reduction: Any, decays: tuple[float, ...]) -> tuple[Network, ...]:
    outputs = [Output(name, components) for components in (PROBED_COMPONENTS if name == "mixture" else (None,))]
    return tuple(
        Network(inputs, targets * output.units_per_target, output, (layer,) * depth, reduction, decay)
        for (inputs, width, targets), output, decay in product(PROBED_SIZES, outputs, decays)
        for layer in _layers(activation, width)
    )


def _layers(activation: str, width: int) -> list[Hidden]:
    if activation == "maxout":
        return [Hidden(width, activation, pieces=pieces) for pieces in PROBED_PIECES]
    if activation == "leaky_relu":
        return [Hidden(width, activation, negative_slope=slope) for slope in SLOPES]
    return [Hidden(width, activation)]


def _says(subject: Subject, activation: str) -> bool:
    try:
        return subject.supports_activation(activation)
    except ImplementationError:
        return True  # the laws of this activation will meet the error, and report it


def _of(networks: tuple[Network, ...], functions: tuple[str, ...]) -> Supported:
    layers = [layer.activation for network in networks for layer in network.hidden]
    return Supported(
        activations=tuple(name for name in ACTIVATIONS if name in layers),
        outputs=tuple(name for name in EVERYTHING.outputs if name in {network.output.name for network in networks}),
        reductions=tuple(name for name in REDUCTIONS if name in {network.reduction for network in networks}),
        functions=functions,
        depths=tuple(sorted({len(network.hidden) for network in networks})),
    )
