"""Arguments as they may come: in any layout in memory, labels of any integer type, a batch of no rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import ActivationCase, Arguments, Case, flat
from ffn.cases.networks import EVERYTHING, Supported, supported_of
from ffn.cases.strategies import arrays, dropout_cases, network_cases, recurrent_cases
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.law import ANSWERS, Cases, Judge, Law, Offered, admitted
from ffn.conformance.laws.layouts import LABELS, LAYOUTS, LaidOut, Layout, array_fields, layout_of
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.verdict import Judgement, Verdict, first_failure, holds, judged, wrong
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import Network
from ffn.numbers.precision import Precision

CASES = 2  # of one law and precision
SHAPE = (3, 2)  # of pre-activations, so that they may be transposed
DECAYS = (0.0, 0.5)


def laid_out(*layouts: Layout) -> Judge:
    """The judge of answers to arrays that lie in memory so.

    Of one layout the batch, then the parameters, then all of them; of several all of them.
    """

    def judge(case: Arguments, offered: Offered, assumed: Precision) -> Judgement:
        fields = array_fields(case)
        batch = tuple(name for name in fields if name != "parameters")
        parts = (batch, ("parameters",), fields) if len(layouts) == 1 else (fields,)
        sets: _Sets = {}
        given = (LaidOut(case, layout, part) for layout in layouts for part in parts)
        return _settled(_judged(each, offered, assumed, sets) for each in given)

    return judge


def as_they_lie(case: Arguments, offered: Offered, assumed: Precision) -> Judgement:
    """Whether the answers to arrays that lie in memory as those of the case do are admissible."""
    layout = layout_of(case)
    if layout is None:
        return admitted(case, offered, assumed)
    contiguous = case.mapped(lambda array: array.copy())
    return _judged(LaidOut(contiguous, layout, array_fields(case)), offered, assumed, {}, whatever_lies=True)


_Sets = dict[Any, admissible.AdmissibleSet]  # of each answer, and of the fields whose values the layout changed


def _judged(
    given: LaidOut, offered: Offered, assumed: Precision, sets: _Sets, whatever_lies: bool = False
) -> Judgement:
    """Whether the answers to arrays as they lie are admissible, or as wrong as those to arrays as they usually are.

    Those that are as wrong fail too if they are to be judged ``whatever_lies`` there.
    """
    case, found = given.laid, []
    usual = case if given.layout.changes else given.case
    for name in offered.names:
        key = name, given.fields if given.layout.changes else ()
        if key not in sets:
            sets[key] = admissible.answers(name, case, assumed)
        admitted = sets[key]
        try:
            judgement = judged(admitted.examine(offered(name, case, copied=False)))
        except (Died, Impure, NotOffered):
            raise
        except ImplementationError as error:
            offered(name, usual)  # where these fail as well, that is another matter
            return replace(Judgement(Verdict.ERROR, f"with {given}: {error}"), shown=given)
        if judgement.fails and not judged(admitted.examine(offered(name, usual))).fails:
            return replace(wrong(f"with {given}: {judgement.message}"), shown=given)
        found += [judgement] if whatever_lies or not judgement.fails else []
    return first_failure(*found)


def _settled(judgements: Iterable[Judgement]) -> Judgement:
    """The first failure; or that all hold, whatever the share of coordinates: that is for the laws on values."""
    judgement = first_failure(*judgements)
    return holds() if judgement.verdict is Verdict.HOLDS else judgement


def labels_of_every_type(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Labels are integers, of any width, with a sign or without; bool is none of them, and not handed out."""
    sets: _Sets = {}
    return _settled(_judged(LaidOut(case, _typed(dtype), ("y",)), offered, assumed, sets) for dtype in LABELS)


def _typed(dtype: str) -> Layout:
    return Layout(f"as {dtype}", lambda array: array.astype(dtype), f'{{}}.astype("{dtype}")')


def no_rows(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """A sum of no terms is 0, and the weight decay is left; who refuses an empty batch may.

    With the decay of the case, and with and without one where that is taken.
    """
    assert isinstance(case.network, Network)
    rates = dict.fromkeys((case.network.weight_decay, *DECAYS))
    alike = (case.changed(network=replace(case.network, weight_decay=rate)) for rate in rates)
    taken = (each for each in alike if all(offered.subject.takes(name, each) for name in offered.names))
    return first_failure(*(replace(_no_rows(each, offered, assumed), shown=each) for each in taken))


def _no_rows(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    empty = case.rows(slice(0))
    assert isinstance(case.network, Network)
    decay = case.network.weight_decay
    left = [decay * layer[0] if place == 0 else 0 for layer in case.parameters for place in range(len(layer))]
    for name in offered.names:
        try:
            answer = offered(name, empty)
        except (Died, Impure):
            raise
        except ImplementationError:
            continue
        if name == "loss" and decay:
            judgement = judged(admissible.answers(name, empty, assumed).examine(answer))
            if judgement.fails:
                return replace(judgement, message=f"of no rows, whose loss is the decay: {judgement.message}")
            continue
        expected = left if name == "gradient" else [0]
        for path, array, value in zip(flat(empty.returned(name)[0]), flat(answer), expected, strict=True):
            if np.any(array != value):  # the decay is ½: no product is rounded
                place = np.flatnonzero(array != value)[0]
                found, right = array.ravel()[place], np.broadcast_to(value, array.shape).ravel()[place]
                return wrong(f"{name} of a batch of no rows: {found} in {path}, where a sum has no terms: {right}")
    return holds()


_drawn = partial(network_cases, max_depth=1)
_rows = partial(_drawn, rows=st.integers(2, 4))
_small = partial(_rows, outputs=OUTPUTS)
_labelled = partial(_rows, outputs=("categorical",), min_units=2)
_summed = partial(_drawn, reductions=("sum",), weight_decays=DECAYS)


def _law(name: str, statement: str, judge: Judge, drawn: Cases, speaks_of: Any = ANSWERS, **options: Any) -> Law:
    return Law(f"arguments/{name}", statement, speaks_of, drawn, judge, **{"most": CASES} | options)


def _elements(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[ActivationCase]:
    names = supported_of(ELEMENTWISE, supported.functions, "activation")
    return st.builds(ActivationCase, st.sampled_from(names), arrays(SHAPE, dtype))


_EVERY = laid_out(*LAYOUTS)

LAWS = (
    *(
        _law(layout.name, f"Arrays that are {layout.name} are arrays like any other.", laid_out(layout), _small)
        for layout in LAYOUTS
    ),
    _law("labels", "Labels may be of any integer type.", labels_of_every_type, _labelled, ("loss", "gradient")),
    _law(
        "empty batch",
        "A batch of no rows is refused, or has sums of no terms and its weight decay.",
        no_rows,
        _summed,
    ),
    _law(
        "activations",
        "Pre-activations may lie in memory in every such way.",
        _EVERY,
        _elements,
        ("activation", "slope"),
    ),
    _law("dropout", "So may masks.", _EVERY, dropout_cases, part="dropout"),
    _law("recurrent", "So may sequences and states.", _EVERY, recurrent_cases, part="recurrent"),
)
