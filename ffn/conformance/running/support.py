"""What an implementation can build, found by asking it: cases are drawn from that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from ffn.cases.networks import ACTIVATIONS, EVERYTHING, Supported
from ffn.conformance.implementation.errors import Died, ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import ANSWERS
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, REDUCTIONS, Hidden, Network, Output, Recurrent

PROBED_DEPTHS = (0, 1, 2)


def supported_by(subject: Subject, dtype: str) -> Supported:
    """What the implementation can build in a dtype: what it lists in ``networks``, or what its ``supports`` accepts.

    ``supports`` is asked about each activation, output, reduction and depth in small networks, and has the last word on
    every network that is drawn.
    """
    functions = tuple(name for name in ELEMENTWISE if _says(subject, name))
    if subject.networks:
        return _of(subject.networks, functions, subject.networks)
    if not subject.offers("supports") and not subject.offers("supports_recurrent"):
        return Supported(functions=functions)

    def accepts(network: Network | Recurrent) -> bool:
        names = (name for name in ANSWERS if subject.offers(name) or isinstance(network, Recurrent))
        try:
            return any(subject.supports(network, dtype, name) for name in names)
        except Died:
            raise
        except ImplementationError:
            return True  # the laws will meet the error on this network, and report it

    try:
        accepted = tuple(filter(accepts, probes())) if subject.offers("supports") else tuple(probes())
    except Died:
        return Supported(functions=functions)  # so do they a process that dies when it is asked
    return _of(accepted, functions, (), accepts)


def probes() -> Iterator[Network]:
    """Small networks in which every activation, output and reduction stands, with and without hidden layers."""
    outputs = map(Output, (*OUTPUTS, *LEARNED_VARIANCE))
    for output, depth, reduction in product(outputs, PROBED_DEPTHS, REDUCTIONS):
        for activation in ACTIVATIONS if depth else ("identity",):
            hidden = (Hidden(2, activation),) * depth
            yield Network(2, 2 * output.units_per_target, output, hidden, reduction)


def _says(subject: Subject, activation: str) -> bool:
    try:
        return subject.supports_activation(activation)
    except ImplementationError:
        return True  # the laws of this activation will meet the error, and report it


def _of(
    networks: tuple[Network, ...],
    functions: tuple[str, ...],
    given: tuple[Network, ...],
    accepts: Callable[[Any], bool] | None = None,
) -> Supported:
    layers = [layer.activation for network in networks for layer in network.hidden]
    return Supported(
        activations=tuple(name for name in ACTIVATIONS if name in layers),
        outputs=tuple(name for name in EVERYTHING.outputs if name in {network.output.name for network in networks}),
        reductions=tuple(name for name in REDUCTIONS if name in {network.reduction for network in networks}),
        functions=functions,
        depths=tuple(sorted({len(network.hidden) for network in networks})),
        networks=given,
        accepts=accepts,
    )
