"""Finding the implementation that a user names, in the process in which it is to run."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from ffn.conformance.implementation.adapters import NAMES
from ffn.conformance.implementation.boundary.calling.guard import line_of, offer_of
from ffn.conformance.implementation.errors import LoadingError

DEFAULT_ATTRIBUTE = "implementation"


def found(spec: str, afresh: bool = False) -> Any:
    """The implementation named by an adapter's name, ``package.module:attribute`` or ``path/to/file.py:attribute``.

    The attribute is an implementation or something that makes one when called without arguments; left out, it is
    ``implementation``. No bytecode is kept of what is imported. ``afresh`` has the module itself, though not those
    that it imports, executed once more.

    Raises:
        LoadingError: when there is no such name, file or attribute, or importing or making it fails.
    """
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return _made(*_named(spec, afresh), spec)
    finally:
        sys.dont_write_bytecode = kept


def _named(spec: str, afresh: bool) -> tuple[ModuleType, str]:
    """The module, and the name of the attribute."""
    if spec in NAMES:
        return _imported(f"ffn.conformance.implementation.adapters.{spec}", afresh), DEFAULT_ATTRIBUTE
    place, attribute = spec.rpartition(":")[::2] if ":" in spec else (spec, "")
    if hint := _hint(spec, place):
        raise LoadingError(hint)
    if "." not in place and ":" not in spec:
        raise LoadingError(f"no implementation is called {spec!r}: {', '.join(NAMES)}, module:attribute or file.py")
    module = module_at(Path(place)) if place.endswith(".py") else _imported(place, afresh)
    return module, attribute or DEFAULT_ATTRIBUTE


def _hint(spec: str, place: str) -> str:
    """What is the matter with a name that leads to something that is there, and no Python file."""
    path = Path(place)
    if ":" in spec and Path(spec).is_file():
        return f"{spec}: what follows a colon is an attribute; a file with one in its name has to be renamed"
    if ":" in spec and "/" not in place and not place.endswith(".py"):
        return ""  # a module's name, whatever else is called so
    if path.is_dir() and (path / "__init__.py").is_file() and path.name:
        inside = ".".join(path.parts)
        return f"{place} is a package: {inside}:ATTRIBUTE names what is in it, {inside}.MODULE:ATTRIBUTE in a module"
    if path.is_dir():
        return f"{place} is a folder: the name of a file in it is asked for"
    if path.is_file() and path.suffix != ".py":
        return f"{place} is not taken for a Python file: its name does not end in .py"
    return f"{place} is no ordinary file" if path.exists() and not path.is_file() else ""


def _imported(name: str, afresh: bool) -> ModuleType:
    _make_importable(Path.cwd())  # as `python -m` does: a module in the current folder can be named
    try:
        module = importlib.import_module(name)
        return importlib.reload(module) if afresh else module
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        adapter = name.rpartition(".")[2]
        absent = isinstance(error, ModuleNotFoundError) and adapter in NAMES and error.name != name
        hint = f"; pip install 'ffn-reference[{adapter}]' brings it" if absent else ""
        raise LoadingError(f"{name} cannot be imported: {line_of(error)}{hint}") from error


def module_at(path: Path) -> ModuleType:
    """The module that a file is, imported anew.

    Raises:
        LoadingError: when there is no such file, or importing it fails; its cause is what was raised.
    """
    if not path.is_file():
        raise LoadingError(f"there is no file {path}")
    _make_importable(path.resolve().parent)  # as running the file does: it may import its neighbours
    spec = importlib.util.spec_from_file_location(_module_name(path.resolve()), path)
    if spec is None or spec.loader is None:
        raise LoadingError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickle look up there what the file defines
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[spec.name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise LoadingError(f"{path} cannot be imported: {line_of(error)}{_of_a_package(path, error)}") from error
    return module


def _of_a_package(path: Path, error: BaseException) -> str:
    """How to name a file that belongs to a package, where it fails as nobody told it so."""
    if not isinstance(error, ImportError) or "relative import" not in str(error):
        return ""
    return f"; as part of its package it is {path.parent.name}.{path.stem}, named from the folder above"


def _make_importable(folder: Path) -> None:
    """Have modules of the folder found before installed ones, and after Python's own, which they cannot replace."""
    if str(folder) not in sys.path:
        installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        place = next((place for place, entry in enumerate(sys.path) if entry in installed), len(sys.path))
        sys.path.insert(place, str(folder))


def _module_name(path: Path) -> str:
    """The file's own name, under which other processes find it too, unless another module has it."""
    if path.stem.isidentifier() and path.stem not in sys.modules:
        other = importlib.util.find_spec(path.stem)
        if other is None or other.origin == str(path):
            return path.stem
    return re.sub(r"\W", "_", str(path))


def _made(module: ModuleType, attribute: str, spec: str) -> Any:
    """The implementation that the attribute is or makes."""
    try:
        made: Any = getattr(module, attribute)
    except AttributeError:
        raise LoadingError(f"{spec}: {module.__name__} has no attribute {attribute!r}") from None
    try:
        if inspect.isclass(made) or (inspect.isroutine(made) and not hasattr(made, "dtypes")):
            made = made()
        offer_of(made)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise LoadingError(f"{spec} is not an implementation: {line_of(error)}") from error
    return made
