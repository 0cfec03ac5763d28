"""Planted bugs: Universal approximation and limits."""

from __future__ import annotations

from ffn.constructions import interpolation
from ffn.network import backward, forward
from ffn.network.activations import activation_of
from ffn.network.maxout import maxout
from tests.lessons.limits import test_adjoints, test_backprop, test_limits
from tests.lessons.optimisation import test_optimisation
from tests.lessons.planted import LessonBug

affine_vjp, gradient = backward.affine_vjp, backward.gradient


def affine_without_bias(xp, x, W, b):
    """The biases are left out: relu networks are then 0 at 0."""
    return xp.matmul(x, W)


def half_the_chord_error(curvature, h):
    """h²M/16: as if the chord were lowered by half of its largest error."""
    return h * h * curvature / 16


def activate_with_relu6(xp, layer, z):
    """Rectifiers are clipped at 6, so that no weight makes a unit steeper than 6 over its range."""
    if layer.activation == "maxout":
        return maxout(xp, z)
    h = activation_of(layer).value(xp, z)
    return -xp.maximum(-h, -6 * xp.ones_like(h)) if layer.activation == "relu" else h


def activation_vjp_without_mask(xp, layer, step, dh):
    """The cotangent goes through a relu that is off, so that dead units come back."""
    return dh


def gradient_layer_by_layer(xp, network, parameters, x, y):
    """One backward pass for each layer, of which one layer's part is kept: right, but ever dearer with depth."""
    return tuple(gradient(xp, network, parameters, x, y)[layer] for layer in range(network.depth))


def affine_vjp_averaged(xp, x, dz, decay):
    """The gradient by the biases is averaged over the rows, though dz has been already."""
    dW, db = affine_vjp(xp, x, dz, decay)
    return dW, db / dz.shape[0]


def judged_on_everything(trained):
    """The inputs that the learner was trained on count too."""
    return list(test_limits.INPUTS)


BUGS: tuple[LessonBug, ...] = (
    LessonBug(
        "no biases",
        "C38",
        test_limits.test_relu_units_enough_come_as_close_as_wanted,
        forward.affine,
        affine_without_bias,
    ),
    LessonBug(
        "half of the error promised",
        "C38",
        test_limits.test_relu_units_enough_come_as_close_as_wanted,
        interpolation.chord_error,
        half_the_chord_error,
    ),
    LessonBug(
        "relu clipped at 6",
        "C39",
        test_limits.test_two_relus_come_as_close_to_a_step_as_wanted,
        forward.activate,
        activate_with_relu6,
    ),
    LessonBug(
        "dead units come back",
        "C40",
        test_optimisation.test_a_dead_relu_with_the_best_bias_is_a_local_minimum,
        backward.activation_vjp,
        activation_vjp_without_mask,
    ),
    LessonBug(
        "a backward pass for every layer",
        "C41",
        test_adjoints.test_gradient_costs_at_most_three_losses_and_one_sum_a_unit,
        backward.gradient,
        gradient_layer_by_layer,
    ),
    LessonBug(
        "the gradient by the biases is averaged",
        "C41",
        test_backprop.test_gradient_of_the_sum_is_the_sum_of_the_rows_gradients,
        backward.affine_vjp,
        affine_vjp_averaged,
    ),
    LessonBug(
        "accuracy counts what was trained on",
        "C42",
        test_limits.test_every_learner_is_right_on_half_of_what_it_has_not_seen,
        test_limits.judged,
        judged_on_everything,
    ),
)
