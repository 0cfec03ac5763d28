"""What is said of an answer beside balls, or beside single points, is what the comparison shows, to the figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from ffn import ActivationCase, Case, Hidden, Network, Output, admissible, reference
from ffn.admissible import AdmissibleSet, Examination, NotJudged, PointSet
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import precision

ULP = 2.0**-23  # of float32, above 1


def balls(*values: arb) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def of(*values: arb, name: str = "output", dtype: str = "float32", **options: Any) -> AdmissibleSet:
    return AdmissibleSet(((name, balls(*values)),), precision(dtype), **options)


ONE = of(arb(1.25, 0.25), arb(2), arb(0.5, 0.5))
TWO = AdmissibleSet((("layer 0, W", balls(arb(1), arb(3, 1))), ("layer 0, b", balls(arb(2, 1)))), precision("float32"))


def test_every_coordinate_is_counted_by_what_is_known_of_it() -> None:
    """Without it the share that was decided, or the resolution, would be of other coordinates."""
    found = ONE.examine(np.float32([1.25, 2, 0.25]))
    assert (found.outside, found.error, found.unjudged, found.complete) == (None, 0, "", True)
    assert (found.decided, found.undecided, found.not_judged) == (2, 1, 0)
    assert found.decided_share == pytest.approx(2 / 3)
    assert found.resolutions == pytest.approx([0.25 / 1.25, 0])
    assert str(found) == "nothing outside; 2 decided, 1 undecided, 0 not judged"
    assert np.float32([1.25, 2, 0.25]) in ONE
    off_centre = of(arb(1.25, 0.25)).examine(np.float32([1.125]))
    assert off_centre.resolutions == pytest.approx([(0.25 + 0.125) / 1.125])  # to the farther end


def test_the_first_coordinate_outside_is_told_and_the_largest_error_kept() -> None:
    """Without it a reader would be sent to the second, or be told of a smaller error than there is."""
    found = ONE.examine(np.float32([1.25, 2 + 4 * ULP, 7]))
    assert found.error == 6.5
    assert (found.decided, found.undecided) == (1, 0)
    outside = found.outside
    assert outside is not None
    assert (outside.path, outside.array, outside.index) == ("output[1]", "output", (1,))
    assert outside.computed == 2 + 4 * ULP
    assert outside.ulps == 2  # an ulp of 2 is twice that of 1
    said = "output[1]: computed 2.0000005, admissible 2 alone (2 ulps outside the set)"
    assert str(outside) == ONE.explain(np.float32([1.25, 2 + 4 * ULP, 7])) == said
    assert str(found) == f"{said}; 1 decided, 0 undecided, 0 not judged"
    far = of(arb(1.25, 0.25)).explain(np.float32([3]))
    assert far == "output[0]: computed 3.0, admissible 1.25 ± 0.25"
    assert ONE.explain(np.float32([1.25, 2, 0.25])) == "every coordinate is admissible in float32"
    below = of(arb(-1.25, 0.25)).examine(np.float32([-1.5 - ULP])).outside
    assert below is not None
    assert below.ulps == pytest.approx(1, rel=1e-2)
    zero = of(arb(0)).explain(np.float32([1]))
    assert zero == "output[0]: computed 1.0, admissible 0"
    least = precision("float32").underflow
    assert of(arb(0, 0.99e4 * least)).explain(np.float32([1])) == zero  # so few underflows count as none
    assert of(arb(0, 1.1e4 * least)).explain(np.float32([1])) == "output[0]: computed 1.0, admissible 0.0 ± 1.3e-34"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_finite_number_is_infinitely_far(value: float) -> None:
    """Without it NaN would be the smallest error of all."""
    found = ONE.examine(np.float32([value, 2, 0.25]))
    assert found.error == math.inf
    assert found.outside is not None
    assert found.outside.ulps == math.inf
    assert str(found.outside) == f"output[0]: computed {value}, admissible 1.25 ± 0.25 (not a finite number)"


@pytest.mark.parametrize("middle", [1.0, -3.0, 2.0**-1030, 2.0**1000, 0.0])
@pytest.mark.parametrize("radius", [0.0, 2.0**-70, 2.0**-53, 2.0**-24, 0.5, 2.0**-1040])
def test_a_value_is_held_as_exact_arithmetic_has_it_to_the_last_bit(middle: float, radius: float) -> None:
    """Without it a value one ulp outside could be admitted, or one at the end refused."""
    ball = arb(middle, abs(middle) * radius or radius)
    ends = [float(ball.mid() + sign * arb(ball.rad())) for sign in (-1, 1)]
    values = [
        near for end in (*ends, middle) for near in (end, math.nextafter(end, math.inf), math.nextafter(end, -math.inf))
    ]
    admitted = of(*[ball] * len(values), dtype="float64", wide_is_meant=True)
    found = admitted.examine(np.array(values))
    assert found.decided == sum(ball.contains(value) for value in values)
    assert (found.outside is None) == all(ball.contains(value) for value in values)


@given(st.integers(2**99, 2**100), st.integers(2**29, 2**30 - 1), st.integers(-54, -48), st.integers(-3, 3))
def test_a_value_beside_an_end_that_float64_does_not_hold_is_held_as_it_lies(
    middle: int, significand: int, exponent: int, ulps: int
) -> None:
    """Without it the rounding of a midpoint to float64 could decide what is admitted."""
    with working_precision(128):
        radius = arb(significand) * arb(2) ** exponent / 2**29
        ball = arb(fmpq(middle, 2**99)) + arb(0, radius)  # from 1 to 2, with a hundred digits
        value = float(ball.upper()) + ulps * 2.0**-52
        found = of(ball, dtype="float64", wide_is_meant=True).examine(np.array([value]))
        assert (found.outside is None) == ball.contains(value)


def test_a_midpoint_below_the_smallest_float64_is_not_rounded_to_it() -> None:
    """Without it a value one and a half times as far as the radius would be admitted among subnormal numbers."""
    with working_precision(128):
        tiny = arb(2) ** -1074
        ball = arb(2.5) * tiny + arb(0, tiny)
        for times in range(6):
            found = of(ball, dtype="float64", wide_is_meant=True).examine(np.array([times * 2.0**-1074]))
            assert (found.outside is None) == (times in (2, 3)), times


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_largest_number_is_in_range_and_what_is_an_ulp_beyond_is_not(dtype: str) -> None:
    """Without it an answer that may overflow could be judged, or the largest number be spared."""
    largest = precision(dtype).largest
    for ball, judged in ((arb(largest), True), (arb(largest, largest * 2.0**-100), False), (arb(-largest), True)):
        assert of(ball, dtype=dtype).examine(np.array([float(ball.mid())])).not_judged == (not judged)


def test_what_may_overflow_is_not_judged() -> None:
    """Without it the largest number could be refused, or what is beyond it be judged."""
    largest = precision("float32").largest
    some = of(arb(1), arb(largest), arb(largest, 1e30), arb.nan())
    found = some.examine(np.float32([1, largest, 5, math.nan]))
    assert (found.decided, found.not_judged, found.outside) == (2, 2, None)
    assert found.unjudged == (
        "output[2] is not judged: what a correct program may compute there is not bounded by the largest float32 "
        "number, 3.4e+38"
    )
    assert not found.complete
    with pytest.raises(NotJudged, match=r"^output\[2\] is not judged"):
        assert np.float32([1, largest, 5, 5]) in some
    assert np.float32([2, largest, 5, 5]) not in some


def test_a_set_that_zeros_would_pass_decides_nothing_unless_wide_is_meant() -> None:
    """Without it an array of zeros would be a right gradient, or every slope of a kink not be judged."""
    wide = (arb(0.5, 0.6), arb(0.25, 0.5))
    with pytest.raises(NotJudged, match=r"^output is undecided: so wide a set that zeros would pass$"):
        assert np.float32([0, 0]) in of(*wide)
    assert np.float32([0, 0]) in of(*wide, wide_is_meant=True)
    assert of(*wide, wide_is_meant=True).examine(np.float32([0, 0])).decided == 2
    with pytest.raises(NotJudged, match=r"^there is no coordinate to judge$"):
        assert np.float32([]) in of()


def test_a_zero_is_decided_where_its_set_has_half_of_the_digits_of_its_array() -> None:
    """Without it the zeros of a relu would leave a gradient undecided, or wide sets beside large numbers be decided."""
    half = 2.0**-12  # √u
    for radius, decided in ((half * 0.99, 2), (half * 1.01, 1)):
        assert of(arb(1), arb(0, radius)).examine(np.float32([1, 0])).decided == decided
    assert of(arb(100), arb(0, 50 * half)).examine(np.float32([100, 0])).decided == 2
    assert of(arb(-100), arb(0, 50 * half)).examine(np.float32([-100, 0])).decided == 2
    for name, decided in (("loss", 1), ("output", 0)):  # a loss is measured beside 1
        assert of(arb(0, half * 0.99), name=name).examine(np.float32([0])).decided == decided
    least = precision("float32").underflow
    for radius, decided in ((0.9e4 * least, 1), (1.1e4 * least, 0)):
        assert of(arb(0, radius)).examine(np.float32([0])).decided == decided
    assert (
        of(arb.nan(), arb(1), arb(0, half * 1.01)).examine(np.float32([0, 1, 0])).undecided == 1
    )  # what is not known has no size


def test_examinations_add_up() -> None:
    """Without it a law's figures would be those of its last case."""
    one = ONE.examine(np.float32([1.25, 2, 0.25]))
    two = ONE.examine(np.float32([3, 2, 0.25]))
    both = one + two + of(arb.nan()).examine(np.float32([1]))
    assert (both.decided, both.undecided, both.not_judged) == (3, 2, 1)
    assert both.outside is two.outside
    assert both.error == 1.75
    assert both.unjudged.startswith("output[0] is not judged")
    assert both.resolutions == [*one.resolutions, *two.resolutions]
    assert (two + one).outside is two.outside
    assert (two + one).error == 1.75
    assert Examination().decided_share == 1
    assert not Examination().complete
    assert Examination(outside=two.outside).complete


