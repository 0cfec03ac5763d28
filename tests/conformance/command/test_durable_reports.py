"""The JSON report: whole at any moment, at the place that was named, and written before anything is shown."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.command import KNOWN, QUICK, RIGHT, WRONG, ffn, started, verify

FAILS = ("--law", "activation/tanh/slope", "--dtype", "float64")


def test_a_reader_that_goes_away_loses_nothing_of_the_report(write, tmp_path: Path) -> None:
    """Without it `ffn verify --json report.json | head -1` would turn a failure into something else."""
    file = tmp_path / "report.json"
    read, written = os.pipe()
    os.close(read)
    with started(write(WRONG), *FAILS, "--json", str(file), stdout=written) as process:
        os.close(written)
        _, err = process.communicate()
    assert (process.returncode, err) == (1, "")
    assert json.loads(file.read_text())["finished"]


def test_a_reader_of_the_json_that_goes_away_changes_nothing(write) -> None:
    """Without it `ffn verify --json - | head -1` would end in a traceback."""
    read, written = os.pipe()
    os.close(read)
    with started(write(WRONG), *FAILS, "--json", "-", stdout=written) as process:
        os.close(written)
        _, err = process.communicate()
    assert process.returncode == 1
    assert "mine: 1 wrong" in err
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_no_success() -> None:
    """Without it status 0 could stand beside a report that nobody can read."""
    with open("/dev/full", "w") as full, started(*QUICK, stdout=full) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert (err.count("\n"), "cannot be written" in err) == (1, True)


def test_a_fault_of_ours_is_status_3_and_leaves_no_older_report_standing(
    capsys, monkeypatch, write, tmp_path: Path
) -> None:
    """Without it a traceback would count as a failure of the implementation, and last week's report as today's."""
    file = tmp_path / "report.json"
    file.write_text('{"finished": true, "laws": []}')

    def breaks(*arguments: object, **options: object) -> None:
        raise AssertionError("a set is empty")

    monkeypatch.setattr("ffn.conformance.running.runner.run", breaks)
    status, _, err = verify(capsys, write(RIGHT), *QUICK, "--json", str(file))
    assert status == 3
    assert "Traceback" in err
    last = err.splitlines()[-1]
    assert last == "ffn: a fault of ours: please report it, with the lines above: AssertionError: a set is empty"
    assert not json.loads(file.read_text())["finished"]


def test_nobody_else_gives_status_0(capsys, monkeypatch, write) -> None:
    """Without it an implementation that exits would be one that holds."""

    def exits(*arguments: object) -> None:
        raise SystemExit(0)

    monkeypatch.setattr("ffn.conformance.running.runner.run", exits)
    assert verify(capsys, write(RIGHT), *QUICK)[0] == 3


def test_an_implementation_that_cannot_be_had_leaves_no_older_report_standing(capsys, write, tmp_path: Path) -> None:
    """Without it a machine would read the verdicts of an implementation that is there no more."""
    file = tmp_path / "report.json"
    file.write_text('{"finished": true}')
    assert verify(capsys, write("\nraise ValueError\n"), "--json", str(file))[0] == 2
    assert not json.loads(file.read_text())["finished"]


def test_the_report_is_where_it_was_named_though_the_folder_changes(write, tmp_path: Path) -> None:
    """Without it an implementation that changes the folder would take the report with it."""
    path = write(f"\nimport os\nos.chdir({str(tmp_path.parent)!r})\n" + RIGHT)
    assert ffn("verify", path, *QUICK, "--json", "report.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "report.json").read_text())["finished"]
    assert not (tmp_path.parent / "report.json").exists()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_else_is_left_behind(write, tmp_path: Path, jobs: str) -> None:
    """Without it every folder where the command was run would hold what Hypothesis stores, and bytecode."""
    write("", "neighbour.py")
    path = write("\nimport neighbour\n" + RIGHT)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = {**os.environ, "TMPDIR": str(temporary)}
    assert ffn("verify", path, *QUICK, "-j", jobs, "--json", "report.json", cwd=tmp_path, env=env).returncode == 0
    assert {file.name for file in tmp_path.iterdir()} == {"mine.py", "neighbour.py", "report.json", "tmp"}
    assert not list(temporary.iterdir())


def test_json_to_standard_output_leaves_the_tables_to_standard_error(write) -> None:
    """Without it the report could not be piped into another program."""
    result = ffn("verify", write(WRONG), *FAILS, "--json", "-")
    assert result.returncode == 1
    assert json.loads(result.stdout)["laws"][0]["verdict"] == "wrong"
    assert "activation/tanh/slope, float64: wrong" in result.stderr


def test_the_json_is_utf_8_whatever_the_terminal_is(write) -> None:
    """Without it a machine would meet escapes that JSON does not know."""
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = ffn("verify", write(WRONG), *FAILS, "--json", "-", env=env, encoding="utf-8")
    assert "tanh′" in json.loads(result.stdout)["laws"][0]["message"]


def test_a_report_through_a_link_leaves_the_link(capsys, write, tmp_path: Path) -> None:
    """Without it renaming would replace the link, and the file behind it would keep the old report."""
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "report.json").symlink_to("real.json")
    verify(capsys, write(RIGHT), *QUICK, "--json", str(tmp_path / "report.json"))
    assert (tmp_path / "report.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["finished"]


@pytest.mark.parametrize("attribute", ["", ":implementation", ":Implementation"])
def test_the_implementation_is_not_overwritten(capsys, write, attribute: str) -> None:
    """Without it a slip of the hand would cost the file that was to be judged."""
    path = write(RIGHT)
    before = Path(path).read_text()
    status, out, err = verify(capsys, path + attribute, *QUICK, "--json", path)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "would be overwritten" in err
    assert Path(path).read_text() == before


def test_neither_are_the_known_failures_nor_anything_else_that_is_no_report(capsys, tmp_path: Path) -> None:
    """Without it the list of known failures, or notes, could be lost."""
    for text in ("", KNOWN.format("tanh", "wrong")):
        (tmp_path / "known.toml").write_text(text)
        known = str(tmp_path / "known.toml")
        status, _, err = verify(capsys, *QUICK, "--known-failures", known, "--json", known)
        assert (status, err.count("\n"), "would be overwritten" in err) == (2, 1, True)
    for notes in ("remember", '{"cells": []}', "[1]", '{"finished": '):
        (tmp_path / "notes").write_text(notes)
        status, _, err = verify(capsys, *QUICK, "--json", str(tmp_path / "notes"))
        assert (status, err.count("\n"), "would be overwritten" in err) == (2, 1, True)
        assert (tmp_path / "notes").read_text() == notes


@pytest.mark.parametrize("place", [".", "nowhere/report.json", "mine.py/report.json", 300 * "n"])
def test_a_place_that_cannot_be_written_gets_one_line(capsys, monkeypatch, write, tmp_path: Path, place: str) -> None:
    """Without it the work would be lost at its end."""
    write(RIGHT)
    monkeypatch.chdir(tmp_path)
    status, out, err = verify(capsys, *QUICK, "--json", place)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "cannot be written" in err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["mine.py"]


def test_a_device_is_given_the_report_and_not_replaced() -> None:
    """Without it `--json /dev/null` would be refused, or end every other program's use of it."""
    before = os.stat(os.devnull)
    done = ffn("verify", *QUICK, "--json", os.devnull)
    assert done.returncode == 0
    assert "holds" in done.stdout
    assert os.path.samestat(os.stat(os.devnull), before)


