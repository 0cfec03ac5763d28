"""Parts beyond the first network: learned variances, mixtures and dropout; the recurrent layer has a file of its own.

Claims: heteroscedastic: the loss is −log N(y; μ, eˢ) and s learns the squared residual. Mixture: the loss is −log Σ π N
however far the target lies. Dropout: a mask picks a subnetwork, and scaled weights give the mean over all masks of an
affine one. Each gradient by hand agrees with other ways to it.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, admissible, reference, witnesses
from ffn.cases.case import Case
from ffn.cases.strategies import arrays_of, cases, dropout_cases, learned_variance_cases, networks
from ffn.conformance.implementation.adapters.autograd import implementation as autograd
from ffn.conformance.implementation.subject import Subject
from ffn.network import backward, forward
from ffn.network.description import LEARNED_VARIANCE
from ffn.network.dropout import draw_masks, mask_shapes, weight_scaled
from ffn.network.outputs import as_targets, check_targets, distribution_of
from ffn.numbers.ball import Ball, working_precision
from ffn.numbers.exact import exact
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.helpers.balls import BITS, agree, ball
from tests.helpers.gradients import by_hand, flat, overlap, placed
from tests.helpers.profiles import examples

heteroscedastic_claim = pytest.mark.claim("C36")
mixture_claim = pytest.mark.claim("C34")
dropout_claim = pytest.mark.claim("C31")
both_claims = pytest.mark.claim("C34", "C36")

quarters = st.integers(-12, 12).map(lambda i: i / 4)  # exact as midpoints of balls
LINEAR = ("identity", "relu", "leaky_relu", "absolute", "maxout")  # on fractions


def nll(output: Output, z: list[float], y: float):
    """The loss of one target as a ball."""
    xp = ball
    distribution, rows, targets = distribution_of(output), xp.asarray([z]), xp.asarray([[y]])
    return (distribution.kernel(xp, rows, targets) + distribution.constant(xp, targets)).balls[0, 0]


def slopes(output: Output, z: list[float], y: float) -> list:
    """The gradient of that loss as balls."""
    return list(distribution_of(output).gradient(ball, ball.asarray([z]), ball.asarray([[y]])).balls[0])


def normal_density(y: float, mean: float, s: float):
    """exp(−(y − μ)²/2v)/√(2πv) for v = eˢ."""
    y, mean, s = (ball.asarray([value]) for value in (y, mean, s))
    variance, root = ball.exp(s), ball.exp(ball.log(2 * ball.constant("pi")) / 2 + s / 2)
    return ball.exp(-((y - mean) * (y - mean) / variance / 2)) / root


def one_row(output: Output, z: list[float], y: float, dtype: str = "float64") -> Case:
    """A case of one target whose last affine output is z."""
    bias = np.array(z, dtype=np.float64).astype(dtype_of(dtype))
    x, target = bias[None, :1] * 0, np.full((1, 1), y).astype(bias.dtype)
    return Case(Network(1, len(z), output), ((bias[None, :] * 0, bias),), x, target)


def minus_log(density):
    return (-ball.log(density)).balls[0]


# The variance learned too


@heteroscedastic_claim
@given(mean=quarters, s=quarters, y=quarters)
def test_heteroscedastic_is_minus_the_log_of_the_normal_density(mean: float, s: float, y: float) -> None:
    """A loss without log v, or with s taken for σ, would have its minimum at another variance."""
    assert agree(nll(Output("heteroscedastic"), [mean, s], y), minus_log(normal_density(y, mean, s)))


@heteroscedastic_claim
@given(mean=quarters, y=quarters)
def test_at_variance_one_it_is_the_gaussian_loss(mean: float, y: float) -> None:
    """Unit variance is log v = 0: the two outputs would not be one family."""
    fixed, learned = Output("gaussian"), Output("heteroscedastic")
    assert agree(nll(learned, [mean, 0.0], y), nll(fixed, [mean], y))
    assert agree(slopes(learned, [mean, 0.0], y)[0], slopes(fixed, [mean], y)[0])


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
def test_mixture_is_minus_the_log_of_the_weighted_densities(data: st.DataObject, components: int, y: float) -> None:
    """A loss in logs could drop a weight, or its normalisation, unseen."""
    a, means, s = (data.draw(st.lists(quarters, min_size=components, max_size=components)) for _ in range(3))
    weights = ball.exp(ball.asarray(a))
    terms = [weights[k : k + 1] * normal_density(y, means[k], s[k]) for k in range(components)]
    density = sum(terms[1:], terms[0]) / weights.sum()
    assert agree(nll(Output("mixture", components), [*a, *means, *s], y), minus_log(density))


@mixture_claim
@given(a=quarters, mean=quarters, s=quarters, y=quarters)
def test_one_component_is_heteroscedastic(a: float, mean: float, s: float, y: float) -> None:
    """The weight of a single component is 1 whatever its logit: it would act on the loss."""
    one, plain = Output("mixture", 1), Output("heteroscedastic")
    assert agree(nll(one, [a, mean, s], y), nll(plain, [mean, s], y))
    assert all(agree(p, q) for p, q in zip(slopes(one, [a, mean, s], y)[1:], slopes(plain, [mean, s], y), strict=True))


@mixture_claim
@given(z=st.lists(quarters, min_size=6, max_size=6), y=quarters)
def test_logits_gradients_sum_to_zero(z: list[float], y: float) -> None:
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
    assert loss in admissible.loss(case)
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
@given(a=st.lists(quarters, min_size=2, max_size=2), means=st.lists(quarters, min_size=2, max_size=2))
def test_the_mean_balances_the_components(a: list[float], means: list[float]) -> None:
    """Predictions would lie elsewhere than E[y]: Σ πₖ (E[y] − μₖ) is 0 there alone."""
    mean = distribution_of(Output("mixture")).mean(ball, ball.asarray([[*a, *means, 0.0, 0.0]]))
    terms = [ball.exp(ball.asarray([weight])) * (mean[0] - centre) for weight, centre in zip(a, means, strict=True)]
    residual = (terms[0] + terms[1]).balls[0]
    assert agree(residual, 0 * residual)
    assert distribution_of(Output("heteroscedastic")).mean(ball, ball.asarray([[*a, *means]])).balls.tolist() == [a]


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
    assert witnesses.autograd_gradient(case) in admissible.gradient(case)


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


# Dropout


def exactly(case: Case) -> tuple:
    """Network, parameters, batch, targets and masks on fractions."""
    parameters = tuple((exact.asarray(W), exact.asarray(b)) for W, b in case.parameters)
    y = as_targets(exact, case.network.output, case.y)
    return case.network, parameters, exact.asarray(case.x), y, tuple(map(exact.asarray, case.masks))


@st.composite
def exact_dropout(draw: st.DrawFn, activations: tuple[str, ...] = LINEAR) -> Case:
    """A dropout case that runs on fractions."""
    case = draw(
        cases("float64", networks(activations, outputs=("gaussian",), weight_decays=(0.0, 0.5)), st.integers(1, 3))
    )
    shapes = mask_shapes(case.network, case.x.shape[0])
    return replace(case, masks=tuple(draw(arrays_of((1, 0), s)) for s in shapes))


def picked(parameters: tuple, masks: list) -> tuple:
    """The subnetwork of one row's masks: the weights that a dropped unit feeds are 0."""
    return tuple(
        (W * mask.reshape(-1, *(1,) * (W.ndim - 1)), b) for (W, b), mask in zip(parameters, masks, strict=True)
    )