def test_arrays_are_compared_in_their_order_and_by_their_shapes() -> None:
    """Without it ∂b could be compared with ∂W, or a missing row be compared as if it were there."""
    right = (np.float32([1, 2.5]), np.float32([1.5]))
    assert right in TWO
    assert [*right] in TWO
    assert (right,) in TWO
    assert TWO.examine((right[0], np.float32([5]))).outside.path == "layer 0, b[0]"  # type: ignore[union-attr]
    with pytest.raises(ValueError, match=r"^computed has shapes \[\(1,\), \(2,\)\], not \[\(2,\), \(1,\)\]$"):
        TWO.examine(right[::-1])
    for wrong in ([1 + 0j], ["1"], [None]):
        with pytest.raises(ValueError, match=r"^computed holds something else than real numbers$"):
            of(arb(1)).examine(np.array(wrong))
    with pytest.raises(ValueError, match=r"^computed has masked entries, which are no numbers$"):
        of(arb(1)).examine(np.ma.array([1.0], mask=[True]))
    for fine in (np.array([True]), np.array([1], np.uint8), np.array([1]), np.array([1], np.float16)):
        assert fine in of(arb(1))


def test_a_part_is_found_by_its_layer_its_name_or_both() -> None:
    """Without it a misspelt name would be an empty set, or `W` the first array of any."""
    assert [path for path, _ in TWO["layer 0"]] == ["layer 0, W", "layer 0, b"]
    assert [path for path, _ in TWO["W"]] == ["layer 0, W"]
    assert [path for path, _ in TWO["layer 0", "b"]] == ["layer 0, b"]
    assert (len(TWO), TWO.shape, TWO["W"].shape) == (2, ((2,), (1,)), (2,))
    with pytest.raises(KeyError, match="no ayer 0: layer 0, W; layer 0, b"):
        TWO["ayer 0"]
    with pytest.raises(IndexError, match=r"^several arrays, name one first: layer 0, W; layer 0, b$"):
        TWO[0]
    assert (TWO["W", 1].middle, TWO["W"][1].radius, TWO["b", 0].lower) == (3, pytest.approx(1), pytest.approx(1))
    assert TWO["W", 1].explain(9) == "layer 0, W[1]: computed 9.0, admissible 3.0 ± 1"
    for index, written in ((np.s_[1:], "1:"), (np.s_[::2], "::2"), (np.s_[...], "..."), ([0, 1], "0, 1")):
        assert f"layer 0, W[{written}]" in repr(TWO["W"][index]) or written == "0, 1"
    assert repr(TWO["W"][np.array([0, 1])]) == "AdmissibleSet(float32: layer 0, W[[0 1]] (2,))"


