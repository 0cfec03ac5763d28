"""NaN and ±∞ where mathematics or IEEE 754 decides what becomes of them, at the same places whatever the seed.

A NaN never becomes a number: not in an activation or in the slope of a smooth one, not in the output of its row, not in
the loss of its batch, nor in the gradient by the last bias. It reaches no other row. At ±∞ an activation and its slope
have their limits.

Free, because correct programs differ: NaN in place of a limit, as IEEE 754 makes it of 0·∞ and ∞ − ∞ (relu as
z·(z > 0) at −∞, softplus as log(e^z + e^0·z)); the slope of a piecewise linear activation at NaN, where a comparison
with NaN is false; the gradient of an absolute error at NaN, for the same reason; what comes of ±∞ behind an affine
layer; the sign of a 0; an overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ffn import admissible
from ffn.cases.case import ActivationCase, Case
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported, fitting, supported_of
from ffn.cases.plan import Levels, Plan
from ffn.cases.planned import PLAIN, built, full, layers_of, of_plan, unchanged
from ffn.conformance.law import Law, Offered
from ffn.conformance.verdict import Judgement, first_failure, holds, judged, wrong
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR, activation_named
from ffn.network.description import OUTPUTS, REDUCTIONS, Output
from ffn.numbers.floating import floating
from ffn.numbers.precision import Precision, dtype_of

FAR = 1e300  # where in float64 every activation has its limit, or is as far away
SPECIAL = (math.nan, math.inf, -math.inf)
LENGTHS = (1, 8, 17)  # of an array with one of them at its end: alone, in a full vector, beyond one
ROWS = (1, 2, 9)
MILD = {"data": "plain", "targets": "plain", "magnitude": 0, "decay": 0.0, "inputs": 3, "units": 2, "width 1": 3}


def elementwise_at(name: str, case: ActivationCase, offered: Offered, assumed: Precision) -> Judgement:
    """Whether numbers keep their values beside what is none, and that becomes what it has to."""
    finite = np.isfinite(case.z.astype(np.float64))
    computed = np.asarray(offered(name, case))
    found = [judged(admissible.answers(name, case.changed(z=case.z[finite]), assumed).examine(computed[finite]))]
    for place in np.flatnonzero(~finite).tolist():
        found.append(_at(name, case.changed(z=case.z[place : place + 1]), float(computed[place]), assumed, place))
    return first_failure(*found)


def _at(name: str, case: ActivationCase, answer: float, assumed: Precision, place: int) -> Judgement:
    z, shown = float(case.z[0]), f"{case.returned(name)[0]}[{place}]: computed {answer!r}"
    if math.isnan(z):
        free = name == "slope" and case.activation in PIECEWISE_LINEAR
        return holds() if free or math.isnan(answer) else wrong(f"{shown}, a number of NaN")
    limit = _limit(name, case.activation, z)
    if math.isnan(answer) or answer == limit:
        return holds()
    if math.isinf(limit):
        return wrong(f"{shown}, where at {z} it is {limit}")
    largest = case.changed(z=np.nextafter(case.z, case.z.dtype.type(0)))
    beside = admissible.answers(name, largest, assumed).examine(np.array([answer]))
    return wrong(f"{shown}, where at {z} it is {limit}") if beside.outside else holds()


def _limit(name: str, activation: str, z: float) -> float:
    """Of the value or the slope at ±∞; of one that is as far away there, the infinity of that sign."""
    found = activation_named(activation)
    function = found.value if name == "activation" else found.slope
    far = float(function(floating(), np.array([math.copysign(FAR, z)]))[0])
    return math.copysign(math.inf, far) if abs(far) > math.sqrt(FAR) else far


def spoilt(case: Case, row: int) -> Case:
    """The case with NaN as the first input of a row."""
    x = case.x.copy()
    x[row, 0] = np.nan
    return case.changed(x=x)


def in_rows(judge: Callable[[Case, int, Offered, Precision], str]) -> Callable[[Case, Offered, Precision], Judgement]:
    """The judge that a law holds with NaN in the last row, and in the first."""

    def both(case: Case, offered: Offered, assumed: Precision) -> Judgement:
        for row in dict.fromkeys((len(case.x) - 1, 0)):
            if fault := judge(case, row, offered, assumed):
                return replace(wrong(f"with NaN in x[{row}, 0]: {fault}"), shown=spoilt(case, row))
        return holds()

    return both


def stays_in_its_row(case: Case, row: int, offered: Offered, assumed: Precision) -> str:
    z = np.asarray(offered("forward", spoilt(case, row)))
    others = np.arange(len(z)) != row
    if others.any():
        examination = admissible.output(case.rows(others), assumed).examine(z[others])
        if examination.outside:
            return f"another row is not what it is without: {examination.outside}"
    return _number_in("output", z[row])


def reaches_the_loss(case: Case, row: int, offered: Offered, assumed: Precision) -> str:
    return _number_in("loss", offered("loss", spoilt(case, row)))


def reaches_the_gradient(case: Case, row: int, offered: Offered, assumed: Precision) -> str:
    return _number_in(case.network.names[-1][-1], offered("gradient", spoilt(case, row))[-1][-1])


def _number_in(path: str, answer: npt.ArrayLike) -> str:
    numbers = np.atleast_1d(np.asarray(answer).astype(np.float64))
    numbers = numbers[~np.isnan(numbers)]
    return f"{path} has the number {float(numbers[0])!r}" if numbers.size else ""


# cases


def elementwise_plan(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Every activation at NaN and ±∞, in arrays of every length."""

    def made(levels: Levels, generator: np.random.Generator) -> ActivationCase:
        z = full(dtype, generator, (levels["length"],)) / 4  # where nothing saturates: that is for other laws
        z[-1] = levels["at"]
        return ActivationCase(levels["activation"], z.astype(dtype_of(dtype)))

    names = supported_of(ELEMENTWISE, supported.functions, "activation")
    return Plan({"activation": names, "at": SPECIAL, "length": LENGTHS}, made)


