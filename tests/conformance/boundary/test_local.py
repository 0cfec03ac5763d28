"""An implementation that is called in this process begins anew as it was given."""

from __future__ import annotations

import errno
import warnings
from typing import Any

import numpy as np

from ffn import Hidden
from ffn.conformance.implementation.boundary.calling.guard import (
    offer_of,
)
from ffn.conformance.implementation.boundary.calling.local import Local
from ffn.conformance.implementation.boundary.calling.place import is_of_a_library, place_of
from ffn.conformance.implementation.boundary.data.call import Call, Reply
from tests.conformance.boundary.stubs import NETWORK, asked, implementation

F32 = np.float32


class Counts:
    name, dtypes = "counts", ("float32",)

    def __init__(self) -> None:
        self.calls = 0

    def forward(self) -> Any:
        self.calls += 1
        return np.full(1, self.calls, F32)


def test_what_is_called_here_begins_anew_as_it_was_given() -> None:
    """Without it what an implementation remembers would be taken for its formula."""
    call = Call("forward", (), asked())
    counts = Counts()
    counts.calls = 5
    local = Local(counts)
    assert [local.call(call).answer[0] for _ in range(2)] == [6, 7]
    assert local.restart()
    assert local.call(call).answer[0] == 6
    assert local.restart()
    assert local.call(call).answer[0] == 6
    again = Local(counts, Counts)
    assert again.call(call).answer[0] == 8
    assert again.restart()
    assert again.call(call).answer[0] == 1
    counts.lock = __import__("threading").Lock()  # type: ignore[attr-defined]
    assert not Local(counts).restart()
    assert local.offer == offer_of(counts)


def test_limits_are_those_of_a_process_of_its_own_alone() -> None:
    """Without it the judge's own memory would be blamed on a limit that is not there."""

    def told(error: Exception) -> Reply:
        def forward(self: Any) -> None:
            raise error

        return Local(implementation(forward=forward)).call(Call("forward", (), asked()))

    for error in (MemoryError(), OSError(errno.EMFILE, "too many")):
        reply = told(error)
        assert (reply.kind, reply.failure.startswith(f"forward raised {type(error).__name__}")) == ("error", True)


def test_a_place_is_that_of_the_implementations_own_code() -> None:
    """Without it a reader would be sent into NumPy, or into the judge."""
    numpys, own, pythons = np.__file__, "/home/me/mine.py", warnings.__file__
    assert place_of([(numpys, 1), (own, 7), (own, 9)]) == "mine.py:7"
    assert place_of([(pythons, 1), (numpys, 3)]) == "__init__.py:3"
    assert place_of([(pythons, 1), ("<frozen importlib>", 2)]) == ""
    assert place_of([]) == ""
    assert [is_of_a_library(file) for file in (numpys, own, pythons, "<frozen x>")] == [True, False, True, True]
    assert Hidden(1) != NETWORK
