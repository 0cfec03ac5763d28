"""What the terminal shows of a run: everything that failed, whatever else there is to say."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ffn.admissible import Examination
from ffn.cases.plan import Coverage
from ffn.conformance.explanation.patterns import OUTSIDE
from ffn.conformance.report import tables
from ffn.conformance.report.known_failures import Known, stale
from ffn.conformance.report.run import Run
from ffn.conformance.report.shown import MOST_CODE, MOST_NAMES, Teller, failure, opening, show, summary
from ffn.conformance.report.text import line, printable
from ffn.conformance.running.tally import LawReport, Seen
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.reports import ABSENT, FAILING, FAMILY, HOLDING, OPEN, SOFTER, run_of
from tests.conformance.verdicts.stubs import Shown, named, report


def printed(show_it: Any, width: int = 100) -> str:
    file = io.StringIO()
    show_it(Console(file=file, width=width, highlight=False))
    return file.getvalue()


def shown(run: Run, **options: Any) -> list[str]:
    """The lines of a run, without blanks at their ends."""
    return [each.rstrip() for each in printed(lambda console: show(run, console, **options)).splitlines()]


def test_what_is_about_to_be_judged_is_said() -> None:
    """Without it a precision that is not offered would seem to be judged."""
    run = run_of(misspelt=(("gradeint", "gradient"), ("l" * 81, "loss")))
    text = str(opening(run, 3, ("float16", "float32"), 5))
    assert text == (
        "mine: 3 laws in float32, on planned cases and 5 drawn examples each, seed 7\n"
        "gradeint is not called: did you mean gradient?\n"
        f"{'l' * 80}… (81 characters) is not called: did you mean loss?"
    )
    assert str(opening(run_of(), 1, ("float16",), 1)) == (
        "mine: 1 law in no dtype, on planned cases and 1 drawn example each, 2 where none are planned, seed 7"
    )
    long = replace(run_of(), implementation="m" * 201)
    assert str(opening(long, 2, ("float32", "float64"), 1)).startswith(
        f"{'m' * 200}… (201 characters): 2 laws in float32, float64, on planned cases"
    )
    from ffn import Declared

    declared = run_of(declared=Declared(accumulate="float64"))
    assert f"\ndeclared: {declared.declared}" in str(opening(declared, 1, ("float32",), 1))


def test_each_law_is_told_once_as_it_fails_and_no_more_than_five() -> None:
    """Without it a terminal would be flooded, or a failure be told at the end alone."""

    def told(*reports: LawReport, known: tuple[Known, ...] = ()) -> list[str]:
        def tell(console: Console) -> None:
            teller = Teller(run_of(known=known), console)
            for each in reports:
                teller.tell(each)

        return printed(tell, width=30).splitlines()  # a line that is wrapped could not be searched for

    assert told(HOLDING, FAILING, FAILING, OPEN, SOFTER) == [
        "wrong  gradient/tanh, float32: W[0]: computed 1",
        "unstable  gradient/relu, float64: lost",
    ]
    many = [report(Verdict.WRONG, f"gradient/{number}", message="m") for number in range(8)]
    lines = told(*many)
    assert lines[:5] == [f"wrong  gradient/{number}, float32: m" for number in range(5)]
    assert lines[5:] == ["further failures are counted below"]
    assert told(replace(FAILING, message="m" * 201)) == [
        f"wrong  gradient/tanh, float32: {'m' * 200}… (201 characters)"
    ]
    entry = Known("gradient/tanh", "float32", "wrong")
    assert told(FAILING, known=(entry,)) == []
    named_ = replace(FAILING, explanation="It is 2 times what is admissible.")
    assert told(named_) == ["wrong  gradient/tanh, float32: It is 2 times what is admissible."]
    placed = replace(FAILING, explanation=f"{OUTSIDE} row 1 alone.")
    assert told(placed) == ["wrong  gradient/tanh, float32: W[0]: computed 1"]


def test_the_first_failure_is_told_at_once_unless_it_may_be_known() -> None:
    """Without it nobody would know for seconds that something was seen."""

    def told(*seen: Seen, known: tuple[Known, ...] = ()) -> list[str]:
        def see(console: Console) -> None:
            teller = Teller(run_of(known=known), console)
            for each in seen:
                teller.see(each)

        return printed(see).splitlines()

    first, other = Seen("gradient/tanh", "float32", "W[0]: off\nby 1"), Seen("gradient/relu", "float32", "b")
    line_of_first = "seen  gradient/tanh, float32: W[0]: off; a smaller case is looked for"
    assert told(first, other) == [line_of_first]
    assert told(Seen("gradient/tanh", "float32", "x" * 500))[0].startswith(
        f"seen  gradient/tanh, float32: {'x' * 160}…"
    )
    assert told(first, other, known=(Known("gradient/tanh", "float32", "wrong"),)) == [
        "seen  gradient/relu, float32: b; a smaller case is looked for"
    ]
    assert told(first, known=(Known("gradient/tanh", "float64", "wrong"),)) == [line_of_first]


def test_a_failure_is_told_with_its_law_and_what_can_be_pasted() -> None:
    """Without it nobody could repeat it."""
    text = str(failure(replace(FAILING, explanation="It is \x1b[31mred.")))
    assert text == (
        "\ngradient/tanh, float32: wrong\nIt holds.\nIt is \\x1b[31mred.\nW[0]: computed 1\nand more\nx = 5"
    )
    long = replace(FAILING, counterexample=Shown("x = 5\n" * MOST_CODE))
    assert "x = 5\nx = 5" not in str(failure(long))
    assert f"the counterexample has {6 * MOST_CODE} characters: --json FILE writes it whole" in str(failure(long))
    assert str(failure(report(Verdict.ERROR, message="raised"))).endswith("It holds.\nraised")
    edge = replace(FAILING, counterexample=Shown("x" * MOST_CODE))
    assert str(failure(edge)).endswith("x" * MOST_CODE)


def test_one_finding_is_told_in_full_and_the_others_are_counted() -> None:
    """Without it the second fault would be hidden by the first, or both by their examples."""
    lines = shown(run_of(*FAMILY, FAILING, SOFTER))
    assert "gradient/tanh, float32: wrong" in lines
    assert "x = 5" in lines
    assert "y = 6" not in lines
    assert "1 other cause (--all shows every finding):" in lines
    assert any(each.startswith("  relu, 1 law, such as gradient/relu, float64: unstable") for each in lines)
    every = shown(run_of(*FAMILY, FAILING, SOFTER), every_finding=True)
    assert "x = 5" in every
    assert "y = 6" in every
    assert not any("other cause" in each for each in every)
    whole = replace(FAILING, law=named("activation/tanh/value"), counterexample=Shown("z = 1"))
    others = [report(name=f"activation/{name}/value") for name in ("relu", "sigmoid")]
    same_cause = shown(run_of(*FAMILY, *others, FAILING, whole))
    assert "the same cause, tanh: 1 further law: activation/tanh/value" in same_cause
    assert not any("other cause" in each for each in same_cause)
    seven = [replace(FAILING, law=named(f"batch/{number}")) for number in range(8)]
    assert "the same cause, batch: 7 further laws: batch/1, batch/2, batch/3, batch/4, batch/5, batch/6, …" in shown(
        run_of(*seven)
    )


def test_known_failures_are_counted_and_neither_told_nor_news() -> None:
    """Without it news would be lost among what is known, or what is known be told again and again."""
    entry = Known("gradient/tanh", "float32", "wrong")
    run = run_of(HOLDING, FAILING, SOFTER, known=(entry,))
    assert run.failures == [FAILING, SOFTER]
    assert run.news == [SOFTER]
    lines = shown(run)
    assert "x = 5" not in lines
    assert "y = 6" in lines
    assert "mine: 1 holds, 1 wrong, 1 unstable (1 known)" in lines
    assert [each.split() for each in lines if each.startswith(("chapter", "gradient "))] == [
        ["chapter", "holds", "fails", "known", "undecided", "examples", "decided"],
        ["gradient", "1", "1", "3"],
    ]
    assert not any("known" in each.split() for each in shown(run_of(HOLDING, FAILING)))
    for other in (replace(FAILING, verdict=Verdict.UNSTABLE), replace(FAILING, dtype="float64")):
        assert run_of(other, known=(entry,)).news == [other]


def test_what_no_longer_fails_as_it_is_listed_is_told() -> None:
    """Without it a list would grow old, and hide what comes back."""
    entry = Known("gradient/tanh", "float32", "wrong")
    holding = replace(FAILING, verdict=Verdict.HOLDS, counterexample=None)
    assert stale((entry,), [holding]) == [entry]
    assert stale((entry,), [FAILING]) == []
    assert stale((entry,), [replace(FAILING, verdict=Verdict.UNSTABLE)]) == [entry]
    assert stale((entry,), [replace(holding, verdict=Verdict.NOT_OFFERED)]) == []
    assert stale((entry,), [replace(holding, dtype="float64"), HOLDING]) == []
    lines = shown(run_of(holding, known=(entry,)))
    assert "stale known failure: gradient/tanh in float32 is no longer wrong" in lines


def test_the_summary_counts_every_verdict() -> None:
    """Without it the last line would say less than was found."""
    lines = str(summary(run_of(HOLDING, FAILING, OPEN, ABSENT, HOLDING))).splitlines()
    assert lines[1:3] == [
        "mine: 2 holds, 1 wrong, 1 undecided",
        "4 judgements of 13 examples in 2.0 s, seed 7",
    ]
    assert "6 of 8 pairs of levels tried (75 %); sizes left to --thorough: 33, 129" in lines
    assert "resolution of the median law: float32 2e-07" in lines
    assert "not offered: maxout" in lines
    assert "subnormals may be flushed to zero in float32" in lines
    assert str(summary(run_of())).splitlines()[1:] == [
        "mine: nothing was judged",
        "0 judgements of 0 examples in 2.0 s, seed 7",
    ]
    one = str(summary(run_of(replace(HOLDING, examples=1))))
    assert "1 judgement of 1 example in" in one


HALF = Examination(decided=48, undecided=51)  # 48.5 %: no share is rounded up to what decides
NOTED = {
    "repeated": (
        {},
        [replace(HOLDING, repeats=40), replace(HOLDING, repeats=60), HOLDING],
        "repeated calls: 40 of each method in each precision without a fault;"
        " a rate above 7.2 % would have been seen with 95 %",
    ),
    "undecided": (
        {},
        [
            replace(OPEN, message="48 % of the coordinates were decided", examination=HALF),
            replace(OPEN, dtype="float64", message="", examination=HALF),
            replace(OPEN, message="3 of 5 cases were supported"),
        ],
        "undecided, with the share of coordinates that was decided: output/gaussian/loss in float32 (48 %), "
        "output/gaussian/loss in float64 (48 %), output/gaussian/loss in float32 (3 of 5 cases were supported)",
    ),
    "left out": (
        {},
        [
            replace(HOLDING, left_out=frozenset({"tanh", "relu"})),
            replace(HOLDING, dtype="float64", left_out=frozenset({"relu"})),
        ],
        "left out of laws about networks and extremes, as they fail by themselves: "
        "relu (float32, float64), tanh (float32)",
    ),
    "levels": (
        {},
        [replace(HOLDING, refused=1, coverage=Coverage(1, 2, levels=(("rows", 9, False), ("rows", 1, True))))],
        "left out, as they are not offered: rows 9",
    ),
    "levels behind a failure": (  # which nobody tried, and which are not left out therefore
        {},
        [
            replace(HOLDING, refused=1, coverage=Coverage(1, 2, levels=(("rows", 9, False), ("rows", 1, True)))),
            replace(FAILING, coverage=Coverage(0, 1, levels=(("kind", "a", False),))),
        ],
        "left out, as they are not offered: rows 9",
    ),
    "levels of several factors": (
        {},
        [
            replace(
                HOLDING,
                refused=1,
                coverage=Coverage(
                    1,
                    2,
                    levels=(*(("layer 1", name, False) for name in "abcde"), ("rows", 9, False), ("rows", 1, True)),
                ),
            )
        ],
        "left out, as they are not offered: layer 1 a, b, c, d, …; rows 9",
    ),
    "untried": ({"untried": ["the loss was tried by no law"]}, [HOLDING], "not tried: the loss was tried by no law"),
    "interrupted": ({"interrupted": True, "finished": False}, [HOLDING], "interrupted: this is what was found so far"),
    "stopped": ({"finished": False}, [FAILING], "stopped at the first failure: the other laws were not judged"),
    "float64 alone": (
        {"dtypes": ("float64",)},
        [replace(FAILING, dtype="float64")],
        "float64 has nothing wider to be repeated in: list float32 in dtypes too, and unstable is told from wrong",
    ),
}


@pytest.mark.parametrize(("own", "reports", "note"), NOTED.values(), ids=NOTED)
def test_what_is_not_clear_is_noted_where_it_is_so_and_nowhere_else(own: Any, reports: Any, note: str) -> None:
    """Without it a figure would say more than was tried."""
    assert note in str(summary(run_of(*reports, **own))).splitlines()
    start = note.partition(":")[0].partition(" of ")[0]
    plain = str(summary(run_of(replace(HOLDING, coverage=None))))
    assert not any(each.startswith(start) for each in plain.splitlines())


def test_levels_that_were_offered_and_not_tried_are_not_told_as_left_out() -> None:
    """Without it who offers everything would be told that it does not."""
    coverage = Coverage(1, 2, levels=(("rows", 9, False), ("rows", 1, True)))
    assert "not offered" not in str(summary(run_of(replace(HOLDING, coverage=coverage))))


def test_every_law_that_is_undecided_is_named_where_laws_are_listed() -> None:
    """Without it a reader would look for it in a table of hundreds of lines."""
    run = run_of(*(replace(OPEN, message=f"{share} %") for share in range(40)))
    assert str(summary(run, by_law=True)).count(f"{OPEN.law.name} in") == 40
    assert str(summary(run)).count(f"{OPEN.law.name} in") == MOST_NAMES
    assert ", …" in str(summary(run))


def test_what_is_not_offered_is_named_by_dtype_chapter_and_law() -> None:
    """Without it a chapter that was not judged would be missed by nobody."""

    def absent(*reports: LawReport, by_law: bool = False) -> str:
        lines = str(summary(run_of(*reports), by_law)).splitlines()
        return next((each for each in lines if each.startswith("not offered")), "")

    half = report(Verdict.NOT_OFFERED, "network/output", "float16")
    other = report(Verdict.NOT_OFFERED, "network/loss")
    third = report(Verdict.NOT_OFFERED, "network/gradient")
    assert absent(HOLDING) == ""
    assert absent(HOLDING, half) == "not offered: float16"
    assert absent(HOLDING, ABSENT, other) == "not offered: maxout, 1 further law (-v names them)"
    assert absent(HOLDING, ABSENT, other, third) == "not offered: maxout, 2 further laws (-v names them)"
    assert absent(HOLDING, half, ABSENT, other, by_law=True) == "not offered: float16, maxout/ties, network/loss"
    assert absent(half, other) == "not offered: float16, float32"


def test_chapters_are_added_up() -> None:
    """Without it a chapter in which something fails could look as if it held."""
    lines = shown(run_of(HOLDING, replace(HOLDING, dtype="float64"), FAILING, OPEN, ABSENT))
    rows = {each.split()[0]: each.split()[1:] for each in lines[1:5]}
    assert rows["chapter"] == ["holds", "fails", "undecided", "examples", "decided"]
    assert rows["network"] == ["2", "8", "75", "%"]
    assert rows["gradient"] == ["1", "2"]
    assert rows["output"] == ["1", "3"]
    judged = Examination(decided=1, not_judged=1)
    assert [each.split()[-2:] for each in shown(run_of(replace(HOLDING, examination=judged)))][2] == ["50", "%"]


def test_laws_are_told_with_as_many_columns_as_fit() -> None:
    """Without it a narrow terminal would cut verdicts, or wrap every line."""
    run = run_of(HOLDING, replace(HOLDING, dtype="float64"), FAILING, OPEN)
    wide = shown(run, by_law=True)
    assert wide[1].split() == [
        "law",
        "dtype",
        "verdict",
        "examples",
        "resolution",
        "90",
        "%",
        "undecided",
        "not",
        "judged",
    ]
    assert wide[2].split() == ["network/output", "float32", "holds", "4", "2e-07", "3e-07"]
    assert wide[3].split() == ["float64", "holds", "4", "2e-07", "3e-07"]
    assert wide[4].split()[:3] == ["gradient/tanh", "float32", "wrong"]
    assert wide[5].split() == ["output/gaussian/loss", "float32", "undecided", "3", "2"]
    heads = [printed(lambda console: show(run, console, True), width).splitlines()[1].split() for width in (70, 55, 20)]
    assert [len(head) for head in heads] == [7, 4, 3]
    known = run_of(FAILING, known=(Known("gradient/tanh", "float32", "wrong"),))
    assert any("wrong, known" in each for each in shown(known, by_law=True))
    assert any(each.startswith("resolution: smallest relative error") for each in wide)


def test_resolutions_are_those_of_the_median_law_of_each_precision() -> None:
    """Without it the best law would stand for all of them."""

    def seeing(error: float, dtype: str = "float32") -> LawReport:
        return report(dtype=dtype, examination=Examination(decided=1, resolutions=[error]))

    reports = (seeing(1e-7), seeing(3e-7), seeing(5e-3), seeing(1.0), seeing(1.5), seeing(0.0, "float64"), report())
    assert tables.resolutions(run_of(*reports)) == "float32 3e-07, float64 exact"
    assert [tables.resolution(value) for value in (None, 0.0, 0.0123)] == ["", "exact", "1e-02"]
    assert tables.chapter("state/other slope") == "state"


def test_text_can_neither_steer_a_terminal_nor_flood_it() -> None:
    """Without it an implementation's message could clear the screen, or hide what was found."""
    assert printable("a\x1b[2Jb\tc\nd\udc80é") == "a\\x1b[2Jb\\tc\nd\\udc80é"
    assert printable("x" * 2000) == "x" * 2000
    assert printable("x" * 2001) == "x" * 2000 + "… (2001 characters)"
    assert printable("abcdef", 3) == "abc… (6 characters)"
    assert line(" a \n b\t c ") == "a b c"
    assert line("ab " * 10, 5) == "ab ab… (30 characters)"
    assert line("abc", 3) == "abc"