def test_bounds_are_the_nearest_float64_outwards() -> None:
    """Without it a bound could be a float64 too far, or have a sign of zero."""
    some = of(arb(1) / 3, arb(0), arb(2, 1), arb.nan(), dtype="float64")
    low, high, middle, radius = some.lower, some.upper, some.middle, some.radius
    third = 1 / 3
    assert low[0] <= third <= high[0]
    assert high[0] - low[0] <= 4 * 2.0**-54
    assert (low[1], high[1], middle[1], radius[1]) == (0, 0, 0, 0)
    assert not np.signbit([low[1], high[1], radius[1]]).any()
    assert (low[2], high[2], radius[2]) == (pytest.approx(1), pytest.approx(3), pytest.approx(1))
    assert low[2] <= 1
    assert (low[3], high[3], radius[3]) == (-math.inf, math.inf, math.inf)
    assert math.isnan(middle[3])
    assert repr(some[2]) == "AdmissibleSet(float64: output[2] = 2.0 ± 1)"


# single points

POINTS = PointSet(
    (("layer 0, W", np.array([[1.0, 2.0], [0.0, 4.0]])), ("layer 0, b", np.array(3.0))), precision("float32")
)
RIGHT = (np.float32([[1, 2], [0, 4]]), np.float32(3))


