"""Calling an implementation, whatever it does: what comes out is an answer, or a line that says what went wrong."""

from __future__ import annotations

import errno
import inspect
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.boundary.calling.place import place_of
from ffn.conformance.implementation.boundary.data.call import Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.described import Described
from ffn.conformance.implementation.boundary.data.stored import Stored
from ffn.conformance.implementation.protocol import PARTS
from ffn.network.description import Network
from ffn.network.family import Family
from ffn.network.formulas import FORMULAS
from ffn.numbers.declared import Declared
from ffn.numbers.precision import NAMES

QUESTIONS = ("supports", "supports_recurrent", "supports_activation")
LIKENESS = 0.85  # from which on a name is taken for a slip of the pen
ALIASES = {
    **dict.fromkeys(("output", "outputs", "logits", "predict"), "forward"),
    **dict.fromkeys(("grad", "grads", "backward", "backprop"), "gradient"),
    **dict.fromkeys(("cost", "nll", "objective"), "loss"),
    **dict.fromkeys(("activate", "activation_function"), "activation"),
    **dict.fromkeys(("derivative", "activation_slope"), "slope"),
}  # what is elsewhere called so
MOST_TEXT = 500  # characters of an exception's text


class _Refused(Exception):
    """The answer is not of the kind that was asked for. The text says what it is."""


def offer_of(implementation: Any) -> Offer:
    """What an implementation says of itself.

    Raises:
        TypeError: when it offers no method of the protocol, or no dtypes, or parts that nobody knows, or declares
            nonsense.
    """
    name = _name(implementation)
    methods = tuple(method for method in (*FORMULAS, *QUESTIONS) if callable(getattr(implementation, method, None)))
    for method in (*FORMULAS, *QUESTIONS):
        if method not in methods and getattr(implementation, method, None) is not None:
            raise TypeError(f"{name}.{method} is a {type(getattr(implementation, method)).__name__}, not a method")
    if not set(FORMULAS) & set(methods):
        meant = "".join(
            f"; {found} is not called: did you mean {near}?" for found, near in _misspelt(implementation, ())
        )
        raise TypeError(f"{name} offers none of {', '.join(FORMULAS)}{meant}")
    dtypes = getattr(implementation, "dtypes", None)
    if not isinstance(dtypes, Sequence) or isinstance(dtypes, str) or not set(dtypes) <= set(NAMES) or not dtypes:
        raise TypeError(f"{name} has no dtypes: a sequence of some of {', '.join(NAMES)}")
    if list(again := getattr(implementation, "dtypes", ())) != list(dtypes):
        raise TypeError(f"{name}.dtypes is {list(dtypes)}, and {list(again)} when it is asked for again")
    parts = getattr(implementation, "parts", ())
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        raise TypeError(f"{name}.parts is a sequence of some of {', '.join(PARTS)}, not {parts!r}")
    parts = tuple(parts)
    if unknown := [part for part in parts if part not in PARTS]:
        raise TypeError(f"{name} offers an unknown part {unknown[0]!r}: {', '.join(PARTS)}")
    networks, families = _networks(implementation, name)
    reproducible = bool(getattr(implementation, "reproducible", True))
    concurrent = bool(getattr(implementation, "concurrent", False))
    try:
        declared = Declared.of(implementation)
    except ValueError as error:
        raise TypeError(f"{name}.{error}") from None
    parts = tuple(map(str, parts))
    dtypes = tuple(map(str, dtypes))
    asks = tuple(_taken(getattr(implementation, "supports", None), (("dtype", ""), ("method", ""))))
    misspelt = tuple(_misspelt(implementation, methods))
    texts = (dtypes, parts, methods, networks, families, asks, misspelt)
    return Offer(name, *texts, reproducible, concurrent, declared)


