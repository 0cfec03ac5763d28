"""What a reader sees: failures as they come, one finding, the others by cause, and nothing cut or executed."""

from __future__ import annotations

import io
import os
import re
import time

import pytest
from rich.console import Console

from ffn import reference
from ffn.cli import _end
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL, matching
from ffn.conformance.report import shown
from ffn.conformance.report.known_failures import Known
from ffn.conformance.report.run import Run
from ffn.conformance.report.text import line, printable
from ffn.conformance.running import runner
from ffn.conformance.running.tally import Seen
from ffn.conformance.verdict import Verdict
from ffn.terminal import CannotRun
from tests.conformance.command import QUICK, RIGHT, WRONG, ffn, started, verify

SLOPES = ("--law", "activation/*/slope", "--examples", "3")


class Doubled:
    """Its softplus and its slope of tanh are twice what they should be."""

    name = "doubled"
    dtypes = ("float32", "float64")

    def activation(self, name, z):
        return (2 if name == "softplus" else 1) * reference.activation(name, z)

    def slope(self, name, z):
        return (2 if name == "tanh" else 1) * reference.slope(name, z)


@pytest.fixture(scope="module")
def doubled() -> Run:
    run = Run("doubled", 0, [Known("activation/tanh/slope", "float64", "wrong")], Doubled.dtypes)
    for report in runner.run(matching(("activation", "purity")), ("float32", "float64"), Subject(Doubled()), 3, 0):
        run.add(report)
    run.finished = True
    return run


def text(run: Run, width: int = 110, **options: bool) -> str:
    file = io.StringIO()
    shown.show(run, Console(width=width, file=file, force_terminal=True), **options)
    return re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())


def test_a_failure_is_told_as_soon_as_it_is_found(write) -> None:
    """Without it a reader would wait for the last law to learn of the first."""
    activation = "if name == 'relu': import time; time.sleep(60)\n        return 2 * reference.activation(name, z)"
    with started(write(RIGHT, activation=activation), *QUICK) as process:
        assert (
            process.stdout.readline() == "mine: 8 laws in float32, on planned cases and 3 drawn examples each, seed 0\n"
        )
        assert process.stdout.readline().startswith("seen  activation/identity/value, float32: identity[0]: computed ")
        assert process.stdout.readline().startswith("wrong  activation/identity/value, float32: identity[0]: computed ")
        process.terminate()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_is_seen_to_fail_is_told_before_it_is_understood(write, jobs: str) -> None:
    """Without it the first useful line would wait until a case was made smaller and explained: some seconds."""
    once = "time.sleep(60 if CALLED else 0); CALLED.append(name)\n        return 2 * reference.activation(name, z)"
    with started(write(f"{RIGHT}\nimport time\nCALLED = []\n", activation=once), *QUICK, "-j", jobs) as process:
        assert process.stdout.readline().startswith("mine: ")
        assert process.stdout.readline().endswith("; a smaller case is looked for\n")
        process.terminate()


def test_what_may_be_known_is_not_told_before_it_is_understood() -> None:
    """Without it the first line of a run in which all is as expected would be of a failure."""
    file = io.StringIO()
    known = [Known("activation/tanh/slope", "float64", "wrong")]
    teller = shown.Teller(Run("mine", 0, known), Console(file=file, width=200))
    for dtype in ("float64", "float32", "bfloat16"):
        teller.see(Seen("activation/tanh/slope", dtype, "tanh[0]: 3"))
    assert file.getvalue() == "seen  activation/tanh/slope, float32: tanh[0]: 3; a smaller case is looked for\n"


def test_many_failures_are_told_a_line_each_and_then_counted(capsys, write) -> None:
    """Without it the finding would stand under a screen of failures of one cause."""
    _, out, _ = verify(capsys, write(WRONG.replace("2 *", "3 +")), *SLOPES)
    told = out[: out.index("\n\nchapter")].splitlines()
    assert len(told) == shown.MOST_LINES + 3
    assert told[-1] == "further failures are counted below"


def test_one_finding_is_shown_and_the_others_are_counted_by_cause(doubled: Run) -> None:
    """Without it a newcomer would have to find the cause in hundreds of lines."""
    found = text(doubled)
    assert found.count("import numpy") == 1
    other = "softplus, 1 law, such as activation/softplus/value, float32: wrong"
    assert f"1 other cause (--all shows every finding):\n  {other}" in found


def test_every_finding_is_shown_when_asked_for(doubled: Run) -> None:
    """Without it the others could be read in the JSON alone."""
    assert text(doubled, every_finding=True).count("import numpy") == 3  # of 4 failures one is known


def test_the_table_has_a_line_a_chapter_and_with_v_a_line_a_law(doubled: Run) -> None:
    """Without it the table would have 290 lines."""
    assert re.search(r"^activation +28 +3 +1 +\d+ ", text(doubled), re.MULTILINE)
    by_law = text(doubled, by_law=True)
    assert all(report.law.name in by_law for report in doubled.judged)
    assert "wrong, known" in by_law


