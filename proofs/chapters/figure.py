"""A figure of a claim, and the look that all share: legible in light and dark, because the page gives the colours.

The colours below stand for roles. When a figure becomes SVG each is replaced by a variable of the page's style sheet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure as Drawing

# Role → the colour that stands for it in matplotlib; no other colours may appear.
INK, FAINT, PAPER = "#010101", "#808182", "#fefefd"
FIRST, SECOND, THIRD, FOURTH, FIFTH = "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"
SERIES = (FIRST, SECOND, THIRD, FOURTH, FIFTH)
VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    PAPER: "var(--paper)",
    FIRST: "var(--series-1)",
    SECOND: "var(--series-2)",
    THIRD: "var(--series-3)",
    FOURTH: "var(--series-4)",
    FIFTH: "var(--series-5)",
}

_STYLE: Any = {
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=SERIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "font.size": 10,
    "grid.color": FAINT,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "mathtext.default": "regular",
    "patch.edgecolor": INK,
    "svg.fonttype": "none",  # text stays text: found by a search, read aloud, in the page's font
    "svg.hashsalt": "ffn",  # the same figure gives the same file
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True)
class Figure:
    """The figure of a claim, and what draws it."""

    claim: str
    draw: Callable[[], Drawing]


def figure_of(
    claim: str, columns: int = 1, rows: int = 1, height: float = 3.0, **options: Any
) -> Callable[[Callable[..., None]], Figure]:
    """Makes a figure of a function that draws on axes, row by row, in a drawing 6.4 inches wide.

    ``height`` is of one row; ``options`` go to ``subplots``.
    """

    def with_axes(draw: Callable[..., None]) -> Figure:
        def drawn() -> Drawing:
            drawing = Drawing(figsize=(6.4, height * rows), layout="constrained")
            draw(*drawing.subplots(rows, columns, squeeze=False, **options).flat)
            return drawing

        return Figure(claim, drawn)

    return with_axes


def to_svg(figure: Figure) -> str:
    """The figure as an SVG element whose colours are the page's."""
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.draw().savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, variable)
    left = set(re.findall(r"#[0-9a-f]{6}\b", text)) - {"#000000"}
    if left:
        raise ValueError(f"a figure may use the roles' colours alone, not {', '.join(sorted(left))}")
    return text.replace("#000000", "var(--ink)")
