"""An implementation is called whatever it does: what comes out is an answer, or a line that says what went wrong."""

from __future__ import annotations

import errno
import warnings
from typing import Any

import numpy as np
import pytest

from ffn.conformance.implementation.boundary.calling.guard import (
    _taken,
    answering,
    line_of,
    raised,
    replied,
)
from ffn.conformance.implementation.boundary.calling.local import Local
from ffn.conformance.implementation.boundary.data.call import Asked, Call, Reply
from ffn.conformance.implementation.boundary.data.described import described
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.numbers.precision import dtype_of
from tests.conformance.boundary.stubs import NETWORK, asked, implementation

F32 = np.float32


def reply_of(method: Any, *arguments: Any, asking: Asked | None = None, **own: Any) -> Reply:
    call = Call("forward", arguments, asking, **own)
    return replied(implementation(forward=lambda self, *given, **named: method(*given, **named)), call)


NESTED = asked((("W", "b"), ("V",)), (((1,), ()), ((2,),)))


ONE, TWO, NONE = np.ones(1, F32), np.ones(2, F32), np.ones((), F32)


ANSWERS = {
    "an array": (ONE, asked(), ONE),
    "a list": ([1.0], asked(dtype="float64"), np.ones(1)),
    "a number": (1.0, asked(shapes=(), dtype=None), np.ones(())),
    "whole numbers": (np.ones(1, int), asked(dtype=None), np.ones(1, int)),
    "bfloat16": (np.ones(1, dtype_of("bfloat16")), asked(dtype="bfloat16"), np.ones(1, dtype_of("bfloat16"))),
    "another byte order": (ONE.astype(">f4"), asked(), ONE),
    "nested": (((ONE, NONE), (TWO,)), NESTED, ((ONE, NONE), (TWO,))),
    "nested lists": ([[ONE, NONE], [TWO]], NESTED, ((ONE, NONE), (TWO,))),
    "infinities": (np.full(1, np.inf, F32), asked(), np.full(1, np.inf, F32)),
}


def same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    return bool(a.dtype == b.dtype and a.dtype.isnative and a.shape == b.shape and a.tobytes() == b.tobytes())


