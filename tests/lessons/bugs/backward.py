"""Wrong steps of the backward pass."""

from __future__ import annotations

import numpy as np

from ffn.network.activations import step as step_at
from ffn.network.backward import activation_vjp, affine_input_vjp, affine_vjp, gradient, maxout_vjp, output_vjp
from ffn.network.maxout import maxout
from ffn.network.outputs import distribution_of
from tests.lessons.activations import test_activations, test_kinks, test_vanishing_gradients
from tests.lessons.cost import test_cost, test_regularisation
from tests.lessons.limits import test_adjoints, test_backprop
from tests.lessons.maxout import test_maxout
from tests.lessons.networks import test_networks
from tests.lessons.optimisation import test_descent, test_optimisation
from tests.lessons.planted import planted, refused_by

# Affine layers

_KEPT: dict = {}


@planted("gradients pile up from call to call", "C1", in_place_of=affine_vjp)
@refused_by(test_networks.test_the_backward_pass_leaves_nothing_behind)
def affine_vjp_that_accumulates(xp, x, dz, decay):
    """The gradients of earlier calls are kept and added to: nobody set them to zero before the next pass."""
    dW, db = affine_vjp(xp, x, dz, decay)
    if dW.shape in _KEPT:
        dW, db = dW + _KEPT[dW.shape][0], db + _KEPT[dW.shape][1]
    _KEPT[dW.shape] = dW, db
    return dW, db


