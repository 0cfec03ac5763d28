"""How far a derivation is proved."""

from __future__ import annotations

from enum import IntEnum


class Badge(IntEnum):
    """From weakest to strongest; REFUSED is not a badge that can be declared."""

    REFUSED = 0
    CITED = 1
    NUMERICAL = 2
    INSTANCES = 3
    GENERAL = 4

    def __str__(self) -> str:
        return _TEXTS[self]


_TEXTS = {
    Badge.REFUSED: "refused",
    Badge.CITED: "cited, spot-checked",
    Badge.NUMERICAL: "numerically",
    Badge.INSTANCES: "n ≤ 3",
    Badge.GENERAL: "for every n",
}
