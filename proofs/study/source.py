"""Source text as it ships: where a name is defined, and its lines with colours."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, get_lexer_by_name

from proofs.study.contrast import legible_styles

PANEL_AND_INK = {"light": ("#f3f1ea", "#1d1d1b"), "dark": ("#1f2226", "#e8e6e1")}  # as style.css has them


@dataclass(frozen=True)
class Definition:
    """Where a name is defined.

    Attributes:
        name: as it is written, such as ``maxout_vjp``.
        file: relative to the repository.
        first, last: its lines, without decorators; of a module, all of them.
        source: its text.
    """

    name: str
    file: str
    first: int
    last: int
    source: str


def definition(root: Path, place: str) -> Definition:
    """The definition at ``module:name`` or ``module.name``, a module itself where the name is missing.

    Raises:
        LookupError: when there is none.
    """
    module, _, name = (part.strip() for part in place.partition(":"))
    path = _file_of(root, module)
    if path is None and not name:
        module, _, name = place.rpartition(".")
        path = _file_of(root, module)
    if path is None:
        raise LookupError(f"no module of {place}")
    text = path.read_text(encoding="utf-8")
    first, last = _lines_of(text, name, place) if name else (1, len(text.splitlines()))
    file = path.relative_to(root).as_posix()
    return Definition(name or module, file, first, last, "\n".join(text.splitlines()[first - 1 : last]))


@cache
def coloured(text: str, language: str = "py") -> str:
    """Python, or Rocq (``v``), as HTML, its tokens in classes."""
    lexer = get_lexer_by_name("coq") if language == "v" else PythonLexer(stripall=False)
    return str(highlight(text, lexer, HtmlFormatter(nowrap=True)))


@cache
def colour_classes() -> dict[str, str]:
    """The style sheets of the tokens in light and in dark, legible on the panels of the page's own style sheet."""
    return {
        name: legible_styles(HtmlFormatter(style=style).get_style_defs(".code"), *PANEL_AND_INK[name])
        for name, style in (("light", "friendly"), ("dark", "github-dark"))
    }


def _file_of(root: Path, module: str) -> Path | None:
    path = root.joinpath(*module.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if module and file.is_file()), None)


def _lines_of(text: str, name: str, place: str) -> tuple[int, int]:
    """First and last line of a class, a function, a method (``Class.method``), an assigned name or a table's entry."""
    tree = ast.parse(text)
    nodes: list[ast.stmt] = tree.body
    found: ast.stmt | ast.Call | None = None
    for part in name.split("."):
        found = next((node for node in nodes if part in _names(node)), None)
        nodes = getattr(found, "body", [])
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    found = found or next((call for call in calls if _is_entry(call, name)), None)
    if found is None:
        raise LookupError(f"{place} is not defined")
    return found.lineno, found.end_lineno or found.lineno  # of what is decorated, the line of its def


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_entry(call: ast.Call, name: str) -> bool:
    """Whether a call makes a table's entry: it gives it this name."""
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "name")]
    return any(isinstance(value, ast.Constant) and value.value == name for value in given)