@pytest.mark.parametrize(("answer", "asking", "found"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_comes_as_native_arrays_of_its_own(answer: Any, asking: Asked, found: Any) -> None:
    """Without it a right answer would be refused for how it is stored, or change after it was given."""
    reply = reply_of(lambda: answer, asking=asking)
    assert (reply.failure, reply.kind, reply.changed, reply.dtypes, reply.spoiled) == ("", "", (), (), ())
    assert same(reply.answer, found)
    assert not np.shares_memory(ONE, reply.answer) if isinstance(reply.answer, np.ndarray) else True


REFUSED = {
    "another shape": (TWO, asked(), "forward returned shape (2,), not (1,)"),
    "text": ("a", asked(), "forward returned str of <U1, not of real numbers"),
    "complex numbers": (np.ones(1, complex), asked(), "forward returned ndarray of complex128, not of real numbers"),
    "objects": (np.array([None]), asked(), "forward returned ndarray of object, not of real numbers"),
    "truth values": (np.array([True]), asked(), "forward returned ndarray of bool, not of real numbers"),
    "rows of unequal lengths": ([[1.0], []], asked(), "forward returned list, not an array of numbers: ValueError"),
    "masked entries": (np.ma.array([1.0], mask=[True]), asked(), "forward returned an array with masked entries"),
    "a single array for several": (3.0, NESTED, "forward returned float, not one array for each of"),
    "fewer parts": (((ONE, NONE),), NESTED, "forward returned 1 parts, not one for each of"),
    "more parts": (((ONE, NONE), (TWO,), (TWO,), (TWO,)), NESTED, "forward returned more than 2 parts, not one"),
    "another shape inside": (((ONE, TWO), (TWO,)), NESTED, "forward of b, returned shape (2,), not ()"),
    "fewer inside": (((ONE,), (TWO,)), NESTED, "forward returned 1 parts, not one for each of ('W', 'b')"),
}


@pytest.mark.parametrize(("answer", "asking", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_answer_is_an_error_in_a_line(answer: Any, asking: Asked, message: str) -> None:
    """Without it NumPy would broadcast it, and a shape that is wrong be judged by its numbers."""
    reply = reply_of(lambda: answer, asking=asking)
    assert reply.failure.startswith(message)
    assert (reply.answer, reply.kind) == (None, "error")


def test_an_answer_without_end_is_cut() -> None:
    """Without it a generator would fill the memory."""
    from itertools import repeat

    assert reply_of(lambda: repeat(ONE), asking=NESTED).failure.startswith("forward returned more than 2 parts")


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64"])
def test_an_answer_in_another_precision_is_told_and_not_judged(dtype: str) -> None:
    """Without it a program that computes in float64 would be judged by float32's sets."""
    reply = reply_of(lambda: np.ones(1, dtype), asking=asked())
    assert (reply.answer, reply.dtypes, reply.failure) == (None, ((0, dtype),), "")
    wide = reply_of(lambda: ((ONE, NONE), (np.ones(2),)), asking=NESTED)
    assert wide.dtypes == ((2, "float64"),)
    assert reply_of(lambda: np.ones(1, np.longdouble), asking=asked(dtype=None)).dtypes == ((0, "longdouble"),)


def test_arguments_that_are_changed_are_told_by_their_place() -> None:
    """Without it a program that overwrites its inputs would be judged on what it made of them."""

    def overwrites(network: Any, parameters: Any, x: Any) -> Any:
        parameters[1][...] = 7
        return x

    reply = reply_of(overwrites, described(NETWORK), (stored(ONE), stored(TWO)), stored(ONE), asking=asked())
    assert (reply.changed, reply.failure) == ((2,), "")
    assert same(reply.answer, ONE)

    def changes(network: Any, x: Any) -> Any:
        vars(network)["units"] = 9
        x.shape = (1, 1)
        return ONE

    assert reply_of(changes, described(NETWORK), stored(ONE), asking=asked()).changed == (0, 1)
    assert reply_of(lambda name, x: x, "tanh", stored(ONE), asking=asked()).changed == ()


def test_questions_are_answered_by_a_truth_or_a_text() -> None:
    """Without it a network would be taken for one that is supported, as most things are true."""
    assert reply_of(lambda: True).answer is True
    assert reply_of(lambda: np.bool_(False)).answer is False
    for answer in (1, "yes", None, np.array([True])):
        reply = reply_of(lambda answer=answer: answer)
        assert reply.failure == f"forward returned {type(answer).__name__}, not True or False"
    assert reply_of(lambda: "a", text=True).answer == "a"
    assert reply_of(lambda: 3, text=True).failure == "forward returned int, not a text"


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("error", "kind", "line"),
    [
        (ValueError("a\n b"), "error", "ValueError: a b"),
        (ValueError(), "error", "ValueError"),
        (ValueError("x" * 501), "error", f"ValueError: {'x' * 500}…"),
        (ValueError("x" * 500), "error", f"ValueError: {'x' * 500}"),
        (NotImplementedError("not this"), "not offered", "NotImplementedError: not this"),
        (MemoryError(), "memory", "MemoryError"),
        (OSError(errno.EMFILE, "too many"), "descriptors", "OSError: [Errno 24] too many"),
        (OSError(errno.ENFILE, "too many"), "descriptors", "OSError: [Errno 23] too many"),
        (OSError(errno.ENOENT, "no file"), "error", "FileNotFoundError: [Errno 2] no file"),
        (SystemExit(3), "error", "SystemExit: 3"),
        (GeneratorExit(), "error", "GeneratorExit"),
        (Speechless(), "error", "Speechless: its text raises ValueError"),
    ],
)
def test_what_is_raised_is_a_line_with_its_place(error: BaseException, kind: str, line: str) -> None:
    """Without it an exception would end the run, or be a page."""

    def raises() -> None:
        raise error

    reply = reply_of(raises, asking=asked())
    assert reply.kind == kind
    assert reply.failure.startswith(f"forward raised {line}")
    assert reply.failure.endswith(")")
    assert "(test_guard.py:" in reply.failure
    assert raised("loss", error).failure.startswith(f"loss raised {line}")
    assert line_of(KeyError("k")) == "KeyError: 'k'"


def test_the_users_own_interrupt_comes_through() -> None:
    """Without it Ctrl-C would be an error of the implementation."""

    def interrupts() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reply_of(interrupts, asking=asked())


def test_warnings_and_overflows_are_no_errors() -> None:
    """Without it an infinity that a program returns would be one that it raises."""

    def warns() -> Any:
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        return np.exp(np.full(1, 1000, F32)) + np.log(np.zeros(1, F32))

    assert reply_of(warns, asking=asked()).failure == ""


def test_what_is_given_by_name_is_given_where_it_is_taken() -> None:
    """Without it ``supports`` would be called with arguments that it has not."""
    named = (("dtype", "float32"), ("method", "loss"))
    assert reply_of(lambda **named: len(named) == 2, named=named).answer is True
    assert _taken(lambda network, method: True, named) == {"method": "loss"}
    assert _taken(lambda network: True, named) == {}
    assert _taken(lambda **any_: True, named) == dict(named)
    assert _taken(lambda *any_: True, named) == {}
    assert _taken(3, named) == {}
    assert _taken(dict, ()) == {}
    given: list[Any] = []

    class Mine:
        name, dtypes = "mine", ("float32",)

        def supports(self, network: Any, dtype: str) -> bool:
            given.append((network, dtype))
            return True

        def forward(self) -> None:
            pass

    assert replied(Mine(), Call("supports", (described(NETWORK),), named=named)).answer is True
    assert given == [(NETWORK, "float32")]


def test_after_a_call_that_failed_nothing_is_called() -> None:
    """Without it a program would be called in a state that nobody knows."""
    calls: list[int] = []

    def forward(self: Any, number: Any) -> Any:
        calls.append(int(number[0]))
        if number[0] == 2:
            raise ValueError
        return number

    three = tuple(Call("forward", (stored(np.full(1, n, F32)),), asked()) for n in (1, 2, 3))
    replies = list(answering(implementation(forward=forward), three))
    assert [bool(reply.failure) for reply in replies] == [False, True]
    assert calls == [1, 2]
    assert [bool(reply.failure) for reply in Local(implementation(forward=forward)).calls(three)] == [False, True]