@dropout_claim
@examples(30)
@given(case=exact_dropout())
def test_a_row_s_masks_pick_a_subnetwork(case: Case) -> None:
    """Dropout would train something else than the subnetworks that share its weights."""
    network, parameters, x, _, masks = exactly(case)
    outputs = forward.trace(exact, network, parameters, x, masks)[-1].h
    for row in range(len(x)):
        subnetwork = picked(parameters, [mask[row] for mask in masks])
        assert (forward.trace(exact, network, subnetwork, x[row : row + 1])[-1].h == outputs[row]).all()


@dropout_claim
@examples(30)
@given(case=exact_dropout())
def test_dropout_gradient_is_the_sum_over_the_subnetworks(case: Case) -> None:
    """A backward pass that forgets the mask would train units that took no part."""
    network, parameters, x, y, masks = exactly(
        replace(case, network=replace(case.network, weight_decay=0.0, reduction="sum"))
    )
    gradient = backward.gradient(exact, network, parameters, x, y, masks)
    total = None
    for row in range(len(x)):
        own = [mask[row] for mask in masks]
        one = backward.gradient(exact, network, picked(parameters, own), x[row : row + 1], y[row : row + 1])
        shares = flat(picked(one, own))  # the chain rule through W times the mask
        total = shares if total is None else [a + b for a, b in zip(total, shares, strict=True)]
    assert flat(gradient) == total


