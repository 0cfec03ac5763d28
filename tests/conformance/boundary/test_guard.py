"""An implementation is called whatever it does: what comes out is an answer, or a line that says what went wrong."""

from __future__ import annotations

import errno
import warnings
from typing import Any

import numpy as np
import pytest

from ffn import Declared, Hidden, Network, Output
from ffn.conformance.implementation.boundary.calling.guard import (
    ALIASES,
    _taken,
    answering,
    line_of,
    offer_of,
    raised,
    replied,
)
from ffn.conformance.implementation.boundary.calling.local import Local
from ffn.conformance.implementation.boundary.calling.place import is_of_a_library, place_of
from ffn.conformance.implementation.boundary.data.call import Asked, Call, Reply
from ffn.conformance.implementation.boundary.data.described import described
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.network.family import Family
from ffn.numbers.precision import dtype_of

F32 = np.float32
NETWORK = Network(1, 1, Output("gaussian"))


def implementation(**attributes: Any) -> Any:
    given = {"name": "mine", "dtypes": ("float32",), "forward": lambda self, *given: None} | attributes
    return type("Mine", (), {name: value for name, value in given.items() if value is not ...})()


# what it says of itself


def test_an_offer_is_what_is_there() -> None:
    """Without it a method would go unjudged, or one be called that is not there."""
    plain = offer_of(implementation())
    assert (plain.name, plain.dtypes, plain.parts, plain.methods) == ("mine", ("float32",), (), ("forward",))
    assert (plain.networks, plain.families, plain.asks, plain.misspelt) == ((), (), (), ())
    assert (plain.reproducible, plain.concurrent, plain.declared) == (True, False, Declared())
    family = Family(NETWORK, inputs=(1, 9))
    whole = offer_of(
        implementation(
            dtypes=["float64", "float16"],
            parts=["dropout"],
            loss=lambda self: None,
            supports=lambda self, network, *, method: True,
            networks=[NETWORK, family],
            reproducible=False,
            concurrent=1,
            accumulate="float64",
            gradiant=lambda self: None,
        )
    )
    assert (whole.dtypes, whole.parts) == (("float64", "float16"), ("dropout",))
    assert whole.methods == ("forward", "loss", "supports")
    assert (whole.networks, whole.families) == ((NETWORK.to_json(),), (family.to_json(),))
    assert (whole.asks, whole.reproducible, whole.concurrent) == (("method",), False, True)
    assert whole.declared == Declared(accumulate="float64")
    assert whole.misspelt == (("gradiant", "gradient"),)
    assert offer_of(implementation(networks=NETWORK)).networks == (NETWORK.to_json(),)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"forward": ...}, "mine offers none of forward, loss, "),
        ({"forward": ..., "predict": lambda self: None}, "; predict is not called: did you mean forward?"),
        ({"loss": 3}, "mine.loss is a int, not a method"),
        ({"dtypes": ...}, "mine has no dtypes: a sequence of some of float16, bfloat16, float32, float64"),
        ({"dtypes": ()}, "mine has no dtypes"),
        ({"dtypes": "float32"}, "mine has no dtypes"),
        ({"dtypes": ("float32", "float8")}, "mine has no dtypes"),
        ({"dtypes": {"float32"}}, "mine has no dtypes"),
        ({"parts": "dropout"}, "mine.parts is a sequence of some of "),
        ({"parts": 3}, "mine.parts is a sequence of some of "),
        ({"parts": ("droput",)}, "mine offers an unknown part 'droput': "),
        ({"networks": ()}, "mine.networks is empty: it lists what can be built"),
        ({"networks": ("relu",)}, "mine.networks holds something else than descriptions"),
        ({"networks": 3}, "mine.networks holds something else than descriptions"),
        ({"accumulate": "float8"}, "mine.accumulate is float32 or float64, not 'float8'"),
    ],
)
def test_what_is_no_offer_says_why_in_a_line(attributes: dict[str, Any], message: str) -> None:
    """Without it a newcomer would see nothing judged, and not know why."""
    with pytest.raises(TypeError) as error:
        offer_of(implementation(**attributes))
    assert message in str(error.value)
    assert str(error.value).startswith("mine")


def test_dtypes_that_change_from_one_look_to_the_next_are_none() -> None:
    """Without it an implementation could offer one precision and be judged in another."""
    looks = iter([("float32",), ("float64",), ("float64",)])
    with pytest.raises(TypeError, match=r"mine.dtypes is \['float32'\], and \['float64'\] when it is asked for again"):
        offer_of(implementation(dtypes=property(lambda self: next(looks))))


def test_a_name_is_one_line_or_that_of_the_class() -> None:
    """Without it a name could be a page, or raise."""
    assert offer_of(implementation(name=" a\n b ")).name == "a b"
    assert offer_of(implementation(name="x" * 600)).name == "x" * 500
    assert offer_of(implementation(name=...)).name == "Mine"
    assert offer_of(implementation(name=property(lambda self: 1 / 0))).name == "Mine"


@pytest.mark.parametrize(
    ("found", "meant"),
    [("gradent", "gradient"), ("Forward", "forward"), ("suports", "supports"), *ALIASES.items()],
)
def test_a_slip_of_the_pen_is_noticed(found: str, meant: str) -> None:
    """Without it a gradient that is never called would hold."""
    other = "loss" if meant == "slope" else "slope"
    without = implementation(**{found: lambda self: None, "forward": ..., other: lambda self: None})
    assert offer_of(without).misspelt == ((found, meant),)
    assert offer_of(implementation(**{found: 3})).misspelt == ()
    assert offer_of(implementation(**{f"_{found}": lambda self: None})).misspelt == ()
    assert offer_of(implementation(**{found: lambda self: None, meant: lambda self: None})).misspelt == ()
    assert offer_of(implementation(unlike=lambda self: None)).misspelt == ()


# calls


def asked(names: Any = "output", shapes: Any = (1,), dtype: str | None = "float32") -> Asked:
    return Asked(names, shapes, dtype)


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


# in this process


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

    def forward(self: Any) -> None:
        raise MemoryError

    local = Local(implementation(forward=forward))
    reply = local.call(Call("forward", (), asked()))
    assert (reply.kind, reply.failure.startswith("forward raised MemoryError")) == ("error", True)


def test_a_place_is_that_of_the_implementations_own_code() -> None:
    """Without it a reader would be sent into NumPy, or into the judge."""
    numpys, own, pythons = np.__file__, "/home/me/mine.py", warnings.__file__
    assert place_of([(numpys, 1), (own, 7), (own, 9)]) == "mine.py:7"
    assert place_of([(pythons, 1), (numpys, 3)]) == "__init__.py:3"
    assert place_of([(pythons, 1), ("<frozen importlib>", 2)]) == ""
    assert place_of([]) == ""
    assert [is_of_a_library(file) for file in (numpys, own, pythons, "<frozen x>")] == [True, False, True, True]
    assert Hidden(1) != NETWORK
