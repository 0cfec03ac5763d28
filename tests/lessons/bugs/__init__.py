"""The planted bugs of the lessons: wrong functions in place of the code's, by what they do.

Each file of this folder plants its own; they import the code by name, which stays right where they are planted.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.lessons.planted import PLANTED, LessonBug

for _file in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")

EVERY: tuple[LessonBug, ...] = tuple(sorted(PLANTED, key=lambda bug: int(bug.claim[1:])))
