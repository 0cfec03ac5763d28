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
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.boundary.data.call import Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.script import Script
from ffn.conformance.implementation.boundary.data.stored import dtype_named, name_of
from ffn.conformance.implementation.boundary.isolation.wire import Frame, Garbled
from ffn.numbers.declared import Declared

_PLAIN = ("changed", "dtypes", "failure", "kind", "spoiled")  # of a reply, what is no array
WIDEST = 8  # bytes of a number that is taken for an answer


def call_frame(number: int, call: Call | Script) -> Frame:
    """The call, or the script, as a frame, by its number."""
    return pickle.dumps((number, call), pickle.HIGHEST_PROTOCOL), ()


def call_in(header: bytes) -> tuple[int, Call | Script]:
    """The number and the call, or the script, that a frame from the judge holds, whom the other side believes."""
    number, call = pickle.loads(header)
    return number, call


def reply_frame(number: int, reply: Reply) -> Frame:
    """The reply to the call of that number as a frame."""
    content = {"number": number, **{name: getattr(reply, name) for name in _PLAIN}}
    if reply.answer is None or isinstance(reply.answer, (bool, str)):
        return _json({**content, "answer": reply.answer}), ()
    arrays = flat(reply.answer)
    return _json({**content, "answer": [name_of(array.dtype) for array in arrays]}), [a.tobytes() for a in arrays]


def most_bytes(call: Call) -> int:
    """As many as an answer may have."""
    shapes = () if call.asked is None else _shapes(call.asked.names, call.asked.shapes)
    return sum(map(math.prod, shapes)) * WIDEST


def reply_in(header: bytes, data: bytes, number: int, call: Call) -> Reply:
    """The reply that a frame from the implementation's side holds.

    Raises:
        Garbled: when that side never sends such a frame, or sends it to another call.
    """
    content = _content(header)
    try:
        if content["number"] != number:
            raise Garbled
        changed = tuple(map(int, content["changed"]))
        dtypes = tuple((int(place), str(name)) for place, name in content["dtypes"])
        spoiled = tuple((int(answer), int(place)) for answer, place in content["spoiled"])
        answer = content["answer"]
        if any(place not in range(len(flat(call.arguments))) for place in changed):
            raise Garbled
        if call.asked is not None and answer is not None:
            answer = _arrays(call.asked, answer, data)
        elif not isinstance(answer, (str if call.text else bool, type(None))):
            raise Garbled
        return Reply(answer, changed, dtypes, str(content["failure"]), str(content["kind"]), spoiled)
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled from error


def _arrays(asked: Asked, names: list[str], data: bytes) -> Any:
    """The answer, in the shapes that were asked for."""
    dtypes = [dtype_named(name) for name in names]
    arrays: list[npt.NDArray[Any]] = []
    position = 0
    for dtype, shape in zip(dtypes, _shapes(asked.names, asked.shapes), strict=True):
        count = math.prod(shape)
        arrays.append(np.frombuffer(data, dtype, count, position).reshape(shape))
        position += count * dtype.itemsize
    if position != len(data):
        raise Garbled
    left = iter(arrays)
    return mapped(lambda _: next(left), asked.names)


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
