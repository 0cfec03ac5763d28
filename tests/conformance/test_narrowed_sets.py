"""The second enclosure of a network's answers: what it admits, and what it gains in deep networks.

Claim: whatever the roundings of a program are, each drawn anew wherever a number is used, and whatever its algorithms,
its answers are in the narrowed sets, so long as each matrix product is carried out once. In networks of depth 3 to 8
these are narrower by a factor that grows with the depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import Declared, admissible, reference
from ffn.admissible import AdmissibleSet
from ffn.cases.case import Case, mapped
from ffn.cases.strategies import recurrent_cases
from ffn.network.description import Hidden, Network, Output, initialise
from ffn.network.formulas import evaluate
from ffn.numbers.ball.centred import Centred, arrays
from ffn.numbers.ball.centred.arrays import CentredArray
from ffn.numbers.precision import Precision, precision
from tests.conformance.implementations.correct_variants import VARIANTS
from tests.conformance.test_adversarial_roundings import Adversary, RoundedArray, wide
from tests.helpers.profiles import examples

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "relu", "leaky_relu", "maxout")
OUTPUTS = ("categorical", "gaussian", "bernoulli", "poisson", "laplace")


class Again(RoundedArray):
    """Numbers that are computed again, with other roundings, each time that something uses them."""

    def __init__(self, make: Callable[[], Any], xp: Anew) -> None:
        self.make, self.xp = make, xp

    values = property(lambda self: self.make())  # type: ignore[assignment]
    T = property(lambda self: Again(lambda: self.values.T, self.xp))

    def reshape(self, *shape: int) -> Again:
        return Again(lambda: self.values.reshape(*shape), self.xp)

    def __getitem__(self, index: Any) -> Again:
        return Again(lambda: self.values[index], self.xp)

    def sum(self, axis: int | None = None) -> Again:
        return Again(lambda: super(Again, self).sum(axis).values, self.xp)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        return Again(lambda: RoundedArray.__array_ufunc__(self, ufunc, method, *operands, **options).values, self.xp)


class Anew(Adversary):
    """A program that computes everything but its matrix products once for each use, rounded otherwise each time.

    The pivot of a softmax is one number: it changes no value, and two would.
    """

    def affine(self, x: RoundedArray, W: RoundedArray, b: RoundedArray) -> Again:
        read = [RoundedArray(each.values, self) for each in (x, W, b)]
        return Again(lambda: super(Anew, self).affine(*read).values, self)

    def matmul(self, a: RoundedArray, b: RoundedArray) -> Again:
        read = [RoundedArray(each.values, self) for each in (a, b)]
        return Again(lambda: super(Anew, self).matmul(*read).values, self)

    def within(self, z: RoundedArray, low: str, high: str = "", beyond: int = 0, *nonpositive: Any) -> RoundedArray:
        """e^-|z| goes beyond 1 where the sign of z was that of other roundings."""
        return super().within(z, low, "" if nonpositive else high, beyond)


def _once_for_each_use(name: str) -> Any:
    method = getattr(Adversary, name)
    return lambda self, *given: Again(lambda: method(self, *given).values, self)


for _name in ("exp", "log", "log1p", "tanh", "maximum", "select", "where", "either", "stack", "concatenate", "total"):
    setattr(Anew, _name, _once_for_each_use(_name))


MODELS = {
    "float16": precision("float16"),
    "bfloat16": precision("bfloat16"),
    "float32": precision("float32"),
    "bfloat16, sums in float32": Declared(accumulate="float32").precision("bfloat16"),
}


def deep(
    depth: int, width: int, activation: str, dtype: str, output: str = "categorical", seed: int = 0, scale: float = 1.0
) -> Case:
    """A network with as many hidden layers, ordinary weights, and three rows."""
    random = np.random.default_rng(seed)
    hidden = tuple(Hidden(width, activation, pieces=2 if activation == "maxout" else None) for _ in range(depth))
    network = Network(width, width, Output(output), hidden)
    x = scale * random.normal(size=(3, width))
    y = random.integers(0, width, 3) if output == "categorical" else random.integers(0, 2, (3, width)).astype(float)
    return Case(network, initialise(network, seed), x, y).cast(dtype)


def computed(xp: Adversary, name: str, case: Any) -> Any:
    """The answer of such a program, in float64."""
    method = case.method(name)
    with np.errstate(all="ignore"):  # what overflows is not judged
        answer = evaluate(xp, method, *case.arguments(method))
        return mapped(lambda each: wide(each).astype(np.float64), answer)


@pytest.mark.parametrize("program", [Adversary, Anew])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@examples(8)
@given(data=st.data())
def test_no_roundings_leave_a_narrowed_set(model: Precision, program: type[Adversary], data: st.DataObject) -> None:
    """Without it the second enclosure could refuse what the first one admits rightly."""
    seed, depth, width = data.draw(st.integers(0, 2**32)), data.draw(st.integers(1, 3)), data.draw(st.integers(2, 4))
    activation, output = data.draw(st.sampled_from(ACTIVATIONS)), data.draw(st.sampled_from(OUTPUTS))
    scale = data.draw(st.sampled_from([0.1, 1.0, 4.0]))
    case = deep(depth, width, activation, model.name, output, seed % 1000, scale)
    for name in ("forward", "loss", "gradient"):
        admitted = admissible.answers(name, case, model, narrowed=True)
        assert admitted.examine(computed(program(model, seed), name, case)).outside is None


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@examples(8)
@given(data=st.data())
def test_no_roundings_of_a_recurrent_layer_leave_a_narrowed_set(dtype: str, data: st.DataObject) -> None:
    """Without it weights that all steps share could be taken for others at each step."""
    case, seed = data.draw(recurrent_cases(dtype)), data.draw(st.integers(0, 2**32))
    for name in ("loss", "gradient"):
        admitted = admissible.answers(name, case, narrowed=True)
        assert admitted.examine(computed(Adversary(precision(dtype), seed), name, case)).outside is None


def test_roundings_that_are_not_charged_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: what operations lose is forgotten, and a program that loses all it may is refused."""
    monkeypatch.setattr(arrays, "charge", lambda rounded, exact: np.zeros(rounded.shape))
    case = deep(3, 4, "tanh", "float32")
    answer = computed(Adversary(precision("float32"), 0), "gradient", case)
    assert admissible.answers("gradient", case, narrowed=True).examine(answer).outside is not None
    monkeypatch.undo()
    admissible.forget()
    assert answer in admissible.answers("gradient", case, narrowed=True)


