"""Outputs that learn a variance: one normal distribution, or a mixture of several.

Claims: heteroscedastic: the loss is −log N(y; μ, eˢ) and s learns the squared residual. Mixture: the loss is −log Σ π N
however far the target lies. Each gradient by hand agrees with other ways to it.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import Network, Output, admissible, reference, witnesses
from ffn.cases.case import Case
from ffn.cases.strategies import learned_variance_cases
from ffn.network import forward
from ffn.network.description import LEARNED_VARIANCE
from ffn.network.outputs import check_targets, distribution_of
from ffn.numbers.ball import Ball, working_precision
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.helpers.balls import BITS, agree, ball, exactly
from tests.helpers.costs import nll
from tests.helpers.costs import nll_gradient as slopes
from tests.helpers.gradients import by_hand, flat, overlap, placed
from tests.helpers.profiles import examples
from tests.helpers.strategies import lists_of, quarters

heteroscedastic_claim = pytest.mark.claim("C36")
mixture_claim = pytest.mark.claim("C34")
both_claims = pytest.mark.claim("C34", "C36")


def normal_density(y: Fraction, mean: Fraction, s: Fraction):
    """exp(−(y − μ)²/2v)/√(2πv) for v = eˢ."""
    y, mean, s = (ball.asarray([value]) for value in (y, mean, s))
    variance, root = ball.exp(s), ball.exp(ball.log(2 * ball.constant("pi")) / 2 + s / 2)
    return ball.exp(-((y - mean) * (y - mean) / variance / 2)) / root


def one_row(output: Output, z: list, y: float, dtype: str = "float64") -> Case:
    """A case of one target whose last affine output is z."""
    bias = np.array(z, dtype=np.float64).astype(dtype_of(dtype))
    x, target = bias[None, :1] * 0, np.full((1, 1), y).astype(bias.dtype)
    return Case(Network(1, len(z), output), ((bias[None, :] * 0, bias),), x, target)


# The variance learned too


@heteroscedastic_claim
@given(mean=quarters, y=quarters)
def test_at_variance_one_it_is_the_gaussian_loss(mean: Fraction, y: Fraction) -> None:
    """Unit variance is log v = 0: the two outputs would not be one family."""
    for cost in (nll, lambda *given: slopes(*given)[0]):
        assert agree(cost("heteroscedastic", [mean, 0], y), cost("gaussian", [mean], y))


@heteroscedastic_claim
@given(r=st.integers(1, 64), side=st.sampled_from((-1, 1)))
def test_the_log_variance_is_stationary_at_the_squared_residual(r: int, side: int) -> None:
    """Without the half, or with a missing term, s would settle elsewhere than at log r²."""
    s = 2 * np.log(r)
    below, above = (slopes(Output("heteroscedastic"), [float(side * r), s + step], 0.0)[1] for step in (-0.25, 0.25))
    assert below < 0 < above


@heteroscedastic_claim
@pytest.mark.parametrize("dtype", NAMES)
def test_a_sure_prediction_that_is_right_costs_no_overflow(dtype: str) -> None:
    """r²e⁻ˢ for r = 0 would be 0·∞ where 1/v overflows, though the loss is ½s: the square of re^(−s/2) is not."""
    s = -np.ceil(np.log(precision(dtype).largest)) - 2
    case = one_row(Output("heteroscedastic"), [1.0, s], 1.0, dtype)
    arguments = case.network, case.parameters, case.x, case.y
    assert np.isfinite(reference.loss(*arguments))
    assert reference.gradient(*arguments)[0][1].tolist() == [0, 0.5]


# Mixtures


@mixture_claim
@examples(40)
@given(data=st.data(), components=st.integers(1, 3), y=quarters)
def test_mixture_is_minus_the_log_of_the_weighted_densities(data: st.DataObject, components: int, y: Fraction) -> None:
    """A loss in logs could drop a weight, or its normalisation, unseen."""
    a, means, s = (data.draw(lists_of(components, quarters)) for _ in range(3))
    weights = ball.exp(ball.asarray(a))
    terms = [weights[k : k + 1] * normal_density(y, means[k], s[k]) for k in range(components)]
    density = sum(terms[1:], terms[0]) / weights.sum()
    assert agree(nll(Output("mixture", components), [*a, *means, *s], y), (-ball.log(density)).balls[0])


@mixture_claim
@given(a=quarters, mean=quarters, s=quarters, y=quarters)
def test_one_component_is_heteroscedastic(a: Fraction, mean: Fraction, s: Fraction, y: Fraction) -> None:
    """The weight of a single component is 1 whatever its logit: it would act on the loss."""
    one, plain = Output("mixture", 1), Output("heteroscedastic")
    assert agree(nll(one, [a, mean, s], y), nll(plain, [mean, s], y))
    assert all(agree(p, q) for p, q in zip(slopes(one, [a, mean, s], y)[1:], slopes(plain, [mean, s], y), strict=True))


@mixture_claim
@given(z=lists_of(6, quarters), y=quarters)
def test_logits_gradients_sum_to_zero(z: list, y: Fraction) -> None:
    """Weights and responsibilities both sum to 1: one of them would not be a distribution."""
    with working_precision(256):
        total = sum(slopes(Output("mixture"), z, y)[:2])
    assert total.contains(0)
    assert total.rad() < 2.0**-100


@mixture_claim
@pytest.mark.parametrize("distance", [10.0, 1e3, 1e6])
def test_a_target_far_from_every_mean_costs_its_distance(distance: float) -> None:
    """The densities underflow from 39 standard deviations on: their sum's logarithm would be infinite."""
    case = one_row(Output("mixture"), [0.0, 1.0, 0.0, 1.0, 0.0, 0.0], distance)
    loss = reference.loss(case.network, case.parameters, case.x, case.y)
    assert admissible.loss(case).examine(loss).outside is None
    assert (distance - 1) ** 2 / 2 < loss < (distance + 1) ** 2 / 2 + 2


