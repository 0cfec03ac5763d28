"""Calls, replies and offers as frames, and back.

A call goes to the implementation's side as a pickle: that side believes the judge. What comes back is JSON and raw
bytes, from which nothing but data can be made, and is checked.
"""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.boundary.data.call import Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.script import Script
from ffn.conformance.implementation.boundary.data.stored import dtype_named, name_of
from ffn.conformance.implementation.boundary.isolation.wire import Frame, Garbled
from ffn.numbers.declared import Declared

Calls = tuple[Call, ...] | Script
_PLAIN = ("changed", "dtypes", "failure", "kind", "spoiled")  # of a reply, what is no array
WIDEST = 8  # bytes of a number that is taken for an answer


def calls_frame(number: int, calls: Calls) -> Frame:
    """The calls, or the script, as a frame, by its number. What several calls have in common goes over once."""
    return pickle.dumps((number, calls)), ()


def calls_in(header: bytes) -> tuple[int, Calls]:
    """The number and the calls, or the script, that a frame from the judge holds, whom the other side believes."""
    number, calls = pickle.loads(header)
    return number, calls


def reply_frame(number: int, reply: Reply) -> Frame:
    """The reply to a call of that message as a frame; what is as usual is left out."""
    content = {"number": number, **{name: value for name in _PLAIN if (value := getattr(reply, name))}}
    if reply.answer is None or isinstance(reply.answer, (bool, str)):
        return _json({**content, "answer": reply.answer}), ()
    arrays = flat(reply.answer)
    return _json({**content, "answer": [name_of(array.dtype) for array in arrays]}), [a.tobytes() for a in arrays]


def most_bytes(call: Call) -> int:
    """As many as an answer may have."""
    return 0 if call.asked is None else sum(count for _, count in _sizes(call.asked.names, call.asked.shapes)) * WIDEST


def reply_in(header: bytes, data: bytes, number: int, call: Call) -> Reply:
    """The reply that a frame from the implementation's side holds.

    Raises:
        Garbled: when that side never sends such a frame, or sends it to another call.
    """
    content = _content(header)
    try:
        if content["number"] != number:
            raise Garbled
        changed = tuple(map(int, content.get("changed", ())))
        dtypes = tuple((int(place), str(name)) for place, name in content.get("dtypes", ()))
        spoiled = tuple((int(answer), int(place)) for answer, place in content.get("spoiled", ()))
        answer = content["answer"]
        if changed and not set(changed) <= set(range(len(flat(call.arguments)))):
            raise Garbled
        if call.asked is not None and answer is not None:
            answer = _arrays(call.asked, answer, data)
        elif not isinstance(answer, (str if call.text else bool, type(None))):
            raise Garbled
        failure, kind = str(content.get("failure", "")), str(content.get("kind", ""))
        return Reply(answer, changed, dtypes, failure, kind, spoiled)
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled from error


def _arrays(asked: Asked, names: list[str], data: bytes) -> Any:
    """The answer, in the shapes that were asked for."""
    arrays: list[npt.NDArray[Any]] = []
    position = 0
    for dtype, (shape, count) in zip(map(dtype_named, names), _sizes(asked.names, asked.shapes), strict=True):
        arrays.append(np.frombuffer(data, dtype, count, position).reshape(shape))
        position += count * dtype.itemsize
    if position != len(data):
        raise Garbled
    left = iter(arrays)
    return mapped(lambda _: next(left), asked.names)


@lru_cache(256)
def _sizes(names: Any, shapes: Any) -> tuple[tuple[tuple[int, ...], int], ...]:
    """The shape of each array, in order, and the number of its entries."""
    return tuple((shape, math.prod(shape)) for shape in _shapes(names, shapes))


def _shapes(names: Any, shapes: Any) -> Iterator[tuple[int, ...]]:
    """The shape of each array, in order; the names say where nesting ends."""
    if isinstance(names, str):
        yield shapes
    else:
        for name, shape in zip(names, shapes, strict=True):
            yield from _shapes(name, shape)


def offer_frame(offer: Offer) -> Frame:
    """The offer as a frame."""
    return _json({"offer": asdict(offer)}), ()


def refusal_frame(reason: str) -> Frame:
    """Why there is no offer, as a frame."""
    return _json({"refused": reason}), ()


def offer_in(header: bytes) -> Offer | str:
    """The offer that a frame from the implementation's side holds, or why there is none.

    Raises:
        Garbled: when that side never sends such a frame.
    """
    content = _content(header)
    if "refused" in content:
        return str(content["refused"])
    try:
        offer = content["offer"]
        names = ("dtypes", "parts", "methods", "networks", "families", "asks")
        dtypes, parts, methods, networks, families, asks = (tuple(map(str, offer[name])) for name in names)
        misspelt = tuple((str(found), str(meant)) for found, meant in offer["misspelt"])
        promises = bool(offer["reproducible"]), bool(offer["concurrent"])
        said = offer["declared"]
        declared = Declared(**{**said, "functions": tuple((name, ulps) for name, ulps in said["functions"])})
        texts = (dtypes, parts, methods, networks, families, asks, misspelt)
        return Offer(str(offer["name"]), *texts, *promises, declared)
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled from error


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _content(header: bytes) -> dict[str, Any]:
    try:
        content = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise Garbled from error
    if not isinstance(content, dict):
        raise Garbled
    return content