@pytest.mark.parametrize("width", [40, 80, 110])
def test_verdicts_and_names_of_laws_are_never_cut(doubled: Run, width: int) -> None:
    """Without it a narrow terminal would not show what was found."""
    for found in (text(doubled, width, by_law=True), text(doubled, width)):
        assert "…" not in found.replace("float64, …", "")
    by_law = text(doubled, width, by_law=True)
    rows = re.findall(r"^.*float(?:32|64)  +(?:holds|wrong)(?:, known)?(?: .*)?$", by_law, re.MULTILINE)
    assert len(rows) == len(doubled.judged)


@pytest.mark.parametrize("width", [40, 80])
def test_the_list_of_laws_names_each_in_full(width: int) -> None:
    """Without it nobody on a narrow terminal could know what ``--law`` takes."""
    result = ffn("laws", env={**os.environ, "COLUMNS": str(width), "FORCE_COLOR": "1"})
    assert all(law.name in result.stdout for law in ALL)


def test_x_stops_at_the_first_failure(capsys, write) -> None:
    """Without it a reader who mends one thing at a time would wait for all the others."""
    status, out, _ = verify(capsys, write(WRONG), *SLOPES, "-x")
    assert status == 1
    assert "1 wrong\n1 judgement of" in out
    assert "stopped at the first failure: the other laws were not judged" in out


def test_what_lists_float64_alone_is_told_what_float32_would_tell(capsys, write) -> None:
    """Without it a student would not learn why nothing is called unstable."""
    hint = "list float32 in dtypes too"
    path = write(WRONG.replace("implementation =", "Implementation.dtypes = ('float64',)\nimplementation ="))
    law = ("--law", "activation/tanh/slope", "--examples", "1")
    assert verify(capsys, path, *law)[1].count(hint) == 1
    assert hint not in verify(capsys, write(WRONG), *law)[1]


def test_a_method_that_no_law_could_try_is_status_2(doubled: Run) -> None:
    """Without it a gradient that was never looked at would be reported as good."""
    run = Run("mine", 0, untried=["gradient was tried by no law on its full plan: no network of two rows is supported"])
    run.reports = [report for report in doubled.reports if report.verdict is Verdict.HOLDS]
    with pytest.raises(CannotRun, match="gradient was tried by no law"):
        _end(run, ("float32",))


def test_laws_without_a_pair_of_levels_have_a_summary(capsys) -> None:
    """Without it a run of wide exact cases alone, whose plans have one factor, ended in a division by 0."""
    status, out, err = verify(capsys, "--law", "exact/wide forward", "--dtype", "float32", "-j", "1")
    assert (status, err) == (0, "")
    assert "reference: 1 holds" in out


def test_slow_laws_are_named(doubled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody could know what to leave out."""
    run, now = Run("mine", 0), time.perf_counter()
    for report, seconds in zip(doubled.judged[:3:2], (1, 9), strict=True):
        monkeypatch.setattr("time.perf_counter", lambda now=now + seconds: now)
        run.add(report)
    monkeypatch.undo()
    assert list(run.slow) == [doubled.judged[2].law.name]
    assert "took 8 s" in str(shown.summary(run))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_encoding_of_the_terminal_works(write, encoding: str) -> None:
    """Without it the prime of a slope would end the run with a traceback."""
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    result = ffn(
        "verify", write(WRONG), "--law", "activation/tanh/slope", "--examples", "3", env=env, encoding=encoding
    )
    assert (result.returncode, result.stderr) == (1, "")
    assert ("tanh′[0]: computed" if encoding == "utf-8" else "tanh'[0]: computed") in result.stdout
    assert "\x1b" not in result.stdout  # no colour where there is no terminal


def test_text_of_an_implementation_neither_steers_the_terminal_nor_floods_it(capsys, write) -> None:
    """Without it a name could clear the screen, and a message be a gigabyte."""
    body = "    name = 'a\\x1b[2J\\ud800\\nb' + 10_000 * 'c'\n\nimplementation = Implementation\n"
    raises = "raise ValueError('\\x1b]0;title\\x07 \\u202e ' + 10_000 * 'd')"
    status, out, err = verify(capsys, write(body, activation=raises), *QUICK)
    assert (status, err) == (1, "")
    assert not set(out) & {"\x1b", "\x07", "\ud800", "\u202e"}
    assert "a\\x1b[2J\\ud800 bccc" in out
    assert max(map(len, out.splitlines())) < 3000
    path = write("\nraise ValueError('\\x1b[2J' + 100_000 * 'e')\n")
    status, _, err = verify(capsys, path)
    assert (status, err.count("\n"), "\x1b" in err) == (2, 1, False)
    assert len(err) < 3000


def test_printable_text_is_left_as_it_is() -> None:
    """Without it formulas would be escaped."""
    assert printable("Σ‖W‖²\n∇ ′ ±") == "Σ‖W‖²\n∇ ′ ±"
    assert printable("a\tb\x00\ud800") == "a\\tb\\x00\\ud800"
    assert line("a\n b", 10) == "a b"
    assert printable(9 * "a", 5) == "aaaaa… (9 characters)"
