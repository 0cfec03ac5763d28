"""What strategies draw."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

FOUND = settings(max_examples=100, derandomize=True, database=None, deadline=None, phases=[Phase.generate])


def any_of(strategy: st.SearchStrategy[Any], property_: Any = lambda case: True) -> Any:
    return find(strategy, property_, settings=FOUND)


def many_of(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """A hundred cases that are drawn."""
    found: list[Any] = []
    with suppress(NoSuchExample):
        find(strategy, lambda case: bool(found.append(case)), settings=FOUND)
    return found
