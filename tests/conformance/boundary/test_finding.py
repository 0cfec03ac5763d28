"""The implementation that a user names is found, or one line says why it is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ffn.conformance.implementation import finding, loading
from ffn.conformance.implementation.adapters import NAMES
from ffn.conformance.implementation.adapters import reference as adapter
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import found, module_at

MINE = """
class Mine:
    name, dtypes = "mine", ("float32",)
    def forward(self, *given):
        pass

implementation = Mine
other = Mine()
other.name = "another"
nothing = 3

def made():
    return other

def raises():
    raise ValueError("no device")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, and the modules and paths as they were afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.startswith("ffn_found")]:
        monkeypatch.delitem(sys.modules, name)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("ffn_found")]:
        del sys.modules[name]


def written(folder: Path, name: str = "ffn_found.py", text: str = MINE) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("attribute", ["", ":implementation", ":other", ":made"])
@pytest.mark.parametrize("place", ["ffn_found.py", "ffn_found", "ffn_found.sub", "sub/ffn_found_file.py"])
def test_a_file_or_a_module_is_found_and_its_attribute(here: Path, place: str, attribute: str) -> None:
    """Without it another implementation would be judged than is named."""
    for name in ("ffn_found.py",) if "sub" not in place else ("ffn_found/sub.py", "sub/ffn_found_file.py"):
        written(here, name)
    if place == "ffn_found" and not attribute:
        with pytest.raises(
            LoadingError, match=r"no implementation is called 'ffn_found': .*reference.*, module:attribute or file"
        ):
            found(place)
        return
    implementation = found(place + attribute)
    assert found(f"{written(here, 'a:colon/ffn_found_there.py')}:other").name == "another"
    assert implementation.name == ("another" if attribute in (":other", ":made") else "mine")
    assert not list(here.rglob("*.pyc"))


def test_adapters_have_names_of_their_own(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the reference could not be judged without knowing where it lies."""
    for kept in (True, False):
        monkeypatch.setattr(sys, "dont_write_bytecode", kept)
        assert found("reference").name == "reference"
        assert sys.dont_write_bytecode is kept
    assert found("reference").forward


def test_an_implementation_is_loaded_afresh_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it what an adapter remembers would be there after a restart, or another file be loaded for it."""
    asked: list[Any] = []
    monkeypatch.setattr(finding, "_imported", lambda *given: asked.append(given) or adapter)
    assert found("reference", afresh=True) is found("reference")
    name = "ffn.conformance.implementation.adapters.reference"
    assert asked == [(name, True), (name, False)]
    monkeypatch.setattr(
        loading, "found", lambda *given, **named: asked.append((given, named)) or adapter.implementation
    )
    assert loading.load("mine", isolate=False).restart()
    assert asked[2:] == [(("mine",), {}), (("mine",), {"afresh": True})]
    begun: list[Any] = []
    monkeypatch.setattr(loading, "Isolated", lambda *given: begun.append(given))
    loading.begin("mine", True, loading.Limits(seconds=2.0))
    assert begun == [("mine", loading.Limits(seconds=2.0))]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("missing.py", "there is no file missing.py"),
        ("nothing", "no implementation is called 'nothing': "),
        ("ffn_found.py:absent", "ffn_found.py:absent: ffn_found has no attribute 'absent'"),
        ("ffn_found.py:nothing", "ffn_found.py:nothing is not an implementation: TypeError: int offers none of"),
        ("ffn_found.py:raises", "ffn_found.py:raises is not an implementation: ValueError: no device (ffn_found.py:"),
        ("broken.py", "broken.py cannot be imported: ZeroDivisionError: division by zero (broken.py:1)"),
        ("absent_module:x", "absent_module cannot be imported: ModuleNotFoundError: No module named 'absent_module'"),
        ("folder", "folder is a folder: the name of a file in it is asked for"),
        (
            "package",
            "package is a package: package:ATTRIBUTE names what is in it, package.MODULE:ATTRIBUTE in a module",
        ),
        ("folder.py:x", "folder.py is a folder: the name of a file in it is asked for"),
        ("sub/folder:x", "sub/folder is a folder: the name of a file in it is asked for"),
        ("sub/package", "sub/package is a package: sub.package:ATTRIBUTE names what is in it, sub.package.MODULE:"),
        ("package:absent", "package:absent: package has no attribute 'absent'"),
        ("pipe", "pipe is no ordinary file"),
        ("nothing", f"no implementation is called 'nothing': {', '.join(NAMES)}, module:attribute or file.py"),
        ("text.txt", "text.txt is not taken for a Python file: its name does not end in .py"),
        ("a:b.py", "a:b.py: what follows a colon is an attribute; a file with one in its name has to be renamed"),
        ("package/inside.py", "; as part of its package it is package.inside, named from the folder above"),
    ],
)
def test_what_cannot_be_had_says_why(here: Path, spec: str, message: str) -> None:
    """Without it a newcomer would read a traceback of ours."""
    written(here)
    written(here, "broken.py", "1 / 0")
    written(here, "text.txt", "")
    written(here, "a:b.py")
    written(here, "package/__init__.py", "")
    written(here, "package/inside.py", "from . import other")
    written(here, "sub/package/__init__.py", "")
    os.mkfifo(here / "pipe")
    (here / "sub" / "folder").mkdir()
    (here / "folder").mkdir()
    (here / "folder.py").mkdir()
    with pytest.raises(LoadingError) as error:
        found(spec)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_says_why_says_no_more(here: Path) -> None:
    """Without it a reader would be sent after a package that has nothing to do with it."""

    def why(spec: str, text: str = "") -> str:
        if text:
            written(here, spec, text)
        with pytest.raises(LoadingError) as error:
            found(spec)
        return str(error.value)

    absent = "absent_module cannot be imported: ModuleNotFoundError: No module named 'absent_module'"
    assert why("absent_module:x") == absent
    other = "cannot be imported: ImportError: no device (one.py:1)"
    assert why("one.py", 'raise ImportError("no device")') == f"one.py {other}"
    relative = 'raise ValueError("relative import")'
    assert why("two.py", relative) == "two.py cannot be imported: ValueError: relative import (two.py:1)"
    with pytest.raises(LoadingError, match=r"text\.txt is not a Python file$"):
        module_at(Path(written(here, "text.txt", "")))