def rows_plan(outputs: tuple[str, ...], dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """One layer of every activation before every output, and batches of several rows."""
    if supported.networks:
        known = supported.known_networks(fitting(supported.activations, outputs, supported.reductions, (0.0,), 0, 1))
        return Plan({"network": known, "rows": ROWS}, partial(_mild, dtype))
    supported_of((1,), supported.depths, "depth")
    factors = {
        "layer 1": layers_of(supported.activations),
        "output": tuple(map(Output, supported_of(outputs, supported.outputs, "output"))),
        "reduction": supported_of(REDUCTIONS, supported.reductions, "reduction"),
        "rows": ROWS,
    }
    if not factors["layer 1"]:
        raise NothingSupported("no activation is supported")
    return Plan(factors, partial(_mild, dtype))


def _mild(dtype: str, levels: Levels, generator: np.random.Generator) -> Case:
    return built(dtype, unchanged, {**MILD, **PLAIN, "depth": 1, **levels}, generator)


SIGNED_BY_COMPARISON = ("laplace",)
OF_SUMS = tuple(name for name in OUTPUTS if name not in SIGNED_BY_COMPARISON)
_every_output, _smooth_output = partial(rows_plan, OUTPUTS), partial(rows_plan, OF_SUMS)
LAWS = (
    Law(
        "nonfinite/value",
        "An activation of NaN is NaN, of ±∞ its limit, and numbers beside them keep their values.",
        ("activation",),
        partial(of_plan, elementwise_plan),
        partial(elementwise_at, "activation"),
        plan=elementwise_plan,
        as_given=True,
    ),
    Law(
        "nonfinite/slope",
        "A smooth activation's slope at NaN is NaN, and every slope at ±∞ its limit.",
        ("slope",),
        partial(of_plan, elementwise_plan),
        partial(elementwise_at, "slope"),
        plan=elementwise_plan,
        as_given=True,
    ),
    Law(
        "nonfinite/output",
        "A row with NaN has no number in its output, and no other row changes.",
        ("forward",),
        partial(of_plan, _every_output),
        in_rows(stays_in_its_row),
        plan=_every_output,
    ),
    Law(
        "nonfinite/loss",
        "The loss of a batch with NaN is no number.",
        ("loss",),
        partial(of_plan, _every_output),
        in_rows(reaches_the_loss),
        plan=_every_output,
    ),
    Law(
        "nonfinite/gradient",
        "The gradient by the last bias of a batch with NaN is no number.",
        ("gradient",),
        partial(of_plan, _smooth_output),
        in_rows(reaches_the_gradient),
        plan=_smooth_output,
    ),
)
