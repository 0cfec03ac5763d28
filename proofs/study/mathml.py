"""LaTeX as MathML, which browsers lay out without a script."""

from __future__ import annotations

import re
from functools import cache
from itertools import zip_longest
from xml.etree import ElementTree

from latex2mathml.converter import convert


@cache
def mathml(latex: str, block: bool = False) -> str:
    """LaTeX as a ``math`` element.

    Raises:
        ValueError: where a command was not understood, which the converter would print as it stands.
    """
    text = latex.replace("{aligned}", "{align}").strip()
    element = convert(text, display="block" if block else "inline")
    if left := re.search(r"\\[A-Za-z]+|<mi>&</mi>|&(?![#a-z])", element):
        raise ValueError(f"not understood in the formula {latex!r}: {left[0]}")
    return _settled(element, block)


_UNDER = ("min", "max", "sup", "inf", "lim")


def _settled(element: str, block: bool) -> str:
    """Function names as identifiers, which no space parts from their bracket; what a supremum is over below it."""
    tree = ElementTree.fromstring(element)
    for node in tree.iter():
        first = node[0] if len(node) else None
        if block and node.tag.endswith("msub") and first is not None and first.text in _UNDER:
            node.tag = node.tag.replace("msub", "munder")
        elif node.tag.endswith("}mo") and (node.text or "").isalpha() and node.text not in _UNDER:
            node.tag, node.attrib = node.tag.removesuffix("mo") + "mi", {"mathvariant": "normal"}
    tree.set("style", f"--em: {_width(tree):.1f}")
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ElementTree.tostring(tree, encoding="unicode")


# Widths in em. They are on the wide side: the style sheet makes a formula as small as its line needs by them.
_GLYPH, _OPERATOR, _SCRIPT = 0.62, 1.05, 0.75


def _width(node: ElementTree.Element) -> float:
    """How wide a formula is, about, in units of its font size."""
    kind, widths = node.tag.rpartition("}")[2], [_width(child) for child in node]
    if kind in ("mi", "mn", "mtext"):
        return _GLYPH * len(node.text or "")
    if kind == "mo":
        return _OPERATOR if (node.text or "") not in "()[]|,‖" else 0.5
    if kind == "mspace":
        return 0.3
    if kind == "mfrac":
        return max(widths) + 0.3
    if kind in ("msub", "msup", "munder", "mover"):
        return widths[0] + _SCRIPT * widths[1] if kind.startswith("ms") else max(widths[0], _SCRIPT * widths[1])
    if kind in ("msubsup", "munderover"):
        script = _SCRIPT * max(widths[1:])
        return widths[0] + script if kind == "msubsup" else max(widths[0] + 0.4, script + 0.2)
    if kind == "mtable":
        rows = [[_width(cell) + 0.8 for cell in row] for row in node]
        return sum(max(column) for column in zip_longest(*rows, fillvalue=0.0))
    return sum(widths) + (0.6 if kind == "msqrt" else 0.0)
