"""How far a derivation is proved."""

from __future__ import annotations

from enum import IntEnum


class Badge(IntEnum):
    """From weakest to strongest; REFUSED is not a badge that can be declared."""

    REFUSED = 0
    CITED = 1
    WORDS = 2
    NUMERICAL = 3
    INSTANCES = 4
    PROVED = 5
    GENERAL = 6

    def __str__(self) -> str:
        return _TEXTS[self]


_TEXTS = {
    Badge.REFUSED: "refused",
    Badge.CITED: "cited",
    Badge.WORDS: "in words",
    Badge.NUMERICAL: "numerically",
    Badge.INSTANCES: "sizes 1 to 3",
    Badge.PROVED: "proved",
    Badge.GENERAL: "proved for every size",
}
