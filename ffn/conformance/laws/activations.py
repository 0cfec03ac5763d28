"""Each element-wise activation: its value and its slope, by accurate algorithms, at special and ordinary numbers."""

from __future__ import annotations

from functools import partial

from ffn import admissible
from ffn.cases.case import ActivationCase
from ffn.cases.plan import plan_by
from ffn.cases.probes import activation_plan, kink_plan
from ffn.cases.strategies import activation_cases, kink_cases
from ffn.conformance.law import Law, Offered
from ffn.conformance.verdict import Judgement, inside_hull
from ffn.network.activations import ELEMENTWISE, KINKED
from ffn.numbers.precision import Precision


def slope_is_a_subgradient(case: ActivationCase, offered: Offered, assumed: Precision) -> Judgement:
    return inside_hull(admissible.slope(case, assumed).examine(offered("slope", case)))


STATEMENTS = {
    ("value", "activation"): "has its value, also at ±0, subnormals, the largest numbers and its thresholds.",
    ("slope", "slope"): "has its slope to full relative accuracy, also in saturation.",
}

LAWS = (
    *(
        Law(
            f"activation/{name}/{what}",
            f"{name} {statement}",
            (answer,),
            partial(activation_cases, name=name),
            plan=plan_by(activation_plan, name=name),
        )
        for name in ELEMENTWISE
        for (what, answer), statement in STATEMENTS.items()
    ),
    Law(
        "kinks/slope",
        "At a kink the slope lies between the one-sided slopes.",
        ("slope",),
        partial(kink_cases, names=KINKED),
        slope_is_a_subgradient,
        plan=partial(kink_plan, names=KINKED),
        as_given=True,
    ),
)
