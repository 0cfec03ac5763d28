"""A claim at one point of its domain, as Python that runs by itself."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import sympy
from sympy import Indexed
from sympy.printing.pycode import PythonCodePrinter

from proofs.engine.check.setting import of_claim
from proofs.engine.claim import Claim, put
from proofs.engine.derivation import Derivation
from proofs.engine.instances import entry, expanded
from proofs.engine.notation import Partial
from proofs.engine.notation.layers import OfVector
from proofs.engine.provers import numeric
from proofs.engine.provers.point import Point

ANY = {  # what stands for an arbitrary function, which the engine's points have too
    "f": "math.exp(t / 2) - t * t",
    "f1": "math.exp(t / 2) / 2 - 2 * t",
    "f2": "math.exp(t / 2) / 4 - 2",
    "g": "math.sin(t) + t * t / 5",
    "g1": "math.cos(t) + 2 * t / 5",
    "g2": "2 / 5 - math.sin(t)",
    "phi": "math.exp(t / 2) + abs(t - 1 / 3)",
}
STEP = sympy.Symbol("step", positive=True)
_PRINTER = PythonCodePrinter({"user_functions": {name: name for name in ANY}})


def snippet(derivation: Derivation) -> str:
    """Its first claim that plain Python can show, at a point that meets the hypotheses; "" where none can."""
    return next(filter(None, (_of_claim(derivation, claim) for claim in derivation.single_claims)), "")


def _of_claim(derivation: Derivation, claim: Claim) -> str:
    sides = tuple(put(side, claim.exists) for side in (claim.left, claim.right))
    if any(side.has(OfVector) for side in sides):
        return ""
    points = of_claim(derivation, claim).points(sides)
    if not points:
        return ""
    point = min(points, key=lambda each: sum(each.indices.values()))
    left, right = (_written_out(side, point.indices) for side in sides)
    if left == right or (left.is_Atom and right.is_Atom):
        return ""  # nothing would be computed
    values = _values((left, right), sides, point)
    used = sorted({type(node).__name__ for side in (left, right) for node in side.atoms(sympy.Function)} & ANY.keys())
    return "\n".join(
        [
            "import math",
            "",
            *(f"def {name}(t): return {ANY[name]}" for name in used),
            f"# {claim.name}{_sizes(sides, point)}",
            *(f"{name} = {value}" for name, value in values.items()),
            *(
                ["step = 1e-3  # of the differences in place of derivatives"]
                if left.has(STEP) or right.has(STEP)
                else []
            ),
            f"left = {_PRINTER.doprint(left)}",
            f"right = {_PRINTER.doprint(right)}",
            f'print(left, "{claim.relation}", right)',
        ]
    )


def _written_out(e: Any, values: Mapping[Any, int]) -> Any:
    """Without sums, and with differences for derivatives: carried out, both sides of a rule would be the same."""
    if not e.has(Partial):
        return expanded(e, values)
    if isinstance(e, Partial):
        inside, at = _written_out(e.args[0], values), expanded(e.args[1], values)
        return (inside.xreplace({at: at + STEP}) - inside.xreplace({at: at - STEP})) / (2 * STEP)
    if isinstance(e, sympy.Sum):
        *outer, (i, low, high) = e.limits
        inner = sympy.Sum(e.function, *outer) if outer else e.function
        first, last = (int(expanded(end, values)) for end in (low, high))
        return sympy.Add(*(_written_out(inner, {**values, i: at}) for at in range(first, last + 1)))
    return e.func(*(_written_out(argument, values) for argument in e.args))


def _sizes(sides: tuple[Any, ...], point: Point) -> str:
    """The sizes and indices of the point that the claim has."""
    symbols = set().union(*(side.free_symbols for side in sides))
    named = sorted((f"{key} = {value}" for key, value in point.indices.items() if key in symbols))
    return f", at {', '.join(named)}" if named else ""


def _values(expanded_sides: tuple[Any, ...], sides: tuple[Any, ...], point: Point) -> dict[str, Any]:
    """Of each symbol and entry that is left its value there."""
    meant = {s: point.rational(s, s) for side in sides for s in side.free_symbols if s.is_Symbol and not s.is_integer}
    for base in {node.base for side in sides for node in side.atoms(Indexed)}:
        ends = [9 if size == sympy.oo else numeric.whole(sympy.sympify(size), point) + 1 for size in base.shape]
        for at in product(*(range(1, end + 1) for end in ends)):
            meant[entry(base, *at)] = point.rational((base, *at), base[at])
    symbols = set().union(*(side.free_symbols for side in expanded_sides)) - {STEP}
    return {str(s): meant[s] for s in sorted(symbols, key=str)}
