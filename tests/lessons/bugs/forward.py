"""Wrong initial weights and forward passes: affine layers, activations, maxout, recurrence, dropout, the objective."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from ffn import reference
from ffn.network.activations import activation_named, sigmoid, sigmoid_slope
from ffn.network.description import Hidden, initialise
from ffn.network.dropout import weight_scaled
from ffn.network.forward import activate, affine, objective
from ffn.network.maxout import maxout
from ffn.network.outputs import softmax
from ffn.network.recurrent import trace as recurrent_trace
from tests.lessons.activations import (
    test_activations,
    test_kinks,
    test_ranges,
    test_saturation,
    test_vanishing_gradients,
)
from tests.lessons.cost import test_cross_entropy
from tests.lessons.limits import test_limits
from tests.lessons.maxout import test_dropout, test_maxout
from tests.lessons.networks import test_networks, test_regions
from tests.lessons.optimisation import test_optimisation
from tests.lessons.planted import planted, refused_by

# Initial weights


@planted("weights of variance 1/d", "C16", in_place_of=initialise)
@refused_by(test_vanishing_gradients.test_the_shipped_weights_have_that_variance)
def initialise_with_variance_1_over_d(net, seed, scheme=None, dtype=np.float64):
    """Variance 1/d: the factor 2 that makes up for relu is missing."""
    return tuple((W / np.sqrt(2), b) for W, b in initialise(net, seed, scheme, dtype))


@planted("all zeros to start from", "C10", in_place_of=initialise)
@refused_by(test_optimisation.test_initial_weights_tell_the_units_apart)
def zeros(network, seed, scheme=None, dtype=np.float64):
    """All parameters 0."""
    return tuple((np.zeros(W, dtype), np.zeros(b, dtype)) for W, b in network.shapes)


@planted("one random number a layer", "C10", in_place_of=initialise)
@refused_by(test_optimisation.test_initial_weights_tell_the_units_apart)
def same_weights(network, seed, scheme=None, dtype=np.float64):
    """The biases are 0 and the weights random, but drawn once a layer."""
    generator = np.random.default_rng(seed)
    return tuple((np.full(W, generator.normal(), dtype), np.zeros(b, dtype)) for W, b in network.shapes)


# Layers


@planted("no bias", "C3", in_place_of=affine)
@refused_by(test_regions.test_a_node_is_0_on_a_hyperplane)
@planted("bias forgotten", "C20", in_place_of=affine)
@refused_by(test_kinks.test_with_a_bias_a_data_point_is_on_a_kink_for_one_bias_alone)
@planted("no biases", "C38", in_place_of=affine)
@refused_by(test_limits.test_relu_units_enough_come_as_close_as_wanted)
def affine_without_bias(xp, x, W, b):
    """z = xW: every hyperplane goes through the origin, and a network of relus is 0 there."""
    return affine(xp, x, W, 0 * b)


@planted("bounded units without their bound", "C44", in_place_of=activate)
@refused_by(test_ranges.test_above_bounded_units_the_network_is_bounded)
@planted("no bend at all", "C48", in_place_of=activate)
@refused_by(test_ranges.test_every_activation_but_the_identity_bends, name="relu")
@planted("the activation is left out", "C5", in_place_of=activate)
@refused_by(test_networks.test_two_relus_compute_what_no_affine_map_does)
def activate_that_forgets(xp, layer, z):
    """h = z: the activation is left out."""
    return z.max(axis=-1) if layer.activation == "maxout" else z


@planted("relu capped at 6", "C17", in_place_of=activate)
@refused_by(test_kinks.test_a_network_is_convex_in_its_input_when_no_later_weight_is_negative)
@planted("relu cut off at 6", "C49", in_place_of=activate)
@refused_by(test_ranges.test_relu_commutes_with_positive_factors)
@planted("relu clipped at 6", "C39", in_place_of=activate)
@refused_by(test_limits.test_two_relus_come_as_close_to_a_step_as_wanted)
def activate_with_relu6(xp, layer, z):
    """Relu stops at 6: it is no longer convex, and no weight makes a unit steeper than 6 over its range."""
    h = activate(xp, layer, z)
    return -xp.maximum(-h, 0 * h - 6) if layer.activation == "relu" else h


@planted("absolute value in place of relu", "C23", in_place_of=activate)
@refused_by(test_activations.test_an_autoencoder_of_relus_reproduces_every_vector_exactly)
def activate_with_the_absolute_value(xp, layer, z):
    """Relu keeps the size of what it should cut off."""
    return activate(xp, Hidden(layer.units, "absolute") if layer.activation == "relu" else layer, z)


@planted("mean in place of the maximum", "C26", in_place_of=maxout)
@refused_by(test_maxout.test_max_pooling_is_a_maxout_whose_pieces_are_shifts_of_one_filter)
def average_pooling(xp, z):
    """The mean of the pieces in the place of their maximum."""
    return z.sum(axis=2) / z.shape[2]


# Activations and their slopes


@planted("sigmoid in one formula", "C13", in_place_of=reference.activation)
@refused_by(test_saturation.test_before_its_thresholds_sigmoid_is_strictly_inside_in_float64)
def activation_in_one_formula(name, z):
    """1/(1 + e^-x) without a branch: e^-x overflows on the left."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=np.float64))) if name == "sigmoid" else np.tanh(z)


