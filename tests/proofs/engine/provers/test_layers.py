"""Networks of any depth: the recursions of the loss and of δ, in the normal form and in numbers."""

from __future__ import annotations

import pytest
from sympy import KroneckerDelta, oo

from proofs.chapters.limits.derivations.backpropagation import (
    ALL_AT_ONCE,
    DELTA,
    ENTERING,
    L,
    backpropagation,
)
from proofs.engine.badges import Badge
from proofs.engine.check import check, refused_by
from proofs.engine.claim import Claim
from proofs.engine.derivation import Derivation, WrongStep
from proofs.engine.notation import Partial, array, dimension, index, text, total
from proofs.engine.notation.calculus import differentiate
from proofs.engine.notation.layers import (
    BIAS,
    TIME,
    WEIGHT,
    WIDTH,
    Delta,
    Drift,
    Gradient,
    Loss,
    Pairing,
    layer_activation,
    passed,
    vector_of,
    velocity,
)
from proofs.engine.provers import normal, numeric
from proofs.engine.provers.numeric import Undecided
from proofs.engine.provers.point import Point

j, n = index("j"), dimension("n")
entering = array("v", oo)
CLAIMS = backpropagation.single_claims
STEPS = {step.name for each in CLAIMS for chain in each.chains for step in chain.steps}
PLANTED = [planted for planted in backpropagation.planted if planted.at in STEPS]


@pytest.mark.parametrize("one", CLAIMS)
def test_backpropagation_is_proved_at_every_depth(one: Claim) -> None:
    """A rule for a loss of a vector would be lost, or the numbers would be of another network."""
    planted = (WrongStep("another", one.chains[0].steps[0].name, 7),)
    of = Derivation("one", "", planted, (one,), untied="see the whole", ranges=backpropagation.ranges)
    outcome = check(of)
    assert (outcome.badge, outcome.refusals) == (Badge.GENERAL, ())
    assert set(outcome.provers.values()) <= {("normal form",), ("its premise",)}
    assert refused_by(of, planted[0]) == ("general", "instances", "numeric")


@pytest.mark.parametrize("planted", PLANTED)
def test_a_wrong_step_of_backpropagation_is_refused_twice(planted: WrongStep) -> None:
    """An index, a layer or a slope could be another, and nothing would notice."""
    refused = refused_by(backpropagation, planted)
    assert "numeric" in refused
    assert {"general", "premise"} & set(refused)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_delta_is_the_gradient_in_numbers(level: int) -> None:
    """Both would be computed by one recursion, or be of different networks."""
    point = Point({}, "seed")
    for unit in range(1, int(point.rational((WIDTH, level + 1), WIDTH[level + 1])) + 1):
        by_differences, by_recursion = Gradient(level, ENTERING, unit), Delta(level, ENTERING, unit)
        assert numeric.agree(by_differences, by_recursion, point)
        assert numeric.agree(by_differences, Partial(Loss(level, ENTERING), entering[unit]), point)
        assert not numeric.agree(by_differences, 2 * by_recursion, point)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_all_gradients_at_once_are_the_derivative_in_numbers(level: int) -> None:
    """The parameters of a layer would be left out, or stand still."""
    point = Point({L: level}, "seed")
    moved, right = ALL_AT_ONCE.left, ALL_AT_ONCE.right
    own = Pairing(L, ENTERING)
    assert numeric.agree(moved, right, point)
    assert numeric.agree(Drift(L, ENTERING), own, point)
    assert numeric.agree(right - own, moved, point) == (level == 0)


