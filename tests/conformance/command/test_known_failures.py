"""The list of known failures is data: whatever is in it, or in its place, is read quickly or refused in one line."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ffn.conformance.report import known_failures
from tests.conformance.command import KNOWN, QUICK, verify

TANH = KNOWN.format("tanh", "wrong")


def refusal(path: Path) -> str:
    """The one line that refuses the file, had quickly."""
    began = time.process_time()  # whatever else this machine does
    with pytest.raises(ValueError, match="known failures: ") as caught:
        known_failures.read(path)
    assert time.process_time() - began < 5
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("known = 1 = 2", "is not TOML"),
        ("[other]\nlaw = 1", "something else than [[known]] tables"),
        ("known = 3", "something else than [[known]] tables"),
        (KNOWN.format("tahn", "wrong"), "entry 1: unknown law 'activation/tahn/slope'"),
        (KNOWN.format("tanh", "odd"), "entry 1: verdict 'odd' is none of wrong, unstable, error"),
        ("[[known]]\nlaw = 'network/loss'", "entry 1: it has no dtype and no verdict"),
        (TANH + "unknown = 1", "entry 1: 'unknown' is none of law, dtype, verdict, reason"),
        (TANH + 'law = "network/loss"', "is not TOML: Cannot overwrite a value"),
        (TANH + KNOWN.format("relu", "wrong") + TANH, "entry 3 repeats entry 1"),
        ("known = [1, 2]", "entry 1: a table with law, dtype and verdict is asked for, not '1'"),
        (TANH.replace('"doubled"', "7"), "entry 1: reason is a text, not 7"),
        (TANH.replace("float64", "float63"), "entry 1: unknown dtype 'float63'"),
        (TANH.replace('"float64"', "[[]]"), "entry 1: dtype is a text, not [[]]"),
        (f"[[known]]\nlaw = {400 * '7'}\ndtype = 1\nverdict = 1", "entry 1: law is a text, not 777"),
        (f"[[known]]\nlaw = {5000 * '7'}", "is not TOML: "),
        (f"[[known]]\nlaw = {400 * '7'}.5e{400 * '7'}\ndtype = 1\nverdict = 1", "entry 1: law is a text, not inf"),
        (f"known = {100_000 * '['}", "is nested too deeply"),
        (f"known.{'.'.join(100_000 * 'a')} = 1", "is nested too deeply"),
        ("[known" + 100_000 * ' . "a"' + "]", "is nested too deeply"),
        (300_000 * TANH, "has more than 1000000 bytes"),
        (100_000 * "[[known]]\n", "entry 1: it has no law"),
        (TANH.replace("doubled", "\x00"), "is not TOML"),
    ],
)
def test_what_is_no_such_list_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    """Without it a typing error in the list would silently excuse nothing, or a traceback hide the error."""
    file = tmp_path / "known.toml"
    file.write_text(text)
    assert message in refusal(file)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Without it a picture in its place would end in a traceback."""
    (tmp_path / "known.toml").write_bytes(bytes(range(256)))
    assert "is not TOML" in refusal(tmp_path / "known.toml")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Without it the command would read a device for ever, or wait for a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path):
        assert "is no ordinary file" in refusal(path)


@pytest.mark.parametrize("text", ["known = 1 = 2", f"known = {100_000 * '['}", TANH + TANH])
def test_the_command_ends_with_that_line_and_status_2(capsys, tmp_path: Path, text: str) -> None:
    """Without it a script would take a broken list for a failing implementation."""
    (tmp_path / "known.toml").write_text(text)
    status, out, err = verify(capsys, *QUICK, "--known-failures", str(tmp_path / "known.toml"))
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_every_law_in_every_dtype_can_be_listed(tmp_path: Path) -> None:
    """Without it an adopter with many departures would meet the limit on the file's size."""
    entries = (
        f'[[known]]\nlaw = "{law.name}"\ndtype = "{dtype}"\nverdict = "wrong"\nreason = "{200 * "x"}"\n'
        for law in known_failures.ALL
        for dtype in known_failures.NAMES
    )
    (tmp_path / "known.toml").write_text("\n".join(entries))
    listed = known_failures.read(tmp_path / "known.toml")
    assert len(listed) == len(known_failures.ALL) * len(known_failures.NAMES)