@mixture_claim
@pytest.mark.parametrize("dtype", NAMES)
def test_a_component_that_explains_nothing_passes_no_gradient(dtype: str) -> None:
    """Its square overflows where its responsibility is 0, and 0·∞ would be nan: the other one learns as if alone."""
    s = -np.floor(np.log(precision(dtype).largest)) + 2
    case = one_row(Output("mixture"), [0.0, 0.0, 0.0, 16.0, s, 0.0], 16.0, dtype)
    gradient = reference.gradient(case.network, case.parameters, case.x, case.y)
    assert gradient[0][1].tolist() == [0.5, -0.5, 0, 0, 0, 0.5]


@mixture_claim
@given(a=lists_of(2, quarters), means=lists_of(2, quarters))
def test_the_mean_balances_the_components(a: list, means: list) -> None:
    """Predictions would lie elsewhere than E[y]: Σ πₖ (E[y] − μₖ) is 0 there alone."""
    mean = distribution_of(Output("mixture")).mean(ball, ball.asarray([[*a, *means, 0.0, 0.0]]))
    terms = [ball.exp(ball.asarray([weight])) * (mean[0] - centre) for weight, centre in zip(a, means, strict=True)]
    residual = (terms[0] + terms[1]).balls[0]
    assert agree(residual, 0 * residual)
    assert distribution_of(Output("heteroscedastic")).mean(ball, ball.asarray([[*a, *means]])).balls.tolist() == [
        list(map(exactly, a))
    ]


# Both


class OneValue(Ball):
    """Balls whose every standard algorithm must give the one value that is preferred."""

    def either(self, preferred, *alternatives):
        for alternative in alternatives:
            pairs = zip(preferred.balls.ravel(), alternative().balls.ravel(), strict=True)
            assert all(agree(one, other) for one, other in pairs)
        return preferred


@both_claims
@pytest.mark.parametrize("name", LEARNED_VARIANCE)
@examples(20)
@given(data=st.data())
def test_every_standard_algorithm_has_the_same_value(name: str, data: st.DataObject) -> None:
    """A wrong formula among those that are admitted would widen the sets, and let its like pass everywhere."""
    case, xp = data.draw(learned_variance_cases("float64", name)), OneValue(2 * BITS)  # where 1/v may be e^33
    assert forward.objective(xp, *placed(case, xp)).balls[()].is_finite()
    assert all(entry.is_finite() for entry in flat(by_hand(case, xp)))


@both_claims
@pytest.mark.parametrize("name", LEARNED_VARIANCE)
@examples(20)
@given(data=st.data())
def test_learned_variances_agree_with_reverse_mode(name: str, data: st.DataObject) -> None:
    """A gradient by hand could be wrong beside a right loss."""
    case = data.draw(learned_variance_cases("float64", name, max_depth=1))
    assert admissible.gradient(case).examine(witnesses.autograd_gradient(case)).outside is None


@both_claims
@pytest.mark.parametrize("name", LEARNED_VARIANCE)
@examples(10)
@given(data=st.data())
def test_learned_variances_agree_with_forward_mode(name: str, data: st.DataObject) -> None:
    """Reverse mode by a library shares its floats: balls know no rounding."""
    case = data.draw(learned_variance_cases("float64", name, max_depth=1))
    assert overlap(flat(by_hand(case, Ball())), flat(witnesses.dual_gradient(case)))


@both_claims
@pytest.mark.parametrize("name", LEARNED_VARIANCE)
@examples(10)
@given(data=st.data())
def test_learned_variances_agree_with_differences(name: str, data: st.DataObject) -> None:
    """Both modes share the derivatives of exp and log: a difference quotient knows none."""
    case = data.draw(learned_variance_cases("float64", name))
    assert overlap(flat(witnesses.gradient_over_box(case)), flat(witnesses.central_differences(case)))


@both_claims
@pytest.mark.parametrize(
    ("output", "units", "targets"),
    [(Output("heteroscedastic"), 6, 3), (Output("mixture"), 12, 2), (Output("mixture", 1), 3, 1)],
)
def test_targets_take_their_units(output: Output, units: int, targets: int) -> None:
    """A target for every unit would be asked of an output that has several units a target."""
    network = Network(1, units, output)
    assert network.targets == targets
    check_targets(output, units, np.zeros((2, targets)), 2)
    for shape in ((2, units), (targets, 2, 1), (2 * targets,)):
        with pytest.raises(ValueError, match="have shape"):
            check_targets(output, units, np.zeros(shape), 2)
    with pytest.raises(ValueError, match="is a multiple of"):
        Network(1, units + 1, output)


@both_claims
def test_descriptions_keep_their_json() -> None:
    """A description written before there were components could no longer be read, or be written otherwise."""
    old = (
        '{"inputs": 1, "units": 2, "output": {"name": "gaussian"}, "hidden": [], '
        '"reduction": "mean", "weight_decay": 0.0}'
    )
    assert Network.from_json(old).to_json() == old
    for output in (Output("heteroscedastic"), Output("mixture", 3)):
        network = Network(1, 18, output)
        assert Network.from_json(network.to_json()) == network


@mixture_claim
@pytest.mark.parametrize("arguments", [("gaussian", 2), ("heteroscedastic", 2), ("mixture", 0), ("mixture", 1.5)])
def test_components_belong_to_mixtures(arguments: tuple) -> None:
    """A number of components that nothing reads would be believed to act."""
    with pytest.raises(ValueError, match="components"):
        Output(*arguments)
