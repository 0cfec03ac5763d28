"""Claims, lessons, derivations, figures, code and planted bugs belong together."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from proofs.chapters.claim import Claim
from proofs.chapters.figure import Figure
from proofs.chapters.notes import CHAPTERS, claims, derivations
from proofs.study.lessons import Lesson, by_claim, collected
from proofs.study.planted_bugs import EVERY
from proofs.study.prose import inline, markdown
from proofs.study.source import definition

ROOT = Path(__file__).parents[2]
every_claim = pytest.mark.parametrize("claim", claims().values(), ids=lambda claim: claim.id)


@pytest.fixture(scope="module")
def lessons() -> tuple[Lesson, ...]:
    return collected(ROOT)


def test_the_claims_are_numbered_without_a_gap() -> None:
    """A claim would be missing, or there twice."""
    numbers = sorted(claim.number for chapter in CHAPTERS for claim in chapter.claims)
    assert numbers == list(range(1, len(numbers) + 1))
    assert [chapter.letter for chapter in CHAPTERS] == list("ABCDEF")


@every_claim
def test_a_claim_has_a_property(claim: Claim, lessons: tuple[Lesson, ...]) -> None:
    """Its verdict would be a mere opinion."""
    assert by_claim(lessons)[claim.id]


def test_a_property_serves_claims_that_there_are(lessons: tuple[Lesson, ...]) -> None:
    """A misspelt id would count for no claim."""
    assert {id for lesson in lessons for id in lesson.claims} <= set(claims())


def test_every_lesson_names_its_claim(lessons: tuple[Lesson, ...]) -> None:
    """A property could be there that no page shows."""
    named = {(lesson.file, lesson.name) for lesson in lessons}
    files = {lesson.file for lesson in lessons}
    written = {
        (file, line.removeprefix("def ").partition("(")[0])
        for file in files
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
        if line.startswith("def test_")
    }
    assert written - named == set()


def test_no_two_properties_have_one_name(lessons: tuple[Lesson, ...]) -> None:
    """In one file the first of them would never run; on the pages one could not tell them apart."""
    assert [name for name, count in Counter(lesson.name for lesson in lessons).items() if count > 1] == []


def test_every_property_says_what_would_break_without_it(lessons: tuple[Lesson, ...]) -> None:
    """Its page would have nothing to say of it."""
    assert [lesson.name for lesson in lessons if not lesson.sentence] == []


@every_claim
def test_a_claim_has_a_derivation_or_says_why_not(claim: Claim) -> None:
    """A page would be silent on why its claim holds."""
    assert bool(claim.derivations) != bool(claim.underived)
    assert set(claim.derivations) <= {derivation.name for derivation in derivations()}


def test_every_figure_is_of_a_claim_and_a_claim_has_one() -> None:
    """One would be drawn, or be there, for nobody to see."""
    drawn = Counter(figure.claim for chapter in CHAPTERS for figure in chapter.things("figures", Figure))
    assert drawn == Counter(list(claims()))


def test_every_derivation_serves_a_claim() -> None:
    """A proof that no page of a claim shows is not found."""
    used = {name for claim in claims().values() for name in claim.derivations}
    assert {derivation.name for derivation in derivations()} - used == set()


@every_claim
def test_a_claim_has_a_planted_bug_or_says_why_not(claim: Claim) -> None:
    """Its property might let everything pass."""
    assert any(bug.claim == claim.id for bug in EVERY) != bool(claim.unbugged)


def test_planted_bugs_have_names_of_their_own_and_lessons_of_their_claim(lessons: tuple[Lesson, ...]) -> None:
    """A page would show a bug beside properties that have nothing to do with it."""
    names = Counter((bug.claim, bug.name) for bug in EVERY)
    assert max(names.values()) == 1
    served = {lesson.name: lesson.claims for lesson in lessons}
    assert [bug.name for bug in EVERY if bug.claim not in served[bug.lesson.__name__]] == []


@every_claim
def test_a_claim_has_a_figure_with_words_for_it(claim: Claim) -> None:
    """Who cannot see it, or does not know what to look at, would have nothing."""
    assert claim.figure.endswith(".")
    assert len(claim.in_words) > len("a figure")


@every_claim
def test_the_code_of_a_claim_is_there(claim: Claim) -> None:
    """A name that has moved would break the build of the pages."""
    assert all(definition(ROOT, place).source for place in claim.code)


@every_claim
def test_the_words_of_a_claim_can_be_set(claim: Claim) -> None:
    """A formula that is not understood would show as code."""
    assert claim.title
    assert claim.sources
    for text in (claim.statement, claim.answer, claim.precisely):
        assert "$" not in markdown(text), "a dollar that closes nothing"
        assert not re.search("<(ul|ol|h1|h2|blockquote)", markdown(text)), (
            "a line that begins as a list or a heading does"
        )
        assert text.strip()
    assert inline(claim.title)
