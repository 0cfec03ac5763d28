"""Implementations in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.command import BASE


@pytest.fixture
def write(tmp_path: Path):
    """Write an implementation on top of BASE and give the path to name it by."""

    def write_file(body: str, name: str = "mine.py", activation: str | None = None) -> str:
        path = tmp_path / name
        base = BASE if activation is None else BASE.replace("return reference.activation(name, z)", activation)
        path.write_text(base + body)
        return str(path)

    return write_file
