"""Descriptions of networks as data, so that nobody can change the judge's own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from ffn.network.description import Hidden, Network, Output, Recurrent

_CLASSES: dict[str, Any] = {kind.__name__: kind for kind in (Hidden, Network, Output, Recurrent)}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _CLASSES.values()}


@dataclass(slots=True)
class Described:
    """A description as plain data: its class by name, and its attributes in order, described alike."""

    content: Any

    def __reduce__(self) -> tuple[type[Described], tuple[Any, ...]]:
        """How it is pickled: faster than without."""
        return Described, (self.content,)

    def restored(self) -> Any:
        """A new description that equals the one it was made from."""
        return _made(self.content)

    def is_kept_by(self, network: Any) -> bool:
        """Whether a description that was restored is still as it was."""
        try:
            return bool(_taken_apart(network) == self.content)
        except Exception:  # changed so far that an attribute is gone
            return False


@lru_cache(256)
def described(network: Network | Recurrent) -> Described:
    """The description as data, one object for each network: nobody changes it here."""
    return Described(_taken_apart(network))


def _taken_apart(value: Any) -> Any:
    names = _FIELDS.get(type(value))
    if names is not None:
        return {type(value).__name__: [_taken_apart(getattr(value, name)) for name in names]}
    return [_taken_apart(each) for each in value] if isinstance(value, tuple) else value


def _made(content: Any) -> Any:
    if isinstance(content, dict):
        ((kind, attributes),) = content.items()
        made = object.__new__(_CLASSES[kind])  # of one that was checked when it was made
        vars(made).update(zip(_FIELDS[_CLASSES[kind]], map(_made, attributes), strict=True))
        return made
    return tuple(map(_made, content)) if isinstance(content, list) else content
