"""The site's pages from the claims, the derivations, the lessons, the planted bugs and the code."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from proofs.chapters.claim import RUBRIC, Claim
from proofs.chapters.evaluation import Evaluation
from proofs.chapters.notes import CHAPTERS, Chapter, claims, derivations, evaluations
from proofs.engine.derivation import Derivation
from proofs.engine.rendering import definitions, domain
from proofs.rocq.theorems import RocqTheorem, of_derivation
from proofs.study import planted_bugs, prose
from proofs.study.latex import RELATIONS, fragments, latex
from proofs.study.lessons import Lesson, by_claim
from proofs.study.mathml import mathml
from proofs.study.names import meanings, named
from proofs.study.planted_bugs import LessonBug, Refusal
from proofs.study.results import Results
from proofs.study.snippet import snippet
from proofs.study.source import Definition, colour_classes, coloured, definition

FONT = "STIXTwoMath-Regular.ttf"
STATIC = ("style.css", "sliders.js", "guess.js")


@dataclass(frozen=True)
class Bug:
    """A planted bug as its page shows it: what takes the place of which code, and how the lesson refuses it."""

    planted: LessonBug
    wrong: Definition
    refusal: Refusal

    @property
    def code(self) -> str:
        return f"{self.planted.code.__module__}.{self.planted.code.__qualname__}"


@dataclass(frozen=True)
class SourceFile:
    """A file of the project as a page: its lines, and for each definition that serves a claim where it begins."""

    path: str
    text: str
    served: tuple[tuple[str, int, tuple[str, ...]], ...]

    @property
    def lines(self) -> list[Markup]:
        return [Markup(line) for line in coloured(self.text, self.path.rpartition(".")[2]).rstrip("\n").split("\n")]


class Site:
    """What the templates ask for."""

    def __init__(self, root: Path, lessons: Sequence[Lesson], results: Results) -> None:
        self.root, self.lessons, self.results = root, tuple(lessons), results
        self.chapters, self.rubric = CHAPTERS, RUBRIC
        self.claims = tuple(claims().values())
        self.derivations = {derivation.name: derivation for derivation in derivations()}
        self._lessons = by_claim(self.lessons)
        self._snippets: dict[str, str] = {}

    @property
    def trust(self) -> str:
        """The page on what is proven, and what is trusted."""
        return (self.root / "proofs" / "TRUST.md").read_text(encoding="utf-8")

    def lessons_of(self, claim: Claim) -> list[Lesson]:
        return self._lessons[claim.id]

    def derivations_of(self, claim: Claim) -> list[Derivation]:
        return [self.derivations[name] for name in claim.derivations]

    def claims_of(self, derivation: Derivation) -> list[Claim]:
        return [claim for claim in self.claims if derivation.name in claim.derivations]

    def code_of(self, claim: Claim) -> list[Definition]:
        return [definition(self.root, place) for place in claim.code]

    def ties_of(self, derivation: Derivation) -> list[Definition]:
        places = dict.fromkeys(tie.code for tie in derivation.ties)
        return [definition(self.root, place) for place in places]

    def rocq_of(self, derivation: Derivation) -> list[tuple[RocqTheorem, Definition]]:
        """The theorems of Rocq that go with a derivation, and where they stand."""
        return [(theorem, self._placed(theorem)) for theorem in of_derivation(derivation.name)]

    def _placed(self, theorem: RocqTheorem) -> Definition:
        file, (first, last) = theorem.path.relative_to(self.root).as_posix(), theorem.lines
        return Definition(theorem.name, file, first, last, theorem.statement)

    def snippet_of(self, derivation: Derivation) -> str:
        """Python that tries one of its claims at a point, "" where plain Python cannot show one."""
        if derivation.name not in self._snippets:
            self._snippets[derivation.name] = snippet(derivation)
        return self._snippets[derivation.name]

    def bugs_of(self, claim: Claim) -> list[Bug]:
        return self._bugs[claim.id]

    def evaluations_of(self, claim: Claim) -> list[tuple[Evaluation, Definition]]:
        """The checks of its sentences, and where they are written."""
        checks = [check for check in evaluations() if check.claim == claim.id]
        places = (f"{check.compute.__module__}:{check.compute.__name__}" for check in checks)
        return [(check, definition(self.root, place)) for check, place in zip(checks, places, strict=True)]

    def neighbours(self, claim: Claim) -> tuple[Claim | None, Claim | None]:
        place = self.claims.index(claim)
        after = self.claims[place + 1] if place + 1 < len(self.claims) else None
        return (self.claims[place - 1] if place else None), after

    def chapter_of(self, claim: Claim) -> Chapter:
        return next(chapter for chapter in self.chapters if claim in chapter.claims)

    @cached_property
    def _bugs(self) -> dict[str, list[Bug]]:
        found: dict[str, list[Bug]] = defaultdict(list)
        for place, refusal in sorted(self.results.refusals.items()):
            bug = planted_bugs.EVERY[place]
            wrong = definition(self.root, f"{bug.wrong.__module__}:{bug.wrong.__qualname__.partition('.')[0]}")
            found[bug.claim].append(Bug(bug, wrong, refusal))
        return found

    @cached_property
    def files(self) -> tuple[SourceFile, ...]:
        """Every file that a page links to."""
        served: dict[str, dict[tuple[str, int], set[str]]] = defaultdict(lambda: defaultdict(set))
        for file, name, line, ids in self._mentions():
            served[file][name, line].update(ids)
        return tuple(
            SourceFile(
                file,
                (self.root / file).read_text(encoding="utf-8"),
                tuple((name, line, in_order(ids)) for (name, line), ids in sorted(places.items(), key=_by_line)),
            )
            for file, places in sorted(served.items())
        )

    def _mentions(self) -> Iterator[tuple[str, str, int, tuple[str, ...]]]:
        for lesson in self.lessons:
            yield lesson.file, lesson.name, lesson.first, lesson.claims
        for claim in self.claims:
            checks = (found for _, found in self.evaluations_of(claim))
            for found in (*self.code_of(claim), *(bug.wrong for bug in self.bugs_of(claim)), *checks):
                yield found.file, found.name, found.first, (claim.id,)
        for derivation in self.derivations.values():
            ids = tuple(claim.id for claim in self.claims_of(derivation))
            rocq = (found for _, found in self.rocq_of(derivation))
            for found in (*self.ties_of(derivation), *rocq):
                yield found.file, found.name, found.first, ids


def in_order(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=lambda id: int(id[1:])))


def _by_line(item: tuple[tuple[str, int], set[str]]) -> int:
    return item[0][1]


_SPELT = {ord("²"): "2", ord("−"): "minus ", ord("σ"): "sigma", ord("≤"): "at most"}


def slug(name: str) -> str:
    """A name as part of a file's name."""
    plain = name.lower().translate(_SPELT)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def write(site: Site, folder: Path) -> int:
    """Write every page into ``folder``, replacing it, and return how many there are."""
    environment = _environment(site)
    # All before the first is written: an error leaves the older site as it was.
    pages = [
        (path, environment.get_template(template).render(**values, site=site, up="../" * path.count("/")))
        for path, template, values in _pages(site)
    ]
    if folder.exists():
        shutil.rmtree(folder)
    for name in ("claims", "derivations", "source"):
        (folder / name).mkdir(parents=True)
    _write_static(folder)
    for path, html in pages:
        (folder / path).write_text(html, encoding="utf-8")
    return len(pages)