def test_a_pipe_with_a_name_is_given_the_last_report(write, tmp_path: Path) -> None:
    """Without it `--json >(jq .)` would be refused; and where nobody reads, the command would wait for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    unread = ffn("verify", write(RIGHT), *QUICK, "--json", str(pipe), timeout=60)
    assert (unread.returncode, unread.stderr.count("\n"), "nobody reads" in unread.stderr) == (2, 1, True)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert ffn("verify", write(RIGHT), *QUICK, "--json", str(pipe)).returncode == 0
        assert json.loads(reader.communicate(timeout=60)[0])["finished"]


@pytest.mark.parametrize("name", ["/dev/stdout", "shown.txt"])
def test_where_standard_output_leads_is_standard_output(write, tmp_path: Path, name: str) -> None:
    """Without it the file that the shell opened would be replaced, and what is shown be written to nowhere."""
    if name == "/dev/stdout" and not Path(name).exists():
        pytest.skip("there is no such name here")
    path, shown = write(RIGHT), tmp_path / "shown.txt"
    with shown.open("w") as output, started(path, *QUICK, "--json", name, stdout=output, cwd=tmp_path) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(shown.read_text())["finished"]
    assert "holds" in err


def test_a_name_may_be_as_long_as_the_system_has_it(capsys, write, tmp_path: Path) -> None:
    """Without it the name of the file that is written beside it, and renamed, would be too long."""
    file = tmp_path / ("n" * 250 + ".json")
    assert verify(capsys, write(RIGHT), *QUICK, "--json", str(file))[0] == 0
    assert json.loads(file.read_text())["finished"]