@planted("weight decay missing from the gradient", "C36", in_place_of=affine_vjp)
@refused_by(test_regularisation.test_with_weight_decay_one_weight_is_best)
@planted("weight decay forgotten", "C41", in_place_of=affine_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def affine_vjp_without_decay(xp, x, dz, decay):
    """The gradient of the loss without that of its weight decay."""
    return affine_vjp(xp, x, dz, None)


@planted("the gradient by the biases is averaged", "C41", in_place_of=affine_vjp)
@refused_by(test_backprop.test_gradient_of_the_sum_is_the_sum_of_the_rows_gradients)
@planted("bias gradient averaged, not summed", "C41", in_place_of=affine_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def affine_vjp_averaged(xp, x, dz, decay):
    """The gradient by the biases is averaged over the rows, though dz has been already."""
    dW, db = affine_vjp(xp, x, dz, decay)
    return dW, db / dz.shape[0]


@planted("a shared unit hears its last reader alone", "C1", in_place_of=affine_input_vjp)
@refused_by(test_networks.test_the_gradient_adds_up_all_paths)
def affine_input_vjp_of_the_last_reader(xp, W, dz):
    """A unit that several others read gets the last one's cotangent alone: overwritten, not added to."""
    return affine_input_vjp(xp, W[:, -1:], dz[:, -1:])


@planted("square W not transposed", "C41", in_place_of=affine_input_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def affine_input_vjp_not_transposed(xp, W, dz):
    """δW where W is square, so that the shapes do not show it."""
    return xp.matmul(dz, W if W.shape[0] == W.shape[1] else W.T)


# Activations


@planted("Jacobian with entries off its diagonal", "C12", in_place_of=activation_vjp)
@refused_by(test_activations.test_an_activation_moves_each_unit_by_its_own_pre_activation_alone, name="identity")
def activation_vjp_as_of_softmax(xp, layer, step, dh):
    """δ g′(z) minus its mean over the units: the Jacobian has entries off its diagonal."""
    dz = activation_vjp(xp, layer, step, dh)
    return dz - dz.sum(axis=1).reshape(-1, 1) / dz.shape[1]


@planted("slope of the activation forgotten", "C15", in_place_of=activation_vjp)
@refused_by(test_vanishing_gradients.test_what_the_backward_pass_returns_through_sigmoids_is_as_small)
@planted("dead units come back", "C40", in_place_of=activation_vjp)
@refused_by(test_optimisation.test_a_dead_relu_with_the_best_bias_is_a_local_minimum)
@planted("no ReLU mask", "C41", in_place_of=activation_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def activation_vjp_without_slope(xp, layer, step, dh):
    """The cotangent goes through the activation unchanged, also through a relu that is off."""
    return dh


@planted("mask on the output", "C16", in_place_of=activation_vjp)
@refused_by(test_vanishing_gradients.test_relu_passes_a_cotangent_on_where_it_is_active_and_nowhere_else)
@planted("mask h ≥ 0, which always holds", "C41", in_place_of=activation_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def activation_vjp_by_the_output(xp, layer, step, dh):
    """Relu's mask is on h ≥ 0, which is always so."""
    return dh * (1 - step_at(xp, -step.h)) if layer.activation == "relu" else activation_vjp(xp, layer, step, dh)


@planted("masked by the sign of the gradient", "C9", in_place_of=activation_vjp)
@refused_by(test_optimisation.test_a_dead_relu_with_the_best_bias_is_a_local_minimum)
@planted("mask on the sign of the gradient", "C16", in_place_of=activation_vjp)
@refused_by(test_vanishing_gradients.test_relu_passes_a_cotangent_on_where_it_is_active_and_nowhere_else)
@planted("mask by the sign of the gradient", "C41", in_place_of=activation_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def activation_vjp_by_the_cotangent(xp, layer, step, dh):
    """Relu's mask is on the sign of the cotangent, not of the pre-activation."""
    return dh * step_at(xp, dh) if layer.activation == "relu" else activation_vjp(xp, layer, step, dh)


@planted("all tied pieces get the gradient", "C25", in_place_of=maxout_vjp)
@refused_by(test_maxout.test_the_first_of_the_largest_pieces_takes_the_whole_cotangent)
def maxout_vjp_to_all_tied(xp, step, dh):
    """Every piece that equals the maximum takes the cotangent: at a tie it is counted twice."""
    largest = maxout(xp, step.z)
    return xp.stack([dh * (step.z[:, :, j] == largest).astype(int) for j in range(step.z.shape[2])])


# The output


@planted("the gradient of a batch is summed", "C11", in_place_of=output_vjp)
@refused_by(test_descent.test_the_gradient_of_a_batch_is_unbiased_with_the_variance_of_a_sample_without_replacement)
@planted("batch summed, not averaged", "C41", in_place_of=output_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def output_vjp_summed(xp, network, z, y):
    """The gradient of a batch is summed where the loss is averaged: it grows with the batch."""
    return distribution_of(network.output).gradient(xp, z, y)


@planted("slope 1 at a residual of 0", "C18", in_place_of=output_vjp)
@refused_by(test_kinks.test_there_the_backward_pass_returns_0_whatever_it_does_at_kinks)
def output_vjp_of_absolute_error(xp, network, z, y):
    """The slope of |y − z|, taken as 1 where the residual is 0."""
    return xp.where(np.asarray(z >= y, dtype=bool), 1, -1)


@planted("statistic minus mean", "C34", in_place_of=output_vjp)
@refused_by(test_cost.test_training_matches_the_mean_of_the_model_to_that_of_the_data)
@planted("residual of the wrong sign", "C41", in_place_of=output_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def output_vjp_of_descent(xp, network, z, y):
    """y − E[y]: the direction of descent taken for the gradient."""
    return -output_vjp(xp, network, z, y)


@planted("error without its ½", "C41", in_place_of=output_vjp)
@refused_by(test_backprop.test_off_the_kinks_the_gradient_of_relus_equals_exact_differences)
def output_vjp_doubled(xp, network, z, y):
    """The derivative of the whole square of the error."""
    return 2 * output_vjp(xp, network, z, y)


# All steps


@planted("a backward pass for every layer", "C41", in_place_of=gradient)
@refused_by(test_adjoints.test_gradient_costs_at_most_three_losses_and_one_sum_a_unit)
def gradient_layer_by_layer(xp, network, parameters, x, y):
    """One backward pass for each layer, of which one layer's part is kept: right, but ever dearer with depth."""
    return tuple(gradient(xp, network, parameters, x, y)[layer] for layer in range(network.depth))