def _pages(site: Site) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "index.html", "index.html", {}
    yield "trust.html", "trust.html", {}
    for claim in site.claims:
        yield f"claims/{claim.id}.html", "claim.html", {"claim": claim}
    for derivation in site.derivations.values():
        yield f"derivations/{slug(derivation.name)}.html", "derivation.html", {"derivation": derivation}
    for file in site.files:
        yield source_page(file.path), "source.html", {"file": file}


def source_page(path: str) -> str:
    return f"source/{path.removesuffix('.py').removesuffix('.v').replace('/', '.')}.html"


def _environment(site: Site) -> Environment:
    environment = Environment(
        loader=PackageLoader("proofs.study"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    as_markup: dict[str, Callable[..., str]] = {
        "markdown": prose.markdown,
        "inline": prose.inline,
        "words": prose.words,
        "coloured": coloured,
        "mathml": mathml,
    }
    for name, function in as_markup.items():
        environment.filters[name] = lambda *arguments, function=function: Markup(function(*arguments))

    @lru_cache(None, typed=True)  # 1 and 1.0 are written otherwise
    def named_in(value: Any, derivation: str) -> Any:
        return named(value, site.derivations[derivation])

    # A derivation stands on its own page and on that of each of its claims.
    environment.filters |= {
        "latex": latex,
        "fragments": lru_cache(None, typed=True)(fragments),
        "slug": slug,
        "source_page": source_page,
        "domain": domain,
        "definitions": definitions,
        "named": lambda value, derivation: named_in(value, derivation.name),
        "meanings": meanings,
    }
    environment.globals |= {"RELATIONS": RELATIONS}
    return environment


def _write_static(folder: Path) -> None:
    package = resources.files("proofs.study") / "static"
    for name in STATIC:
        (folder / name).write_text((package / name).read_text(encoding="utf-8"), encoding="utf-8")
    colours = colour_classes()
    dark = f"@media (prefers-color-scheme: dark) {{\n{colours['dark']}\n}}"
    (folder / "code.css").write_text(f"{colours['light']}\n{dark}\n", encoding="utf-8")
    font = resources.files("ziamath") / "fonts" / FONT
    (folder / FONT).write_bytes(font.read_bytes())
