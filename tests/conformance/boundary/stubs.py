"""An implementation as small as can be, and what is asked of it."""

from __future__ import annotations

from typing import Any

from ffn import Network, Output
from ffn.conformance.implementation.boundary.data.call import Asked

NETWORK = Network(1, 1, Output("gaussian"))


def implementation(**attributes: Any) -> Any:
    given = {"name": "mine", "dtypes": ("float32",), "forward": lambda self, *given: None} | attributes
    return type("Mine", (), {name: value for name, value in given.items() if value is not ...})()


def asked(names: Any = "output", shapes: Any = (1,), dtype: str | None = "float32") -> Asked:
    return Asked(names, shapes, dtype)