def test_a_point_is_compared_with_equality() -> None:
    """Without it a program that rounds where none does would be called right."""
    found = POINTS.examine(RIGHT)
    assert (found.outside, found.error, found.decided, found.resolutions) == (None, 0, 5, [0, 0])
    assert RIGHT in POINTS
    assert [path for path, _ in POINTS] == ["layer 0, W", "layer 0, b"]
    empty = PointSet((("output", np.zeros((0, 2))),), precision("float32")).examine(np.zeros((0, 2)))
    assert (empty.decided, empty.resolutions) == (0, [])


def test_the_first_point_that_differs_is_told_in_ulps_of_the_true_value() -> None:
    """Without it a reader would be sent to another entry, or told of another distance."""
    wrong = (np.float32([[1, 2 + 4 * ULP], [0.5, 4]]), np.float32(3))
    found = POINTS.examine(wrong)
    assert (found.decided, found.error) == (3, 0.5)
    outside = found.outside
    assert outside is not None
    assert (outside.path, outside.array, outside.index, outside.ulps) == ("layer 0, W[0, 1]", "layer 0, W", (0, 1), 2)
    assert str(outside) == "layer 0, W[0, 1]: computed 2.0000005, admissible 2 alone (2 ulps outside the set)"
    assert wrong not in POINTS
    scalar = POINTS.examine((RIGHT[0], np.float32(math.nan)))
    assert (scalar.error, scalar.decided) == (math.inf, 4)
    assert str(scalar.outside) == "layer 0, b: computed nan, admissible 3 alone (not a finite number)"
    zero = POINTS.examine((np.float32([[1, 2], [2.0**-126, 4]]), np.float32(3))).outside
    assert zero is not None
    assert zero.ulps == 1  # of an exact 0 in units of what underflows
    with pytest.raises(ValueError, match=r"^computed has shapes \[\(2,\), \(\)\], not \[\(2, 2\), \(\)\]$"):
        POINTS.examine((RIGHT[0][0], RIGHT[1]))


def test_each_method_of_a_case_has_its_set() -> None:
    """Without it the loss could be judged by the set of the output, or in another precision."""
    x = np.array([[0.5, -1.0]], np.float32)
    case = Case(Network(2, 1, Output("gaussian")), ((x.T, np.float32([1])),), x, np.float32([[3]]))
    z = 0.25 + 1 + 1
    expected = {
        "forward": z,
        "loss": (3 - z) ** 2 / 2 + math.log(2 * math.pi) / 2,
        "mean": z,
    }
    sets = {"forward": admissible.output, "loss": admissible.loss, "mean": admissible.mean}
    for name, truth in expected.items():
        for found in (sets[name](case), admissible.answers(name, case), admissible.answering(case)(name)):
            assert float(np.ravel(found.middle)[0]) == pytest.approx(truth, rel=1e-6)
            assert found.precision.name == "float32"
            assert not found.wide_is_meant
        wide = sets[name](case, precision("float16"))
        assert wide.precision.name == "float16"
        assert np.ravel(wide.radius)[0] > 100 * np.ravel(found.radius)[0]
    dW, db = (admissible.gradient(case, precision("float16"))["layer 0", name] for name in ("W", "b"))
    assert dW.middle.ravel() == pytest.approx([(z - 3) * 0.5, 3 - z], rel=1e-2)
    assert db.middle == pytest.approx([z - 3], rel=1e-2)
    assert dW.precision.name == "float16"
    z32 = np.float32([0.5])
    for name, truth in (("activation", math.tanh(0.5)), ("slope", 1 - math.tanh(0.5) ** 2)):
        for assumed in (None, precision("float16")):
            found = getattr(admissible, name)(ActivationCase("tanh", z32), assumed)
            assert found.middle == pytest.approx([truth], rel=1e-3)
            assert found.wide_is_meant
            assert found.precision.name == ("float16" if assumed else "float32")


