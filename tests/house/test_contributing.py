"""The contributor's page, followed to the letter on a copy: each block goes where the line above it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("ffn", "tests", "proofs", "pyproject.toml")
PLACED = re.compile(r"^(?:In `(.+?)`, (above|below) `(.+?)`|A new file `(.+?)`):\n\n```python\n(.*?)^```$", re.M | re.S)
COMMANDS = re.compile(r"^\$ (ffn|pytest) (.*)$", re.M)


def sections() -> dict[str, str]:
    """The page's sections that hold a block of Python, by their titles."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.M)[1:]
    return {title: body for title, body in zip(parts[::2], parts[1::2], strict=True) if PLACED.search(body)}


def follow(body: str, folder: Path) -> set[Path]:
    """Put each block of a section in its place; the files that were touched."""
    touched = set()
    for file, side, anchor, new_file, block in PLACED.findall(body):
        path = folder / (file or new_file)
        text = path.read_text(encoding="utf-8") if file else ""
        assert text.count(f"{anchor}\n") == 1 or not file, f"{anchor!r} is not one line of {file}"
        at = text.index(f"{anchor}\n") + (len(anchor) + 1 if side == "below" else 0) if file else 0
        path.write_text(text[:at] + block + text[at:], encoding="utf-8")
        touched.add(path)
    return touched


@pytest.mark.parametrize("title", sections())
def test_what_the_page_says_is_all_that_has_to_be_done(title: str, tmp_path: Path) -> None:
    """Without it the page would tell of a house that has been rebuilt since, or of half of the work."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    body = sections()[title]
    files = {"one file": 1, "one file, and one for its bug": 2}[title.partition(": ")[2]]
    assert len(follow(body, tmp_path)) == files
    for command, arguments in COMMANDS.findall(body):
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', arguments)]
        run = [sys.executable, "-m", command, *words]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
        assert done.returncode == 0, done.stdout + done.stderr
        assert "passed" in done.stdout or "hold" in done.stdout
