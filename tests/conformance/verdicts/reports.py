"""Reports of every verdict."""

from __future__ import annotations

from typing import Any

from ffn.admissible import Examination
from ffn.cases.plan import Coverage
from ffn.conformance.report.known_failures import Known
from ffn.conformance.report.run import Run
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.stubs import Shown, report

DECIDED = Examination(decided=3, undecided=1, resolutions=[1e-7, 2e-7, 3e-7])


HOLDING = report(examples=4, examination=DECIDED, coverage=Coverage(3, 4, later=(33, 129)))


FAILING = report(
    Verdict.WRONG, "gradient/tanh", examples=2, message="W[0]: computed 1\nand more", counterexample=Shown("x = 5")
)


SOFTER = report(Verdict.UNSTABLE, "gradient/relu", "float64", examples=1, message="lost", counterexample=Shown("y = 6"))


OPEN = report(Verdict.UNDECIDED, "output/gaussian/loss", examples=3, undecided_examples=2)


ABSENT = report(Verdict.NOT_OFFERED, "maxout/ties")


FAMILY = tuple(
    report(name=f"gradient/{name}", dtype=dtype) for name in ("sigmoid", "identity") for dtype in ("float32", "float64")
)


def run_of(*reports: LawReport, known: tuple[Known, ...] = (), **own: Any) -> Run:
    options = {"dtypes": ("float32", "float64"), "seconds": 2.0, "finished": True} | own
    return Run("mine", 7, known, reports=list(reports), **options)  # type: ignore[arg-type]
