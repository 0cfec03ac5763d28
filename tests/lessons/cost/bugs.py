"""Planted bugs: Cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ffn.network import backward, forward, outputs
from ffn.network.description import Output
from tests.lessons.cost import test_cost, test_regularisation
from tests.lessons.planted import LessonBug


def objective_summed(xp, network, parameters, x, y, *rest, **options):
    """The sum over the batch, whatever the reduction: N times the cross-entropy."""
    return _objective(xp, replace(network, reduction="sum"), parameters, x, y, *rest, **options)


def nll_without_one_half(xp, network, z, y, kernel_only=False):
    """The whole square of the error, as 'MSE' has it, in the place of half of it."""
    distribution = outputs.distribution_of(network.output)
    kernel = 2 * distribution.kernel(xp, z, y)
    return kernel if kernel_only else kernel + distribution.constant(xp, y)


def statistic_minus_mean(xp, network, z, y):
    """y − E[y]: the direction of descent taken for the gradient."""
    return -_output_vjp(xp, network, z, y)


def variance_kernel_without_its_logarithm(xp, r, s):
    """½r²e⁻ˢ: ½ log v was dropped as if it were a constant."""
    return outputs._standardised_square(xp, r, s) / 2


def log_of_softmax(xp, network, z, y, kernel_only=False):
    """−log of the probability: the softmax is taken first, and underflows to 0."""
    if network.output.name != "categorical":
        return _nll(xp, network, z, y, kernel_only)
    return -xp.log(outputs.softmax(xp, z)[np.arange(z.shape[0]), y])


def unshifted_log_sum_exp(xp, z):
    """log Σ exp z without the shift by the maximum: exp overflows, or underflows to log 0."""
    return xp.log(xp.exp(z).sum(axis=1))


def decay_forgotten(xp, x, dz, decay):
    """The gradient of the loss without that of its weight decay."""
    return _affine_vjp(xp, x, dz, None)


def laplace_for_gaussian(output):
    """The absolute error where the squared one belongs, and the other way round."""
    other = {"gaussian": Output("laplace"), "laplace": Output("gaussian")}
    return _distribution_of(other.get(output.name, output))


_objective, _nll, _output_vjp = forward.objective, forward.negative_log_likelihood, backward.output_vjp
_affine_vjp, _distribution_of = backward.affine_vjp, outputs.distribution_of

BUGS = (
    LessonBug(
        "sum in place of the mean",
        "C32",
        test_cost.test_the_mean_nll_is_the_cross_entropy_under_the_empirical_distribution,
        forward.objective,
        objective_summed,
        {"name": "bernoulli"},
    ),
    LessonBug(
        "squared error without ½",
        "C33",
        test_cost.test_the_nll_is_minus_the_log_of_the_density,
        forward.negative_log_likelihood,
        nll_without_one_half,
        {"name": "gaussian"},
    ),
    LessonBug(
        "log-variance dropped",
        "C33",
        test_cost.test_the_logarithm_of_a_learned_variance_is_part_of_the_cost,
        outputs._variance_kernel,
        variance_kernel_without_its_logarithm,
    ),
    LessonBug(
        "statistic minus mean",
        "C34",
        test_cost.test_training_matches_the_mean_of_the_model_to_that_of_the_data,
        backward.output_vjp,
        statistic_minus_mean,
    ),
    LessonBug(
        "log of softmax",
        "C35",
        test_cost.test_in_floats_the_cost_of_a_confident_mistake_is_finite,
        forward.negative_log_likelihood,
        log_of_softmax,
        {"dtype": "float64"},
    ),
    LessonBug(
        "log-sum-exp without a shift",
        "C35",
        test_cost.test_in_floats_the_lower_bound_holds_without_any_slack,
        outputs.log_sum_exp,
        unshifted_log_sum_exp,
        {"dtype": "float64"},
    ),
    LessonBug(
        "weight decay missing from the gradient",
        "C36",
        test_regularisation.test_with_weight_decay_one_weight_is_best,
        backward.affine_vjp,
        decay_forgotten,
    ),
    LessonBug(
        "log-variance missing from the cost",
        "C36",
        test_regularisation.test_a_prior_on_the_variance_bounds_it,
        outputs._variance_kernel,
        variance_kernel_without_its_logarithm,
    ),
    LessonBug(
        "absolute error for a gaussian",
        "C37",
        test_cost.test_squared_error_is_least_at_the_mean_and_absolute_error_at_the_medians,
        outputs.distribution_of,
        laplace_for_gaussian,
    ),
)
