"""A failure that was seen is told, whatever happens while it is looked into, or to the place of the report."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.conformance.command import ffn, started, verify

WRONG = "return 2 * reference.activation(name, z)"
ONE_LAW = ("--law", "activation/tanh/value", "--dtype", "float32", "--examples", "3")
ON = "\nimplementation = Implementation()\n"


@pytest.mark.parametrize("isolation", [(), ("--no-isolate",)], ids=["isolated", "in this process"])
def test_an_exception_that_comes_later_does_not_take_its_place(capsys, write, isolation: tuple[str, ...]) -> None:
    """Without it a call that is made to explain a failure could end the judge, and the failure with it."""
    body = "\n    calls = 0\n" + ON
    for most in (1, 5, 20, 40):
        late = f"self.calls += 1\n        if self.calls > {most}: raise RuntimeError('lost')\n        {WRONG}"
        status, out, err = verify(capsys, write(body, f"late{most}.py", late), *ONE_LAW, *isolation)
        assert (status, err) == (1, "")
        assert "mine: 1 " in out


def test_an_interrupt_while_it_is_shrunk_keeps_it(write, tmp_path: Path) -> None:
    """Without it a slow implementation that is stopped would have had nothing judged, though much was seen."""
    file, seen = tmp_path / "report.json", tmp_path / "seen"
    slow = f"import time; time.sleep(0.3); open({str(seen)!r}, 'a').write('.'); {WRONG}"
    with started(write(ON, activation=slow), *ONE_LAW, "--json", str(file)) as process:
        end = time.monotonic() + 30
        while not (seen.exists() and len(seen.read_text()) >= 3):
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "mine: 1 wrong" in out
    assert [law["verdict"] for law in json.loads(file.read_text())["laws"]] == ["wrong"]


def test_a_report_that_can_no_longer_be_written_is_told(write, tmp_path: Path) -> None:
    """Without it a folder that goes away would take what was found with it."""
    folder = tmp_path / "reports"
    folder.mkdir()
    removing = f"import shutil; shutil.rmtree({str(folder)!r}, ignore_errors=True); {WRONG}"
    done = ffn("verify", write(ON, activation=removing), *ONE_LAW, "--json", str(folder / "report.json"))
    assert done.returncode == 2
    assert "mine: 1 wrong" in done.stdout
    assert done.stderr.endswith("report.json cannot be written: No such file or directory\n")


def test_closed_descriptors_do_no_harm(write) -> None:
    """Without it a service that closes them would be told that a correct implementation cannot be loaded."""
    done = ffn("verify", write(ON), *ONE_LAW, preexec_fn=lambda: [os.close(number) for number in (0, 2)])
    assert done.returncode == 0
    assert "mine: 1 holds" in done.stdout


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    """Without it the place where one stands would be a fault of ours."""
    gone = tmp_path / "gone"
    gone.mkdir()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = ffn("verify", "reference", *ONE_LAW, cwd=gone, preexec_fn=gone.rmdir, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("the current folder cannot be had: No such file or directory\n")
