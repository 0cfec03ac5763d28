"""A plugin of pytest's: the quickest tests first, as mutmut measured them, each with nothing remembered from others.

Most mutants die in milliseconds. Of what a function with a cache returned to another test, neither mutmut nor the fork
of a process that has run all of them would see that a mutant is in it.
"""

from __future__ import annotations

import functools
import gc
import json
from pathlib import Path

import pytest

MEASURED = Path("mutmut-stats.json")
OURS = ("ffn.", "proofs.", "tests.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if MEASURED.exists():
        seconds = json.loads(MEASURED.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))


@functools.cache
def caches() -> list[functools._lru_cache_wrapper[object]]:
    found = (each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper))
    return [each for each in found if each.__module__.startswith(OURS) and each is not caches]


def pytest_runtest_setup() -> None:
    for each in caches():
        each.cache_clear()
