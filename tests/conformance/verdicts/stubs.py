"""Laws, judgements and implementations that are as small as can be: what a run makes of them is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st

from ffn import ActivationCase, Case, Hidden, Network, Output, reference
from ffn.admissible import Examination, Outside
from ffn.cases.plan import NoCase, Plan
from ffn.conformance.law import Law
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Judgement, Verdict

HOLDS = Judgement(Verdict.HOLDS, examination=Examination(decided=1), answers=("activation",))
UNDECIDED = Judgement(Verdict.UNDECIDED, examination=Examination(undecided=1), answers=("activation",))
NOT_OFFERED = Judgement(Verdict.NOT_OFFERED)
WRONG = Judgement(Verdict.WRONG, "off by one", answers=("activation",))
ERROR = Judgement(Verdict.ERROR, "raised", answers=("activation",))


def outside(path: str = "output[0, 0]") -> Outside:
    return Outside(path, 0.0, arb(1), 0.0, "float32")


def z(*values: float) -> ActivationCase:
    return ActivationCase("tanh", np.array(values, np.float32))


def size(case: Any) -> float:
    return float(case.z[0])


def plan(levels: tuple[Any, ...] = (1, 2, 3, 4), missing: tuple[Any, ...] = ()) -> Any:
    """A plan of one factor, whose case at a level is that number; at some levels there is none."""

    def build(row: Any, random: np.random.Generator) -> Any:
        if row["size"] in missing:
            raise NoCase("none")
        return z(row["size"])

    return lambda dtype, supported=None: Plan({"size": levels}, build)


def law(judge: Callable[[Any], Judgement], name: str = "activation/tanh/value", **own: Any) -> Law:
    """A law on activations, which judges by the case alone."""
    given = {"cases": drawn(10, 20), "speaks_of": ("activation",), "statement": "It holds."} | own
    return Law(name, judge=lambda case, offered, assumed: judge(case), **given)


def drawn(least: int, most: int) -> Any:
    """The cases from one number to another."""
    return lambda dtype, supported=None: st.integers(least, most).map(z)


def report(
    verdict: Verdict = Verdict.HOLDS, name: str = "network/output", dtype: str = "float32", **own: Any
) -> LawReport:
    return LawReport(named(name), dtype, verdict, **own)


def named(name: str, **own: Any) -> Law:
    return law(lambda case: HOLDS, name, **own)


@dataclass
class Shown:
    """A counterexample that is text alone."""

    code: str = "x = 1"
    numbers: int = 1

    def to_python(self) -> str:
        return self.code

    def to_json(self) -> dict[str, Any]:
        return {"x": self.numbers}


@dataclass
class Tanh:
    """The reference's tanh, with what else it says of itself."""

    name: str = "tanh alone"
    dtypes: tuple[str, ...] = ("float32", "float64")
    calls: list[Any] = field(default_factory=list)

    def activation(self, name: str, at: Any) -> Any:
        self.calls.append(at)
        return reference.activation(name, at)

    def supports_activation(self, name: str) -> bool:
        return name == "tanh"


OFF = replace(WRONG, enclosed=True, examination=Examination(outside=outside(), error=1.0))


def network_case(dtype: Any = np.float32, rows: int = 4, masks: bool = False) -> Case:
    network = Network(3, 2, Output("gaussian"), (Hidden(4, "maxout", pieces=3),))
    random = np.random.default_rng(0)
    arrays = tuple(
        (random.integers(1, 9, w).astype(dtype), random.integers(1, 9, b).astype(dtype)) for w, b in network.shapes
    )
    x, y = random.integers(1, 9, (rows, 3)).astype(dtype), np.ones((rows, 2), dtype)
    dropped = (np.zeros((rows, 3), dtype), np.ones((rows, 4), dtype)) if masks else None
    return Case(network, arrays, x, y, dropped)


def planned(dtype: str, supported: Any = None) -> Plan:
    """A plan of listed networks, or of networks of two inputs."""
    networks = supported.networks or (Network(2, 1, Output("gaussian")),)

    def build(levels: Any, random: Any) -> Case:
        network = levels["network"]
        arrays = tuple((np.zeros(w, np.float32), np.zeros(b, np.float32)) for w, b in network.shapes)
        return Case(
            network, arrays, np.zeros((1, network.inputs), np.float32), np.zeros((1, network.units), np.float32)
        )

    return Plan({"network": networks}, build)
