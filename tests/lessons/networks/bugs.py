"""Planted bugs: Networks, hyperplanes, approximation."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np

from ffn.constructions import folding, interpolation, regions, symmetries
from ffn.network import backward, forward
from tests.lessons.networks import test_networks, test_regions
from tests.lessons.planted import LessonBug

_KEPT: dict = {}


def affine_vjp_that_accumulates(xp, x, dz, decay):
    """The gradients of earlier calls are kept and added to: nobody set them to zero before the next pass."""
    dW, db = xp.matmul(x.T, dz) + (0 if decay is None else decay), dz.sum(axis=0)
    if dW.shape in _KEPT:
        dW, db = dW + _KEPT[dW.shape][0], db + _KEPT[dW.shape][1]
    _KEPT[dW.shape] = dW, db
    return dW, db


def affine_input_vjp_of_the_last_reader(xp, W, dz):
    """A unit that several others read gets the last one's cotangent alone: overwritten, not added to."""
    return xp.matmul(dz[:, -1:], W[:, -1:].T)


def rescale_without_bias(parameters, layer, factors):
    """(w, b, v) ↦ (fw, b, v/f): the bias is forgotten."""
    (W, b), (V, c) = parameters[layer : layer + 2]
    return (*parameters[:layer], (W * factors, b), (V / factors.reshape(-1, 1), c), *parameters[layer + 2 :])


def permute_columns_alone(parameters, layer, order):
    """The units change places, but what reads them does not know."""
    W, b = parameters[layer]
    return (*parameters[:layer], (W[:, list(order)], b[list(order)]), *parameters[layer + 1 :])


def affine_without_bias(xp, x, W, b):
    """z = xW: every hyperplane goes through the origin."""
    return xp.matmul(x, W)


def general_position_of_normals_alone(normals, offsets):
    """Any d normals are independent: that d + 1 hyperplanes may still meet in one point is overlooked."""
    d = min(len(normals), len(normals[0]))
    return all(np.linalg.matrix_rank(chosen) == d for chosen in combinations(normals, d))


def bound_through_the_origin(hyperplanes, dimension):
    """2 Σ C(n − 1, k): the count for hyperplanes that all meet in the origin."""
    return regions.most_central_regions(hyperplanes, dimension)


def activate_that_forgets(xp, layer, z):
    """h = z: the activation is left out."""
    return z.max(axis=-1) if layer.activation == "maxout" else z


def chord_error_halved(curvature, h):
    """h²M/16: what the best line achieves, not the chord."""
    return h * h * Fraction(curvature) / 16


def interpolation_by_slopes(knots, values):
    """The outer weights are the slopes, not their jumps: each unit goes on beyond its own piece."""
    network, (hidden, (_, c)) = _INTERPOLATE(knots, values)
    knots, values = np.asarray(knots, dtype=object), np.asarray(values, dtype=object)
    slopes = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])
    return network, (hidden, (slopes.reshape(-1, 1), c))


def tent_without_its_fold(depth):
    """2 relu(x) − 2 relu(x − ½): it rises and stays, where it should come down again."""
    network, parameters = _TENT(depth)
    half = np.array([[1], [Fraction(1, 2)]], dtype=object)
    return network, (parameters[0], *((W * half, b) for W, b in parameters[1:]))


def square_with_halves(depth):
    """The shares of the tents fall by 2 from layer to layer, as their width does, where they should fall by 4."""
    network, parameters = _SQUARE(depth)
    W, b = parameters[-1]
    twice = np.array([[2**depth], [2**depth], [1]], dtype=object)
    return network, (*parameters[:-1], (W * twice, b))


# What the bugs are made from, under other names: where they are planted these stay.
_INTERPOLATE, _TENT, _SQUARE = interpolation.interpolate, folding.tent, folding.square

BUGS = (
    LessonBug(
        "gradients pile up from call to call",
        "C1",
        test_networks.test_the_backward_pass_leaves_nothing_behind,
        backward.affine_vjp,
        affine_vjp_that_accumulates,
    ),
    LessonBug(
        "a shared unit hears its last reader alone",
        "C1",
        test_networks.test_the_gradient_adds_up_all_paths,
        backward.affine_input_vjp,
        affine_input_vjp_of_the_last_reader,
    ),
    LessonBug(
        "the bias is not rescaled",
        "C2",
        test_networks.test_what_scales_a_unit_up_its_readers_may_scale_down,
        symmetries.rescale_units,
        rescale_without_bias,
    ),
    LessonBug(
        "the readers are not permuted",
        "C2",
        test_networks.test_hidden_units_may_be_permuted,
        symmetries.permute_units,
        permute_columns_alone,
    ),
    LessonBug(
        "no bias",
        "C3",
        test_regions.test_a_node_is_0_on_a_hyperplane,
        forward.affine,
        affine_without_bias,
    ),
    LessonBug(
        "concurrent hyperplanes pass for general",
        "C4",
        test_regions.test_the_bound_is_reached_in_general_position_and_nowhere_else,
        regions.in_general_position,
        general_position_of_normals_alone,
    ),
    LessonBug(
        "the bound is that without biases",
        "C4",
        test_regions.test_no_arrangement_has_more_regions_than_the_bound,
        regions.most_regions,
        bound_through_the_origin,
    ),
    LessonBug(
        "the activation is left out",
        "C5",
        test_networks.test_two_relus_compute_what_no_affine_map_does,
        forward.activate,
        activate_that_forgets,
    ),
    LessonBug(
        "the bound is half of the chord's error",
        "C6",
        test_networks.test_on_parabolas_the_certified_error_is_the_error,
        interpolation.chord_error,
        chord_error_halved,
    ),
    LessonBug(
        "slopes in place of their jumps",
        "C6",
        test_networks.test_between_the_knots_the_interpolation_is_the_chord,
        interpolation.interpolate,
        interpolation_by_slopes,
    ),
    LessonBug(
        "a tent that does not come down",
        "C7",
        test_regions.test_each_tent_doubles_the_pieces_and_the_crossings,
        folding.tent,
        tent_without_its_fold,
    ),
    LessonBug(
        "shares that fall by 2",
        "C7",
        test_networks.test_each_layer_divides_the_error_for_the_square_by_4,
        folding.square,
        square_with_halves,
    ),
)