def test_errors_that_uses_need_not_share_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: a logit is taken to be rounded alike in the numerator and the denominator of a softmax."""
    right = Centred.affine

    def shared(self: Centred, *given: Any) -> Any:
        found = right(self, *given)
        return CentredArray(found.balls, found.centres, self.noise.read(found.deviations, 1), self)

    case, model = replace(deep(1, 1, "identity", "float32", scale=1e5), y=np.zeros(3, np.int64)), precision("float32")
    answers = [computed(Anew(model, seed), "gradient", case) for seed in range(20)]
    assert all(answer_is_in(answer, admissible.gradient(case, narrowed=True)) for answer in answers)
    monkeypatch.setattr(Centred, "affine", shared)
    admissible.forget()
    assert not all(answer_is_in(answer, admissible.gradient(case, narrowed=True)) for answer in answers)


def answer_is_in(answer: Any, admitted: AdmissibleSet) -> bool:
    return admitted.examine(answer).outside is None


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_correct_variants_are_in_narrowed_sets(activation: str, dtype: str) -> None:
    """Without it an implementer could be blamed for an order of summation, a late mean, or a form of the softmax."""
    case = deep(5, 4, activation, dtype)
    admitted = admissible.gradient(case, narrowed=True)
    for variant in VARIANTS:
        if dtype in variant.dtypes:
            examination = admitted.examine(variant.gradient(*case.arguments("gradient")))
            assert examination.outside is None, f"{variant.name}: {examination.outside}"


def test_a_deep_gradient_is_decided_where_its_balls_are_not() -> None:
    """Without it a wrong gradient of eight layers passes: of most entries the balls would admit a 0."""
    case = deep(8, 16, "tanh", "float32")
    balls, narrowed = (admissible.gradient(case, narrowed=each) for each in (False, True))
    assert balls.decided_share() < 0.5
    assert narrowed.decided_share() == 1
    assert admissible.gradient(case).decided_share() == 1  # as it is asked for by itself
    answer = reference.gradient(*case.arguments("gradient"))
    assert answer in narrowed
    off = mapped(lambda array: array * array.dtype.type(1.02), answer)
    assert off not in narrowed
    assert refused(balls, off) < refused(narrowed, off) / 10


@pytest.mark.parametrize("name", ["output", "loss", "mean"])
def test_every_answer_can_be_narrowed(name: str) -> None:
    """Without it only the gradient of a deep network could be judged by more than its balls."""
    case = deep(5, 16, "tanh", "float32", "categorical")
    balls, narrowed = (getattr(admissible, name)(case, narrowed=each).radius for each in (False, True))
    assert (np.asarray(narrowed) < np.asarray(balls) / 10).all()


def refused(admitted: AdmissibleSet, answer: Any) -> float:
    """The share of entries that are outside."""
    arrays = [array for layer in answer for array in layer]
    outside = [
        not ball.contains(arb(float(value)))
        for (_, balls), array in zip(admitted.parts, arrays, strict=True)
        for ball, value in zip(balls.ravel(), array.ravel(), strict=True)
    ]
    return float(np.mean(outside))


def test_a_narrowed_set_is_in_the_set_of_its_balls() -> None:
    """Without it the narrower of two enclosures could be wider than one of them."""
    case = deep(2, 4, "sigmoid", "bfloat16")
    pairs = zip(*(admissible.gradient(case, narrowed=each).parts for each in (False, True)), strict=True)
    for (_, balls), (_, narrowed) in pairs:
        assert all(
            one.lower() <= other.lower() and other.upper() <= one.upper() + one.rad() * 1e-6
            for one, other in zip(balls.ravel(), narrowed.ravel(), strict=True)
        )


def test_what_takes_long_is_narrowed_where_it_is_asked_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an assertion on a wide network and a large batch could take minutes unasked."""
    case = deep(8, 16, "tanh", "float32")
    monkeypatch.setattr(admissible, "MOST", 10.0)
    assert admissible.gradient(case).decided_share() < 0.5
    assert admissible.gradient(case, narrowed=True).decided_share() == 1
