"""Admissible sets: every answer that a correct program in a precision may return, and none besides.

Claims: the truth lies inside; the reference lies inside in every precision; the set grows with the unit roundoff; an
error of a few hundred roundings lies outside; a failing assertion names the first wrong coordinate.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, admissible, initialise, reference
from ffn.cases.case import ActivationCase, Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases
from ffn.network.description import OUTPUTS
from ffn.numbers.precision import NAMES, precision
from tests.conformance.implementations.textbook import Textbook
from tests.helpers.profiles import examples


def width_8(dtype: str, seed: int = 0) -> Case:
    """A network of width 8 on ordinary numbers."""
    network = Network(8, 4, Output("categorical"), (Hidden(8, "tanh"), Hidden(8, "relu")))
    rng = np.random.default_rng(seed)
    return Case(network, initialise(network, seed), rng.normal(size=(4, 8)), rng.integers(0, 4, 4)).cast(dtype)


def answer(case: Case) -> Any:
    return reference.gradient(case.network, case.parameters, case.x, case.y)


@pytest.mark.parametrize("dtype", NAMES)
@examples(30)
@given(data=st.data())
def test_the_reference_is_admissible(dtype: str, data: st.DataObject) -> None:
    """Without it a correct program would be called wrong; what may overflow is not judged."""
    case = data.draw(cases(dtype, networks(weight_decays=(0.0, 0.1))))
    arguments = case.network, case.parameters, case.x
    assert admissible.output(case).examine(reference.forward(*arguments)).outside is None
    assert admissible.loss(case).examine(reference.loss(*arguments, case.y)).outside is None
    assert admissible.gradient(case).examine(reference.gradient(*arguments, case.y)).outside is None


@examples(20)
@given(case=cases("float32", networks()))
def test_the_truth_is_admissible(case: Case) -> None:
    """Without it the set would enclose the reference's habits, and not the mathematics."""
    truth = admissible.gradient(case, precision("float32").with_bits(100))
    exact = [np.reshape([float(ball.mid()) for ball in balls.ravel()], balls.shape) for _, balls in truth.parts]
    assert exact in admissible.gradient(case)


@examples(20)
@given(case=cases("float32", networks()), bits=st.integers(4, 23))
def test_fewer_bits_admit_more(case: Case, bits: int) -> None:
    """Without it "the bits that are right" would have no meaning."""
    narrow, wide = (admissible.gradient(case, precision("float32").with_bits(b)) for b in (24, bits))
    for (_, inner), (_, outer) in zip(narrow.parts, wide.parts, strict=True):
        assert all(not b.is_finite() or b.contains(a) for a, b in zip(inner.ravel(), outer.ravel(), strict=True))


@pytest.mark.parametrize(("dtype", "error"), [("float64", 1e-12), ("float32", 1e-4)])
def test_a_small_relative_error_of_the_gradient_is_refused(dtype: str, error: float) -> None:
    """Without it the sets could be so wide that nothing is ever refused."""
    case = width_8(dtype)
    off = tuple((dW.astype(np.float64) * (1 + error), db) for dW, db in answer(case))
    assert off not in admissible.gradient(case)


def test_the_first_wrong_coordinate_is_named_by_its_path() -> None:
    """Without it a failure would say that something is wrong somewhere; ulps are told where they are few."""
    case, admitted = width_8("float32"), admissible.gradient(width_8("float32"))
    for change, told in ((1, False), (1e-5, True)):
        gradients = answer(case)
        gradients[1][0][0, 2] += change
        explanation = admitted.explain(gradients)
        assert explanation.startswith("layer 1, W[0, 2]: computed ")
        assert "admissible" in explanation
        assert ("ulps outside the set" in explanation) == told