@planted("slope s(1 − s)", "C14", in_place_of=sigmoid_slope)
@refused_by(test_saturation.test_the_shipped_slope_keeps_its_digits_in_saturation)
def slope_from_the_output(xp, z):
    """s(1 − s), which is 0 where s rounds to 1."""
    s = sigmoid(xp, z)
    return s * (1 - s)


@planted("slope 2 at a kink", "C19", in_place_of=activation_named)
@refused_by(test_kinks.test_at_a_kink_the_slope_lies_between_those_of_both_sides)
def activation_with_a_slope_of_2_at_kinks(name, negative_slope=None):
    """At a kink the slopes of both tied pieces are added up as if each were 1."""
    activation = activation_named(name, negative_slope)
    kinks = [float(kink.at) for kink in activation.kinks]

    def slope(xp, z):
        return xp.where(np.isin(np.asarray(z, dtype=np.float64), kinks), 2 + 0 * z, activation.slope(xp, z))

    return replace(activation, slope=slope) if kinks else activation


@planted("softmax over the batch", "C24", in_place_of=softmax)
@refused_by(test_activations.test_sigmoid_is_what_normalising_exp_of_yz_gives)
def softmax_over_the_batch(xp, z):
    """Normalised over the rows in place of the classes."""
    e = xp.exp(z - xp.detached_max(z))
    return e / e.sum(axis=0)


# The recurrent layer


@planted("state not carried over", "C21", in_place_of=recurrent_trace)
@refused_by(test_activations.test_it_adds_up_what_it_reads)
def trace_that_forgets(xp, layer, parameters, x, h0=None):
    """Every step starts from the first state again."""
    return [step for t in range(x.shape[1]) for step in recurrent_trace(xp, layer, parameters, x[:, t : t + 1], h0)]


@planted("recurrent weights transposed", "C22", in_place_of=recurrent_trace)
@refused_by(test_activations.test_with_weights_that_are_not_negative_the_states_are_powers_of_the_weights)
def trace_with_weights_transposed(xp, layer, parameters, x, h0=None):
    """h_{t−1} Uᵀ in place of h_{t−1} U."""
    (W, U, b), readout = parameters
    return recurrent_trace(xp, layer, ((W, U.T, b), readout), x, h0)


# Dropout at inference


@planted("weights scaled up at inference", "C31", in_place_of=weight_scaled)
@refused_by(test_dropout.test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones)
def weights_scaled_up(parameters, keep):
    """The scaling of inverted dropout, 1/q, which belongs to the training, applied once more at inference."""
    return weight_scaled(parameters, [1 / (q * Fraction(1)) for q in keep])


@planted("maxout's bias scaled with its weights", "C47", in_place_of=weight_scaled)
@refused_by(test_dropout.test_scaling_underestimates_a_maxout_unit_unless_one_piece_wins_under_every_mask)
@planted("bias scaled too", "C31", in_place_of=weight_scaled)
@refused_by(test_dropout.test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones)
def weights_and_biases_scaled(parameters, keep):
    """The bias is scaled with the weights, though no mask ever drops it."""
    scaled = weight_scaled(parameters, keep)
    return tuple((W, b * min(q.ravel())) for (W, b), q in zip(scaled, keep, strict=True))


# The objective


@planted("sum in place of the mean", "C32", in_place_of=objective)
@refused_by(
    test_cross_entropy.test_the_mean_nll_is_the_cross_entropy_under_the_empirical_distribution, name="bernoulli"
)
def objective_summed(xp, network, parameters, x, y, *rest, **options):
    """The sum over the batch, whatever the reduction: N times the cross-entropy."""
    return objective(xp, replace(network, reduction="sum"), parameters, x, y, *rest, **options)
