"""Finding the implementation that a user names."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ffn.conformance.implementation.adapters import NAMES
from ffn.conformance.implementation.subject import Subject

DEFAULT_ATTRIBUTE = "implementation"


class LoadingError(Exception):
    """The implementation cannot be had; the text is one line that says why."""


def load(spec: str) -> Subject:
    """The implementation named by an adapter's name, ``package.module:attribute`` or ``path/to/file.py:attribute``.

    The attribute is an implementation or something that makes one when called without arguments; left out, it is
    ``implementation``.

    Raises:
        LoadingError: when there is no such name, file or attribute, or importing or making it fails.
    """
    if spec in NAMES:
        module, attribute = _imported(f"ffn.conformance.implementation.adapters.{spec}"), DEFAULT_ATTRIBUTE
    else:
        place, _, attribute = spec.rpartition(":") if ":" in spec else (spec, "", "")
        attribute = attribute or DEFAULT_ATTRIBUTE
        if not place.endswith(".py") and "." not in place and ":" not in spec:
            raise LoadingError(f"no implementation is called {spec!r}: {', '.join(NAMES)}, module:attribute or file.py")
        module = _from_file(Path(place)) if place.endswith(".py") else _imported(place)
    return _subject(module, attribute, spec)


def _imported(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` does: a module in the current folder can be named
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        adapter = name.rpartition(".")[2]
        hint = f"; pip install 'ffn-reference[{adapter}]' brings it" if adapter in NAMES and error.name != name else ""
        raise LoadingError(f"{name} cannot be imported: {_line(error)}{hint}") from error
    except (Exception, SystemExit) as error:
        raise LoadingError(f"{name} cannot be imported: {_line(error)}") from error


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise LoadingError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LoadingError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # as running the file does: it may import its neighbours
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise LoadingError(f"{path} cannot be imported: {_line(error)}") from error
    return module


def _subject(module: ModuleType, attribute: str, spec: str) -> Subject:
    try:
        found: Any = getattr(module, attribute)
    except AttributeError:
        raise LoadingError(f"{spec}: {module.__name__} has no attribute {attribute!r}") from None
    try:
        if inspect.isclass(found) or (inspect.isroutine(found) and not hasattr(found, "dtypes")):
            found = found()
        return Subject(found)
    except (Exception, SystemExit) as error:
        raise LoadingError(f"{spec} is not an implementation: {_line(error)}") from error


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