@dropout_claim
@examples(15)
@given(case=exact_dropout())
def test_dropout_gradient_agrees_with_forward_mode(case: Case) -> None:
    """The subnetworks go through the same backward pass: dual numbers go through none."""
    network, parameters, x, y, masks = exactly(case)

    def loss(xp, parameters):
        lifted = tuple(map(xp.asarray, masks))
        return forward.objective(xp, network, parameters, xp.asarray(x), xp.asarray(y), kernel_only=True, masks=lifted)

    dual = witnesses.dual_derivatives(loss, parameters, exact)
    assert flat(backward.gradient(exact, network, parameters, x, y, masks)) == flat(dual)


@dropout_claim
@examples(20)
@given(case=dropout_cases("float64"))
def test_dropout_agrees_with_reverse_mode(case: Case) -> None:
    """Fractions run neither tanh nor softmax."""
    assert Subject(autograd).dropout_gradient(case) in admissible.gradient(case)


@dropout_claim
@examples(30)
@given(case=dropout_cases("float32"))
def test_masks_of_ones_change_no_bit(case: Case) -> None:
    """Evaluation without dropout would differ from dropout that drops nothing."""
    masks = tuple(np.ones_like(mask) for mask in case.masks)
    plain = case.network, case.parameters, case.x
    assert (reference.dropout_forward(*plain, masks) == reference.forward(*plain)).all()
    assert reference.dropout_loss(*plain, case.y, masks) == reference.loss(*plain, case.y)
    with_masks, without = reference.dropout_gradient(*plain, case.y, masks), reference.gradient(*plain, case.y)
    assert all(
        (a == b).all() for one, other in zip(with_masks, without, strict=True) for a, b in zip(one, other, strict=True)
    )


@dropout_claim
@pytest.mark.parametrize("widths", [(2, 1), (2, 2, 1), (1, 2, 2, 1)])
def test_scaled_weights_give_the_mean_over_all_masks_of_an_affine_network(widths: tuple[int, ...]) -> None:
    """Without it inference would not be the mean of what was trained: every mask of a row, with its probability."""
    random = np.random.default_rng(0)
    network = Network(widths[0], widths[-1], Output("gaussian"), tuple(Hidden(n, "identity") for n in widths[1:-1]))
    parameters = tuple(tuple(exact.asarray(random.integers(-4, 5, shape)) for shape in pair) for pair in network.shapes)
    x, keep = exact.asarray(random.integers(-4, 5, (1, widths[0]))), [Fraction(1, 2), Fraction(2, 3), Fraction(1, 5)]
    mean, total = Fraction(0), Fraction(0)
    for bits in product((0, 1), repeat=sum(widths[:-1])):
        ends = np.cumsum(widths[:-1])[:-1]
        masks = [exact.asarray(part[None, :]) for part in np.split(np.array(bits), ends)]
        chance = prod(q if bit else 1 - q for q, m in zip(keep, masks, strict=False) for bit in m.ravel())
        mean, total = mean + chance * forward.trace(exact, network, parameters, x, masks)[-1].h, total + chance
    assert total == 1
    scaled = weight_scaled(parameters, keep[: network.depth])
    assert (forward.trace(exact, network, scaled, x)[-1].h == mean).all()


