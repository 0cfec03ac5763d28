"""Descriptions of networks as data, so that nobody can change the judge's own."""

from __future__ import annotations

from dataclasses import dataclass

from ffn.network.description import Network, Recurrent

KINDS: dict[str, type[Network] | type[Recurrent]] = {"Network": Network, "Recurrent": Recurrent}


@dataclass(frozen=True)
class Described:
    """A description as data: the name of its class, and its JSON."""

    kind: str
    text: str

    def restored(self) -> Network | Recurrent:
        """A new description that equals the one it was made from."""
        return KINDS[self.kind].from_json(self.text)

    def is_kept_by(self, network: Network | Recurrent) -> bool:
        """Whether a description that was restored is still as it was."""
        try:
            return network.to_json() == self.text
        except Exception:  # changed so far that it cannot be written
            return False


def described(network: Network | Recurrent) -> Described:
    """The description as data."""
    return Described(type(network).__name__, network.to_json())
