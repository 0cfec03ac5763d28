"""Where torch departs from the mathematics: each finding by hand, then the kit's verdicts against the list of them.

Beside each number of torch stands one of mpmath, with 40 digits.
"""

from collections.abc import Iterator
from pathlib import Path

import mpmath
import pytest

from ffn.conformance import laws
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.report import known_failures
from ffn.conformance.report.known_failures import Known
from ffn.conformance.running.runner import run, run_law
from ffn.conformance.running.tally import LawReport

torch = pytest.importorskip("torch")
adapter = pytest.importorskip("ffn.conformance.implementation.adapters.torch")

F = torch.nn.functional
mp = mpmath.MPContext()
mp.dps = 40

FINDINGS = known_failures.read(Path(__file__).with_name("torch-known-failures.toml"))
KNOWN = {(finding.law, finding.dtype): finding.verdict for finding in FINDINGS}
SUBJECT = Subject(adapter.implementation)


def slope(function, z, dtype=torch.float64):
    leaf = torch.tensor(z, dtype=dtype, requires_grad=True)
    return torch.autograd.grad(function(leaf), leaf)[0].item()


def relative_error(computed, exact):
    return abs(computed - exact) / exact


# The findings, free of the kit


def test_softplus_is_linear_beyond_20_in_float64() -> None:
    """The kit's verdict on softplus could be its own mistake: here log(1 + e^20.5) lacks 1e-9, 350000 ulps."""
    exact = mp.log1p(mp.exp(20.5))
    computed = F.softplus(torch.tensor(20.5, dtype=torch.float64)).item()
    assert computed == 20.5
    assert exact - computed > 1e-9


def test_the_slope_of_softplus_is_1_beyond_20_in_float64() -> None:
    """The same of its slope, σ(20.5), which lies 1e-9 below 1, where neighbouring floats are 1e-16 apart."""
    assert slope(F.softplus, 20.5) == 1
    assert 1 - 1 / (1 + mp.exp(-20.5)) > 1e-9


def test_full_poisson_loss_takes_stirling_s_approximation() -> None:
    """The kit's verdict on poisson could be its own mistake: here log 2! is 6 % off, in every precision."""
    zero, two = torch.zeros(1, dtype=torch.float64), torch.full((1,), 2.0, dtype=torch.float64)
    computed = F.poisson_nll_loss(zero, two, log_input=True, full=True).item() - 1  # e⁰ − 2·0 = 1
    assert computed == pytest.approx(float(2 * mp.log(2) - 2 + mp.log(4 * mp.pi) / 2), rel=1e-14)
    assert relative_error(computed, mp.log(2)) > 0.059


def test_full_poisson_loss_is_exact_without_stirling_s_term() -> None:
    """The fault could lie in the rest of the loss: with full=False it is e^z − yz to the last bits."""
    z, y = torch.ones(1, dtype=torch.float64), torch.full((1,), 2.0, dtype=torch.float64)
    assert relative_error(F.poisson_nll_loss(z, y, full=False).item(), mp.e - 2) < 1e-15


@pytest.mark.parametrize(("dtype", "z"), [("float16", 9), ("bfloat16", 7), ("float32", 18), ("float64", 38)])
def test_the_slope_of_sigmoid_vanishes_in_saturation(dtype: str, z: int) -> None:
    """The kit's verdict on σ′ could be its own mistake: here a normal number far above underflow comes out as 0."""
    exact = mp.exp(-z) / (1 + mp.exp(-z)) ** 2
    assert slope(torch.sigmoid, float(z), getattr(torch, dtype)) == 0
    assert exact > torch.finfo(getattr(torch, dtype)).tiny


@pytest.mark.parametrize(("dtype", "z"), [("float16", 4.75), ("bfloat16", 4), ("float32", 10), ("float64", 20)])
def test_the_slope_of_tanh_vanishes_in_saturation(dtype: str, z: float) -> None:
    """The same of tanh′ = 1 − tanh²."""
    exact = 1 / mp.cosh(z) ** 2
    assert slope(torch.tanh, float(z), getattr(torch, dtype)) == 0
    assert exact > torch.finfo(getattr(torch, dtype)).tiny


# The kit's verdicts


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The adapter with softplus and poisson by functions of torch that are accurate."""

    def poisson(z, y):
        return F.poisson_nll_loss(z, y, full=False, reduction="sum") + torch.lgamma(y + 1).sum()

    with monkeypatch.context() as patch:
        patch.setitem(adapter.ACTIVATIONS, "softplus", lambda z: -F.logsigmoid(-z))
        patch.setitem(adapter.LOSSES, "poisson", poisson)
        yield


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: f"{finding.law}, {finding.dtype}")
def test_every_finding_is_found(finding: Known) -> None:
    """A law could lose its grip on a departure that is there."""
    (law,) = laws.matching((finding.law,))
    assert run_law(law, finding.dtype, SUBJECT, examples=300, shrink=False).verdict == finding.verdict


@pytest.fixture(scope="module")
def failures() -> list[LawReport]:
    """Every law in every dtype, on few examples."""
    reports = run(laws.ALL, SUBJECT.dtypes, SUBJECT, examples=8, shrink=False, strength=1)
    return [report for report in reports if report.verdict.fails]


@pytest.mark.usefixtures("mended")
def test_no_failure_is_left_once_the_findings_are_mended(failures: list[LawReport]) -> None:
    """The kit could raise a false alarm: what else fails, fails for softplus or poisson inside a random network."""
    others = [report for report in failures if KNOWN.get((report.law.name, report.dtype)) != "unstable"]
    left = [report for report in others if report.law(report.counterexample, SUBJECT).fails]
    assert [(report.law.name, report.dtype, report.message) for report in left] == []