def test_what_moves_has_a_velocity() -> None:
    """A weight would stand still, a width would move, or a derivative would be by one entry alone."""
    assert differentiate(entering[j] * WEIGHT[2, j, 1], TIME) == (
        velocity(entering)[j] * WEIGHT[2, j, 1] + entering[j] * velocity(WEIGHT)[2, j, 1]
    )
    assert differentiate(WIDTH[n] * TIME, TIME) == WIDTH[n]
    point = Point({j: 2}, "seed")
    assert numeric.agree(Partial(entering[j] * BIAS[1, 1], TIME), differentiate(entering[j] * BIAS[1, 1], TIME), point)
    assert not numeric.agree(velocity(entering)[j], entering[j], point)
    assert Point({}, "seed").later(1).later(2).time == 3


def test_a_loss_goes_through_one_layer_after_the_other() -> None:
    """F_(L+1)(v) would not be F_L of what leaves the layer L + 1."""
    point = Point({}, "seed")
    for level in (0, 1, 2):
        assert numeric.agree(Loss(level + 1, ENTERING), Loss(level, passed(level + 1, ENTERING)), point)
        assert not numeric.agree(Loss(level + 1, ENTERING), Loss(level, ENTERING), point)
    assert not numeric.agree(layer_activation(1, j), layer_activation(2, j), Point({j: 1}, "seed"))


def test_the_loss_tells_its_arguments_apart() -> None:
    """A theorem that holds of a symmetric or an additive loss alone would be shown."""
    point = Point({}, "seed", fixed={WIDTH: lambda layer: 2, entering: lambda i: i})
    turned = Point({}, "seed", fixed={WIDTH: lambda layer: 2, entering: lambda i: 3 - i})
    flat = Point({}, "seed", fixed={WIDTH: lambda layer: 2, entering: lambda i: 1})
    with numeric.working_precision(numeric.BITS):
        value, other, third = (numeric.evaluate(Loss(0, ENTERING), each) for each in (point, turned, flat))
        assert not value.overlaps(other)
        assert not (value + other).overlaps(2 * third)


def test_beyond_the_end_of_a_vector_nothing_is_said() -> None:
    """δ of a unit that there is not would be that of another."""
    with pytest.raises(Undecided, match=r"^beyond the end of a vector$"):
        numeric.value_at(Delta(0, ENTERING, 9), Point({}, "seed"))


def test_a_parameter_inside_of_the_last_layers_has_no_derivative_here() -> None:
    """It would be taken for 0: the last n layers have weights of their own."""
    assert differentiate(Loss(n, ENTERING), WEIGHT[n + 1, j, 1]).doit() == 0
    for inside in (WEIGHT[n, j, 1], BIAS[1, j]):
        with pytest.raises(NotImplementedError, match="may contain"):
            differentiate(Loss(n, ENTERING), inside)


def test_an_entry_of_a_vector_is_in_normal_form() -> None:
    """Two losses of one vector would be told apart by how it is written."""
    width = WIDTH[n + 1]
    picked = vector_of(lambda i: total(lambda p: KroneckerDelta(i, p) * entering[p], width))
    assert normal.equal_in_general(Loss(n, picked), Loss(n, ENTERING), {})
    assert not normal.equal_in_general(Loss(n, picked), Loss(n, vector_of(lambda i: entering[1])), {})


def test_levels_unfold_where_they_are_known() -> None:
    """F_n would be taken for F_0 with n = 0, or F_(n+1) for an unknown."""
    assert Loss(n, ENTERING).unfolded() == Loss(n, ENTERING)
    affine = "b[n + 1, i] + Sum(W[n + 1, p, i]*v[p], (p, 1, w[n + 2]))"
    assert text(Loss(n + 1, ENTERING).unfolded()) == f"F[n](layer_activation(n + 1, {affine}) for i)"
    assert text(Delta(n + 1, ENTERING, j).unfolded()).endswith("*W[n + 1, j, i], (i, 1, w[n + 1]))")
    assert Gradient(n + 1, ENTERING, j).unfolded() == Gradient(n + 1, ENTERING, j)
    assert Delta(0, ENTERING, j).unfolded() == Gradient(0, ENTERING, j)
    assert DELTA.right.width == WIDTH[DELTA.right.args[0] + 1]
