"""Calls, replies and offers as frames, and back. What comes back from an implementation is checked, not trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.boundary.call import Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.described import Described
from ffn.conformance.implementation.boundary.stored import Stored, dtype_named, name_of
from ffn.conformance.implementation.boundary.wire import Frame, Garbled

WIDEST = 8  # bytes of a number that is taken for an answer


def call_frame(call: Call) -> Frame:
    """The call as a frame."""
    arrays: list[bytes] = []
    asked = call.asked and [call.asked.names, call.asked.shapes, call.asked.dtype]
    return {"method": call.method, "arguments": _written(call.arguments, arrays), "asked": asked}, arrays


def call_in(content: dict[str, Any], data: bytes) -> Call:
    """The call that a frame from the judge holds."""
    arguments = _read(content["arguments"], BytesIO(data))
    if content["asked"] is None:
        return Call(content["method"], arguments)
    names, shapes, dtype = content["asked"]
    return Call(content["method"], arguments, Asked(_tuples(names), _tuples(shapes), dtype))


def _written(value: Any, arrays: list[bytes]) -> Any:
    """The argument as JSON, its arrays' bytes added to the list."""
    if isinstance(value, tuple):
        return [_written(each, arrays) for each in value]
    if isinstance(value, Stored):
        arrays.append(value.data)
        return {"array": [len(value.data), value.dtype, value.shape, value.strides, value.offset, value.phase]}
    return {"described": value.content} if isinstance(value, Described) else value


def _read(value: Any, data: BytesIO) -> Any:
    """The argument that JSON holds, its arrays' bytes taken from the stream."""
    if isinstance(value, list):
        return tuple(_read(each, data) for each in value)
    if not isinstance(value, dict):
        return value
    if "described" in value:
        return Described(value["described"])
    length, dtype, shape, strides, offset, phase = value["array"]
    return Stored(data.read(length), dtype, tuple(shape), strides and tuple(strides), offset, phase)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def reply_frame(reply: Reply) -> Frame:
    """The reply as a frame."""
    content = {"changed": reply.changed, "dtypes": reply.dtypes, "failure": reply.failure, "kind": reply.kind}
    if reply.answer is None or isinstance(reply.answer, bool):
        return {**content, "answer": reply.answer}, []
    arrays = flat(reply.answer)
    return {**content, "answer": [name_of(array.dtype) for array in arrays]}, [array.tobytes() for array in arrays]


def most_bytes(call: Call) -> int:
    """As many as an answer may have."""
    shapes = () if call.asked is None else _shapes(call.asked.names, call.asked.shapes)
    return sum(map(math.prod, shapes)) * WIDEST


def reply_in(content: dict[str, Any], data: bytes, call: Call) -> Reply:
    """The reply to a call that a frame from the implementation's side holds.

    Raises:
        Garbled: when that side never sends such a frame.
    """
    try:
        changed = tuple(map(int, content["changed"]))
        dtypes = tuple((int(place), str(name)) for place, name in content["dtypes"])
        answer = content["answer"]
        if any(place not in range(len(flat(call.arguments))) for place in changed):
            raise Garbled
        if call.asked is not None and answer is not None:
            answer = _arrays(call.asked, answer, data)
        elif not isinstance(answer, (bool, type(None))):
            raise Garbled
        return Reply(answer, changed, dtypes, str(content["failure"]), str(content["kind"]))
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
    return {"offer": asdict(offer)}, []


def offer_in(content: dict[str, Any]) -> Offer:
    """The offer that a frame from the implementation's side holds.

    Raises:
        Garbled: when that side never sends such a frame.
    """
    try:
        fields = {name: _tuples(value) for name, value in content["offer"].items()}
        return Offer(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise Garbled from error
