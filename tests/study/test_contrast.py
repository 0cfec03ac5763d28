"""Text can be told from its background, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from proofs.study.contrast import ENOUGH, contrast, legible, luminance
from proofs.study.source import PANEL_AND_INK, colour_classes

STYLE = Path(__file__).parents[2] / "proofs" / "study" / "static" / "style.css"


def test_black_on_white_is_21() -> None:
    """The measure itself would be wrong: these are WCAG's own examples."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert luminance("#ffffff") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") < ENOUGH < contrast("#767676", "#ffffff")


@pytest.mark.parametrize("scheme", PANEL_AND_INK)
def test_code_can_be_read(scheme: str) -> None:
    """Comments and numbers would fade into the panel."""
    panel, _ = PANEL_AND_INK[scheme]
    colours = re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", colour_classes()[scheme])
    assert len(colours) > 10
    assert [colour for colour in colours if contrast(colour, panel) < ENOUGH] == []


@pytest.mark.parametrize("scheme", PANEL_AND_INK)
def test_the_panel_is_that_of_the_style_sheet(scheme: str) -> None:
    """Colours would be made legible on another ground than the page's."""
    light, _, dark = STYLE.read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    text = light if scheme == "light" else dark
    panel, ink = PANEL_AND_INK[scheme]
    assert f"--panel: {panel};" in text
    assert f"--ink: {ink};" in text


def test_a_faint_colour_is_mixed_with_ink() -> None:
    """It would stay as faint as it is."""
    assert contrast("#88aabb", "#f3f1ea") < ENOUGH
    assert contrast(legible("#88aabb", "#f3f1ea", "#1d1d1b"), "#f3f1ea") >= ENOUGH
    with pytest.raises(ValueError, match="cannot be read"):
        legible("#ffffff", "#ffffff", "#fefefe")


# Each text with its colour, its background and whether it is large, as the browser has computed them.
_TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("svg, script, style") || !parent.checkVisibility()) continue;
    const style = getComputedStyle(parent);
    found.push([text.data.trim().slice(0, 40), style.color, ground(parent), parseFloat(style.fontSize) >= 24]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "trust.html", "claims/C14.html", "derivations/backpropagation.html"])
def test_all_text_can_be_read(name: str, scheme: str, browser: Any, site: Path) -> None:
    """A faint note, a badge or a button would be lost on those who see less well."""
    page = browser.new_page(color_scheme=scheme)
    page.goto((site / name).as_uri())
    page.evaluate("() => document.querySelectorAll('main.claim').forEach((main) => main.classList.add('guessed'))")
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    texts = page.evaluate(_TEXTS)
    page.close()
    assert len(texts) > 20
    assert [text for text in texts if contrast(*map(as_hex, text[1:3])) < (3 if text[3] else ENOUGH)] == []


def as_hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])
