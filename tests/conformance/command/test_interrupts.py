"""Ctrl-C, SIGTERM and SIGHUP end a run at any moment, and keep what was found."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

import ffn
from ffn.terminal import interrupts
from tests.conformance.command import QUICK, RIGHT, started, verify

INTERRUPTED = "interrupted: this is what was found so far"
SLEEPS_AT_RELU = "if name == 'relu': import time; time.sleep(60)\n        return reference.activation(name, z)"


def after(file: Path, text: str) -> None:
    """Wait until the report holds the text."""
    end = time.monotonic() + 30
    while not (file.exists() and text in file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_it_with_what_was_found_so_far(write, tmp_path: Path, name: str, status: int) -> None:
    """Without it a long run could not be cut short, by a person or by a machine, without losing everything."""
    file = tmp_path / "report.json"
    with started(write(RIGHT, activation=SLEEPS_AT_RELU), *QUICK, "--json", str(file)) as process:
        after(file, "activation/identity/value")
        time.sleep(0.1)  # into relu
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (status, "")
    assert INTERRUPTED in out
    report = json.loads(file.read_text())
    assert (report["finished"], report["interrupted"]) == (False, True)
    assert [law["law"] for law in report["laws"]] == ["activation/identity/value"]


WHEN_IMPORTED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["WHEN"] and "-m" in sys.orig_argv:
            os.killpg(0, signal.SIGINT)

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("module", ["numpy", "click", "hypothesis", "ffn.conformance.running.parallel"])
def test_ctrl_c_while_modules_are_imported_is_one_line(tmp_path: Path, module: str) -> None:
    """Without it who presses it in the first second would be shown where in a library that was."""
    (tmp_path / "sitecustomize.py").write_text(WHEN_IMPORTED)
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(ffn.__file__).parents[1]}", "WHEN": module}
    with started("-j", "2", *QUICK, env=env, start_new_session=True) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "ffn: interrupted" or (err, out.splitlines()[-1]) == ("", INTERRUPTED)


def test_ctrl_c_while_processes_start_is_told_once(write, tmp_path: Path) -> None:
    """Without it each of them would print where it was: the terminal sends the signal to all."""
    file = tmp_path / "report.json"
    with started(write(RIGHT), "-j", "2", *QUICK, "--json", str(file), start_new_session=True) as process:
        after(file, "mine")  # it is loaded, and they are started
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert INTERRUPTED in out


def test_who_presses_ctrl_c_again_and_again_need_not_wait() -> None:
    """Without it the third would be a traceback, or be waited with until everything is told."""
    code = (
        "import os, signal, time; from ffn.terminal import interrupts\n"
        "with interrupts.raised():\n"
        "    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except KeyboardInterrupt: interrupts.heard()\n"
        "    for _ in range(2): os.kill(os.getpid(), signal.SIGINT); print('told', flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    line = "ffn: ended at once, without what was still to be told\n"
    assert (done.returncode, done.stdout, done.stderr) == (143, "told\n", line)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of a file that is opened at that moment: nobody has it yet
def test_ctrl_c_is_heard_at_40_random_moments(capsys, tmp_path: Path) -> None:
    """Without it one of eight was lost as judging begins: in a callback of the garbage collector, or to Hypothesis."""
    moments = random.Random(3)
    for number in range(40):
        file, moment = tmp_path / f"{number}.json", 0.6 * moments.random() ** 2  # most of them as judging begins
        thread = Thread(target=interrupt, args=(file, moment))
        thread.start()
        status, _, err = verify(capsys, "--law", "activation/*/value", "--examples", "400", "--json", str(file))
        thread.join()
        report = json.loads(file.read_text())
        assert (status, report["finished"], report["interrupted"], err) == (130, False, True, "")


def interrupt(file: Path, seconds: float) -> None:
    """Ctrl-C for this process, so long after its report was begun."""
    after(file, "}")
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_that_is_swallowed_is_raised_again_until_it_is_heard() -> None:
    """Without it an implementation that catches everything could not be stopped."""
    swallowed = 0
    with interrupts.raised():
        for number in (signal.SIGINT, None):
            try:
                if number:
                    os.kill(os.getpid(), number)
                time.sleep(10)
            except KeyboardInterrupt:
                swallowed += 1
        assert interrupts.heard()
        time.sleep(2 * interrupts.AGAIN)
    assert swallowed == 2


def test_what_is_ignored_stays_ignored() -> None:
    """Without it `nohup ffn verify` would end with the terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.raised():
            os.kill(os.getpid(), signal.SIGHUP)  # would end or interrupt the run
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_are_as_they_were_afterwards() -> None:
    """Without it a program that calls the command would lose its own."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    with interrupts.raised():
        assert signal.getsignal(signal.SIGTERM) is not before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)] == before


def test_somebody_elses_alarm_is_no_interrupt() -> None:
    """Without it an implementation that raises SIGALRM would look like a user who stops the run."""
    with interrupts.raised():
        os.kill(os.getpid(), signal.SIGALRM)
        assert not interrupts.heard()
