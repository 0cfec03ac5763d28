"""What a claim is about, in words that follow from its declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy
from sympy import Indexed, oo

from proofs.engine.claim import Claim
from proofs.engine.derivation import Derivation
from proofs.engine.notation import text
from proofs.engine.notation.functions import Arbitrary, Named, Recursive, phi
from proofs.engine.notation.layers import LAYERS, MOVING, Drift, OfVector, Pairing


def domain(claim: Claim, derivation: Derivation) -> str:
    """The variables with their declared domains: "real z; sizes n"."""
    sides = [sympy.sympify(side) for side in _sides(claim)]
    outside = {s for fact in (claim.fact, *claim.given) for s in fact.symbols - fact.over.keys()}
    # What runs over a hypothesis is not a variable of the claim: it stands with the hypothesis.
    bound = {i for fact in claim.given for i in fact.over} - outside
    return "; ".join(_domain(sides, derivation.ranges, derivation.smallest, set(claim.exists) | bound))


def _sides(claim: Claim) -> Iterator[Any]:
    for fact in (claim.fact, *claim.given):
        yield from (fact.left, fact.right)


def _domain(
    sides: list[Any], ranges: Mapping[Any, Any], smallest: Mapping[Any, int], witnesses: set[Any]
) -> Iterator[str]:
    entries = {entry for side in sides for entry in side.atoms(Indexed)}
    sizes = [sympy.sympify(size) for size in (*ranges.values(), *(n for e in entries for n in e.base.shape or ()))]
    labels = {entry.base.label for entry in entries} | {e.base.label for size in sizes for e in size.atoms(Indexed)}
    symbols = {symbol for side in sides for symbol in side.free_symbols}
    dimensions = {s for entry in entries for size in entry.base.shape or () for s in sympy.sympify(size).free_symbols}
    indices = [i for i in ranges if i in symbols - witnesses]
    dimensions |= {s for i in indices for s in sympy.sympify(ranges[i]).free_symbols}
    variables = {s for s in symbols | dimensions if s.is_Symbol and s not in (*labels, *indices, *witnesses)}
    yield from _of_kind(_WHOLE, variables - smallest.keys())
    yield from (f"whole {n} from {least}" for n, least in smallest.items() if n in variables)
    yield from (f"{i} from 1 to {text(ranges[i])}" for i in indices)
    yield from _of_kind(_REAL, variables)
    for base in sorted({entry.base for entry in entries}, key=str):
        yield f"{_sign(base)} {base} {_shape(base.shape)}"
    if any(side.has(phi) for side in sides):
        yield "convex φ"
    arbitrary = {type(node) for side in sides for node in side.atoms(Arbitrary)}
    for name in sorted({kind.__name__.rstrip("12") for kind in arbitrary}):
        yield f"differentiable {name}, as often as it is differentiated"


_WHOLE: dict[str, Callable[[Any], Any]] = {
    "size {}": lambda s: s.is_integer and s.is_positive,
    "whole {} from 0": lambda s: s.is_integer and s.is_nonnegative and not s.is_positive,
}
_REAL: dict[str, Callable[[Any], Any]] = {
    "real {}": lambda s: s.is_real and not s.is_integer and not s.is_nonnegative,
    "positive {}": lambda s: s.is_positive and not s.is_integer,
    "{} ≥ 0": lambda s: s.is_nonnegative and not s.is_positive and not s.is_integer,
}


def _of_kind(kinds: Mapping[str, Callable[[Any], Any]], variables: set[Any]) -> Iterator[str]:
    for kind, holds in kinds.items():
        names = sorted(text(s) for s in variables if holds(s))
        if names:
            yield kind.format(", ".join(names))


def definitions(derivation: Derivation) -> list[str]:
    """What the named functions in its claims stand for."""
    sides = [sympy.sympify(side) for claim in derivation.single_claims for side in _sides(claim)]
    named = sorted(
        {type(node) for side in sides for node in side.atoms(Named, Recursive)}, key=lambda kind: kind.__name__
    )
    shown = [("" if issubclass(kind, Recursive) else f"{kind.__name__}: ") + str(kind.__doc__) for kind in named]
    explained = {LAYERS: (OfVector,), MOVING: (Drift, Pairing)}
    return shown + [text for text, kinds in explained.items() if any(side.has(*kinds) for side in sides)]


def _sign(base: Any) -> str:
    if base.is_integer:
        return "whole, from 1,"
    return "positive" if base.is_positive else "nonnegative" if base.is_nonnegative else "real"


def _shape(shape: Any) -> str:
    if shape is None:
        return "of any shape"
    return "(a sequence)" if oo in shape else f"of shape {' × '.join(text(size) for size in shape)}"
