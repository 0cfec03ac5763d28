"""``python -m proofs``: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from proofs import command
from proofs.chapters import notes

BY_NAME = {derivation.name: derivation for derivation in notes.derivations()}
ONE, OTHER = BY_NAME["log u ≤ u − 1"], BY_NAME["−log σ is softplus"]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit status of the command, in this process."""
    monkeypatch.setattr(sys, "argv", ["proofs", *arguments])
    with pytest.raises(SystemExit) as exited:
        command.main()
    code = exited.value.code
    assert isinstance(code, int)
    return code


def break_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first planted wrong step in place of the right one."""
    planted = ONE.planted[0]
    claims = tuple(
        replace(claim, proof=tuple(planted.instead_of(s) if s.name == planted.at else s for s in claim.proof))
        for claim in ONE.claims
    )
    monkeypatch.setattr(notes, "derivations", lambda: (OTHER, replace(ONE, claims=claims)))


def test_names_choose_the_derivations(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All would be checked each time one is worked on."""
    assert run(monkeypatch, ONE.name) == 0
    output = capsys.readouterr().out
    assert ONE.name in output
    assert OTHER.name not in output


def test_a_name_with_brackets_is_printed_in_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Brackets would be taken for markup."""
    (name,) = (derivation.name for derivation in notes.derivations() if derivation.name.startswith("E[relu²]"))
    assert run(monkeypatch, name) == 0
    assert name in capsys.readouterr().out


def test_the_json_names_what_was_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page made from it would have to guess."""
    file = tmp_path / "proofs.json"
    assert run(monkeypatch, ONE.name, OTHER.name, "--json", str(file)) == 0
    report = json.loads(file.read_text(encoding="utf-8"))
    assert [row["name"] for row in report["derivations"]] == [ONE.name, OTHER.name]
    assert all(row["badge"] == row["declared"] == "proved" for row in report["derivations"])
    assert all(
        set(row) == {"name", "badge", "declared", "weakest", "one prover", "steps", "seconds"}
        for row in report["derivations"]
    )


def test_many_are_checked_in_other_processes_and_come_back_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All of them would take twice as long on two cores, or stand in the table under another's badge."""
    file = tmp_path / "proofs.json"
    monkeypatch.setattr(command, "FEW", 1)
    names = (ONE.name, OTHER.name, "regions of a hyperplane arrangement")
    assert run(monkeypatch, *names, "--json", str(file)) == 0
    rows = json.loads(file.read_text(encoding="utf-8"))["derivations"]
    assert [(row["name"], row["badge"]) for row in rows] == list(zip(names, ("proved", "proved", "cited"), strict=True))


def test_a_refused_step_is_printed_with_both_sides_and_the_status_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A wrong formula would go unnoticed where nobody reads the table, or not be found where one does."""
    break_a_step(monkeypatch)
    file = tmp_path / "proofs.json"
    assert run(monkeypatch, "--json", str(file)) == 1
    output = capsys.readouterr().out
    assert f"{ONE.name}: the step '{ONE.planted[0].at}' is refused" in output
    assert "log(u)\n  ≥ u - 1" in output
    assert json.loads(file.read_text(encoding="utf-8"))["derivations"][1]["badge"] == "refused"


@pytest.mark.parametrize("arguments", [("log u",), ("--unknown",), ("--json", "/nowhere/at/all", ONE.name)])
def test_what_cannot_be_run_is_one_line_and_the_status_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """A typing error would look like a refused step."""
    assert run(monkeypatch, *arguments) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err.count("\n") == 1


def test_an_unknown_name_suggests_the_likeliest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names are long, and nobody remembers them."""
    run(monkeypatch, "LOG U")
    assert ONE.name in capsys.readouterr().err


def test_the_package_runs_as_a_module() -> None:
    """``python -m proofs`` would not exist."""
    root = Path(command.__file__).parent.parent
    ask = [sys.executable, "-m", "proofs", "--help"]
    done = subprocess.run(ask, capture_output=True, text=True, check=True, cwd=root)
    assert "Exit status" in done.stdout


ROOT = Path(command.__file__).parent


def own_file(folder: Path, *replaced: tuple[str, str]) -> Path:
    """The template of ``proofs/README.md`` as a file, with some of it replaced."""
    _, _, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition("```python\n")
    text = rest.partition("```")[0]
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_is_proved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A reader would begin with what does not run."""
    assert run(monkeypatch, "--check", str(own_file(tmp_path))) == 0
    assert "slope of a scaled sigmoid  proved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('Fact(z, "≤", 1)', 'Fact(z, "≤", 2)', "at z = "),
        ('"≤", z * (1 - z)', '"≤", z * (2 - z)', "(general"),
        ('(Fact(z, "≥", 0), Fact(z, "≤", 1))', "()", "at z = "),
        ('inner slope forgotten", "chain rule", sigmoid', 'same", "chain rule", t * sigmoid', "'same' is not refused"),
    ],
)
def test_a_readers_mistake_is_shown_with_the_point_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    old: str,
    new: str,
    said: str,
) -> None:
    """A student would be told that it is wrong, and not where."""
    assert run(monkeypatch, "--check", str(own_file(tmp_path, (old, new)))) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "mine = 1", "import nowhere", "mine ="])
def test_a_file_without_a_derivation_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    """A reader would take the trace of our code for their mistake."""
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    assert run(monkeypatch, "--check", str(path)) == 2
    assert capsys.readouterr().err.count("\n") == 1
