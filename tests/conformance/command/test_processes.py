"""`-j N` judges in N processes: the same verdicts in the same order, and what was seen stays when it is interrupted."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ffn import reference
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running import parallel
from ffn.conformance.running.runner import Task, unseen
from tests.conformance.command import ffn, started

ON = "\nimplementation = Implementation()\n"
WRONG = "return reference.activation(name, z) * (2 if name == 'tanh' else 1)"
FEW = ("--law", "activation/*/value", "--dtype", "float32", "--examples", "3")


SOON = 3.0  # seconds: the kernel ends them at once, and this machine may be busy


def stat(number: int) -> list[str]:
    """What /proc says of a process after its name: whether it runs, its parent, …; nothing where it is gone."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def lives(number: int) -> bool:
    return stat(number)[:1] not in ([], ["Z"])


def descendants(number: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    known = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    children = [each for each in known if stat(each)[1:2] == [str(number)]]
    return children + [found for child in children for found in descendants(child)]


def laws(file: Path) -> Any:
    return json.loads(file.read_text())["laws"]


def test_the_verdicts_are_the_same_in_the_same_order(write, tmp_path: Path) -> None:
    """Without it a finding could depend on how many cores a machine has."""
    path, files = write(ON, activation=WRONG), [tmp_path / f"{number}.json" for number in (1, 3)]
    for number, file in zip((1, 3), files, strict=True):
        assert ffn("verify", path, *FEW, "-j", str(number), "--json", str(file)).returncode == 1
    assert laws(files[0]) == laws(files[1])
    assert sum(law["verdict"] == "wrong" for law in laws(files[0])) == 1


def test_an_interrupt_keeps_what_each_process_has_seen(write, tmp_path: Path) -> None:
    """Without it failures that processes had found would be lost with them."""
    file, seen = tmp_path / "report.json", tmp_path / "seen"
    slow = (
        f"import time; time.sleep(0.3); open({str(seen)!r}, 'a').write('.'); return 2 * reference.activation(name, z)"
    )
    with started(write(ON, activation=slow), *FEW, "-j", "2", "--json", str(file)) as process:
        end = time.monotonic() + 60
        while not (seen.exists() and len(seen.read_text()) >= 6):
            assert time.monotonic() < end
            time.sleep(0.05)
        process.terminate()
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "wrong" in out
    assert "wrong" in {law["verdict"] for law in laws(file)}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_a_judge_that_is_killed_takes_its_processes_with_it(write, tmp_path: Path) -> None:
    """Without it they, and what they judge, would go on to the end of their law."""
    seen = tmp_path / "seen"
    note = f"import os, time; print(os.getpid(), file=open({str(seen)!r}, 'a')); time.sleep(0.5)"
    path = write(ON, activation=f"{note}; return reference.activation(name, z)")
    with started(path, *FEW, "-j", "2", start_new_session=True) as process:
        end = time.monotonic() + 60
        while not (seen.exists() and len(set(seen.read_text().split())) >= 3):  # called by the judge and both of its
            assert time.monotonic() < end
            time.sleep(0.05)
        theirs = descendants(process.pid)
        process.kill()
    assert len(theirs) >= 5  # two of the judge's, and the implementation's of each and of itself
    deadline = time.monotonic() + SOON
    while any(map(lives, theirs)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [number for number in theirs if lives(number)]


def test_what_breaks_in_a_process_is_a_fault_of_ours() -> None:
    """Without it a process that ends would leave the run waiting for it, or look like the implementation's fault."""
    one = Task(ALL[0], "float32")
    with (
        parallel.in_processes(_nothing_to_load, 1, Subject(reference)) as judging,
        pytest.raises(RuntimeError, match="ended with 3"),
    ):
        list(judging([one] * 1000, unseen))  # more than are judged here until then


def _nothing_to_load() -> Any:
    raise SystemExit(3)
