"""The lessons: which tests serve which claim, as pytest collects them."""

from __future__ import annotations

import contextlib
import inspect
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Lesson:
    """A test that serves claims.

    Attributes:
        name: of its function.
        file: relative to the repository.
        first, last: its lines, decorators included.
        sentence: what would break without it.
        source: its text.
        claims: the ids that it names.
    """

    name: str
    file: str
    first: int
    last: int
    sentence: str
    source: str
    claims: tuple[str, ...]

    @property
    def title(self) -> str:
        """The law that the test is named after."""
        return self.name.removeprefix("test_").replace("_", " ")


class _Collector:
    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def collected(root: Path) -> tuple[Lesson, ...]:
    """The tests under ``root/tests`` that name a claim, each function once, in the order of the files.

    Raises:
        RuntimeError: when pytest cannot collect them.
    """
    collector, output = _Collector(), io.StringIO()
    # The project is loaded already, so that its assertions cannot be rewritten; nothing is run here.
    options = ["--collect-only", "-q", "--assert=plain", "-p", "no:cacheprovider", "-W", "ignore"]
    with contextlib.redirect_stdout(output):
        status = pytest.main([*options, str(root / "tests")], [collector])
    if status:
        raise RuntimeError(f"pytest could not collect the lessons:\n{output.getvalue()}")
    functions: dict[Any, tuple[str, ...]] = {}
    for item in collector.items:
        ids = [id for mark in item.iter_markers("claim") for id in mark.args]
        if ids and isinstance(item, pytest.Function):
            functions.setdefault(item.function, tuple(sorted(set(ids), key=lambda id: int(id[1:]))))
    return tuple(_lesson(root, function, ids) for function, ids in functions.items())


def by_claim(lessons: tuple[Lesson, ...]) -> dict[str, list[Lesson]]:
    """The lessons of each claim."""
    found: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        for claim in lesson.claims:
            found[claim].append(lesson)
    return found


def _lesson(root: Path, function: Any, claims: tuple[str, ...]) -> Lesson:
    written = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    lines, first = inspect.getsourcelines(written)
    sentence = inspect.cleandoc(written.__doc__ or "")
    file = Path(inspect.getsourcefile(written) or "").resolve().relative_to(root.resolve())
    return Lesson(function.__name__, file.as_posix(), first, first + len(lines) - 1, sentence, "".join(lines), claims)
