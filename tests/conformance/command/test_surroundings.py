"""Where the command is run: what the system grants, and what lies in the folder."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import ffn as package
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import found
from tests.conformance.command import QUICK, RIGHT, ffn

HERE = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}


@pytest.mark.parametrize(("limit", "status"), [(8, 2), (20, 0)])
def test_with_few_descriptors_it_works_or_says_so_in_a_line(write, limit: int, status: int) -> None:
    """Without it `ulimit -n` of a container would be a fault of ours, or of the implementation."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    done = ffn("verify", write(RIGHT), *QUICK, preexec_fn=limited)
    assert done.returncode == status, done.stderr
    assert not status or "Too many open files" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("most", [0, 400, 1500])
def test_a_limit_on_files_costs_neither_the_older_report_nor_what_is_shown(write, tmp_path: Path, most: int) -> None:
    """Without it a report could be half of one, and status 1 be given to what holds."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    file = tmp_path / "report.json"
    done = ffn("verify", write(RIGHT), *QUICK, "--json", str(file), preexec_fn=limited)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.py"] + ["report.json"] * (most == 1500)
    assert ("mine: " in done.stdout) == (most == 1500)


def test_a_file_of_the_users_stands_in_for_no_library(write, tmp_path: Path) -> None:
    """Without it `python -m ffn` beside a numpy.py would run that, here or in a process of the judge."""
    path = write(RIGHT)
    for name in ("numpy", "random", "socket", "hypothesis"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)")
    done = ffn("verify", path, *QUICK, "-j", "2", cwd=tmp_path, env=HERE)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (".", ". is a folder: the name of a file in it is asked for"),
        ("plain", "plain is not taken for a Python file: its name does not end in .py"),
        (
            "package",
            "package is a package: package:ATTRIBUTE names what is in it, package.MODULE:ATTRIBUTE in a module",
        ),
        ("package/inner.py", "as part of its package it is package.inner, named from the folder above"),
        ("pipe.py", "pipe.py is no ordinary file"),
        ("a:b.py", "a:b.py: what follows a colon is an attribute; a file with one in its name has to be renamed"),
        ("package:absent", "package:absent: package has no attribute 'absent'"),
    ],
)
def test_what_is_there_and_no_python_file_says_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str
) -> None:
    """Without it a newcomer would be told that no implementation is called by the name of the file that they see."""
    (tmp_path / "package").mkdir()
    for file in ("plain", "a:b.py", "package/__init__.py"):
        (tmp_path / file).write_text("")
    (tmp_path / "package" / "inner.py").write_text("from .other import implementation")
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(LoadingError) as error:
        found(name)
    assert str(error.value).endswith(line)
    sys.modules.pop("package", None)


def test_a_current_folder_that_pythonpath_names_is_searched(write, tmp_path: Path) -> None:
    """Without it `export PYTHONPATH=$PWD` would hold for the judge and not for what it judges."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "neighbour.py").write_text("")
    path, env = write(f"import neighbour\n{RIGHT}"), {**HERE, "PYTHONPATH": f"{HERE['PYTHONPATH']}{os.pathsep}."}
    done = ffn("verify", path, *QUICK, cwd=tmp_path / "here", env=env)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_failure() -> None:
    """Without it `ffn --help | head -1` could exit with 1, which stands for a law that fails."""
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as output:
        assert ffn_to(output, "--help") == 2
        assert ffn_to(output, "laws") in (0, 2)


def ffn_to(output: object, *arguments: str) -> int:
    """The exit status of a command whose standard output leads there."""
    command = [sys.executable, "-m", "ffn", *arguments]
    return subprocess.run(command, stdout=output, stderr=subprocess.DEVNULL, check=False).returncode  # type: ignore[call-overload]
