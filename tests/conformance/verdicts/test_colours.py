"""What stands out on a terminal, and how the tables stand there."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from rich.console import Console

from ffn.conformance.report import tables
from ffn.conformance.report.known_failures import Known
from ffn.conformance.report.shown import MOST_CODE, Teller, failure, show
from ffn.conformance.running.tally import Seen
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.reports import ABSENT, FAILING, HOLDING, OPEN, SOFTER, run_of
from tests.conformance.verdicts.stubs import Shown, named, report

BOLD, DIM, ITALIC, RED, YELLOW, SOFT_YELLOW, GREEN, CYAN = "1", "2", "3", "1;31", "1;33", "33", "32", "36"
NOW_HOLDS = replace(FAILING, dtype="float64", verdict=Verdict.HOLDS, counterexample=None)
RUN = run_of(HOLDING, FAILING, SOFTER, OPEN, ABSENT, NOW_HOLDS, known=(Known("gradient/tanh", "float64", "wrong"),))


def painted(show_it: Any) -> list[tuple[str, str]]:
    """The words that a terminal of 16 colours shows in another way, each with the code of its style."""
    file = io.StringIO()
    show_it(Console(file=file, width=200, highlight=False, force_terminal=True, color_system="standard"))
    pieces = re.findall(r"\x1b\[([\d;]+)m([^\x1b]*)\x1b\[0m", file.getvalue())
    return [(words.strip(), code) for code, words in pieces if words.strip()]


def plain(by_law: bool) -> list[str]:
    file = io.StringIO()
    show(RUN, Console(file=file, width=200), by_law=by_law)
    return file.getvalue().splitlines()


def test_a_verdict_has_its_colour_and_the_law_its_weight() -> None:
    """Without it what is wrong would be one grey line among a hundred."""
    titles = [("gradient/tanh, float32:", BOLD), ("wrong", RED), ("It holds.", ITALIC)]
    others = [
        *(("relu", BOLD), ("unstable", YELLOW)),
        ("stale known failure: gradient/tanh in float64 is no longer wrong", SOFT_YELLOW),
    ]
    chapters = painted(lambda console: show(RUN, console))
    heads = ("chapter", "holds", "fails", "undecided", "examples", "decided")
    assert chapters[:6] == [(head, BOLD) for head in heads]
    assert chapters[6:11] == [("2", RED), ("1", CYAN), *titles]
    code = chapters[11:-3]
    assert [words for words, _ in code] == ["x", "=", "5"]
    assert len({style for _, style in code}) > 1
    assert {style.split(";")[-1] for _, style in code} == {"49"}  # the terminal's own ground
    assert chapters[-3:] == others
    by_law = painted(lambda console: show(RUN, console, by_law=True))
    verdicts = [("holds", GREEN), ("wrong", RED), ("unstable", YELLOW), ("undecided", CYAN), ("holds", GREEN)]
    assert by_law[8:13] == verdicts
    assert by_law[13:16] == titles
    raised = painted(lambda console: console.print(failure(report(Verdict.ERROR, message="raised"))))
    assert ("error", RED) in raised
    long = replace(FAILING, counterexample=Shown("x = 5\n" * MOST_CODE))
    assert painted(lambda console: console.print(failure(long)))[-1] == (
        f"the counterexample has {6 * MOST_CODE} characters: --json FILE writes it whole",
        DIM,
    )


def test_what_is_told_as_it_comes_has_the_colour_of_its_verdict() -> None:
    """Without it a line that says that something was seen would look like what was found."""

    def tell(console: Console) -> None:
        teller = Teller(RUN, console)
        teller.see(Seen("gradient/relu", "float32", "off"))
        for number in range(6):
            teller.tell(replace(SOFTER, law=named(f"gradient/{number}")))

    told = painted(tell)
    assert told == [("seen", DIM), *[("unstable", YELLOW)] * 5, ("further failures are counted below", DIM)]


def test_columns_that_just_fit_are_shown() -> None:
    """Without it a figure would be left out of a terminal that has room for it."""
    whole = tables.laws(RUN, 200)
    assert len(whole.columns) == 8
    assert len(tables.laws(RUN, tables.width(whole)).columns) == 8
    assert len(tables.laws(RUN, tables.width(whole) - 1).columns) == 7


def test_tables_are_aligned() -> None:
    """Without it a count would stand below another one's head."""
    assert plain(False)[1:5] == [
        "chapter   holds  fails  undecided  examples  decided",
        "network       1                           4     75 %",
        "gradient      1      2                    5         ",
        "output                          1         3         ",
    ]
    assert [each.rstrip() for each in plain(True)[1:4]] == [
        "law                   dtype    verdict    examples  resolution   90 %  undecided  not judged",
        "network/output        float32  holds             4       2e-07  3e-07",
        "gradient/tanh         float32  wrong             2",
    ]
