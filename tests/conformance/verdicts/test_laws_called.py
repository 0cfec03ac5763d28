"""A law that is put to an implementation: which of its answers are judged, and what becomes of what it raises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ffn import ActivationCase, reference
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import ELEMENTS, Law, Offered, admitted, same_as
from ffn.conformance.laws import ALL, matching
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import Precision, precision
from tests.conformance.verdicts.stubs import HOLDS, WRONG, Tanh, law, named, z

BOTH = ("activation", "slope")


def asked_of(subject: Subject, judge: Any, speaks_of: tuple[str, ...] = BOTH) -> Judgement:
    return Law("activation/tanh/value", "It holds.", speaks_of, lambda dtype: st.nothing(), judge)(z(1), subject)


def test_every_answer_that_is_offered_is_judged_and_no_other() -> None:
    """Without it a method that is offered would go unjudged, or one that is not be called wrong."""
    given: list[Any] = []

    def judge(case: Any, offered: Offered, assumed: Precision) -> Judgement:
        given.append((case, offered.names, assumed, offered.thorough))
        return HOLDS

    found = asked_of(Subject(reference), judge)
    assert found.answers == BOTH
    assert given[0][1:] == (BOTH, precision("float32"), False)
    assert asked_of(Subject(Tanh()), judge).answers == ("activation",)
    assert asked_of(Subject(Tanh()), judge, ("slope",)).verdict is Verdict.NOT_OFFERED
    assert asked_of(Subject(Tanh()), judge, ("slope",)).answers == ()
    relu = ActivationCase("relu", np.zeros(1, np.float32))
    assert law(lambda case: WRONG)(relu, Subject(Tanh())).verdict is Verdict.NOT_OFFERED  # supports_activation says no
    trial = Law("a/b", "", BOTH, lambda dtype: st.nothing(), judge).put_to(Subject(Tanh()), True)
    trial(z(1), precision("float16"))
    assert given[-1][2:] == (precision("float16"), True)


def test_an_answer_that_is_refused_leaves_the_others() -> None:
    """Without it who raises NotImplementedError for the loss would not be judged on its gradient."""
    calls: list[tuple[str, ...]] = []

    def refusing(*refused: str) -> Any:
        def judge(case: Any, offered: Offered, assumed: Precision) -> Judgement:
            calls.append(offered.names)
            for name in offered.names:
                if name in refused:
                    raise NotOffered(name, "not this one")
            return WRONG

        return judge

    found = asked_of(Subject(reference), refusing("activation"))
    assert (found.verdict, found.answers, calls) == (Verdict.WRONG, ("slope",), [BOTH, ("slope",)])
    assert asked_of(Subject(reference), refusing(*BOTH)) == Judgement(Verdict.NOT_OFFERED)

    def silent(case: Any, offered: Offered, assumed: Precision) -> Judgement:
        raise NotOffered("", "a question")

    assert asked_of(Subject(reference), silent) == Judgement(Verdict.NOT_OFFERED)


@pytest.mark.parametrize(
    ("error", "verdict", "message"),
    [
        (Impure({"inputs": "it changed x"}), Verdict.WRONG, "it changed x"),
        (Impure({"inputs": "it changed x", "dtype": "it widens"}), Verdict.WRONG, "it changed x; it widens"),
        (ImplementationError("it raised"), Verdict.ERROR, "it raised"),
    ],
)
def test_what_an_implementation_raises_is_a_verdict(error: Exception, verdict: Verdict, message: str) -> None:
    """Without it an exception would end the run, or be taken for an answer."""

    def judge(case: Any, offered: Offered, assumed: Precision) -> Judgement:
        raise error

    found = asked_of(Subject(reference), judge)
    assert (found.verdict, found.message) == (verdict, message)


def test_a_death_comes_through() -> None:
    """Without it the search would ask a process again that takes ten seconds to die."""

    def judge(case: Any, offered: Offered, assumed: Precision) -> Judgement:
        raise Died("it ended", "first\n last  words \n\n")

    with pytest.raises(Died, match="it ended; its last line: last words") as died:
        asked_of(Subject(reference), judge)
    assert (died.value.reason, died.value.printed, list(died.value.replies)) == (
        "it ended",
        "first\n last  words \n\n",
        [],
    )


def test_answers_are_compared_with_the_set_of_the_case() -> None:
    """Without it a law would admit what another case admits."""
    case, other = z(0.5), z(0.75)
    offered = Offered(("activation",), Subject(reference))
    model = precision("float32")
    assert admitted(case, offered, model).verdict is Verdict.HOLDS
    found = same_as(case, other, offered, model)
    assert (found.verdict, found.enclosed) == (Verdict.WRONG, True)
    restored = same_as(case, other, offered, model, {"activation": lambda answer: np.tanh(case.z)})
    assert restored.verdict is Verdict.HOLDS
    with pytest.raises(NotOffered):
        Offered(("activation",), Subject(Refusing()))("activation", case)


class Refusing(Tanh):
    def __init__(self) -> None:
        super().__init__()

    def activation(self, name: str, at: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("name", "element", "family"),
    [
        ("activation/relu/value", "relu", "activation/*/value"),
        ("gradient/tanh", "tanh", "gradient/*"),
        ("output/mixture/loss", "mixture", "output/*/loss"),
        ("reduction/mean", "mean", "reduction/*"),
        ("symmetry/relu rescaled", None, "symmetry/relu rescaled"),
        ("network/output", None, "network/output"),
        ("state/relu", None, "state/*"),
    ],
)
def test_a_law_knows_the_element_that_it_is_about(name: str, element: str | None, family: str) -> None:
    """Without it a slip in one activation would be put down to networks."""
    assert (named(name).element, named(name).family) == (element, family)
    assert element is None or element in ELEMENTS


def test_a_law_is_spoken_where_its_answers_part_and_promise_are_offered() -> None:
    """Without it an implementation would be blamed for what it never claimed."""
    subject, whole = Subject(Tanh()), Subject(reference)
    assert named("a/b").offered_by(subject)
    assert not named("a/b", speaks_of=("forward", "loss")).offered_by(subject)
    assert named("a/b", speaks_of=("forward", "activation")).offered_by(subject)
    assert not named("a/b", part="dropout", speaks_of=("forward",)).offered_by(subject)
    assert named("a/b", part="dropout", speaks_of=("forward",)).offered_by(whole)
    assert named("a/b", part="dropout", speaks_of=("forward", "loss")).methods() == {
        "forward": "dropout_forward", "loss": "dropout_loss"
    }  # fmt: skip
    assert named("a/b", part="mixture", speaks_of=("loss",)).methods() == {"loss": "loss"}
    assert not named("a/b", promise="concurrent").offered_by(subject)
    assert named("a/b", promise="reproducible").offered_by(subject)
    assert named("a/b").spoken_in("float32", subject)
    assert not named("a/b").spoken_in("float16", subject)
    rounding = Tanh()
    rounding.product_bits = 11  # type: ignore[attr-defined]
    exact = named("a/b", rounded_factors=False)
    assert exact.spoken_in("float32", subject)
    assert not exact.spoken_in("float32", Subject(rounding))
    assert exact.spoken_in("float64", Subject(rounding))
    assert named("a/b").spoken_in("float32", Subject(rounding))


def test_a_law_on_many_calls_is_searched_less() -> None:
    """Without it each of its examples would be as many calls again."""
    assert named("a/b").searched(40, False) == 40
    assert named("a/b", most=3).searched(40, False) == 3
    assert named("a/b", most=3).searched(2, False) == 2
    assert named("a/b", most=3).searched(40, True) == 40


def test_answers_are_asked_for_ahead_where_each_is_asked_for_once() -> None:
    """Without it an answer would be asked for that no law looks at."""
    asked: list[Any] = []
    subject = Subject(Tanh())
    subject.expect = asked.append  # type: ignore[method-assign, assignment]
    cases = [z(1), z(2)]
    plain = Law("a/b", "", BOTH, lambda dtype: st.nothing())
    plain.announce(cases, subject)
    assert asked == [[("activation", case) for case in cases]]
    own = law(lambda case: HOLDS)
    own.announce(cases, subject)
    assert len(asked) == 1
    law(lambda case: HOLDS, as_given=True).announce(cases, subject)
    assert len(asked) == 2

    def raises(name: str) -> bool:
        raise ImplementationError("supports raised")

    subject.supports_activation = raises  # type: ignore[method-assign]
    plain.announce(cases, subject)
    assert len(asked) == 2


def test_laws_are_found_by_name_chapter_and_pattern() -> None:
    """Without it ``--law`` would judge others than are asked for, or none in silence."""
    names = [law.name for law in ALL]
    assert len(set(names)) == len(names)

    def found(*patterns: str) -> list[str]:
        return [law.name for law in matching(patterns)]

    assert found() == names
    assert found("network/output") == ["network/output"]
    assert found("gradient") == found("gradient/") == [name for name in names if name.startswith("gradient/")]
    assert found("*/relu", "network/output") == [
        name for name in names if name.endswith("/relu") or name == "network/output"
    ]
    for patterns in (("gradients",), ("network/output", "network/Output")):
        with pytest.raises(
            ValueError, match=f"no law matches '{patterns[-1]}': laws are named like '{names[0]}'; `ffn laws`"
        ):
            matching(patterns)
    assert all(law.statement.endswith(".") and law.speaks_of for law in ALL)
