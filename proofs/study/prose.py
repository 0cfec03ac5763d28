"""Text as HTML: Markdown with formulas in the claims, plain words with indices and powers in the derivations."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from proofs.study.mathml import mathml


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").use(dollarmath_plugin, double_inline=True)
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _block)
    parser.add_render_rule("math_block", _block)
    parser.add_render_rule("text", _text)
    return parser


def _text(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    """Text, in which a claim that is named is a link to its page: claims name each other, and lie in one folder."""
    return re.sub(r"\bC\d+\b", r'<a href="\g<0>.html">\g<0></a>', escape(tokens[index].content, quote=False))


def _inline(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    """A formula in a line, which does not end between it and a comma."""
    after = tokens[index + 1].content if index + 1 < len(tokens) else ""
    return mathml(tokens[index].content) + ("&#8288;" if after[:1] in tuple(",.;:)") else "")


def _block(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    """A displayed formula: a line may break at its wide spaces, and where LaTeX is told so."""
    formulas = (_cut(formula, r"\allowbreak") for formula in _cut(tokens[index].content, r"\qquad"))
    return f'<span class="formula displayed">{"".join(map(_fragments, formulas))}</span>\n'


def _cut(latex: str, at: str) -> list[str]:
    """The parts between the places, whole where an environment goes across one."""
    parts = [part for part in latex.split(at) if part.strip()]
    return parts if all(part.count(r"\begin") == part.count(r"\end") for part in parts) else [latex]


def _fragments(parts: list[str]) -> str:
    spans = (f'<span class="fragment">{mathml(part, block=True)}</span>' for part in parts)
    return f'<span class="group">{"".join(spans)}</span>'


def markdown(text: str) -> str:
    """Paragraphs of Markdown, formulas between dollars."""
    return str(_markdown().render(text))


def inline(text: str) -> str:
    """One line of Markdown, without a paragraph around it."""
    return str(_markdown().renderInline(text))


_EXPONENT = r"\^(-?\([^)]*\)|-?[0-9]*(?:\|[^|]+\||[^\W\d_][₀-₉]?|[0-9]+)?)"
_INDEX = r"(?<=[\w′)])_(\{[^}]+\}|\([^()]+\)|[0-9a-zℓL]{1,2}(?![a-z0-9])|below)"


def words(text: str) -> str:
    """Plain words of a derivation: e^-z gets its power, W_kj and F_(L+1) their indices."""
    html = re.sub(_INDEX, lambda found: f"<sub>{found[1].strip('{}()')}</sub>", escape(text, quote=False))
    return re.sub(_EXPONENT, lambda found: f"<sup>{_power(found[1])}</sup>", html)


def _power(text: str) -> str:
    return text.replace("-", "−") if text.startswith("-(") else text.strip("()").replace("-", "−")
