"""What crosses between two processes: frames of bytes on a socket."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

LENGTHS = struct.Struct("<QQ")  # of the header and of the bytes after it
MOST_HEADER = 2**24  # bytes that an implementation's side may send of what is no array

AT_ONCE = 2**16  # bytes: most frames come in one piece
SPARE = 0.9

Frame = tuple[bytes, Sequence[bytes]]  # a header, and the bytes of the arrays in their order


class Closed(Exception):
    """The other side is gone."""


class Garbled(Exception):
    """What came is not what the other side of this boundary sends."""


class Line:
    """One end of the connection, a socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._ahead = bytearray()  # what was read already of the next frame

    def send(self, frame: Frame, deadline: float | None = None) -> None:
        """Send a frame.

        Raises:
            TimeoutError: past the deadline, by ``time.monotonic``.
            Closed: when nobody will read it.
        """
        header, arrays = frame
        data = b"".join((LENGTHS.pack(len(header), sum(map(len, arrays))), header, *arrays))
        self._wait_until(deadline)
        with _closed_by_errors():
            self._end.sendall(data)

    def receive(self, deadline: float | None = None, most: int | None = None) -> tuple[bytes, bytes]:
        """The next frame, its arrays' bytes in one piece.

        Args:
            deadline: by ``time.monotonic``.
            most: the bytes that its arrays may have; left out, the other side is believed.

        Raises:
            TimeoutError: past the deadline.
            Closed: when there will be none.
            Garbled: when it is no frame, or a larger one.
        """
        header, length = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
        if most is not None and (header > MOST_HEADER or length > most):
            raise Garbled
        return self._read(header, deadline), self._read(length, deadline)

    def _read(self, length: int, deadline: float | None) -> bytes:
        while len(self._ahead) < length:
            self._wait_until(deadline)
            with _closed_by_errors():
                piece = self._end.recv(max(AT_ONCE, length - len(self._ahead)))
            if not piece:
                raise Closed
            self._ahead += piece
        data = bytes(self._ahead[:length])
        del self._ahead[:length]
        return data

    def _wait_until(self, deadline: float | None) -> None:
        """Let the next operation take until then; a timeout that is about right stays, for setting one costs a call."""
        set_to = self._end.gettimeout()
        if deadline is None:
            return
        left = max(deadline - time.monotonic(), 1e-6)  # 0 would stand for something else
        if set_to is None or not SPARE * set_to < left <= set_to:
            self._end.settimeout(left)


@contextmanager
def _closed_by_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error