def _misspelt(implementation: Any, methods: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Public methods whose name is nearly that of one of the protocol which it lacks, or stands for it elsewhere."""
    with suppress(Exception):  # its own __dir__
        for found in dir(implementation):
            known = found in (*FORMULAS, *QUESTIONS) or found.startswith("_")
            near = () if known else get_close_matches(found.lower(), (*FORMULAS, *QUESTIONS), 1, LIKENESS)
            meant = near[0] if near else ALIASES.get(found.lower())
            if meant and meant not in methods and callable(getattr(implementation, found, None)):
                yield found, meant


def _networks(implementation: Any, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The networks that it lists, and the families, as JSON."""
    listed = getattr(implementation, "networks", None)
    listed = () if listed is None else tuple(listed) if isinstance(listed, Iterable) else (listed,)
    if not listed and getattr(implementation, "networks", None) is not None:
        raise TypeError(
            f"{name}.networks is empty: it lists what can be built, and is left out where that is everything"
        )
    if not all(isinstance(each, (Network, Family)) for each in listed):
        raise TypeError(f"{name}.networks holds something else than descriptions, ffn.Network or ffn.Family")
    networks, families = ([e.to_json() for e in listed if isinstance(e, kind)] for kind in (Network, Family))
    return tuple(networks), tuple(families)


def _name(implementation: Any) -> str:
    with suppress(Exception):
        return " ".join(str(implementation.name).split())[:MOST_TEXT]
    return type(implementation).__name__


Answered = tuple[Reply, list[npt.NDArray[Any]]]  # the reply, and the arrays of the answer themselves, not copies


def replied(implementation: Any, call: Call) -> Reply:
    """What comes of a call on arrays of its own, its own warnings silenced.

    Raises:
        KeyboardInterrupt: as it comes, for it may be the user's own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return answered(implementation, call, mapped(_restored, call.arguments), call.arguments)[0]


def answering(implementation: Any, calls: tuple[Call, ...]) -> Iterator[Reply]:
    """What comes of calls one after the other, each as soon as it is there; one that failed is the last.

    Raises:
        KeyboardInterrupt: as it comes.
    """
    for call in calls:
        reply = replied(implementation, call)
        yield reply
        if reply.failure:
            return


def answered(implementation: Any, call: Call, given: tuple[Any, ...], contents: tuple[Any, ...]) -> Answered:
    """What comes of a call on what is given: overflow to infinity is an answer like any other.

    Args:
        implementation: the object.
        call: its method, and what is asked for.
        given: the arguments.
        contents: the same as data, for the call has to leave them as they are.

    Raises:
        KeyboardInterrupt: as it comes.
    """
    try:
        with np.errstate(all="ignore"):
            method = getattr(implementation, call.method)
            answer = method(*given, **_taken(method, call.named))
            if call.asked is None:
                answer = _text(answer, call.method) if call.text else _truth(answer, call.method)
            else:
                answer = _checked(answer, call.asked, call.method)
    except KeyboardInterrupt:
        raise
    except _Refused as refused:
        return Reply(failure=str(refused), kind="error"), []
    except BaseException as error:
        return raised(call.method, error), []
    leaves = zip(flat(contents), flat(given), strict=True)
    changed = tuple(place for place, (before, after) in enumerate(leaves) if not _is_kept(before, after))
    if call.asked is None:
        return Reply(answer, changed), []
    arrays = flat(answer)
    dtypes = tuple(_foreign(arrays, call.asked.dtype))
    return Reply(None if dtypes else mapped(_copied, answer), changed, dtypes), arrays


def raised(method: str, error: BaseException) -> Reply:
    """The reply of a call that raised."""
    kinds = {NotImplementedError: "not offered", MemoryError: "memory"}
    kind = next((kind for family, kind in kinds.items() if isinstance(error, family)), "error")
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        kind = "descriptors"
    return Reply(failure=f"{method} raised {line_of(error)}", kind=kind)


def line_of(error: BaseException) -> str:
    """An exception's type, its text where it has one, and where in code that is not a library's it was raised."""
    try:
        whole = str(error)
        text = " ".join(whole[:MOST_TEXT].split()) + ("…" if len(whole) > MOST_TEXT else "")
    except BaseException as second:
        text = f"its text raises {type(second).__name__}"
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    place = place_of(frames[::-1])
    return type(error).__name__ + (f": {text}" if text else "") + (f" ({place})" if place else "")


def _taken(method: Any, named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What is given by name, as far as the method takes it."""
    try:
        parameters = inspect.signature(method).parameters if named else {}
    except (TypeError, ValueError):  # one that is not written in Python
        return {}
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {name: value for name, value in named if anything or name in parameters}


def _restored(value: Any) -> Any:
    return value.restored() if isinstance(value, (Stored, Described)) else value


def _is_kept(before: Any, after: Any) -> bool:
    return before.is_kept_by(after) if isinstance(before, (Stored, Described)) else True


def _truth(answer: Any, method: str) -> bool:
    if not isinstance(answer, (bool, np.bool_)):
        raise _Refused(f"{method} returned {type(answer).__name__}, not True or False")
    return bool(answer)


def _text(answer: Any, method: str) -> str:
    if not isinstance(answer, str):
        raise _Refused(f"{method} returned {type(answer).__name__}, not a text")
    return answer


def _checked(answer: Any, asked: Asked, where: str) -> Any:
    """The answer as arrays of the shapes that are asked for, nested as their names are."""
    if isinstance(asked.names, str):
        return _array(answer, asked.shapes, where)
    try:
        iterator = iter(answer)
    except TypeError:
        kind = type(answer).__name__
        raise _Refused(f"{where} returned {kind}, not one array for each of {asked.names}") from None
    parts = tuple(islice(iterator, len(asked.names) + 1))  # one more than wanted: it may have no end
    if len(parts) != len(asked.names):
        number = len(parts) if len(parts) < len(asked.names) else f"more than {len(asked.names)}"
        raise _Refused(f"{where} returned {number} parts, not one for each of {asked.names}")
    return tuple(
        _checked(part, Asked(name, shape), f"{where} of {name}," if isinstance(name, str) else where)
        for part, name, shape in zip(parts, asked.names, asked.shapes, strict=True)
    )


def _array(answer: Any, shape: tuple[int, ...], where: str) -> npt.NDArray[Any]:
    """The answer as an array of real numbers of that shape: itself, where it is one."""
    try:
        array = np.asarray(answer)
        masked = np.ma.is_masked(answer)
    except (TypeError, ValueError) as error:  # nested lists of unequal lengths, or its own __array__
        kind = type(answer).__name__
        raise _Refused(f"{where} returned {kind}, not an array of numbers: {line_of(error)}") from None
    if _precision(array.dtype) != "bfloat16" and array.dtype.kind not in "iuf":
        raise _Refused(f"{where} returned {type(answer).__name__} of {array.dtype}, not of real numbers")
    if masked:
        raise _Refused(f"{where} returned an array with masked entries, which are no numbers")
    if array.shape != shape:
        raise _Refused(f"{where} returned shape {array.shape}, not {shape}")
    return array


def _copied(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy in native byte order."""
    return array.copy() if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _foreign(arrays: list[npt.NDArray[Any]], dtype: str | None) -> list[tuple[int, str]]:
    """The arrays of another dtype than the one asked; longdouble is no precision of ours, whatever was asked."""
    names = (_precision(array.dtype) for array in arrays)
    return [(place, name) for place, name in enumerate(names) if name == "longdouble" or dtype not in (None, name)]


@cache  # NumPy works it out anew at each look
def _precision(dtype: np.dtype[Any]) -> str:
    """The dtype's name; NumPy calls longdouble by a number of bits that it does not have."""
    return "longdouble" if dtype.char == "g" else dtype.name