def test_a_softmax_is_that_of_each_row_of_logits() -> None:
    """Without it logits could be read in another precision, or by column."""
    z = np.float32([[1, 2], [0, 4]])
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    for function, truth in ((admissible.softmax, p), (admissible.log_softmax, np.log(p))):
        assert np.allclose(function(z).middle, truth, rtol=1e-5)
        assert function(z).precision.name == "float32"
        assert function(z, precision("float16")).precision.name == "float16"
        assert (function(z, precision("float16")).radius > 1e3 * function(z).radius).all()
        with pytest.raises(ValueError, match=r"^z has shape \(2,\), not \(N, classes\) with both at least 1$"):
            function(z[0])
    assert admissible.softmax(z).explain(p + 1).startswith("softmax[0, 0]: computed ")
    assert admissible.log_softmax(z).explain(p + 1).startswith("log_softmax[0, 0]: computed ")


def test_the_exact_answers_of_a_case_are_single_points() -> None:
    """Without it a case on which no correct program rounds could be judged by other numbers, or another precision."""
    x = np.float32([[1, -2], [3, 5]])
    case = Case(Network(2, 1, Output("gaussian"), (), "sum"), ((x[:, :1], np.float32([2])),), x, np.float32([[3], [1]]))
    for name, answer in (
        ("forward", reference.forward(case.network, case.parameters, case.x)),
        ("gradient", reference.gradient(case.network, case.parameters, case.x, case.y)),
    ):
        found = admissible.exact(name, case)
        assert answer in found
        assert found.precision.name == "float32"
        assert admissible.exact(name, case, precision("float16")).precision.name == "float16"
    assert [path for path, _ in found] == ["layer 0, W", "layer 0, b"]
    assert [path for path, _ in admissible.exact("forward", case)] == ["output"]


def maxout(weight_decay: float = 0.0) -> Case:
    """One hidden layer of maxout, on whole numbers without a tie."""
    rng = np.random.default_rng(0)
    network = Network(2, 1, Output("gaussian"), (Hidden(3, "maxout", pieces=2),), "sum", weight_decay)
    parameters = tuple(
        tuple(rng.integers(-3, 4, size=shape).astype(np.float32) for shape in pair) for pair in network.shapes
    )
    return Case(network, parameters, np.float32([[1, 2], [-3, 1]]), np.float32([[5], [-2]]))


def test_the_gradients_of_the_pieces_sum_to_that_of_the_unit() -> None:
    """Without it a maxout that gives both of its tied pieces a slope of 1 would pass."""
    case = maxout()
    (dW, db), _ = reference.gradient(case.network, case.parameters, case.x, case.y)
    summed = (dW.sum(-1), db.sum(-1))
    for assumed in (None, precision("float16")):
        admitted = admissible.summed_over_pieces(case, assumed)
        assert [path for path, _ in admitted] == ["layer 0, W", "layer 0, b"]
        assert admitted.precision.name == ("float16" if assumed else "float32")
        assert summed in admitted
        assert (summed[0] * 1.5, summed[1]) not in admitted
        scale = np.abs(summed[0]).max()
        assert (admitted["W"].radius <= 100 * scale * admitted.precision.unit_roundoff).all()
        assert (admitted["W"].radius >= 4 * np.abs(summed[0]) * admitted.precision.unit_roundoff).all()


def test_a_sum_over_more_pieces_may_be_off_by_more() -> None:
    """Without it a right gradient of many pieces would be refused for the roundings of their sum."""
    case, radii = maxout(), []
    for more in (0, 6):  # which never win
        network = replace(case.network, hidden=(Hidden(3, "maxout", pieces=2 + more),))
        (W, b), last = case.parameters
        W, b = np.pad(W, ((0, 0), (0, 0), (0, more))), np.pad(b, ((0, 0), (0, more)), constant_values=-99)
        found = admissible.summed_over_pieces(replace(case, network=network, parameters=((W, b), last)))
        radii.append(found["W"].radius)
    terms = 2 * 6  # rows, of each further piece
    assert (radii[1] - radii[0] >= (terms - 1) * 2.0**-24 * np.abs(found["W"].middle)).all()


def test_the_loss_of_an_output_that_no_program_rounds_is_narrow() -> None:
    """Without it a loss would be as wide as the output that it is made of could be, were its numbers not whole."""
    case = maxout()
    truth = reference.loss(case.network, case.parameters, case.x, case.y)
    for assumed in (None, precision("float16")):
        found = admissible.loss_of_exact_output(case, assumed)
        assert found.precision.name == ("float16" if assumed else "float32")
        assert found.middle == pytest.approx(float(truth), rel=1e-6)
        assert found.radius <= 20 * found.precision.unit_roundoff * float(truth)
        assert repr(found).startswith(f"AdmissibleSet({found.precision.name}: loss = ")
    assert truth in admissible.loss_of_exact_output(case)
    decayed = maxout(0.5)
    truth = reference.loss(decayed.network, decayed.parameters, decayed.x, decayed.y)
    assert truth in admissible.loss_of_exact_output(decayed)
