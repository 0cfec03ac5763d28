"""The shape of the package: imports go one way, and ``import ffn`` is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "ffn"

# Each room may import those named after it, and those below.
ROOMS = (
    ("__main__",),
    ("cli",),
    ("learn",),
    ("terminal",),
    ("conformance",),
    ("witnesses", "admissible", "pytest_plugin"),
    ("cases", "constructions"),
    ("network",),
    ("numbers",),
    ("starting",),
)
LEVEL = {room: level for level, rooms in enumerate(reversed(ROOMS)) for room in rooms}


def imports(path: Path) -> set[str]:
    """The rooms of the package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "ffn":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ffn."):
            found.add((node.module or "").split(".")[1])
    return found & set(LEVEL)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if room_of(path) != "__init__"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """Without it the witnesses could come to share the code that they check."""
    room = room_of(path)
    upward = {other for other in imports(path) if other != room and LEVEL[other] >= LEVEL[room]}
    assert not upward, f"{room} imports {upward}"


def test_every_room_has_its_level() -> None:
    """Without it a new file would be checked against nothing."""
    assert {room_of(path) for path in FILES} == set(LEVEL)


def test_the_protocol_imports_typing_and_the_network_alone() -> None:
    """Without it an adapter's author would have to install the kit to read what is asked."""
    tree = ast.parse((PACKAGE / "conformance" / "implementation" / "protocol.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    network = {"ffn.network.description", "ffn.network.family"}
    assert modules == {"__future__", "collections.abc", "typing", *network}


def test_import_ffn_needs_numpy_alone() -> None:
    """Without it the reference could not be used where the kit is not installed."""
    code = "import sys; before = set(sys.modules); import ffn; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    packages = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"ffn", "numpy"}
    assert not {name for name in packages if not name.startswith("_")}, packages


@pytest.mark.parametrize("path", sorted((PACKAGE.parent / "tests").rglob("*.toml")), ids=lambda path: path.name)
def test_lists_can_be_read(path: Path) -> None:
    """Without it a list that only a session of its own reads could break unseen."""
    assert tomllib.loads(path.read_text(encoding="utf-8"))
