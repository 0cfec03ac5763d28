"""The orders in which calls are made, each for one thing that may be remembered and should not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np

from ffn.cases.case import ActivationCase, Arguments, Case
from ffn.conformance.implementation.sequence import Arrays, Use
from ffn.conformance.law import Offered
from ffn.conformance.laws.state.others import (
    different,
    larger,
    other_numbers,
    with_another,
    with_another_last_input,
    with_larger,
    with_other_biases,
    with_unequal_targets,
)

KEPT = 20  # answers that a caller keeps
DRAWN, DRAWN_CASES = 36, 8  # calls in an order that is drawn, and cases that they are of
LONG = 9  # times the rows of a batch
NUMBERS = 2000  # in all the cases of one sequence, where they are large
REPEATED, REPEATED_THOROUGHLY = 20, 300  # calls with the same arguments

Uses = list[Use]
_SOURCES = ("parameters", "x", "y")


def there_and_back(case: Arguments, others: Iterable[Arguments], offered: Offered, arrays: Arrays = Arrays.NEW) -> Uses:
    """The case, and after each other one the case again; of each everything that is offered.

    There are fewer others where the network is large, as one that an implementation lists may be.
    """
    order = [case, *(each for other in islice(others, _affordable(case)) for each in (other, case))]
    return [
        Use(name, each, arrays)
        for each in order
        for name in offered.names
        if each is case or offered.subject.takes(name, each)
    ]


def _affordable(case: Arguments) -> int:
    """How many further cases of this size there is time for: each takes a set of its own."""
    return max(1, NUMBERS // sum(array.size for array in case.arrays()))


def parameters_in_place(case: Case, offered: Offered) -> Uses:
    return there_and_back(case, different(case, "parameters"), offered, Arrays.IN_PLACE)


def batch_in_place(case: Case, offered: Offered) -> Uses:
    return there_and_back(case, different(case, "x", "y"), offered, Arrays.IN_PLACE)


def address_used_again(case: Case, offered: Offered) -> Uses:
    others = [other for name in _SOURCES for other in different(case, name)[:2]]
    return there_and_back(case, others, offered, Arrays.SAME_ADDRESS)


def other_inputs(case: Case, offered: Offered) -> Uses:
    """Of the batch, and the last number alone of a long one: a key made of its first ones is the same."""
    long = larger(case, LONG)
    others = [with_another_last_input(long)]
    uses = there_and_back(case, (*different(case, "x"), *with_larger("x", case)), offered)
    return uses + there_and_back(long, others, offered)


def other_parameters(case: Case, offered: Offered) -> Uses:
    others = (*different(case, "parameters"), *with_larger("parameters", case))
    return there_and_back(case, others, offered)


def other_targets(case: Case, offered: Offered) -> Uses:
    return there_and_back(case, (*different(case, "y"), *with_larger("y", case)), offered)


def biases_alone(case: Case, offered: Offered) -> Uses:
    others = with_other_biases(case)
    return [use for arrays in (Arrays.NEW, Arrays.IN_PLACE) for use in there_and_back(case, others, offered, arrays)]


def rows_permuted(case: Case, offered: Offered) -> Uses:
    """Of the batch, and of its inputs or targets alone."""
    case = with_unequal_targets(case)
    backwards = case.rows(np.arange(len(case.x))[::-1])
    alone = (case.changed(x=backwards.x), case.changed(y=backwards.y))
    return there_and_back(case, (backwards, *alone), offered)


def batches_of_other_sizes(case: Case, offered: Offered) -> Uses:
    """A larger batch first, then smaller ones, and back."""
    large, one = larger(case), case.rows([-1])
    return there_and_back(large, (case, one), offered) + there_and_back(case, (one, large, one), offered)


def one_array_for_two_layers(case: Case, offered: Offered) -> Uses:
    """Equal layers, each with the arrays of the first; then with other ones in the last."""
    first, *rest = case.parameters
    tied = case.changed(parameters=(first, *(first for _ in rest)))
    untied = (different(tied, "parameters")[1], case)
    order: list[tuple[Case, bool]] = [(tied, True), (untied[0], False), (tied, True), (untied[1], False), (tied, True)]
    return [Use(name, each, shared=shared) for each, shared in order for name in offered.names]


def another(what: str, case: Case, offered: Offered) -> Uses:
    """Networks of the same shapes on the same arrays; none where there is no other that it takes."""
    taken = (other for other in with_another(what, case) if any(offered.subject.takes(n, other) for n in offered.names))
    others = list(islice(taken, 3))
    return there_and_back(case, others, offered) if others else []


def answers_kept(case: Case, offered: Offered) -> Uses:
    """Twenty of each kind, while the arrays that they were computed from are overwritten."""
    order = islice(cycle((case, *different(case, "x")[:1], *different(case, "parameters")[:1])), KEPT)
    cases = list(order)
    return [Use(name, each, Arrays.IN_PLACE) for name in offered.names for each in cases]


def answers_written(case: Case, offered: Offered) -> Uses:
    """Each answer is overwritten by the caller, whose it is."""
    uses = there_and_back(case, different(case, "x")[:1], offered) + there_and_back(case, (), offered)
    return [replace(use, written=True) for use in uses]


def repeated(case: Case, offered: Offered) -> Uses:
    times = REPEATED_THOROUGHLY if offered.thorough else REPEATED
    return [Use(name, case) for name in offered.names for _ in range(times)]


def gradient_alone(case: Case, offered: Offered) -> Uses:
    """The first call of all, where the implementation can be had anew."""
    offered.subject.restart()
    return [Use("gradient", each) for each in (case, *different(case, "x")[:1], case)]


def gradient_after_another_forward(case: Case, offered: Offered) -> Uses:
    """A forward pass, or a loss, of another batch, of other parameters or of fewer rows, before each gradient."""
    first = [name for name in ("forward", "loss") if offered.subject.takes(name, case)]
    others = (*different(case, "x")[:1], *different(case, "parameters")[:1], case.rows([0]))
    between = [(name, other) for other in others for name in first]
    return [use for name, other in between for use in (Use("gradient", case), Use(name, other), Use("gradient", case))]


def from_two_threads(case: Case, offered: Offered) -> Uses:
    """One call at a time, from the main thread and two others in turn."""
    uses = there_and_back(case, different(case, "x", "parameters"), offered)
    return [replace(use, thread=number // len(offered.names) % 3) for number, use in enumerate(uses)]


def from_threads_at_once(case: Case, offered: Offered) -> Uses:
    """Calls on two batches and two sets of parameters at the same time, where that is promised."""
    if not offered.subject.concurrent:
        return []
    cases = (case, different(case, "x")[0], different(case, "parameters")[0])
    return [Use(name, each, at_once=True) for name in offered.names for each in cases]


def in_any_order(case: Case, offered: Offered) -> Uses:
    """Calls that differ in several things at once, in an order that the numbers of the case decide."""
    draw = random.Random(b"".join(array.tobytes() for array in case.arrays()))
    networks = [other for what in ("activation", "reduction", "decay") for other in with_another(what, case)]
    taken = [case, *(other for other in networks if all(offered.subject.takes(name, other) for name in offered.names))]
    numbers = [case, *different(case, *_SOURCES), *with_other_biases(case)]
    sizes = (lambda same: same, larger, lambda same: same.rows([0]))
    count = min(DRAWN_CASES, _affordable(case))
    drawn = (draw.choice(numbers).changed(network=draw.choice(taken).network) for _ in range(count))
    pool = [case, *(draw.choice(sizes)(each) for each in drawn)]
    kinds = tuple(Arrays)
    return [Use(draw.choice(offered.names), draw.choice(pool), draw.choice(kinds)) for _ in range(DRAWN)]


def masks(case: Case, offered: Offered) -> Uses:
    """Other masks in new arrays and in the same ones, and the network without any in between."""
    others, whole = different(case, "masks"), case.changed(masks=None)
    uses = there_and_back(case, (*others, whole), offered)
    return uses + there_and_back(case, others, offered, Arrays.IN_PLACE)


def sequences_and_states(case: Case, offered: Offered) -> Uses:
    """Other inputs, first states and parameters in the same arrays; then fewer steps, and as many as before."""
    assert case.h0 is not None
    others = [other for name in ("x", "h0", "parameters") for other in different(case, name)[:2]]
    others += with_larger("x", case)
    others.append(case.changed(h0=np.zeros_like(case.h0)))  # which a program may take for none
    steps = case.lengths()["step"]
    shorter = [case.taken({"step": np.arange(1)})] if steps > 1 else []
    return there_and_back(case, others, offered, Arrays.IN_PLACE) + there_and_back(case, shorter, offered)


def elements(case: ActivationCase, offered: Offered) -> Uses:
    """Other and larger numbers in the same array and at the same address, another activation, fewer, answers kept."""
    z: Any = case.z
    numbers = [*(case.changed(z=each) for each in (z[::-1].copy(), other_numbers(z))), *with_larger("z", case)]
    names = [name for name in ("relu", "tanh", "sigmoid", "absolute") if name != case.activation]
    others = [each for name in names if offered.subject.takes("activation", each := case.changed(activation=name))]
    return [
        use
        for arrays in (Arrays.IN_PLACE, Arrays.SAME_ADDRESS, Arrays.NEW)
        for use in there_and_back(case, (*numbers, *others[:2], case.changed(z=z[:2])), offered, arrays)
    ]
