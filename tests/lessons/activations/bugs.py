"""Planted bugs: Activations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ffn import reference
from ffn.network import activations, backward, forward, outputs, recurrent
from ffn.network import description as network
from ffn.network.activations import activation_named, sigmoid
from ffn.network.description import Hidden, initialise
from ffn.network.forward import LayerTrace
from tests.lessons.activations import test_activations, test_kinks, test_saturation, test_vanishing_gradients
from tests.lessons.planted import LessonBug

# The originals: `planted` leaves the names of this module alone.
activate, activation_vjp, affine = forward.activate, backward.activation_vjp, forward.affine


def vjp_as_of_softmax(xp, layer, step, dh):
    """δ g′(z) minus its mean over the units: the Jacobian has entries off its diagonal."""
    dz = activation_vjp(xp, layer, step, dh)
    return dz - dz.sum(axis=1).reshape(-1, 1) / dz.shape[1]


def activation_in_one_formula(name, z):
    """1/(1 + e^-x) without a branch: e^-x overflows on the left."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=np.float64))) if name == "sigmoid" else np.tanh(z)


def slope_from_the_output(xp, z):
    """s(1 − s), which is 0 where s rounds to 1."""
    s = sigmoid(xp, z)
    return s * (1 - s)


def vjp_without_the_slope(xp, layer, step, dh):
    """The cotangent goes through the activation unchanged."""
    return dh


def vjp_masked_by_the_output(xp, layer, step, dh):
    """Relu's mask is on h ≥ 0, which is always so."""
    return dh * (step.h >= 0)


def vjp_masked_by_the_cotangent(xp, layer, step, dh):
    """Relu's mask is on the sign of the cotangent."""
    return dh * (dh > 0)


def initialise_with_variance_1_over_d(net, seed, scheme=None, dtype=np.float64):
    """Variance 1/d: the factor 2 that makes up for relu is missing."""
    return tuple((W / np.sqrt(2), b) for W, b in initialise(net, seed, scheme, dtype))


def activate_capped_at_6(xp, layer, z):
    """Relu stops at 6: it is no longer convex."""
    h = activate(xp, layer, z)
    return -xp.maximum(-h, 0 * h - 6)


def sign_of_the_residual(xp, net, z, y):
    """The slope of |y − z|, taken as 1 where the residual is 0."""
    return xp.where(np.asarray(z >= y, dtype=bool), 1, -1)


def activation_with_a_slope_of_2_at_kinks(name, negative_slope=None):
    """At a kink the slopes of both tied pieces are added up as if each were 1."""
    activation = activation_named(name, negative_slope)
    kinks = [float(kink.at) for kink in activation.kinks]

    def slope(xp, z):
        return xp.where(np.isin(np.asarray(z, dtype=np.float64), kinks), 2 + 0 * z, activation.slope(xp, z))

    return replace(activation, slope=slope) if kinks else activation


def affine_without_a_bias(xp, x, W, b):
    """z = xW."""
    return affine(xp, x, W, 0 * b)


def trace_that_forgets(xp, layer, parameters, x, h0=None):
    """Every step starts from the first state again."""
    (W, U, b), _ = parameters
    steps = []
    for t in range(x.shape[1]):
        z = affine(xp, x[:, t], W, b) + xp.matmul(h0, U)
        steps.append(LayerTrace(x[:, t], z, activate(xp, layer.hidden, z)))
    return steps


def trace_with_weights_transposed(xp, layer, parameters, x, h0=None):
    """h_{t−1} Uᵀ in place of h_{t−1} U."""
    (W, U, b), _ = parameters
    steps, h = [], h0
    for t in range(x.shape[1]):
        z = affine(xp, x[:, t], W, b) + xp.matmul(h, U.T)
        h = activate(xp, layer.hidden, z)
        steps.append(LayerTrace(x[:, t], z, h))
    return steps


