"""A summary as a reader sees it, whole: what is said, in which order, and what is not said where it is not so."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from ffn import Declared
from ffn.admissible import Examination
from ffn.cases.plan import Coverage
from ffn.conformance.report.known_failures import Known
from ffn.conformance.report.run import Run
from ffn.conformance.report.shown import MOST_CODE, MOST_NAMES, _findings, failure, show, summary
from ffn.conformance.report.text import line
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.reports import ABSENT, FAILING, HOLDING, OPEN, run_of
from tests.conformance.verdicts.stubs import Shown, named, report


def said(run: Run, by_law: bool = False) -> list[str]:
    return str(summary(run, by_law)).splitlines()


def test_a_summary_says_what_was_tried_and_what_was_not_in_one_order() -> None:
    """Without it a line could lose a word, or a figure, and nobody see it until a reader stumbles over it."""
    run = run_of(
        replace(HOLDING, repeats=40),
        replace(HOLDING, dtype="float64", coverage=Coverage(2, 3)),
        replace(OPEN, examination=Examination(decided=2, undecided=1)),
        replace(OPEN, law=named("network/loss"), message="3 of 5 cases were supported"),
        ABSENT,
        FAILING,
        untried=["the loss was tried by no law", "so was the slope"],
        declared=Declared(subnormals="flushed"),
        finished=False,
    )
    run._seconds_of |= {"network/output": 98.4, "gradient/tanh": 31.0}
    expected = [
        "",
        "mine: 2 holds, 1 wrong, 2 undecided",
        "5 judgements of 16 examples in 2.0 s, seed 7",
        "5 of 7 pairs of levels tried (71 %); sizes left to --thorough: 33, 129",
        "resolution of the median law: float32 2e-07, float64 2e-07",
        "undecided, with the share of coordinates that was decided: output/gaussian/loss in float32 (66 %), "
        "network/loss in float32 (3 of 5 cases were supported)",
        "repeated calls: 40 of each method in each precision without a fault;"
        " a rate above 7.2 % would have been seen with 95 %",
        "not offered: maxout",
        "not tried: the loss was tried by no law",
        "not tried: so was the slope",
        "slow: network/output took 98 s, gradient/tanh took 31 s",
        "subnormals may be flushed to zero in float32, float64",
        "stopped at the first failure: the other laws were not judged",
    ]
    assert said(run) == expected
    by_law = [
        *expected[:7],
        "not offered: maxout/ties",
        *expected[8:12],
        "resolution: smallest relative error that would be seen in half, and in 90 %, of the decided coordinates;"
        " undecided: examples whose admissible set is too wide; not judged: entries that may overflow",
        expected[-1],
    ]
    assert said(run, by_law=True) == by_law


def test_a_summary_says_nothing_of_what_is_as_usual() -> None:
    """Without it a reader would be warned of what is not so."""
    usual = [
        "",
        "mine: 1 holds",
        "1 judgement of 4 examples in 2.0 s, seed 7",
        "1 of 3 pairs of levels tried (33 %)",
        "resolution of the median law: float32 2e-07",
        "subnormals may be flushed to zero in float32",
    ]
    assert said(run_of(replace(HOLDING, coverage=Coverage(1, 3)))) == usual
    assert said(run_of(replace(HOLDING, coverage=Coverage(1, 3)), finished=False)) == usual
    wrong = ["", "mine: 1 wrong", "1 judgement of 2 examples in 2.0 s, seed 7", usual[-1]]
    assert said(run_of(FAILING)) == wrong  # float32 is offered
    alone = said(run_of(replace(HOLDING, dtype="float64"), dtypes=("float64",)))
    assert not any("nothing wider" in each for each in alone)
    many = [replace(OPEN, law=named(f"batch/{number}")) for number in range(MOST_NAMES)]
    assert "…" not in str(summary(run_of(*many)))
    assert ", …" in str(summary(run_of(*many, OPEN)))


def test_a_long_name_of_a_cause_is_cut() -> None:
    """Without it an exception with a long name would fill the screen with its laws."""
    raised = [
        report(Verdict.ERROR, f"network/{name}", message=f"{name} raised {kind * 100}: no (mine.py:3)")
        for kind, names in (("E", ("output", "loss")), ("F", ("gradient", "one", "two")))
        for name in names
    ]
    assert [str(part) for part in _findings(run_of(*raised), every=False)][1:] == [
        f"\nthe same cause, {'E' * 80}… (113 characters): 1 further law: network/loss",
        "\n1 other cause (--all shows every finding):",
        f"  {'F' * 80}… (113 characters), 3 laws, such as network/gradient, float32: error",
    ]


def test_a_run_is_shown_alike_on_a_narrow_terminal() -> None:
    """Without it a table would be cut there, or what is to be pasted be wrapped."""
    run = run_of(HOLDING, replace(FAILING, counterexample=Shown("x = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])")))

    def printed(width: int) -> list[str]:
        file = io.StringIO()
        show(run, Console(file=file, width=width, highlight=False))
        return [each.rstrip() for each in file.getvalue().splitlines()]

    assert printed(200)[:8] == [
        "",
        "chapter   holds  fails  undecided  examples  decided",
        "network       1                           4     75 %",
        "gradient             1                    2",
        "",
        "gradient/tanh, float32: wrong",
        "It holds.",
        "W[0]: computed 1",
    ]
    assert printed(20) == printed(200)


def test_long_names_and_counterexamples_are_cut() -> None:
    """Without it one of them would fill the screen."""
    named_ = replace(run_of(HOLDING), implementation="m" * 201)
    assert said(named_)[1] == f"{'m' * 200}… (201 characters): 1 holds"
    large = Shown("x = 5\n" * MOST_CODE)
    assert line(repr(large), 300) in str(failure(replace(FAILING, counterexample=large))).splitlines()


def test_what_is_known_is_counted_in_its_chapter() -> None:
    """Without it news of a chapter would be taken for what is known of it."""
    known = tuple(Known(f"gradient/{name}", "float32", "wrong") for name in ("tanh", "relu"))
    failing = [replace(FAILING, law=named(f"gradient/{name}")) for name in ("tanh", "relu", "sigmoid")]
    two_thirds = replace(HOLDING, examination=Examination(decided=2, undecided=1))
    file = io.StringIO()
    show(run_of(two_thirds, *failing, known=known), Console(file=file, width=100, highlight=False))
    assert [each.rstrip() for each in file.getvalue().splitlines()[1:4]] == [
        "chapter   holds  fails  known  undecided  examples  decided",
        "network       1                                  4     66 %",
        "gradient             1      2                    6",
    ]
