"""Sequences of calls: an answer belongs to its own arguments, whatever was called before, and stays as it is.

Each kind of thing that may be remembered has an order of calls made for it, which is tried in every run, at every seed;
a search alone, as over the rules of a state machine, finds the usual ones now and then. One law draws its order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from ffn.cases.case import ActivationCase, Case
from ffn.cases.networks import EVERYTHING, Supported, supported_of
from ffn.cases.strategies import arrays, cases, dropout_cases, network_cases, recurrent_cases
from ffn.conformance.implementation.sequence import Sequence
from ffn.conformance.law import ANSWERS, Cases, Judge, Law, Offered
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.laws.state import orders
from ffn.conformance.laws.state.judging import held
from ffn.conformance.laws.state.others import spread
from ffn.conformance.laws.state.plans import NOT_IDENTITY, every_activation, every_output
from ffn.conformance.verdict import Judgement, Verdict
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import REDUCTIONS, Hidden, Network, Output
from ffn.numbers.precision import Precision

CASES = 2  # of one law and precision: what is remembered shows in the first that tells
# Rows of a batch, and where layers are equal; the widths of these, and the lengths of pre-activations.
ROWS, ROWS_OF_EQUAL, WIDTHS, LENGTHS = (st.integers(*ends) for ends in ((2, 3), (2, 4), (1, 3), (3, 6)))


def in_order(order: Callable[[Any, Offered], orders.Uses], **options: bool) -> Judge:
    """The judge of the calls that an order makes of a case; none where it makes none. The options are ``held``'s."""

    def judge(case: Any, offered: Offered, assumed: Precision) -> Judgement:
        uses = order(case, offered)
        if not uses:
            return Judgement(Verdict.NOT_OFFERED)
        judgement = held(Sequence(tuple(uses)), offered, assumed, **options)
        return replace(judgement, repeats=len(uses) // len(offered.names)) if options.get("same_bits") else judgement

    return judge


def _drawn(
    dtype: str, supported: Supported = EVERYTHING, drawn: Mapping[str, Any] = MappingProxyType({})
) -> st.SearchStrategy[Case]:
    depth = min(1, max(supported.depths, default=0))  # a hidden layer wherever there may be one: more can be remembered
    options: dict[str, Any] = {"outputs": OUTPUTS, "min_depth": depth, "max_depth": 1, **drawn}
    return network_cases(dtype, ROWS, supported, **options).map(spread)


def _equal_layers(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    """Networks whose layers all have the same shapes."""
    names = supported_of(ELEMENTWISE, supported.activations, "activation")
    outputs = supported_of(OUTPUTS, supported.outputs, "output")
    reductions = supported_of(REDUCTIONS, supported.reductions, "reduction")
    depths = supported_of((1, 2), supported.depths, "depth")

    def fits(network: Network) -> bool:
        return len(network.shapes) > 1 and len(set(network.shapes)) == 1

    @st.composite
    def equal(draw: st.DrawFn) -> Network:
        width = draw(WIDTHS)
        hidden = (Hidden(width, draw(st.sampled_from(names))),) * draw(st.sampled_from(depths))
        return Network(width, width, Output(draw(st.sampled_from(outputs))), hidden, reductions[0])

    return cases(dtype, supported.filtered(equal(), fits), ROWS_OF_EQUAL).map(spread)


def _elements(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[ActivationCase]:
    names = supported_of(NOT_IDENTITY, supported.functions, "activation")
    zs = LENGTHS.flatmap(lambda size: arrays((size,), dtype))
    drawn: st.SearchStrategy[ActivationCase] = st.builds(ActivationCase, st.sampled_from(names), zs)
    return drawn.map(spread)


def _spread(strategy: Cases, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    return strategy(dtype, supported=supported).map(spread)


def _law(name: str, statement: str, judge: Judge, speaks_of: tuple[str, ...] = ANSWERS, **options: Any) -> Law:
    """A law of this chapter; ``drawn`` says of what networks, ``cases`` takes other cases."""
    found: Cases = options.pop("cases", None) or partial(_drawn, drawn=options.pop("drawn", {}))
    few = {"most": CASES, "simplest": True}  # of the smallest network there is time for most others beside it
    return Law(f"state/{name}", statement, speaks_of, found, judge, **few | options)


_ANOTHER: dict[str, dict[str, Any]] = {
    "activation": {"min_depth": 1},
    "slope": {"min_depth": 1, "max_depth": 1, "activations": ("leaky_relu",)},
    "reduction": {},
    "decay": {"weight_decays": (0.0, 0.5)},
    "output": {"outputs": ("gaussian", "laplace")},
}

LAWS = (
    _law(
        "parameters in place",
        "After parameters are overwritten in place, the answers are those of the new ones.",
        in_order(orders.parameters_in_place),
    ),
    _law(
        "batch in place",
        "After inputs or targets are overwritten in place, the answers are those of the new ones.",
        in_order(orders.batch_in_place),
    ),
    _law(
        "address used again",
        "An array that lies where another one lay is not taken for it.",
        in_order(orders.address_used_again),
    ),
    _law(
        "other parameters",
        "Other parameters of the same shapes have other answers, though all else is equal.",
        in_order(orders.other_parameters),
    ),
    _law("biases alone", "So have other biases alone.", in_order(orders.biases_alone)),
    _law("other inputs", "So have other inputs alone.", in_order(orders.other_inputs)),
    _law(
        "other targets",
        "So have other targets alone, whatever the output.",
        in_order(orders.other_targets),
        ("loss", "gradient"),
        plan=every_output,
        simplest=False,
    ),
    _law("rows permuted", "So have the same rows in another order.", in_order(orders.rows_permuted)),
    *(
        _law(
            f"other {what}",
            f"A network of the same shapes with another {what} has answers of its own, on the same arrays.",
            in_order(partial(orders.another, what)),
            drawn=drawn,
        )
        for what, drawn in _ANOTHER.items()
    ),
    _law(
        "batches of other sizes",
        "After a larger batch a smaller one has its own answers, and the other way round.",
        in_order(orders.batches_of_other_sizes),
    ),
    _law(
        "one array for two layers",
        "One array may be the parameters of several layers, each of which has its own gradient.",
        in_order(orders.one_array_for_two_layers),
        cases=_equal_layers,
    ),
    _law(
        "answers kept",
        "Twenty answers of each kind stay as they are while further calls are made and their arguments overwritten.",
        in_order(orders.answers_kept, kept=True),
    ),
    _law(
        "answers written",
        "An answer is the caller's: what is written into it changes no argument, no other array and no later answer.",
        in_order(orders.answers_written, kept=True),
    ),
    _law(
        "gradient alone",
        "A gradient needs no forward pass before it, also as the first call of all.",
        in_order(orders.gradient_alone),
        ("gradient",),
        most=1,
    ),
    _law(
        "gradient after another forward",
        "A gradient is that of its own arguments, whatever went forward last.",
        in_order(orders.gradient_after_another_forward),
        ("gradient",),
    ),
    _law(
        "repeated call",
        "The same call gives the same answer, also for the third time and the twentieth.",
        in_order(orders.repeated, telling=False, same_bits=True),
    ),
    _law(
        "two threads",
        "It does not matter from which thread a call comes, one at a time.",
        in_order(orders.from_two_threads),
    ),
    _law(
        "threads at once",
        "Where `concurrent` is promised, calls from several threads at once have the answers of each alone.",
        in_order(orders.from_threads_at_once),
        promise="concurrent",
        most=1,
    ),
    _law(
        "any order",
        "Calls of all these kinds, in an order that is drawn, have the answers of each alone.",
        in_order(orders.in_any_order),
    ),
    _law(
        "activations",
        "Activations and slopes remember nothing: not an array, not its address, not what was asked of it before.",
        in_order(orders.elements, kept=True),
        ("activation", "slope"),
        cases=_elements,
        plan=every_activation,
        simplest=False,
    ),
    _law(
        "dropout",
        "Other masks have answers of their own, though all else is equal.",
        in_order(orders.masks, kept=True),
        cases=partial(_spread, dropout_cases),
        part="dropout",
    ),
    _law(
        "recurrent",
        "A sequence begins at its own first state, whatever sequence went before.",
        in_order(orders.sequences_and_states, kept=True),
        cases=partial(_spread, recurrent_cases),
        part="recurrent",
    ),
)
