"""Planted bugs: Maxout."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

from ffn.constructions import maxout as constructions
from ffn.constructions.maxout import MaxAffine
from ffn.network import backward, dropout, maxout
from tests.lessons.maxout import test_dropout, test_maxout
from tests.lessons.planted import LessonBug


def maxout_vjp_to_all_tied(xp, step, dh):
    """Every piece that equals the maximum takes the cotangent: at a tie it is counted twice."""
    largest = maxout.maxout(xp, step.z)
    return xp.stack([dh * (step.z[:, :, j] == largest).astype(int) for j in range(step.z.shape[2])])


def average_pooling(xp, z):
    """The mean of the pieces in the place of their maximum."""
    return z.sum(axis=2) / z.shape[2]


def best_square_from_chords(a, b, pieces):
    """The chords, left where they touch x²: lowering them by h²/8 was forgotten."""
    h = (b - a) / pieces
    chords = [(2 * a + (2 * i + 1) * h, -(a + i * h) * (a + (i + 1) * h)) for i in range(pieces)]
    return MaxAffine(*zip(*chords, strict=True))


def best_square_between_n_joints(a, b, pieces):
    """n joints taken for n pieces: they bound one piece less."""
    return _best_square(a, b, max(1, pieces - 1))


def difference_with_the_sign_kept(knots, values, left_slope, right_slope):
    """The negative jumps go to the subtracted unit with their sign: it is no longer what has to be taken away."""
    convex, concave = _difference(knots, values, left_slope, right_slope)
    return convex, MaxAffine([-slope for slope in concave.slopes], [-c for c in concave.intercepts])


def difference_without_running_intercepts(knots, values, left_slope, right_slope):
    """Each piece is shifted by its own jump alone, not by those before it too."""
    slopes = [left_slope, *((w - v) / (t - s) for (s, v), (t, w) in pairwise(zip(knots, values, strict=True)))]
    jumps = [after - before for before, after in pairwise([*slopes, right_slope])]
    start = values[0] - left_slope * knots[0]
    intercepts = [start, *(start - jump * t for jump, t in zip(jumps, knots, strict=True) if jump)]
    return MaxAffine(list(accumulate([left_slope, *filter(None, jumps)])), intercepts), MaxAffine([0], [0])


def weights_scaled_up(parameters, keep):
    """The scaling of inverted dropout, 1/q, which belongs to the training, applied once more at inference."""
    return _weight_scaled(parameters, [1 / (q * Fraction(1)) for q in keep])


def weights_and_biases_scaled(parameters, keep):
    """The bias is scaled with the weights, though no mask ever drops it."""
    scaled = _weight_scaled(parameters, keep)
    return tuple((W, b * min(q.ravel())) for (W, b), q in zip(scaled, keep, strict=True))


_best_square, _difference = constructions.best_square, constructions.difference_of_maxouts
_weight_scaled = dropout.weight_scaled

BUGS = (
    LessonBug(
        "all tied pieces get the gradient",
        "C25",
        test_maxout.test_the_first_of_the_largest_pieces_takes_the_whole_cotangent,
        backward.maxout_vjp,
        maxout_vjp_to_all_tied,
    ),
    LessonBug(
        "mean in place of the maximum",
        "C26",
        test_maxout.test_max_pooling_is_a_maxout_whose_pieces_are_shifts_of_one_filter,
        maxout.maxout,
        average_pooling,
    ),
    LessonBug(
        "chords are not lowered",
        "C27",
        test_maxout.test_the_equal_pieces_approximate_the_square_to_within_their_bound,
        constructions.best_square,
        best_square_from_chords,
    ),
    LessonBug(
        "n joints for n pieces",
        "C28",
        test_maxout.test_twice_the_pieces_err_a_quarter_as_much_on_the_square,
        constructions.best_square,
        best_square_between_n_joints,
    ),
    LessonBug(
        "sign of the negative jumps",
        "C29",
        test_maxout.test_two_units_give_every_continuous_piecewise_linear_function,
        constructions.difference_of_maxouts,
        difference_with_the_sign_kept,
    ),
    LessonBug(
        "intercepts do not add up",
        "C30",
        test_maxout.test_any_convex_piecewise_linear_activation_is_recovered,
        constructions.difference_of_maxouts,
        difference_without_running_intercepts,
    ),
    LessonBug(
        "weights scaled up at inference",
        "C31",
        test_dropout.test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones,
        dropout.weight_scaled,
        weights_scaled_up,
    ),
    LessonBug(
        "bias scaled too",
        "C31",
        test_dropout.test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones,
        dropout.weight_scaled,
        weights_and_biases_scaled,
    ),
)
