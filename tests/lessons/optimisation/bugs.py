"""Planted bugs: Optimisation."""

from __future__ import annotations

import numpy as np

from ffn import reference
from ffn.constructions import training
from ffn.constructions.training import Trained, step
from ffn.network import backward, forward
from ffn.network import description as network
from ffn.network.activations import step as step_at
from ffn.network.outputs import distribution_of
from tests.lessons.optimisation import test_descent, test_optimisation
from tests.lessons.planted import LessonBug


def likelihood_of_rectified_output(xp, network, z, y, kernel_only=False):
    """A relu after the last layer too: negative targets are lost, and with them convexity in the last layer."""
    distribution = distribution_of(network.output)
    kernel = distribution.kernel(xp, xp.maximum(z, 0), y)
    return kernel if kernel_only else kernel + distribution.constant(xp, y)


def activation_vjp_by_the_cotangent(xp, layer, at, dh):
    """The mask asks for the sign of the cotangent, not of the pre-activation."""
    return dh * step_at(xp, dh)


def zeros(network, seed, scheme=None, dtype=np.float64):
    """All parameters 0."""
    return tuple((np.zeros(W, dtype), np.zeros(b, dtype)) for W, b in network.shapes)


def same_weights(network, seed, scheme=None, dtype=np.float64):
    """The biases are 0 and the weights random, but drawn once a layer."""
    generator = np.random.default_rng(seed)
    return tuple((np.full(W, generator.normal(), dtype), np.zeros(b, dtype)) for W, b in network.shapes)


def train_dividing_by_the_batch_size(network, parameters, x, y, descent):
    """The last batch of an epoch, which may have fewer rows, is divided by the batch size too."""
    generator = np.random.default_rng(descent.seed)
    size = descent.batch_size or len(x)
    for _ in range(descent.epochs):
        for rows in training.batches(len(x), size, generator):
            gradient = reference.gradient(network, parameters, x[rows], y[rows])
            parameters = step(parameters, gradient, descent.learning_rate * len(rows) / size)
    return Trained(parameters, [])


def batches_with_replacement(count, size, generator):
    """Each batch is drawn from all rows anew: some are taken twice in an epoch, some not at all."""
    for _ in range(-(-count // size)):
        yield generator.integers(count, size=min(size, count))


def output_vjp_summed(xp, network, z, y):
    """The gradient of a batch is summed where the loss is averaged: it grows with the batch."""
    return distribution_of(network.output).gradient(xp, z, y)


BUGS: tuple[LessonBug, ...] = (
    LessonBug(
        "an activation on the output too",
        "C8",
        test_optimisation.test_in_the_last_layer_alone_the_loss_is_convex,
        forward.negative_log_likelihood,
        likelihood_of_rectified_output,
        {"activation": "relu"},
    ),
    LessonBug(
        "masked by the sign of the gradient",
        "C9",
        test_optimisation.test_a_dead_relu_with_the_best_bias_is_a_local_minimum,
        backward.activation_vjp,
        activation_vjp_by_the_cotangent,
    ),
    LessonBug(
        "all zeros to start from",
        "C10",
        test_optimisation.test_initial_weights_tell_the_units_apart,
        network.initialise,
        zeros,
    ),
    LessonBug(
        "one random number a layer",
        "C10",
        test_optimisation.test_initial_weights_tell_the_units_apart,
        network.initialise,
        same_weights,
    ),
    LessonBug(
        "the last batch is divided by the batch size",
        "C11",
        test_descent.test_the_last_batch_is_averaged_over_its_own_rows,
        training.train,
        train_dividing_by_the_batch_size,
    ),
    LessonBug(
        "rows drawn with replacement",
        "C11",
        test_descent.test_an_epoch_takes_every_row_once,
        training.batches,
        batches_with_replacement,
    ),
    LessonBug(
        "the gradient of a batch is summed",
        "C11",
        test_descent.test_the_gradient_of_a_batch_is_unbiased_with_the_variance_of_a_sample_without_replacement,
        backward.output_vjp,
        output_vjp_summed,
    ),
)
