"""Wrong constructions: symmetries, regions, interpolation, folding, maxout, training, and how a learner is judged."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, combinations, pairwise

import numpy as np

from ffn import reference
from ffn.constructions.folding import square, tent
from ffn.constructions.interpolation import chord_error, interpolate
from ffn.constructions.maxout import MaxAffine, best_square, difference_of_maxouts
from ffn.constructions.regions import in_general_position, most_central_regions, most_regions
from ffn.constructions.symmetries import permute_units, rescale_units
from ffn.constructions.training import Trained, batches, step, train
from tests.lessons.limits import test_limits
from tests.lessons.maxout import test_square, test_two_units
from tests.lessons.networks import test_networks, test_regions
from tests.lessons.optimisation import test_descent, test_linear_models
from tests.lessons.planted import planted, refused_by

# Symmetries


@planted("the bias is not rescaled", "C2", in_place_of=rescale_units)
@refused_by(test_networks.test_what_scales_a_unit_up_its_readers_may_scale_down)
def rescale_without_bias(parameters, layer, factors):
    """(w, b, v) ↦ (fw, b, v/f): the bias is forgotten."""
    (W, b), (V, c) = parameters[layer : layer + 2]
    return (*parameters[:layer], (W * factors, b), (V / factors.reshape(-1, 1), c), *parameters[layer + 2 :])


@planted("the readers are not permuted", "C2", in_place_of=permute_units)
@refused_by(test_networks.test_hidden_units_may_be_permuted)
def permute_columns_alone(parameters, layer, order):
    """The units change places, but what reads them does not know."""
    W, b = parameters[layer]
    return (*parameters[:layer], (W[:, list(order)], b[list(order)]), *parameters[layer + 1 :])


# Regions


@planted("concurrent hyperplanes pass for general", "C4", in_place_of=in_general_position)
@refused_by(test_regions.test_the_bound_is_reached_in_general_position_and_nowhere_else)
def general_position_of_normals_alone(normals, offsets):
    """Any d normals are independent: that d + 1 hyperplanes may still meet in one point is overlooked."""
    d = min(len(normals), len(normals[0]))
    return all(np.linalg.matrix_rank(chosen) == d for chosen in combinations(normals, d))


@planted("the bound is that without biases", "C4", in_place_of=most_regions)
@refused_by(test_regions.test_no_arrangement_has_more_regions_than_the_bound)
def bound_through_the_origin(hyperplanes, dimension):
    """2 Σ C(n − 1, k): the count for hyperplanes that all meet in the origin."""
    return most_central_regions(hyperplanes, dimension)


# Interpolation and folding


@planted("the bound is half of the chord's error", "C6", in_place_of=chord_error)
@refused_by(test_networks.test_on_parabolas_the_certified_error_is_the_error)
@planted("half of the error promised", "C38", in_place_of=chord_error)
@refused_by(test_limits.test_relu_units_enough_come_as_close_as_wanted)
def chord_error_halved(curvature, h):
    """h²M/16: what the best line achieves, not the chord."""
    return chord_error(curvature, h) / 2


@planted("slopes in place of their jumps", "C6", in_place_of=interpolate)
@refused_by(test_networks.test_between_the_knots_the_interpolation_is_the_chord)
def interpolation_by_slopes(knots, values):
    """The outer weights are the slopes, not their jumps: each unit goes on beyond its own piece."""
    network, (hidden, (_, c)) = interpolate(knots, values)
    knots, values = np.asarray(knots, dtype=object), np.asarray(values, dtype=object)
    slopes = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])
    return network, (hidden, (slopes.reshape(-1, 1), c))


@planted("a tent that does not come down", "C7", in_place_of=tent)
@refused_by(test_regions.test_each_tent_doubles_the_pieces_and_the_crossings)
def tent_without_its_fold(depth):
    """2 relu(x) − 2 relu(x − ½): it rises and stays, where it should come down again."""
    network, parameters = tent(depth)
    half = np.array([[1], [Fraction(1, 2)]], dtype=object)
    return network, (parameters[0], *((W * half, b) for W, b in parameters[1:]))


@planted("shares that fall by 2", "C7", in_place_of=square)
@refused_by(test_networks.test_each_layer_divides_the_error_for_the_square_by_4)
def square_with_halves(depth):
    """The shares of the tents fall by 2 from layer to layer, as their width does, where they should fall by 4."""
    network, parameters = square(depth)
    W, b = parameters[-1]
    twice = np.array([[2**depth], [2**depth], [1]], dtype=object)
    return network, (*parameters[:-1], (W * twice, b))


# Maxout


@planted("chords are not lowered", "C27", in_place_of=best_square)
@refused_by(test_square.test_the_equal_pieces_approximate_the_square_to_within_their_bound)
def best_square_from_chords(a, b, pieces):
    """The chords, left where they touch x²: lowering them by h²/8 was forgotten."""
    h = (b - a) / pieces
    chords = [(2 * a + (2 * i + 1) * h, -(a + i * h) * (a + (i + 1) * h)) for i in range(pieces)]
    return MaxAffine(*zip(*chords, strict=True))


@planted("n joints for n pieces", "C28", in_place_of=best_square)
@refused_by(test_square.test_twice_the_pieces_err_a_quarter_as_much_on_the_square)
def best_square_between_n_joints(a, b, pieces):
    """n joints taken for n pieces: they bound one piece less."""
    return best_square(a, b, max(1, pieces - 1))


@planted("sign of the negative jumps", "C29", in_place_of=difference_of_maxouts)
@refused_by(test_two_units.test_two_units_give_every_continuous_piecewise_linear_function)
def difference_with_the_sign_kept(knots, values, left_slope, right_slope):
    """The negative jumps go to the subtracted unit with their sign: it is no longer what has to be taken away."""
    convex, concave = difference_of_maxouts(knots, values, left_slope, right_slope)
    return convex, MaxAffine([-slope for slope in concave.slopes], [-c for c in concave.intercepts])


@planted("intercepts do not add up", "C30", in_place_of=difference_of_maxouts)
@refused_by(test_two_units.test_any_convex_piecewise_linear_activation_is_recovered)
def difference_without_running_intercepts(knots, values, left_slope, right_slope):
    """Each piece is shifted by its own jump alone, not by those before it too."""
    slopes = [left_slope, *((w - v) / (t - s) for (s, v), (t, w) in pairwise(zip(knots, values, strict=True)))]
    jumps = [after - before for before, after in pairwise([*slopes, right_slope])]
    start = values[0] - left_slope * knots[0]
    intercepts = [start, *(start - jump * t for jump, t in zip(jumps, knots, strict=True) if jump)]
    return MaxAffine(list(accumulate([left_slope, *filter(None, jumps)])), intercepts), MaxAffine([0], [0])


# Training


@planted("the last batch is divided by the batch size", "C11", in_place_of=train)
@refused_by(test_descent.test_the_last_batch_is_averaged_over_its_own_rows)
def train_dividing_by_the_batch_size(network, parameters, x, y, descent):
    """The last batch of an epoch, which may have fewer rows, is divided by the batch size too."""
    generator = np.random.default_rng(descent.seed)
    size = descent.batch_size or len(x)
    for _ in range(descent.epochs):
        for rows in batches(len(x), size, generator):
            gradient = reference.gradient(network, parameters, x[rows], y[rows])
            parameters = step(parameters, gradient, descent.learning_rate * len(rows) / size)
    return Trained(parameters, [])


@planted("rows drawn with replacement", "C11", in_place_of=batches)
@refused_by(test_descent.test_an_epoch_takes_every_row_once)
def batches_with_replacement(count, size, generator):
    """Each batch is drawn from all rows anew: some are taken twice in an epoch, some not at all."""
    for _ in range(-(-count // size)):
        yield generator.integers(count, size=min(size, count))


@planted("accuracy counts what was trained on", "C42", in_place_of=test_limits.judged)
@refused_by(test_limits.test_every_learner_is_right_on_half_of_what_it_has_not_seen)
def judged_on_everything(trained):
    """The inputs that the learner was trained on count too."""
    return list(test_limits.INPUTS)


@planted("uphill", "C43", in_place_of=step)
@refused_by(test_linear_models.test_on_least_squares_the_error_shrinks_by_the_condition_number)
def step_uphill(parameters, gradient, learning_rate):
    """θ + ε∇: the sign of descent is lost."""
    return step(parameters, gradient, -learning_rate)