@dropout_claim
@given(seed=st.integers(0, 2**32), q=st.sampled_from((0.0, 0.25, 0.5, 1.0)))
def test_masks_are_drawn_from_their_seed_and_probability(seed: int, q: float) -> None:
    """An experiment could not be repeated, or 1 could mean dropped; where more is kept, nothing is lost."""
    network = Network(3, 1, Output("gaussian"), (Hidden(4), Hidden(2, "maxout", pieces=3)))
    masks, again, more = (draw_masks(network, [p] * 3, 5, seed) for p in (q, q, (1 + q) / 2))
    assert [mask.shape for mask in masks] == [(5, 3), (5, 4), (5, 2)]
    assert all((a == b).all() and (a <= c).all() for a, b, c in zip(masks, again, more, strict=True))
    assert q not in (0.0, 1.0) or all((mask == q).all() for mask in masks)
    by_unit = draw_masks(network, [np.array([0, q, 1]), q, q], 5, seed)[0]
    assert (by_unit[:, [0, 2]] == [0, 1]).all()
    assert (by_unit[:, 1] == masks[0][:, 1]).all()


@dropout_claim
def test_units_are_kept_independently() -> None:
    """One mask for all rows, or for all layers, would train a single subnetwork at a time; q could be another share.

    Of n independent units the share that is kept lies within t of q but for a chance of 2 exp(−2nt²) (Hoeffding 1963),
    and so does the share of pairs that are kept both from q².
    """
    n, q = 40_000, 0.25
    t = np.sqrt(np.log(2e9) / (2 * n))  # a chance of 1e-9, and the seed is fixed
    network = Network(200, 1, Output("gaussian"), (Hidden(200),))
    first, second = draw_masks(network, [q, q], 200, seed=0)
    pairs = first[:-1] * first[1:], first[:, :-1] * first[:, 1:]
    assert all(abs(mask.mean() - q) < t for mask in (first, second))
    assert abs((first * second).mean() - q * q) < t
    assert all(abs(pair[::2, ::2].mean() - q * q) < 2 * t for pair in pairs)  # a quarter as many, none counted twice


@dropout_claim
@examples(30)
@given(case=exact_dropout(), q=st.fractions(Fraction(1, 9), 1, max_denominator=9))
def test_inverted_dropout_trains_the_scaled_weights(case: Case, q: Fraction) -> None:
    """What is divided by q in training and what is scaled by q at inference would be two networks: m/q · qW = mW."""
    network, parameters, x, _, masks = exactly(case)
    scaled = weight_scaled(parameters, [q] * network.depth)
    inverted = forward.trace(exact, network, scaled, x, [mask / q for mask in masks])[-1].h
    assert (inverted == forward.trace(exact, network, parameters, x, masks)[-1].h).all()


@dropout_claim
def test_scaled_weights_keep_their_dtype() -> None:
    """A probability of Python's would widen float32 weights."""
    parameters = (
        (np.ones((2, 3, 2), np.float32), np.ones((3, 2), np.float32)),
        (np.ones((3, 1), np.float32), np.ones(1)),
    )
    (W, _), (V, _) = weight_scaled(parameters, [0.5, np.array([0.0, 0.5, 1.0])])
    assert (W.dtype, V.dtype) == (np.float32, np.float32)
    assert (W == 0.5).all()
    assert V.ravel().tolist() == [0, 0.5, 1]


@dropout_claim
def test_masks_that_do_not_fit_are_refused() -> None:
    """A mask of another shape would be broadcast, and a probability multiplied in, without a word."""
    network = Network(2, 1, Output("gaussian"))
    parameters, x = ((np.ones((2, 1)), np.ones(1)),), np.ones((3, 2))
    for masks, message in (((np.ones((1, 2)),), "shapes"), ((np.full((3, 2), 0.5),), "0 and 1 alone"), ((), "shapes")):
        with pytest.raises(ValueError, match=message):
            reference.dropout_forward(network, parameters, x, masks)
    for keep in ([0.5, 0.5], [1.5], [np.nan], [np.ones(3)]):
        with pytest.raises(ValueError, match="keep"):
            draw_masks(network, keep, 3, 0)
    for keep in ([0.5, 0.5], [np.ones(3)], [np.ones((2, 1))]):
        with pytest.raises(ValueError, match="keep"):
            weight_scaled(parameters, keep)
