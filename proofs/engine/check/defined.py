"""Whether every part of an expression is defined on the declared domain, proved like a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from sympy import Abs, Indexed, Pow, Sum, log, loggamma, oo, sign

from proofs.engine.check.setting import Setting
from proofs.engine.notation import Partial, text
from proofs.engine.notation.functions import Arbitrary, Recursive, phi, unfold
from proofs.engine.notation.layers import OF_LAYERS, TIME, OfVector, layer_activation, layer_slope

KNOWN = (
    sympy.Symbol,
    sympy.Rational,
    type(sympy.pi),
    type(sympy.E),
    sympy.Add,
    sympy.Mul,
    Pow,
    sympy.exp,
    log,
    loggamma,
    sympy.tanh,
    sympy.erf,
    Abs,
    sign,
    sympy.KroneckerDelta,
    Arbitrary,
    Recursive,
    phi,
    layer_activation,
    layer_slope,
)


def undefined(expr: Any, setting: Setting) -> list[str]:
    """What is not shown to be defined, one line each."""
    return list(dict.fromkeys(_undefined(unfold(expr), setting)))


def _undefined(e: Any, setting: Setting) -> Iterator[str]:
    if isinstance(e, Sum):
        yield from _limits(e, setting)
        yield from _undefined(e.function, setting.within(e.limits))
        return
    if isinstance(e, Indexed):
        yield from _entry(e, setting)
        return
    if isinstance(e, OfVector):
        yield from _of_vector(e, setting)
        return
    if isinstance(e, Partial):
        yield from _differentiable(e, setting)
        yield from _undefined(e.args[0], setting)
        yield from () if e.args[1] == TIME else _undefined(e.args[1], setting)
        return
    if e == TIME or not isinstance(e, KNOWN):
        yield f"{text(e)} has no meaning here"
        return
    for needed, relation in _needs(e):
        if not setting.has(needed, relation):
            yield f"{text(needed)} {relation} 0 is not shown, which {text(e)} needs"
    for argument in e.args:
        yield from _undefined(argument, setting)


def _of_vector(e: OfVector, setting: Setting) -> Iterator[str]:
    """A vector has as many entries as the layers take, each of which is to be there, and layers are not negative."""
    level, vector, *index = e.args
    (i,), body = vector.args
    if not (level.is_integer and level.is_nonnegative):
        yield f"{text(level)} is not shown to be a number of layers, which {text(e)} needs"
    lost = [place for place in index if not _in_range(place, e.width, setting)]
    yield from (f"{text(place)} of {text(e)} is not shown to be at most {text(e.width)}" for place in lost)
    yield from _undefined(body, setting.within(((i, 1, e.width),)))
    for argument in (level, *index):
        yield from _undefined(argument, setting)


def _needs(e: Any) -> Iterator[tuple[Any, str]]:
    if isinstance(e, Pow) and not (e.exp.is_Integer and e.exp >= 0):
        if e.exp.is_Integer:
            yield e.base, "≠"
        elif e.exp.is_Rational and e.exp > 0:
            yield e.base, "≥"
        elif not (e.base.is_number and e.base > 0):
            yield e.base, ">"
    if isinstance(e, (log, loggamma)):
        yield e.args[0], ">"


def _limits(e: Sum, setting: Setting) -> Iterator[str]:
    for i, low, high in e.limits:
        if not (i.is_integer and low.is_integer and high.is_integer):
            yield f"the sum over {i} does not run through whole numbers"
        if i.is_positive and not low.is_positive:
            yield f"the sum over {i} begins at {text(low)}, though {i} is declared to be 1 or more"


def _entry(e: Indexed, setting: Setting) -> Iterator[str]:
    if e.base.shape is None:
        yield f"the shape of {e.base} is not declared"
        return
    for index, size in zip(e.indices, e.base.shape, strict=True):
        if not _in_range(index, size, setting):
            yield f"{text(index)} of {text(e)} is not shown to be at most {text(size)}"


def _in_range(index: Any, size: Any, setting: Setting) -> bool:
    if size == oo:
        return bool(index.is_integer and index.is_positive)
    if index.is_Integer:
        return bool(0 < index <= setting.smallest.get(size, 1 if size.is_positive else 0))
    return bool(setting.ranges.get(index) == size)


def _differentiable(e: Partial, setting: Setting) -> Iterator[str]:
    """Off the kinks of |·| and sign, and inside the domain of the variable."""
    f, v = e.args
    if not (v.is_Symbol or isinstance(v, Indexed)):
        yield f"{text(v)} is no variable"
    if f.has(TIME) or (v == TIME and f.has(Partial)):
        yield f"{text(e)} has time, or beside a derivative by time another one, inside of it"
    if v.is_nonnegative and not v.is_positive:
        yield f"{text(v)} may lie on the boundary of its domain, where there is no derivative"
    for node in sympy.preorder_traversal(f):
        kinks: tuple[Any, ...] = ()
        if isinstance(node, phi) and _depends(node, v):
            yield f"{text(node)} may have a kink"
        if isinstance(node, (Abs, sign)):
            kinks = (node.args[0],)
        elif isinstance(node, Pow) and not node.exp.is_Integer:
            kinks = (node.base,)
        for kink in kinks:
            if _depends(kink, v) and not setting.has(kink, "≠"):
                yield f"there is a kink where {text(kink)} = 0"


def _depends(node: Any, v: Any) -> bool:
    """Whether it may change with a variable; with time everything does that has entries, or layers inside of it."""
    layers = node.has(OfVector)
    if v == TIME:
        return bool(layers or node.has(Indexed))
    own = v.base.label if isinstance(v, Indexed) else v
    return own in node.free_symbols or bool(layers and isinstance(v, Indexed) and v.base in OF_LAYERS)
