"""What crosses between two processes: frames of JSON and raw bytes, from which nothing but data can be made."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

LENGTHS = struct.Struct("<QQ")  # of the JSON and of the bytes after it
MOST_HEADER = 2**24  # bytes of JSON: a network of a thousand layers has a hundredth of it

Frame = tuple[dict[str, Any], list[bytes]]  # the JSON, and the bytes of the arrays in their order


class Closed(Exception):
    """The other side is gone."""


class Garbled(Exception):
    """What came is not what the other side of this boundary sends."""


class Line:
    """One end of the connection, a socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, frame: Frame, deadline: float | None = None) -> None:
        """Send a frame.

        Raises:
            TimeoutError: past the deadline, by ``time.monotonic``.
            Closed: when nobody will read it.
        """
        header = json.dumps(frame[0]).encode()
        data = b"".join((LENGTHS.pack(len(header), sum(map(len, frame[1]))), header, *frame[1]))
        self._end.settimeout(_left(deadline))
        try:
            self._end.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error

    def receive(self, deadline: float | None = None, most: int | None = None) -> tuple[dict[str, Any], memoryview]:
        """The next frame, its bytes in one piece.

        Raises:
            TimeoutError: past the deadline, by ``time.monotonic``.
            Closed: when there will be none.
            Garbled: when it is no frame, or has more than ``most`` bytes.
        """
        header, data = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
        if header > MOST_HEADER or (most is not None and data > most):
            raise Garbled
        try:
            content = json.loads(bytes(self._read(header, deadline)))
        except (ValueError, RecursionError) as error:
            raise Garbled from error
        if not isinstance(content, dict):
            raise Garbled
        return content, self._read(data, deadline)

    def _read(self, length: int, deadline: float | None) -> memoryview:
        data = memoryview(bytearray(length))
        filled = 0
        while filled < length:
            self._end.settimeout(_left(deadline))
            try:
                count = self._end.recv_into(data[filled:])
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not count:
                raise Closed
            filled += count
        return data

    def close(self) -> None:
        self._end.close()


def _left(deadline: float | None) -> float | None:
    """The seconds until then; a socket takes 0 for something else."""
    return None if deadline is None else max(deadline - time.monotonic(), 1e-6)
