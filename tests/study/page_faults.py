"""What is wrong with a page once a browser has opened it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDTHS = (360, 1280)  # pixels, of a telephone and of a desk

# A formula may not be cut off or stand out of its line, nor may anything make the page wider than the window.
_OVERFLOWS = """async () => {
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  document.body.getBoundingClientRect();  // a font is asked for by what is laid out in it
  await document.fonts.ready;
  const room = (node) => node.closest("p, li, dd, dt, .formula, h1, h2, h3, h4, summary, figcaption, body");
  const wide = [...document.querySelectorAll("math")].filter((node) =>
    node.getBoundingClientRect().right > room(node).getBoundingClientRect().right + 1);
  const page = document.documentElement;
  const cut = page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} pixels wide`] : [];
  return [...cut, ...wide.map((node) => node.textContent)];
}"""


@dataclass
class Faults:
    """What a browser met in a page.

    Attributes:
        errors: in the console, of scripts, and of files that could not be loaded.
        elsewhere: requests that did not stay on the disk.
        overflows: formulas wider than their line, and the page where it is wider than the window, at each width.
    """

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    overflows: list[str] = field(default_factory=list)


def faults_of(page: Any, path: Path) -> Faults:
    """Open a page, all of it, and look at it in narrow and in wide windows."""
    found = Faults()

    def on_console(message: Any) -> None:
        if message.type in ("error", "warning"):
            found.errors.append(message.text)

    def on_request(request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            found.elsewhere.append(request.url)

    listeners = {
        "console": on_console,
        "pageerror": lambda error: found.errors.append(str(error)),
        "requestfailed": lambda request: found.errors.append(f"not loaded: {request.url}"),
        "request": on_request,
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    page.goto(path.as_uri(), wait_until="load")
    reveal(page)
    # First as wide as the page before was left: each change takes the browser a while.
    for width in sorted(WIDTHS, key=lambda each: each != page.viewport_size["width"]):
        if width != page.viewport_size["width"]:
            page.set_viewport_size({"width": width, "height": 900})
        found.overflows += [f"at {width} pixels: {what}" for what in page.evaluate(_OVERFLOWS)]
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return found


def reveal(page: Any) -> None:
    """Show what a guess shows; by script, as a click waits for the page to stand still."""
    page.evaluate("() => document.querySelectorAll('main.claim').forEach((main) => main.classList.add('guessed'))")
