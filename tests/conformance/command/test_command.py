"""The command ``ffn verify``: its implementation argument, exit statuses, JSON and report, and what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ffn import cli
from ffn.network.activations import ELEMENTWISE
from tests.conformance.command import KNOWN, QUICK, WRONG, ffn, verify


def test_the_reference_holds_and_the_status_is_0() -> None:
    """Without it a script could not tell success."""
    result = ffn("verify", *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    assert "activation" in result.stdout
    assert f"reference: {len(ELEMENTWISE)} holds" in result.stdout


def test_a_wrong_implementation_gets_status_1_and_a_counterexample_that_runs(capsys, write) -> None:
    """Without it a failure could not be reproduced."""
    status, out, _ = verify(capsys, write(WRONG), "--law", "activation/tanh/slope", "--dtype", "float64")
    assert status == 1
    assert "activation/tanh/slope, float64: wrong" in out
    pasted = out[out.index("import numpy") : out.index("\n\nmine")]
    found: dict = {}
    exec(pasted, found)
    assert (found["activation"], found["z"].shape) == ("tanh", (1,))


def test_the_json_has_the_contracts_keys_and_hexadecimal_floats(capsys, write, tmp_path: Path) -> None:
    """Without it machines that read the report would break."""
    file = tmp_path / "report.json"
    verify(capsys, write(WRONG), "--law", "activation/tanh/*", "--seed", "3", "--json", str(file))
    report = json.loads(file.read_text())
    assert {"implementation", "versions", "seed", "seconds", "laws"} <= set(report)
    assert (report["implementation"], report["seed"]) == ("mine", 3)
    failing = [law for law in report["laws"] if law["verdict"] == "wrong"]
    assert {"law", "dtype", "verdict", "examples", "message", "counterexample"} <= set(failing[0])
    z = failing[0]["counterexample"]["z"]
    assert float.fromhex(z["hex"][0]) == z["value"][0]


def test_the_same_seed_gives_the_same_report(capsys, write, tmp_path: Path) -> None:
    """Without it a failure seen once could not be seen again."""
    laws = []
    for name in ("a.json", "b.json"):
        verify(capsys, write(WRONG), "--law", "activation/softplus/*", "--json", str(tmp_path / name))
        laws.append(json.loads((tmp_path / name).read_text())["laws"])
    assert laws[0] == laws[1]


def test_what_is_absent_is_not_offered(capsys, write) -> None:
    """Without it a partial implementation would fail for what it never claimed."""
    status, out, _ = verify(capsys, write("\nimplementation = Implementation()\n"), "--examples", "2", "-v")
    assert status == 0
    assert "not offered: float16, bfloat16" in out
    assert "network/gradient" in out[out.index("not offered") :]


def test_an_implementation_that_raises_is_an_error_and_the_other_laws_go_on(capsys, write) -> None:
    """Without it one crash would hide every other verdict."""
    body = (
        "        if name == 'tanh': raise RuntimeError('no tanh here')\n        return reference.activation(name, z)\n"
    )
    path = write("\nimplementation = Implementation()\n")
    Path(path).write_text(Path(path).read_text().replace("        return reference.activation(name, z)\n", body))
    status, out, _ = verify(capsys, path, *QUICK)
    assert status == 1
    assert "activation raised RuntimeError: no tanh here" in out
    assert f"mine: {len(ELEMENTWISE) - 1} holds, 1 error" in out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("None", "returned NoneType of object, not of real numbers"),
        ("z[:1]", "returned shape (1,), not "),
        ("['a'] * len(z)", "not of real numbers"),
        ("z * complex(0, 1)", "of complex64, not of real numbers"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_an_error_in_words(capsys, write, answer: str, message: str) -> None:
    """Without it the kit itself would crash on a wrong answer."""
    path = write("\nimplementation = Implementation()\n")
    Path(path).write_text(Path(path).read_text().replace("reference.activation(name, z)", answer))
    status, out, _ = verify(capsys, path, "--law", "activation/sigmoid/value", "--dtype", "float32")
    assert status == 1
    assert message in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "no implementation is called 'nobody'"),
        (("nowhere/mine.py",), "there is no file nowhere/mine.py"),
        (("no.such.module:thing",), "no.such.module cannot be imported: ModuleNotFoundError"),
        (("ffn.network.description:thing",), "ffn.network.description has no attribute 'thing'"),
        (("ffn.network.description:OUTPUTS",), "is not an implementation"),
        (("--law", "gradeint/*"), "no law matches 'gradeint/*'"),
        (("--dtype", "float8"), "unknown dtype 'float8'"),
        (("--known-failures", "nowhere.toml"), "nowhere.toml: No such file"),
        (("--json", "nowhere/report.json"), "nowhere/report.json cannot be written"),
        (("--examples", "0"), "Invalid value for '--examples'"),
        (("--unknown",), "No such option"),
        (("--time-limit", "nan"), "'nan' is not a number"),
        (("--time-limit", "inf"), "inf is not in the range"),
        (("--memory", "1e30"), "1e+30 is not in the range"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(capsys, arguments: tuple[str, ...], message: str) -> None:
    """Without it a typing error would show a traceback, or count as a failure of the implementation."""
    status, out, err = verify(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("ffn: ")
    assert err.count("\n") == 1
    assert message in err


def test_an_adapter_that_fails_to_import_gets_one_line_and_status_2(capsys, write) -> None:
    """Without it a missing framework would look like a broken kit."""
    status, _, err = verify(capsys, write("\nimport a_framework_that_is_not_there\n"))
    assert status == 2
    assert "cannot be imported: ModuleNotFoundError: No module named 'a_framework_that_is_not_there'" in err
    assert err.count("\n") == 1


def test_a_known_failure_is_shown_and_does_not_fail(capsys, write, tmp_path: Path) -> None:
    """Without it an adopter with one old departure could not use the status."""
    file = tmp_path / "known.toml"
    file.write_text(KNOWN.format("tanh", "wrong"))
    arguments = "--law", "activation/tanh/slope", "--dtype", "float64", "--known-failures", str(file)
    status, out, _ = verify(capsys, write(WRONG), *arguments, "-v")
    assert status == 0
    assert "wrong, known" in out


def test_a_known_failure_with_another_verdict_is_news_and_stale(capsys, write, tmp_path: Path) -> None:
    """Without it an unstable slope could become wrong unnoticed, and the list would never shrink."""
    file = tmp_path / "known.toml"
    file.write_text(KNOWN.format("tanh", "unstable"))
    arguments = "--law", "activation/tanh/slope", "--dtype", "float64", "--known-failures", str(file)
    status, out, _ = verify(capsys, write(WRONG), *arguments)
    assert status == 1
    assert "stale known failure: activation/tanh/slope in float64 is no longer unstable" in out


def test_help_says_what_an_implementation_is() -> None:
    """Without it a newcomer could not find the contract."""
    result = CliRunner().invoke(cli.commands, ["verify", "--help"])
    assert "path/to/file.py:attribute" in result.output


def test_every_law_is_listed() -> None:
    """Without it nobody could know what ``--law`` takes."""
    from ffn.conformance.laws import ALL

    result = CliRunner().invoke(cli.commands, ["laws"])
    assert all(law.name in result.output for law in ALL)