def test_a_function_may_be_an_implementation(here: Path) -> None:
    """Without it it would be called for one, and what it returns be refused."""
    text = "def mine():\n    return 3\nmine.name, mine.dtypes, mine.forward = 'a function', ('float32',), mine\n"
    assert found(written(here, "ffn_found_function.py", text) + ":mine").name == "a function"


def test_where_nothing_is_installed_a_folder_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a file could not import its neighbours where Python has no folder of packages."""
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    finding._make_importable(Path("/mine"))
    assert sys.path == ["/elsewhere", "/mine"]


def test_an_interrupt_while_loading_comes_through(here: Path) -> None:
    """Without it Ctrl-C would be a fault of the file."""
    for name, text in (
        ("stops.py", "raise KeyboardInterrupt"),
        ("later.py", "def implementation():\n    raise KeyboardInterrupt"),
    ):
        with pytest.raises(KeyboardInterrupt):
            found(written(here, name, text))
    written(here, "ffn_found_stops.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        found("ffn_found_stops:x")
    assert "stops" not in sys.modules


def test_an_extra_that_is_not_installed_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody would know what to install."""

    def absent(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(finding.importlib, "import_module", absent)
    with pytest.raises(LoadingError, match=r"pip install 'ffn-reference.torch.' brings it"):
        found("torch")
    with pytest.raises(LoadingError) as error:
        found("mine.module:x")
    assert "pip install" not in str(error.value)


def test_a_module_that_was_loaded_can_be_loaded_anew(here: Path) -> None:
    """Without it what a module remembers would be there after a restart."""
    text = MINE + "\nimplementation = other\nother.calls = 0\n"
    written(here, "ffn_found_again.py", text)
    first = found("ffn_found_again:other")
    first.calls = 5
    assert found("ffn_found_again:other").calls == 5
    assert found("ffn_found_again:other", afresh=True).calls == 0
    assert found(str(here / "ffn_found_again.py")).calls == 0


def test_neighbours_are_found_and_replace_no_library(here: Path) -> None:
    """Without it a file could not import its helper, or one called random.py would be taken for Python's."""
    written(here, "sub/ffn_found_helper.py", "value = 3")
    written(here, "sub/random.py", "raise RuntimeError")
    spec = written(
        here, "sub/ffn_found_main.py", "import random, ffn_found_helper\nassert ffn_found_helper.value == 3\n" + MINE
    )
    assert found(spec).name == "mine"
    assert found(spec).name == "mine"
    assert sys.path.count(str(here / "sub")) == 1
    first_library = next(place for place, entry in enumerate(sys.path) if entry.endswith("site-packages"))
    assert sys.path.index(str(here / "sub")) < first_library


@pytest.mark.parametrize(
    ("name", "module"),
    [("ffn_found_x.py", "ffn_found_x"), ("json.py", None), ("two words.py", None), ("nturl2path.py", None)],
)
def test_a_file_has_its_own_name_where_that_is_free(here: Path, name: str, module: str | None) -> None:
    """Without it what the file defines could not be pickled, or would replace another module."""
    path = Path(written(here, name, "value = 3"))
    made = module_at(path)
    assert made.value == 3
    assert made.__name__ == module or (
        module is None and made.__name__.endswith(name.replace(" ", "_").replace(".", "_"))
    )
    assert sys.modules[made.__name__] is made
    del sys.modules[made.__name__]
    import json

    assert json.dumps([]) == "[]"
