"""The command ``ffn verify``, as a user runs it and in this process, on implementations written for the occasion."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from ffn import cli

BASE = """
from ffn import reference

class Implementation:
    name = "mine"
    dtypes = ("float32", "float64")

    def activation(self, name, z):
        return reference.activation(name, z)
"""
RIGHT = "\nimplementation = Implementation()\n"
WRONG = """
    def slope(self, name, z):
        return 2 * reference.slope(name, z)

implementation = Implementation
"""
QUICK = ("--law", "activation/*/value", "--dtype", "float32", "--examples", "3")
KNOWN = '[[known]]\nlaw = "activation/{}/slope"\ndtype = "float64"\nverdict = "{}"\nreason = "doubled"\n'


def ffn(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it."""
    return subprocess.run([sys.executable, "-m", "ffn", *arguments], capture_output=True, text=True, **options)


def started(*arguments: str, env: Mapping[str, str] = {}, **options: Any) -> subprocess.Popen[str]:
    """The command as a user starts it, with more in its environment."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    command = [sys.executable, "-m", "ffn", "verify", *arguments]
    return subprocess.Popen(command, text=True, env=os.environ | dict(env), **pipes)


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The same in this process: exit status, standard output and standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["ffn", "verify", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
    captured = capsys.readouterr()
    return exit_info.value.code, captured.out, captured.err
