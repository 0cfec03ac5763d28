"""Wrong negative log-likelihoods."""

from __future__ import annotations

import numpy as np

from ffn.network import outputs
from ffn.network.description import Output
from ffn.network.forward import negative_log_likelihood
from ffn.network.outputs import distribution_of, log_sum_exp, softmax
from tests.lessons.cost import test_categorical_cost, test_cost, test_maximum_likelihood, test_regularisation
from tests.lessons.limits import test_overfitting
from tests.lessons.optimisation import test_optimisation
from tests.lessons.planted import planted, refused_by


@planted("an activation on the output too", "C8", in_place_of=negative_log_likelihood)
@refused_by(test_optimisation.test_in_the_last_layer_alone_the_loss_is_convex, activation="relu")
def nll_of_rectified_output(xp, network, z, y, kernel_only=False):
    """A relu after the last layer too: negative targets are lost, and with them convexity in the last layer."""
    return negative_log_likelihood(xp, network, xp.maximum(z, 0), y, kernel_only)


@planted("the loss is the whole square", "C46", in_place_of=negative_log_likelihood)
@refused_by(test_overfitting.test_training_errs_less_than_the_noise_by_the_rank_over_n_and_test_more_by_as_much)
@planted("squared error without ½", "C33", in_place_of=negative_log_likelihood)
@refused_by(test_cost.test_the_nll_is_minus_the_log_of_the_density, name="gaussian")
def nll_without_one_half(xp, network, z, y, kernel_only=False):
    """The whole square of the error, as 'MSE' has it, in the place of half of it."""
    kernel = negative_log_likelihood(xp, network, z, y, kernel_only=True)
    return kernel + negative_log_likelihood(xp, network, z, y, kernel_only)


@planted("log-variance dropped", "C33", in_place_of=outputs._variance_kernel)
@refused_by(test_cost.test_the_logarithm_of_a_learned_variance_is_part_of_the_cost)
@planted("log-variance missing from the cost", "C36", in_place_of=outputs._variance_kernel)
@refused_by(test_regularisation.test_a_prior_on_the_variance_bounds_it)
def variance_kernel_without_its_logarithm(xp, r, s):
    """½r²e⁻ˢ: ½ log v was dropped as if it were a constant."""
    return outputs._standardised_square(xp, r, s) / 2


@planted("the likelihood of the next class", "C45", in_place_of=negative_log_likelihood)
@refused_by(test_maximum_likelihood.test_no_other_probabilities_have_a_smaller_nll_than_the_shares)
def nll_of_the_next_class(xp, network, z, y, kernel_only=False):
    """The NLL of the class one further on: classes counted from 1 where the code counts from 0."""
    return negative_log_likelihood(xp, network, z, (np.asarray(y) + 1) % z.shape[1], kernel_only)


@planted("log of softmax", "C35", in_place_of=negative_log_likelihood)
@refused_by(test_categorical_cost.test_in_floats_the_cost_of_a_confident_mistake_is_finite, dtype="float64")
def nll_as_log_of_softmax(xp, network, z, y, kernel_only=False):
    """−log of the probability: the softmax is taken first, and underflows to 0."""
    if network.output.name != "categorical":
        return negative_log_likelihood(xp, network, z, y, kernel_only)
    return -xp.log(softmax(xp, z)[np.arange(z.shape[0]), y])


@planted("log-sum-exp without a shift", "C35", in_place_of=log_sum_exp)
@refused_by(test_categorical_cost.test_in_floats_the_lower_bound_holds_without_any_slack, dtype="float64")
def log_sum_exp_unshifted(xp, z):
    """log Σ exp z without the shift by the maximum: exp overflows, or underflows to log 0."""
    return xp.log(xp.exp(z).sum(axis=1))


@planted("absolute error for a gaussian", "C37", in_place_of=distribution_of)
@refused_by(test_cost.test_squared_error_is_least_at_the_mean_and_absolute_error_at_the_medians)
def laplace_for_gaussian(output):
    """The absolute error where the squared one belongs, and the other way round."""
    other = {"gaussian": Output("laplace"), "laplace": Output("gaussian")}
    return distribution_of(other.get(output.name, output))
