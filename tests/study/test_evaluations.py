"""Every formula, number, caption and counterexample on a claim's page is evaluated by a check that quotes it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from proofs.chapters.claim import Claim, ClaimVerdict
from proofs.chapters.evaluation import NAMES, Evaluation, figure_sentences, missing, page_text, unchecked
from proofs.chapters.notes import claims, evaluations

every_claim = pytest.mark.parametrize("claim", claims().values(), ids=lambda claim: claim.id)


def checks_of(claim: Claim) -> list[Evaluation]:
    return [check for check in evaluations() if check.claim == claim.id]


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[str, ...]]:
    """What each check says, computed."""
    return {check.claim + check.compute.__name__: check.said() for check in evaluations()}


def said_of(claim: Claim, said: dict[str, tuple[str, ...]]) -> list[str]:
    return [quote for check in checks_of(claim) for quote in said[check.claim + check.compute.__name__]]


@every_claim
def test_what_a_page_says_is_what_the_checks_compute(claim: Claim, said: dict[str, tuple[str, ...]]) -> None:
    """A number could be wrong, or stay as it was when the code that it tells of has changed."""
    assert missing(page_text(claim), said_of(claim, said)) == []


@every_claim
def test_nothing_on_a_page_is_left_unchecked(claim: Claim, said: dict[str, tuple[str, ...]]) -> None:
    """A formula or a number could stand there that nothing could refute."""
    assert unchecked(page_text(claim), said_of(claim, said)) == []


@every_claim
def test_every_sentence_of_a_caption_is_checked(claim: Claim, said: dict[str, tuple[str, ...]]) -> None:
    """A caption could tell of a figure what it does not show."""
    quotes = [quote.partition("…")[0] for quote in said_of(claim, said)]
    assert [
        sentence for sentence in figure_sentences(claim) if not any(q in sentence or sentence in q for q in quotes)
    ] == []


@every_claim
def test_what_is_not_true_without_more_ado_has_a_counterexample(claim: Claim) -> None:
    """'False as worded', or a qualification, would be an opinion; and what is empirical would say nothing checkable."""
    assert claim.verdict in (ClaimVerdict.TRUE, ClaimVerdict.EMPIRICAL) or any(
        check.counterexample for check in checks_of(claim)
    )
    assert claim.verdict != ClaimVerdict.EMPIRICAL or claim.checked_in_part


def test_no_two_checks_of_a_claim_have_one_name() -> None:
    """Its page would name both alike."""
    assert max(Counter((check.claim, check.name) for check in evaluations()).values()) == 1


def with_other_numbers(text: str) -> list[str]:
    """The text with one of its digits changed, each in turn; but not in names, indices and powers of one letter."""
    numbers = re.sub(rf"{NAMES}|[_^](\{{-?\d\}}|\d)", lambda name: "#" * len(name[0]), text)
    digits = [at.start() for at in re.finditer(r"\d", numbers)]
    return [f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}" for at in digits]


@every_claim
def test_another_digit_anywhere_is_refused(claim: Claim, said: dict[str, tuple[str, ...]]) -> None:
    """The tests above could not fail: any digit of the page, changed, is missed by a quote or quoted by none."""
    quotes, refused = said_of(claim, said), 0
    for text in with_other_numbers(page_text(claim))[::7]:
        refused += bool(missing(text, quotes) or unchecked(text, quotes))
    assert refused == len(with_other_numbers(page_text(claim))[::7])


WRONG = {
    "a number that is not what stands there": (("errs by «» at most",), lambda: 3),
    "a sentence that is not there": (("errs by 2 always",), lambda: None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_quote_that_is_wrong_is_refused(name: str) -> None:
    """A check could quote what no page says."""
    quotes, compute = WRONG[name]
    assert missing("It errs by 2 at most.", Evaluation("C0", quotes, compute).said())


@pytest.mark.parametrize("text", ["It errs by 2.", "It is $x < y$.", "It is $L/8$.", "A share of ½."])
def test_what_no_check_quotes_is_found(text: str) -> None:
    """The parser could overlook a number or a formula."""
    assert unchecked(text, ())


@pytest.mark.parametrize("text", ["See C9.", "in float64", "Kawaguchi 2016", "section 6.4.1", "The weight $w_1^2$."])
def test_what_states_nothing_needs_no_check(text: str) -> None:
    """Names of things would need checks that check nothing."""
    assert unchecked(text, ()) == []


def test_numbers_and_slots_are_as_many() -> None:
    """A number could be computed and stand nowhere."""
    with pytest.raises(ValueError, match="2 numbers for 1 slots"):
        Evaluation("C0", ("«»",), lambda: (1, 2)).said()
