"""A run as JSON, with every law and what was left out, and the time that it took."""

from __future__ import annotations

import json
from dataclasses import replace

from ffn.admissible import Examination
from ffn.cases.plan import Coverage
from ffn.conformance.report.known_failures import Known
from ffn.conformance.report.written import Writer, versions
from tests.conformance.verdicts.reports import FAILING, FAMILY, HOLDING, SOFTER, run_of


def test_a_run_is_json_with_every_law() -> None:
    """Without it a machine would read less than a person, or other numbers."""
    entry = Known("gradient/tanh", "float32", "wrong")
    run = run_of(HOLDING, known=(entry,), untried=["a\nb"])
    writer = Writer(run)
    first = json.loads(writer.text())
    assert [each["law"] for each in first["laws"]] == ["network/output"]
    run.reports += [FAILING, SOFTER, replace(HOLDING, repeats=40), *FAMILY]
    found = json.loads(writer.text())
    assert list(found) == [
        *("implementation", "versions", "declared", "seed", "seconds", "finished", "interrupted", "untried", "slow"),
        *("coverage", "causes", "laws"),
    ]
    assert (found["implementation"], found["seed"], found["seconds"], found["finished"]) == ("mine", 7, 2.0, True)
    assert (found["interrupted"], found["untried"], found["slow"], found["declared"]) == (False, ["a b"], {}, "")
    assert found["versions"] == versions()
    assert {"python", "ffn-reference", "numpy"} <= set(versions())
    assert found["coverage"] == {"tried": 6, "total": 8, "strength": 2, "later": [33, 129]}
    assert found["causes"] == [
        {
            "cause": "tanh",
            "laws": ["gradient/tanh"],
            "known": True,
            "smallest": {"law": "gradient/tanh", "dtype": "float32"},
        },
        {
            "cause": "relu",
            "laws": ["gradient/relu"],
            "known": False,
            "smallest": {"law": "gradient/relu", "dtype": "float64"},
        },
    ]
    holding, failing, softer, repeated, *_ = found["laws"]
    assert holding == {
        **{"law": "network/output", "dtype": "float32", "verdict": "holds", "examples": 4, "message": ""},
        **{"explanation": "", "known": False, "resolution": 2e-7, "resolution_90": HOLDING.resolution_90},
        **{"undecided_examples": 0, "coordinates": {"decided": 3, "undecided": 1, "not judged": 0}},
        "decided_share": 0.75,
        "coverage": {"tried": 3, "total": 4, "strength": 2, "later": [33, 129]},
        "left_out": [],
    }
    assert (failing["known"], failing["message"], failing["counterexample"]) == (
        True,
        "W[0]: computed 1\nand more",
        {"x": 1},
    )
    assert (softer["verdict"], softer["coverage"], "repeated_calls" in softer) == ("unstable", None, False)
    assert (repeated["repeated_calls"], round(repeated["least_rate"], 3)) == (40, 0.072)
    assert writer.text().endswith("\n  ]\n}\n")
    third = Examination(decided=1, undecided=2)
    timed = run_of(replace(HOLDING, message="½", examination=third), seconds=1.23456)
    timed._seconds_of["network/output"] = 98.76543
    text = Writer(timed).text()
    assert '\n  "seed": 7,\n' in text
    assert '\n      "message": "½",\n' in text
    assert json.loads(text)["laws"][0]["decided_share"] == 0.3333
    assert (json.loads(text)["seconds"], json.loads(text)["slow"]) == (1.235, {"network/output": 98.765})
    assert json.loads(Writer(run_of()).text())["laws"] == []
    assert json.loads(Writer(run_of()).text())["coverage"] is None


def test_levels_and_elements_that_are_left_out_are_written() -> None:
    """Without it a reader of the file would take what was tried for everything."""
    coverage = Coverage(1, 2, levels=(("rows", 9, False),))
    left = replace(HOLDING, left_out=frozenset({"tanh", "relu"}), refused=1, coverage=coverage)
    found = json.loads(Writer(run_of(left)).text())["laws"][0]
    assert found["left_out"] == ["relu", "tanh", "rows 9"]
