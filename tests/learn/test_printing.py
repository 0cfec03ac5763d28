"""What a learner's function prints is shown, bounded, and beside the answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ffn.learn import catalogue, check
from ffn.learn.command.commands import learn
from ffn.learn.judging.printing import MOST_COLUMNS, MOST_LINES, Caught
from ffn.learn.message.text import LINES
from ffn.learn.message.wrapping import COLUMNS

RELU = Path(catalogue.entry("3.2").path)
WRONG = "def relu_backward(dh, z):\n    print('z is', z.tolist())\n    return dh * 1.0\n"
RIGHT = WRONG.replace("1.0", "(z > 0)")
SILENT = RIGHT.replace("print('z is', z.tolist())", "pass")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `ffn learn` has begun."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(learn, ()).exit_code == 0
    return tmp_path


def checked(code: str, *options: str) -> Result:
    RELU.write_text(code, encoding="utf-8")
    return CliRunner().invoke(learn, ("check", "3.2", *options))


def test_what_was_printed_for_the_smallest_example_is_shown(folder: Path) -> None:
    """Without it nobody could look into a function of theirs while it is judged."""
    lines = checked(WRONG).output.splitlines()
    heading = lines.index("Your code printed, for this example:")
    drawn = next(line for line in lines if "──relu──▶" in line)
    assert lines[heading + 1] == f"| z is [[{float(drawn.partition('z = ')[2].split()[0])}]]"


def test_what_was_printed_is_shown_of_what_passes_raises_and_is_imported(folder: Path) -> None:
    """Without it prints would be there in one case and gone in another."""
    passed = checked(RIGHT)
    assert (passed.exit_code, "Your code printed, in the last call" in passed.output) == (0, True)
    assert "| z is [[" in checked(WRONG.replace("dh * 1.0", "dh[7]")).output
    assert "Your code printed, on import:\n| here" in checked("print('here')\n" + SILENT).output
    assert "| here" in checked("print('here')\nprint(1 / 0)\n").output


def test_what_a_call_that_hangs_had_printed_is_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a loop without an end would hide the one line that says why."""
    monkeypatch.setitem(vars(catalogue.entry("3.2").exercise), "seconds", 0.5)
    output = checked(WRONG.replace("    return", "    while True: pass\n    return")).output
    assert "Your code printed, before that:\n| z is [[" in output


def test_a_flood_is_bounded(folder: Path) -> None:
    """Without it the finding would scroll away."""
    flood = "    for i in range(300): print(i, 'x' * 200)\n    print('\\x1b[2J\\tlast', end='')\n"
    lines = checked(WRONG.replace("    return", f"{flood}    return")).output.splitlines()
    assert "Your code printed, for this example, the last 10 of 302 lines:" in lines
    shown = [line for line in lines if line.startswith("|")]
    assert len(shown) == MOST_LINES
    assert len(lines) <= LINES + 1 + MOST_LINES + 1
    assert max(map(len, lines)) <= COLUMNS
    assert shown[-1].endswith("last")
    assert all(line.isprintable() for line in lines)


def test_json_has_what_was_printed_in_a_field_of_its_own(folder: Path) -> None:
    """Without it a program that reads the output could not."""
    found = json.loads(checked(WRONG, "--json").output)
    assert (found["misconception"], found["printed"]["count"]) == ("the mask is always 1", 1)
    assert not any(line.startswith("|") for line in found["lines"])
    assert json.loads(checked(SILENT, "--json").output)["printed"] is None


def test_what_is_written_past_python_reaches_nobody(folder: Path) -> None:
    """Without it a line of the learner's could stand where an answer is read."""
    result = checked("import os\n" + SILENT.replace("pass", "os.write(1, b'{}\\n'); os.write(2, b'x')"))
    assert (result.exit_code, "{}" in result.output) == (0, False)


def test_in_a_notebook_it_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a cell would be flooded by a hundred calls, or hide the one that counts."""

    def relu_backward(dh: np.ndarray, z: np.ndarray) -> np.ndarray:
        print("in", z.shape)
        print("err", file=sys.stderr)
        return dh * 1.0

    result = check("3.2", relu_backward)
    assert capsys.readouterr() == ("", "")
    assert result.printed == ("Your code printed, for this example:", "| in (1, 1)", "| err")
    assert repr(result).endswith("| in (1, 1)\n| err")


@pytest.mark.parametrize(("exercise", "name"), [("6.3", "pieces"), ("8.1", "check"), ("2.5", "dead")])
def test_every_kind_that_calls_a_function_shows_it(exercise: str, name: str) -> None:
    """Without it the kinds of exercise would differ in what one may see of one's own."""

    def answer(*given: object) -> object:
        print("given", len(given))
        return None if name == "check" else [0] * 9

    printed = check(exercise, {name: answer}).printed
    assert printed[1:] == (f"| given {3 if name == 'pieces' else 1}",)


def test_a_stream_counts_lines_as_they_are_written() -> None:
    """Without it `print(a, end=" ")` would be a line, or a line without an end be lost."""
    caught = Caught()
    for text in ("a", " b\nc", "", "\n\n", "d"):
        caught.write(text)
    assert caught.printed.lines == ("a b", "c", "", "d")
    assert caught.printed.count == 4
    caught.forget()
    caught.write("x" * 10**6)
    assert [len(line) for line in caught.printed.lines] == [MOST_COLUMNS]
