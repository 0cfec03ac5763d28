"""The site as its readers have it: opened from the disk in headless Chromium, on a telephone and on a desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.study.page_faults import Faults, faults_of


@pytest.fixture(scope="module")
def everything(browser: Any, pages: list[Path]) -> dict[str, Faults]:
    """Every page, opened."""
    page = browser.new_page()
    found = {path.name: faults_of(page, path) for path in pages}
    page.close()
    return found


def test_no_page_has_an_error(everything: dict[str, Faults]) -> None:
    """A script or a style sheet that is missing would be seen by readers alone."""
    assert {name: page.errors for name, page in everything.items() if page.errors} == {}


def test_no_request_leaves_the_disk(everything: dict[str, Faults]) -> None:
    """The site would not be readable without a network, and would tell someone who reads it."""
    assert {name: page.elsewhere for name, page in everything.items() if page.elsewhere} == {}


def test_no_formula_overflows(everything: dict[str, Faults]) -> None:
    """Half a formula is a wrong formula."""
    assert {name: page.overflows for name, page in everything.items() if page.overflows} == {}


BROKEN = {
    "errors": "<script>console.error('planted')</script>",
    "elsewhere": "<img src='https://example.invalid/picture.png'>",
    "overflows": "<p><math><mn>" + "1234567890" * 30 + "</mn></math></p>",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_page_is_refused(what: str, browser: Any, tmp_path: Path) -> None:
    """The three tests above could not fail."""
    broken = tmp_path / "broken.html"
    broken.write_text(f"<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>{BROKEN[what]}")
    page = browser.new_page()
    assert getattr(faults_of(page, broken), what)
    page.close()


def commit(page: Any, guess: str) -> None:
    page.check(f"#guess-{guess}")
    page.click(".guess button")


def test_the_verdict_is_hidden_until_the_reader_has_committed_to_a_guess(browser: Any, site: Path) -> None:
    """Who has read the answer does not guess; and who has guessed could guess again until it is right."""
    page = browser.new_page()
    page.goto((site / "claims" / "C28.html").as_uri())
    page.check("#guess-false")
    assert not page.is_visible("#verdict")
    page.click(".guess button")
    assert page.is_visible("#verdict")
    assert page.is_disabled("#guess-qualified")
    page.close()


@pytest.mark.parametrize(
    ("guess", "said"), [("qualified", "So it is judged here"), ("true", "fair"), ("false", "Not quite")]
)
def test_what_became_of_a_guess_is_announced(guess: str, said: str, browser: Any, site: Path) -> None:
    """Who cannot see the colour would not learn it; and of two fair verdicts one would be told 'not quite'."""
    page = browser.new_page()
    page.goto((site / "claims" / "C27.html").as_uri())
    commit(page, guess)
    assert said in page.inner_text("[role=status]")
    assert page.evaluate("document.activeElement.id") == "verdict"
    page.close()


def test_every_guess_can_be_made_on_the_keyboard(browser: Any, site: Path) -> None:
    """An arrow key would open the page at the first choice that it passes."""
    page = browser.new_page()
    page.goto((site / "claims" / "C28.html").as_uri())
    page.focus("#guess-true")
    for guess in ("qualified", "false", "empirical", "none"):
        page.keyboard.press("ArrowDown")
        assert page.is_checked(f"#guess-{guess}")
        assert not page.is_visible("#verdict")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "empirical" in page.inner_text("[role=status]")
    page.close()


def test_the_pages_read_well_without_a_script(browser: Any, site: Path) -> None:
    """Guessing, proofs and figures would need JavaScript, which some readers have turned off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "claims" / "C28.html").as_uri())
    with page.expect_navigation():  # without a script the guess is sent as a form is: it opens the page again
        commit(page, "false")
    for part in ("#verdict", "#precisely math", "#figure svg", "#derivation", "#code", "#property", "#bug"):
        page.locator(part).first.wait_for(state="visible")
    assert not page.is_visible(".slider")
    assert not page.is_visible(".guess")
    context.close()


@pytest.mark.parametrize("claim", ["C3", "C7", "C19", "C28"])
def test_a_slider_changes_what_is_said_and_drawn(claim: str, browser: Any, site: Path) -> None:
    """A slider that moves nothing explains nothing."""
    page = browser.new_page()
    page.goto((site / "claims" / f"{claim}.html").as_uri())
    commit(page, "none")
    before = page.inner_text(".slider output"), page.inner_html(".slider svg")
    page.locator(".slider input").first.press("ArrowRight")
    after = page.inner_text(".slider output"), page.inner_html(".slider svg")
    assert before[0] != after[0]
    assert before[1] != after[1]
    page.close()


def test_text_and_paper_change_places_in_the_dark(browser: Any, site: Path) -> None:
    """A figure with colours of its own would be black on black."""
    seen = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto((site / "claims" / "C27.html").as_uri())
        commit(page, "none")
        script = "(n) => getComputedStyle(document.querySelector(n)).fill"
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen[scheme] = (page.evaluate(script, "#figure svg text"), paper)
        page.close()
    assert brightness(seen["light"][0]) < brightness(seen["light"][1])
    assert brightness(seen["dark"][0]) > brightness(seen["dark"][1])


def brightness(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])
