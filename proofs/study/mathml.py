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
    text = _as_the_converter_reads(latex.strip())
    element = convert(text, display="block" if block else "inline")
    if left := re.search(r"\\[A-Za-z]+|<mi>&</mi>|&(?![#a-z])", element):
        raise ValueError(f"not understood in the formula {latex!r}: {left[0]}")
    return _settled(element, block)


def _as_the_converter_reads(latex: str) -> str:
    """What it would set otherwise than TeX: brackets of a fixed size before a power, a power of a binomial."""
    text = latex.replace("{aligned}", "{align*}")
    text = re.sub(r"\\[bB]igg?l(?![a-z])", r"\\left", text)
    text = re.sub(r"\\[bB]igg?r(?![a-z])", r"\\right", text)
    return re.sub(r"\\binom\{([^{}]*)\}\{([^{}]*)\}", r"{\\left({\1 \\atop \2}\\right)}", text)


def width(latex: str) -> float:
    """About how wide a formula is, in units of its font size."""
    return _width(ElementTree.fromstring(mathml(latex, block=True)))


_UNDER = ("min", "max", "sup", "inf", "lim")
_TIGHT = ("|", "‖", "/")
_THIN = "0.17em"


def _settled(element: str, block: bool) -> str:
    """The spaces that TeX would set and the converter leaves out, and what a supremum is over below it."""
    tree = ElementTree.fromstring(element)
    for node in tree.iter():
        if block and _kind(node) == "msub" and node[0].text in _UNDER:
            node.tag = node.tag.replace("msub", "munder")
        elif _kind(node) == "mo" and (node.text or "").isalpha() and node.text not in _UNDER:
            node.tag, node.attrib = node.tag.removesuffix("mo") + "mi", {"mathvariant": "normal"}
        elif _kind(node) == "mo" and node.text in _TIGHT:
            # Only what \left and \right made grows: a norm is not as tall as a fraction beside it.
            node.attrib |= {"lspace": "0", "rspace": "0", "stretchy": node.get("stretchy", "false")}
    for node in list(tree.iter()):
        _prime_beside(node)
    for node in list(tree.iter()):
        _space_children(node)
    tree.set("style", f"--em: {_width(tree):.1f}")
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ElementTree.tostring(tree, encoding="unicode")


def _prime_beside(node: ElementTree.Element) -> None:
    """A prime is a full-sized sign beside its letter: as a power it would be raised and made small a second time."""
    if _kind(node) in ("msup", "msubsup") and not (node[-1].text or " ").strip("′″‴"):
        prime = node[-1]
        prime.tag, prime.attrib = prime.tag.removesuffix("mi") + "mo", {"lspace": "0", "rspace": "0"}
        if _kind(node) == "msup":
            node.tag = node.tag.replace("msup", "mrow")
            return
        base = ElementTree.Element(node.tag.replace("msubsup", "msub"))
        base.extend(node[:2])
        node.tag = node.tag.replace("msubsup", "mrow")
        node[:] = [base, prime]


def _space_children(parent: ElementTree.Element) -> None:
    """A thin space around names such as log; a minus after a bracket, a comma or an operator is a sign."""
    if _kind(parent) not in ("math", "mrow", "mtd", "msqrt"):
        return
    before: ElementTree.Element | None = None
    for child in list(parent):
        after_operator = before is not None and _kind(before) == "mo" and before.text not in (")", "]", "|", "}", "!")
        if child.text == "−" and after_operator:
            child.attrib |= {"form": "prefix", "lspace": "0", "rspace": "0"}
        if before is not None and _is_name(before) and not (_kind(child) == "mo" or _opens(child)):
            parent.insert(list(parent).index(child), _thin_space(child))
        if before is not None and _is_name(child) and (_kind(before) != "mo" or before.text in (")", "]")):
            parent.insert(list(parent).index(child), _thin_space(child))
        before = child


def _is_name(node: ElementTree.Element) -> bool:
    """Whether a node is the name of a function, with or without a script."""
    base = node[0] if _kind(node) in ("msub", "msup", "msubsup", "munder") else node
    return _kind(base) == "mi" and len(base.text or "") > 1


def _opens(node: ElementTree.Element) -> bool:
    """Whether a node begins with a bracket."""
    while len(node) and _kind(node) == "mrow":
        node = node[0]
    return _kind(node) == "mo" and (node.text or "") in "([{|"


def _thin_space(beside: ElementTree.Element) -> ElementTree.Element:
    return ElementTree.Element(beside.tag.rpartition("}")[0] + "}mspace", {"width": _THIN})


def _kind(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


# Widths in em. They are on the wide side: the style sheet makes a formula as small as its line needs by them.
_GLYPH, _OPERATOR, _SCRIPT = 0.64, 1.25, 0.75


def _width(node: ElementTree.Element) -> float:
    """How wide a formula is, about, in units of its font size."""
    kind, widths = _kind(node), [_width(child) for child in node]
    if kind in ("mi", "mn", "mtext"):
        return _GLYPH * len(node.text or "")
    if kind == "mo":
        return 0.5 if (node.text or "") in "()[]|,‖" else _OPERATOR * len(node.text or "")
    if kind == "mspace":
        return float(node.get("width", "0em").removesuffix("em"))
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
