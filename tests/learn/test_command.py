"""The command in a learner's folder: what it writes, keeps, and says."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ffn.learn import catalogue
from ffn.learn.command import authoring
from ffn.learn.command.commands import learn
from ffn.learn.exercise import Entry

RELU = Path(catalogue.entry("3.2").path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `ffn learn` has begun."""
    monkeypatch.chdir(tmp_path)
    assert run().exit_code == 0
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(learn, arguments)


def write(code: str) -> None:
    RELU.write_text(code, encoding="utf-8")


def kept() -> dict:
    return tomllib.loads(Path("ffn-learn.toml").read_text(encoding="utf-8"))


def test_what_nobody_touched_is_neither_wrong_nor_right(folder: Path) -> None:
    """Without it a new student would begin with as many failures as there are exercises."""
    assert "not begun" in run("check", "3.2").output
    assert kept()["records"]["3.2"]["state"] == "not begun"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")} == {
        catalogue.entry(each).path for each in catalogue.places()
    }


def test_a_right_answer_passes_and_leads_on(folder: Path) -> None:
    """Without it nobody would know what comes next."""
    write(catalogue.entry("3.2").solved)
    result = run("check", "3.2")
    assert (result.exit_code, "passed" in result.output, "Next:" in result.output) == (0, True, True)
    assert kept()["records"]["3.2"]["state"] == "passed"
    assert kept()["current"] != "3.2"
    assert run("next").output.startswith(catalogue.entry("3.3").path)  # what was announced
    assert run("next").output.startswith(catalogue.entry("3.4").path)


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        ("def relu_backward(dh, z)\n    return dh", "SyntaxError", 1),
        ("x = 1\ny = x / 0", "ZeroDivisionError", 2),
        ("def relu_backward(dh, z):\n    a = z.sum(axis=0)\n    return dh @ a[:-1]", "shapes there: dh (1, 1)", 3),
        ("def relu_backward(dh, z):\n    dh[z <= 0] = 0\n    return dh", "changed its argument dh", 1),
        ("def relu_backward(dh, z):\n    dh * (z > 0)", "does it end with a return?", 1),
        ("def relu_backward(dh, z):\n    return (dh * (z > 0)).astype('f4')", "returns float32", 1),
        ("def backward(dh, z):\n    return dh", "There is no relu_backward", 1),
        ("import os\ndef relu_backward(dh, z):\n    os._exit(3)", "ended with status 3", 2),
    ],
)
def test_what_goes_wrong_is_told_with_its_line(folder: Path, code: str, said: str, line: int) -> None:
    """Without it a slip of the pen would be a traceback of the judge's."""
    write(code)
    result = run("check", "3.2")
    assert result.exit_code == 1
    assert said in result.output
    assert result.output.startswith(f"{RELU}:{line}:")
    assert len(result.output.splitlines()) <= 16


def test_what_hangs_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a while loop would hang the judge."""
    monkeypatch.setitem(vars(catalogue.entry("3.2").exercise), "seconds", 0.5)
    write("def relu_backward(dh, z):\n    while True:\n        pass")
    result = run("check", "3.2")
    assert "No answer within 0.5 s" in result.output


def test_hints_come_one_at_a_time_and_a_solution_counts_as_revealed(folder: Path) -> None:
    """Without it a hint would give the answer away, or a revealed solution pass for one's own."""
    hints = catalogue.entry("3.2").exercise.hints
    assert [hint in " ".join(run("hint", "3.2").output.split()) for hint in hints] == [True] * len(hints)
    assert catalogue.entry("3.2").exercise.solution.strip() in run("reveal", "3.2").output
    write(catalogue.entry("3.2").solved)
    assert run("check", "3.2").exit_code == 0
    assert kept()["records"]["3.2"]["state"] == "revealed"


def test_a_reset_keeps_what_stood_there(folder: Path) -> None:
    """Without it a beginner's hour could be lost to one word."""
    write("mine = 1")
    assert ".1.bak" in run("reset", "3.2").output
    assert RELU.with_suffix(".1.bak").read_text(encoding="utf-8") == "mine = 1"
    assert RELU.read_text(encoding="utf-8") == catalogue.entry("3.2").text()


