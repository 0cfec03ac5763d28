"""Every link of the site leads somewhere, and claims, derivations, lessons and code link both ways."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from proofs.chapters.notes import claims, derivations
from proofs.study.site import slug

SOURCES = (
    "https://doi.org/10.",
    "https://arxiv.org/abs/",
    "https://www.deeplearningbook.org/",
)  # nothing is loaded there


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src", "xlink:href") and value is not None:
                self.links.append(value)
            if name == "id" and value is not None:
                self.ids.add(value)


def read(path: Path) -> _Links:
    parser = _Links()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


@pytest.fixture(scope="module")
def contents(pages: list[Path]) -> dict[Path, _Links]:
    return {page.resolve(): read(page) for page in pages}


def dead(page: Path, link: str, contents: dict[Path, _Links]) -> bool:
    """Whether a link of a page leads nowhere: to no file, or to a place that its page does not have."""
    if link.startswith(("data:", *SOURCES)):
        return False
    path, _, place = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_file():
        return True
    return bool(place) and target in contents and place not in contents[target].ids


def test_every_link_leads_somewhere(contents: dict[Path, _Links]) -> None:
    """A reader would meet a page that is not there."""
    found = [(page.name, link) for page, read in contents.items() for link in read.links if dead(page, link, contents)]
    assert found == []


def test_a_dead_link_is_refused(contents: dict[Path, _Links], site: Path) -> None:
    """The test above could not fail."""
    index = (site / "index.html").resolve()
    assert dead(index, "claims/C99.html", contents)
    assert dead(index, "claims/C27.html#nowhere", contents)
    assert dead(index, "https://example.invalid/", contents)


def test_no_page_is_out_of_reach(contents: dict[Path, _Links], site: Path) -> None:
    """A page that nothing links to is not read."""
    reached, waiting = set(), [(site / "index.html").resolve()]
    while waiting:
        page = waiting.pop()
        if page in reached or page not in contents:
            continue
        reached.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in contents[page].links]
    assert reached == set(contents)


def test_claims_link_to_what_holds_them_and_it_links_back(contents: dict[Path, _Links], site: Path) -> None:
    """One could read a test, or the code, without learning what it is for."""
    for page in map(Path.resolve, (site / "claims").glob("*.html")):
        for link in contents[page].links:
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.parent.name in ("derivations", "source"):
                assert f"../claims/{page.name}" in contents[target].links, (page.name, target.name)


def test_ids_are_given_once(pages: list[Path]) -> None:
    """A link into a page would lead to the first of two places."""
    for page in pages:
        text = page.read_text(encoding="utf-8")
        ids = [part.partition('"')[0] for part in text.split(' id="')[1:]]
        assert len(ids) == len(set(ids)), page.name


def test_there_is_a_page_for_each_claim_and_each_derivation(site: Path) -> None:
    """Something that is there would not be seen."""
    assert {path.stem for path in (site / "claims").glob("*.html")} == set(claims())
    assert {path.stem for path in (site / "derivations").glob("*.html")} == {slug(each.name) for each in derivations()}
    assert len({slug(derivation.name) for derivation in derivations()}) == len(derivations())