def test_a_failing_assertion_explains_itself(pytester: pytest.Pytester) -> None:
    """Without it ``assert computed in admissible`` would print two objects' names."""
    pytester.makepyfile(
        """
        import numpy as np
        from ffn import admissible
        from ffn.cases.case import ActivationCase

        def test_membership():
            z = np.zeros(2)
            computed = np.array([0.5, 0.75])
            assert computed in admissible.activation(ActivationCase("sigmoid", z))
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*computed in admissible*", "*sigmoid[[]1]: computed 0.75, admissible 0.49*"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_non_number_is_never_admissible_where_the_set_is_finite(value: float) -> None:
    """Without it nan, which compares with nothing, would pass."""
    assert np.array([value]) not in admissible.activation(ActivationCase("sigmoid", np.zeros(1)))


def test_an_entry_that_may_overflow_is_counted_and_not_judged() -> None:
    """Without it an implementation would be blamed for the largest finite number rounding up to infinity."""
    largest = np.finfo(np.float32).max
    case = ActivationCase("softplus", np.array([1.0, largest], dtype=np.float32))
    for answered in (np.inf, largest):
        examination = admissible.activation(case).examine(np.array([1.3132617, answered], dtype=np.float32))
        assert (examination.outside, examination.decided, examination.not_judged) == (None, 1, 1)


def test_a_set_that_contains_zero_beside_the_value_is_undecided() -> None:
    """Without it a precision that cannot tell the answer from 0 would count as a pass."""
    case = width_8("bfloat16")
    case = replace(case, x=case.x * case.x.dtype.type(4))
    assert admissible.gradient(case).examine(answer(case)).undecided > 0


def test_flushed_subnormals_are_admitted_where_hardware_flushes_and_nowhere_else() -> None:
    """Without it a correct program on such hardware would be called wrong, or a lost number in float16 right."""
    tiny = np.array([1e-40], dtype=np.float32)
    case = ActivationCase("identity", tiny)
    assert 0 * tiny in admissible.activation(case)
    assert 0 * tiny not in admissible.activation(case, precision("float32", subnormals="kept"))
    half = np.array([1e-6], dtype=np.float16)
    assert 0 * half not in admissible.activation(ActivationCase("identity", half))


def test_every_slope_at_a_kink_is_admissible_and_none_beyond() -> None:
    """Without it an implementation would be blamed for its choice at 0, or forgiven one outside the subdifferential."""
    kink = admissible.slope(ActivationCase("relu", np.zeros(1)))
    assert all(np.array([slope]) in kink for slope in (0.0, 0.5, 1.0))
    assert all(np.array([slope]) not in kink for slope in (-0.01, 1.01))


def test_a_gradient_may_take_its_slopes_from_the_layers_output() -> None:
    """h(1 − h) loses all accuracy in saturation and is what frameworks do: a gradient may, the slope by itself not."""
    z = np.full((1, 1), 30.0)
    h = reference.activation("sigmoid", z)
    network = Network(1, 1, Output("gaussian"), (Hidden(1, "sigmoid"),))
    case = Case(network, ((z, np.zeros(1)), (np.ones((1, 1)), np.zeros(1))), np.ones((1, 1)), np.zeros((1, 1)))
    _, last = answer(case)
    from_output = last[1] * h * (1 - h)
    assert ((from_output, from_output[0]), last) in admissible.gradient(case)
    assert h * (1 - h) not in admissible.slope(ActivationCase("sigmoid", z))


def test_shapes_that_do_not_match_are_refused_in_words() -> None:
    """Without it a missing row would be compared as if it were there."""
    with pytest.raises(ValueError, match="computed has shapes"):
        admissible.output(width_8("float64")).examine(np.zeros((1, 4)))


def test_the_global_precision_of_flint_is_left_as_it_was() -> None:
    """Without it a set would change the results of everybody else's balls."""
    before = ctx.prec
    admissible.gradient(width_8("float64"))
    assert ctx.prec == before


@pytest.mark.parametrize("output", [*OUTPUTS, "heteroscedastic"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "maxout"])
def test_a_batch_of_no_rows_has_its_weight_decay(output: str, activation: str) -> None:
    """Without it the law on empty batches would fail by itself, on the outputs that it draws seldom."""
    head = Output(output)
    hidden = Hidden(2, activation, pieces=2 if activation == "maxout" else None)
    network = Network(2, 2 * head.units_per_target, head, (hidden,), "sum", 0.5)
    parameters = initialise(network, seed=0, dtype=np.float32)
    y = np.zeros(3, np.int64) if output == "categorical" else np.zeros((3, 2), np.float32)
    empty = Case(network, parameters, np.ones((3, 2), np.float32), y).rows(slice(0, 0))
    assert Textbook().loss(network, parameters, empty.x, empty.y) in admissible.loss(empty)
    assert Textbook().gradient(network, parameters, empty.x, empty.y) in admissible.gradient(empty)
