"""Where in an implementation's own code something happened."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import ffn

KIT = (Path(ffn.__file__).parent, Path(sysconfig.get_path("stdlib")))
LIBRARIES = (*KIT, *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")))


@cache
def is_of_a_library(file: str) -> bool:
    """Whether a file is a library's, Python's or the kit's."""
    return file.startswith("<frozen") or any(Path(file).is_relative_to(folder) for folder in LIBRARIES)


def place_of(frames: Sequence[tuple[str, int]]) -> str:
    """Of frames, the last called first, the file and line of the first that is no library's, unless it is one itself.

    Empty where every frame is the kit's or Python's.
    """
    for folders in (LIBRARIES, KIT):
        for file, line in frames:
            inside = any(Path(file).is_relative_to(folder) for folder in folders)
            if not inside and not file.startswith("<frozen"):
                return f"{Path(file).name}:{line}"
    return ""
