"""Implementations in files."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.command import BASE


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """Ctrl-C as at a terminal: what runs in the background of a shell has it ignored, and so have its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def write(tmp_path: Path):
    """Write an implementation on top of BASE and give the path to name it by."""

    def write_file(body: str, name: str = "mine.py", activation: str | None = None) -> str:
        path = tmp_path / name
        base = BASE if activation is None else BASE.replace("return reference.activation(name, z)", activation)
        path.write_text(base + body)
        return str(path)

    return write_file
