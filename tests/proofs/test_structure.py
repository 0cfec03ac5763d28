"""The shape of ``proofs``: imports go one way, and every chapter has the same rooms."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from proofs.chapters.notes import CHAPTERS

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "proofs"

# Each may import itself and what is named after it.
ROOMS = ("command", "study", "rocq", "chapters", "engine", "ffn")
ASKS_THE_TESTS = PROOFS / "study" / "planted_bugs.py"  # study/lessons.py has pytest collect them, and imports none
LOADS_BY_NAME = PROOFS / "chapters" / "notes.py"  # what stands in a chapter's rooms, which the tests below see

FILES = [path for path in sorted(PROOFS.rglob("*.py")) if path.parent != PROOFS or path.stem in ROOMS]
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROOFS)))


def imports(path: Path) -> set[str]:
    """The modules that a file imports, with dots."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: an import that does not name its package"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(module: str) -> str:
    """``engine`` of ``proofs.engine.check``, ``ffn`` of anything in it, and another package's name as it is."""
    package, *rest = module.split(".")
    return rest[0] if package == "proofs" and rest else package


def chapter_of(module: str) -> str | None:
    """``cost`` of ``proofs.chapters.cost.derivations.softmax``."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["proofs", "chapters"] and parts[2] in {c.name for c in CHAPTERS} else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@every_file
def test_imports_go_one_way(path: Path) -> None:
    """Without it the engine could come to depend on the theorems that it judges."""
    here = ROOMS.index(room_of(module_of(path)))
    upward = {module for module in imports(path) if room_of(module) in ROOMS[:here]}
    assert not upward


@every_file
def test_a_chapter_imports_no_other(path: Path) -> None:
    """Without it one chapter could not be read, or changed, without the rest."""
    here = chapter_of(module_of(path))
    others = {chapter_of(module) for module in imports(path)} - {None, here}
    assert not others, f"{here or 'what all chapters share'} imports {others}"


@every_file
def test_the_tests_are_asked_in_one_place(path: Path) -> None:
    """Without it the proofs could come to lean on what is there to try them."""
    assert path == ASKS_THE_TESTS or not [module for module in imports(path) if room_of(module) == "tests"]


@every_file
def test_nothing_else_is_loaded_by_its_name(path: Path) -> None:
    """Without it the tests of imports would not see all of them."""
    loaders = {"importlib", "importlib.import_module", "importlib.util", "pkgutil", "runpy"} & imports(path)
    assert path == LOADS_BY_NAME or not (loaders or "__import__" in path.read_text(encoding="utf-8"))


def test_ffn_does_not_import_the_proofs() -> None:
    """Without it the proofs could become part of what they check."""
    modules = {module for path in (ROOT / "ffn").rglob("*.py") for module in imports(path)}
    assert not {module for module in modules if module.split(".")[0] == "proofs"}


def test_every_room_has_its_place() -> None:
    """Without it a new folder would be checked against nothing."""
    assert {room_of(module_of(path)) for path in FILES} == set(ROOMS) - {"ffn"}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_chapter_has_the_same_shape(chapter) -> None:
    """Without it a claim, a figure or a derivation could lie where nothing finds it."""
    kinds = {"claims": ".md", "checks": ".py", "derivations": ".py", "figures": ".py"}
    parts = {path.name: path for path in chapter.folder.iterdir() if not path.name.startswith("__")}
    assert set(parts) == set(kinds)
    for name, path in parts.items():
        inside = {part.suffix for part in path.iterdir() if part.name != "__pycache__"}
        assert inside == {kinds[name]}
    assert any((ROOT / "tests" / "lessons" / chapter.name).glob("test_*.py"))


def test_every_chapter_is_in_the_notes() -> None:
    """Without it a folder's claims would be on no page."""
    folders = {path.name for path in (PROOFS / "chapters").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {chapter.name for chapter in CHAPTERS}
