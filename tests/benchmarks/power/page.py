"""The tables of what is seen, as Markdown, and the pages that have them."""

from pathlib import Path
from typing import Any

from tests.benchmarks.power.gradients import SLIPS

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", ROOT / "ffn" / "admissible" / "README.md")
END = "<!-- end of the table -->"
Figures = list[dict[str, Any]]


def kernels(figures: Figures) -> str:
    """A line for each check, a column for each precision, and the correct kernels that it rejects."""
    dtypes = list(dict.fromkeys(figure["dtype"] for figure in figures))
    of, correct, seeds = (figures[0][name] for name in ("of", "correct", "seeds"))
    lines = [
        _row("check", *(f"of {of} bugs in {dtype}" for dtype in dtypes), f"of {correct} correct ones on {seeds} seeds"),
        _row(*["---"] * (len(dtypes) + 2)),
    ]
    for check in dict.fromkeys(figure["check"] for figure in figures):
        found = [figure for figure in figures if figure["check"] == check]
        rejected = ", ".join(str(figure["rejected"]) for figure in found)
        lines.append(_row(check, *(str(figure["seen"]) for figure in found), rejected))
    return "\n".join(lines)


def gradients(figures: Figures) -> str:
    """A line for each checker of gradients; of one that was not there, that it was not."""
    kinds = ("kernels", "network", "correct")
    full = next(figure for figure in figures if all(figure[kind] for kind in kinds))
    heads = ("bugs of kernels", "of the network", "correct ones")
    lines = [
        _row(
            "check",
            *(f"of {full[kind][1]} {head}" for kind, head in zip(kinds, heads, strict=True)),
            "all of a gradient off by",
            "one entry off by",
        ),
        _row(*["---"] * 6),
    ]
    for figure in figures:
        counts = [_count(figure[kind], full[kind][1]) for kind in kinds]
        slips = [_slip(figure[what], figure) for what in ("whole", "one")]
        lines.append(_row(figure["check"], *counts, *slips))
    return "\n".join(lines)


def _count(found: Any, of: int) -> str:
    if found is None:
        return "–"
    return str(found[0]) if found[1] == of else f"{found[0]} of {found[1]}"


def _slip(slip: float | None, figure: dict[str, Any]) -> str:
    if figure["correct"] is None:
        return "not installed"
    if slip == 0:
        return "nothing: also refused"
    return f"{slip:.0e}" if slip else f"more than {SLIPS[0]:.0e}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


TABLES = {"kernels": kernels, "gradients": gradients}


def tables(figures: dict[str, Figures]) -> list[str]:
    return [TABLES[name](found) for name, found in figures.items()]


def between(text: str, name: str) -> str:
    """The table of that name as a page has it; nothing where it has none."""
    return text.partition(_start(name))[2].partition(f"\n{END}")[0]


def _start(name: str) -> str:
    return f"<!-- {name}, made by the bench -->\n"


def write(figures: dict[str, Figures]) -> None:
    """Replace the tables of the pages; not one in which a checker is missing that the page has."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name, found in figures.items():
            old, new = between(text, name), TABLES[name](found)
            if old and "not installed" not in new:
                text = text.replace(f"{_start(name)}{old}", f"{_start(name)}{new}")
        page.write_text(text, encoding="utf-8")
