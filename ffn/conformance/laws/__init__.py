"""All laws, chapter by chapter."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ffn.conformance.law import Law
from ffn.conformance.laws import (
    activations,
    arguments,
    batch,
    exact,
    network,
    nonfinite,
    objective,
    outputs,
    parts,
    purity,
    state,
    subgradients,
    symmetry,
    width,
)

ALL: tuple[Law, ...] = (
    *activations.LAWS,
    *network.LAWS,
    *symmetry.LAWS,  # of which the first has the plan of these
    *outputs.LAWS,
    *subgradients.LAWS,
    *nonfinite.LAWS,
    *batch.LAWS,
    *exact.LAWS,
    *width.LAWS,
    *objective.LAWS,
    *purity.LAWS,
    *arguments.LAWS,
    *state.LAWS,
    *parts.LAWS,
)


def matching(patterns: tuple[str, ...]) -> tuple[Law, ...]:
    """The laws whose name matches one of the shell patterns; ``activation`` also matches the whole chapter.

    Raises:
        ValueError: when a pattern matches none.
    """
    for pattern in patterns:
        if not any(_matches(law.name, pattern) for law in ALL):
            raise ValueError(f"no law matches {pattern!r}: laws are named like {ALL[0].name!r}; `ffn laws` lists them")
    return tuple(law for law in ALL if not patterns or any(_matches(law.name, pattern) for pattern in patterns))


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or name.startswith(pattern.rstrip("/") + "/")