def test_a_teacher_chooses_and_reads_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it every course would have to take every exercise in this order."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "order.toml").write_text('exercises = ["3.2", "1.1"]')
    monkeypatch.chdir(tmp_path / "mine")
    assert run("--exercises", "../order.toml").exit_code == 0
    assert [row["exercise"] for row in json.loads(run("list", "--json").output)["exercises"]] == ["3.2", "1.1"]
    assert json.loads(run("check", "--json").output)["exercise"] == "3.2"
    assert run("report", str(tmp_path / "mine")).output.splitlines()[1].split() == ["mine", "..", "0", "0"]
    assert "there is no ffn-learn.toml" in run("report", str(tmp_path)).output


@pytest.mark.parametrize("arguments", [("check", "99.1"), ("hint", "x"), ("reveal", "0")])
def test_an_exercise_that_there_is_not_is_one_line(folder: Path, arguments: tuple[str, ...]) -> None:
    """Without it a typing error would be a traceback."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "there is no exercise" in str(result.output)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it somebody's home would fill with exercises."""
    (tmp_path / "thesis").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "holds thesis" in run().output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_new_exercise_keeps_all_promises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an author would begin by repairing what they were given."""
    chapter = tmp_path / "c3_backpropagation"
    chapter.mkdir()
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert run("dev", "new", "3.99", "twice_it").exit_code == 0
    assert "there is an exercise 3.1" in run("dev", "new", "3.1", "again").output
    defined: dict = {}
    exec((chapter / "e99_twice_it.py").read_text(encoding="utf-8"), defined)
    entry = Entry("3.99", "Chapter", "3.99_twice_it.py", defined["EXERCISE"])
    assert authoring.faults(entry) == []


def test_watching_checks_what_is_saved_and_obeys_keys(folder: Path) -> None:
    """Without it a student would have to type the command after every change."""
    terminal, end = pty.openpty()
    watching = subprocess.Popen([sys.executable, "-m", "ffn", "learn", "watch"], stdin=end, stdout=end, stderr=end)
    shown = _read_until(terminal, "q quit")
    write("def relu_backward(dh, z):\n    return dh\n")
    shown += _read_until(terminal, "q quit")
    os.write(terminal, b"h")
    shown += _read_until(terminal, "hint 1 of 3")
    os.write(terminal, b"q")
    assert watching.wait(30) == 0
    os.close(end)
    os.close(terminal)
    assert "not begun" in shown
    assert "the mask is always 1" in shown


def _read_until(terminal: int, text: str, seconds: float = 30) -> str:
    """What the terminal shows until it shows a text."""
    shown, end = "", time.monotonic() + seconds
    while text not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


def test_what_a_change_mends_and_breaks_is_told(folder: Path) -> None:
    """Without it a bug hunt would be forty lines and a number."""
    entry = catalogue.entry("3.10")
    path, right = Path(entry.path), entry.solved
    path.write_text(right.replace("inputs[-1] @ W + b", "inputs[-1] @ W").replace("np.mean(", "np.sum("))
    assert "Since your change" not in run("check", "3.10").output
    path.write_text(right.replace("np.mean(", "np.sum("))
    assert "Since your change this holds: Without a hidden layer" in " ".join(run("check", "3.10").output.split())
    path.write_text(right.replace("inputs[-1] @ W + b", "inputs[-1] @ W"))
    assert "Before your change this held: Without a hidden layer" in " ".join(run("check", "3.10").output.split())


@pytest.mark.parametrize("arguments", [("--json", "list"), ("list", "--json")])
def test_json_is_json_wherever_it_is_asked_for(folder: Path, arguments: tuple[str, ...]) -> None:
    """Without it a program that reads the output would get a table."""
    assert len(json.loads(run(*arguments).output)["exercises"]) == len(catalogue.places())


def test_what_is_half_done_is_unfinished_and_not_wrong(folder: Path) -> None:
    """Without it who computes by hand, cell by cell, would be told wrong until the last."""
    entry = catalogue.entry("3.1")
    Path(entry.path).write_text(entry.text().replace("\nz = [[None, None], [None, None]]", "\nz = [[3, -1], [2, 2]]"))
    assert "unfinished" in run("check", "3.1").output
    entry = catalogue.entry("4.2")
    Path(entry.path).write_text(entry.solved.replace("c = 3", "c = None"))
    assert "unfinished" in run("check", "4.2").output