def activate_with_the_absolute_value(xp, layer, z):
    """Relu keeps the size of what it should cut off."""
    return activate(xp, Hidden(layer.units, "absolute") if layer.activation == "relu" else layer, z)


def softmax_over_the_batch(xp, z):
    """Normalised over the rows in place of the classes."""
    e = xp.exp(z - xp.detached_max(z))
    return e / e.sum(axis=0)


BUGS: tuple[LessonBug, ...] = (
    LessonBug(
        "Jacobian with entries off its diagonal",
        "C12",
        test_activations.test_an_activation_moves_each_unit_by_its_own_pre_activation_alone,
        backward.activation_vjp,
        vjp_as_of_softmax,
        {"name": "identity"},
    ),
    LessonBug(
        "sigmoid in one formula",
        "C13",
        test_saturation.test_before_its_thresholds_sigmoid_is_strictly_inside_in_float64,
        reference.activation,
        activation_in_one_formula,
    ),
    LessonBug(
        "slope s(1 − s)",
        "C14",
        test_saturation.test_the_shipped_slope_keeps_its_digits_in_saturation,
        activations.sigmoid_slope,
        slope_from_the_output,
    ),
    LessonBug(
        "slope of the activation forgotten",
        "C15",
        test_vanishing_gradients.test_what_the_backward_pass_returns_through_sigmoids_is_as_small,
        backward.activation_vjp,
        vjp_without_the_slope,
    ),
    LessonBug(
        "mask on the output",
        "C16",
        test_vanishing_gradients.test_relu_passes_a_cotangent_on_where_it_is_active_and_nowhere_else,
        backward.activation_vjp,
        vjp_masked_by_the_output,
    ),
    LessonBug(
        "mask on the sign of the gradient",
        "C16",
        test_vanishing_gradients.test_relu_passes_a_cotangent_on_where_it_is_active_and_nowhere_else,
        backward.activation_vjp,
        vjp_masked_by_the_cotangent,
    ),
    LessonBug(
        "weights of variance 1/d",
        "C16",
        test_vanishing_gradients.test_the_shipped_weights_have_that_variance,
        network.initialise,
        initialise_with_variance_1_over_d,
    ),
    LessonBug(
        "relu capped at 6",
        "C17",
        test_kinks.test_a_network_is_convex_in_its_input_when_no_later_weight_is_negative,
        forward.activate,
        activate_capped_at_6,
    ),
    LessonBug(
        "slope 1 at a residual of 0",
        "C18",
        test_kinks.test_there_the_backward_pass_returns_0_whatever_it_does_at_kinks,
        backward.output_vjp,
        sign_of_the_residual,
    ),
    LessonBug(
        "slope 2 at a kink",
        "C19",
        test_kinks.test_at_a_kink_the_slope_lies_between_those_of_both_sides,
        activations.activation_named,
        activation_with_a_slope_of_2_at_kinks,
    ),
    LessonBug(
        "bias forgotten",
        "C20",
        test_kinks.test_with_a_bias_a_data_point_is_on_a_kink_for_one_bias_alone,
        forward.affine,
        affine_without_a_bias,
    ),
    LessonBug(
        "state not carried over",
        "C21",
        test_activations.test_it_adds_up_what_it_reads,
        recurrent.trace,
        trace_that_forgets,
    ),
    LessonBug(
        "recurrent weights transposed",
        "C22",
        test_activations.test_with_weights_that_are_not_negative_the_states_are_powers_of_the_weights,
        recurrent.trace,
        trace_with_weights_transposed,
    ),
    LessonBug(
        "absolute value in place of relu",
        "C23",
        test_activations.test_an_autoencoder_of_relus_reproduces_every_vector_exactly,
        forward.activate,
        activate_with_the_absolute_value,
    ),
    LessonBug(
        "softmax over the batch",
        "C24",
        test_activations.test_sigmoid_is_what_normalising_exp_of_yz_gives,
        outputs.softmax,
        softmax_over_the_batch,
    ),
)
