"""What is said of a wrong answer beside its first wrong coordinate.

Claims: bugs that have a name get it; no other bug, no correct answer and no slip in a single number is given one; what
is said of where an answer is wrong holds; of rivals that fit none is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, reference
from ffn.cases.case import ActivationCase, Case, flat, mapped
from ffn.cases.networks import networks
from ffn.cases.strategies import cases, recurrent_cases
from ffn.conformance.explanation import Answer, explained
from ffn.conformance.implementation.errors import ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.bugs import PLANTED
from tests.helpers.profiles import examples

LAWS = {law.name: law for law in ALL}
WRONG = [
    (law, bug)
    for law, bugs in PLANTED.items()
    for bug in bugs
    # State and wide exact gradients are explained by what is theirs, and tested there.
    if bug.verdict is Verdict.WRONG and not law.startswith(("state/", "exact/wide gradient"))
]

# What a reader is to see of a bug; the other bugs have no name, or not one that their cases tell from another.
NAMED = {
    "activation/absolute/value: |z| of one sign alone": "the value of relu",
    "activation/relu/slope: smooth slope in place of the step": "the slope of softplus",
    "activation/leaky_relu/slope: leak on the positive side": "the slope at −z",
    "activation/absolute/slope: slope of |z| is 0": "It is 0",
    "activation/softplus/slope: slope of the wrong sign of z": "the slope at −z",
    "gradient/identity: identity taken for a layer without cotangent": "It is 0 in layer 0 alone.",
    "gradient/identity: identity given relu's mask": "the slope of relu in place of identity's",
    "gradient/identity: W not transposed, which shows where it is square": "W transposed in the backward pass",
    "gradient/relu: no relu mask": "slope 1 in place of relu's",
    "gradient/relu: mask on the wrong side": "every slope taken at −z",
    "gradient/leaky_relu: the layer's own negative slope ignored": "negative slope 0.01 in place of leaky_relu's",
    "gradient/leaky_relu: side taken from h: wrong for a slope below 0": "in layer 0 alone",
    "gradient/hard_tanh: straight-through": "slope 1 in place of hard_tanh's",
    "gradient/sigmoid: slope σ(h)(1 − σ(h)): σ taken twice": "every slope taken at g(z) in place of z",
    "gradient/softplus: slope of the wrong sign of z": "every slope taken at −z",
    "gradient/softplus: slope from h in place of z": "every slope taken at g(z) in place of z",
    "gradient/maxout: cotangent to the smallest piece": "every slope taken at −z",
    "maxout/value: maximum begun at 0": "output after a relu",
    "maxout/winners: cotangent to the smallest piece": "every slope taken at −z",
    "maxout/ties: cotangent to the smallest piece": "every slope taken at −z",
    "output/gaussian/loss: forgot the half": "without its factor ½.",
    "output/gaussian/loss: forgot ½ log 2π": "without the constant of the likelihood",
    "output/laplace/loss: forgot log 2": "without the constant of the likelihood",
    "output/bernoulli/loss: labels flipped": "1 − y in place of y",
    "output/categorical/loss: off-by-one class": "every class index less by 1",
    "output/poisson/loss: forgot log Γ(y + 1)": "without the constant of the likelihood",
    "output/gaussian/gradient: factor 2 of a square without the half": "2 times what is admissible (another",
    "output/gaussian/gradient: sign of y − z": "It is −1 times what is admissible.",
    "output/laplace/gradient: scaled by its size": " times what is admissible",
    "output/bernoulli/gradient: labels flipped": "1 − y in place of y",
    "reduction/mean: mean over all entries": " times what is admissible",
    "reduction/mean: divided twice": "1/N times what is admissible (N rows): divided twice",
    "reduction/mean: divided by N − 1": "2 times what is admissible",
    "reduction/sum: mean where the sum is asked for": " times what is admissible",
    "reduction/sum: loss summed, gradient averaged": "(N rows): a mean where the sum is asked for",
    "weight decay/loss: λ in place of λ/2": "with twice the weight decay",
    "weight decay/loss: biases decayed": "with weight decay of the biases too",
    "weight decay/loss: divided by N": "with 1/N of the weight decay",
    "weight decay/loss: last layer alone": "with weight decay of the last layer alone",
    "weight decay/gradient: biases decayed": "with weight decay of the biases too",
    "weight decay/gradient: 2λW": "with twice the weight decay",
    "weight decay/gradient: λW/2": "with half the weight decay",
    "weight decay/gradient: divided by N": "with 1/N of the weight decay",
    "weight decay/gradient: forgotten": "without weight decay",
    "network/output: activation on the last layer": "output after a relu",
    "network/loss: mean over all entries": "1/units times what is admissible",
    "network/loss: forgot ½ log 2π": "without the constant of the likelihood",
    "network/gradient: bias gradient is the mean": "b alone",
    "batch/of one: variance of one row": "It is 0.",
    "batch/beyond a tile: rows beyond 64 left at 0": "in rows 64 to 128 (of 129) alone",
    "batch/sum of parts: mean where the sum is asked for": "(N rows): a mean where the sum is asked for",
    "batch/sum of parts: first row counted twice": "with the first row twice",
    "batch/permuted rows: first row counted twice": "with the first row twice",
    "exact/loss: all rows but the last": "the answer of all rows but the last",
    "output/heteroscedastic/loss: log-variances first": "with the log-variances first",
    "dropout/output: inputs never dropped": "with the mask of the inputs left out",
    "dropout/output: scaled up by 1/q": "with what is kept divided by its share",
    "dropout/output: 1 means dropped": "with the masks inverted",
    "dropout/output: one mask for all rows": "with the first row's masks for every row",
    "dropout/loss: scaled up by 1/q": "with what is kept divided by its share",
    "dropout/loss: 1 means dropped": "with the masks inverted",
    "dropout/loss: inputs never dropped": "with the mask of the inputs left out",
    "dropout/loss: weight decay forgotten": "without weight decay",
    "dropout/gradient: weight decay forgotten": "without weight decay",
    "dropout/gradient: mask not applied in the backward pass": "with the masks left out, in the backward pass",
    "dropout/gradient: scaled up by 1/q in the backward pass": "divided by its share, in the backward pass",
    "dropout/gradient: one mask for all rows in the backward pass": "masks for every row, in the backward pass",
    "dropout/mask of ones: scaled up for q = ½": "with what is kept doubled",
    "dropout/mask of ones: 1 means dropped": "with the masks inverted",
    "recurrent/output: h₀ ignored": "with h₀ left out",
    "recurrent/output: U transposed, which is square": "with U transposed",
    "recurrent/output: sequence read from its end": "of the sequence read from its end",
    "recurrent/loss: h₀ ignored": "with h₀ left out",
    "recurrent/loss: added up over the steps": "added up over the steps",
    "recurrent/gradient: truncated after one step": "of the last step alone",
    "recurrent/gradient: last step's weights alone": "of the last step alone",
    "recurrent/gradient: mean over the steps": "1/T times what is admissible in W, U and b alone",
    "recurrent/gradient: h₀ ignored": "with h₀ left out",
}


@cache
def drawn(law: str, dtype: str, count: int) -> list[Any]:
    """The first cases of a law, whatever an implementation says of them."""
    found: list[Any] = []

    @hypothesis.seed(0)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(LAWS[law].cases(dtype))
    def draw(case: Any) -> None:
        found.append(case)

    draw()
    return found


def failures(law: str, bug: BuggyImplementation) -> list[Answer]:
    """Two answers outside their sets, as of a case before and after shrinking: the largest."""
    subject, found = Subject(bug.fresh()), []
    for case in drawn(law, bug.dtype, 16 if LAWS[law].part == "dropout" else 12):  # masks of few units are often alike
        for name in LAWS[law].speaks_of or ("forward", "loss", "gradient"):
            try:
                answer = Answer(name, case, subject.answer(name, case))
            except ImplementationError:
                continue
            if answer.outside.any():
                found.append(answer)
                break
    return sorted(found, key=lambda answer: answer.values.size, reverse=True)[:2]


def test_names_are_of_bugs() -> None:
    """Without it a bug that is renamed would no longer be looked at."""
    assert set(NAMED) <= {f"{law}: {bug.name}" for law, bug in WRONG}
    assert len(NAMED) >= 40


@pytest.mark.parametrize(("law", "bug"), WRONG, ids=[f"{law}-{bug.name}" for law, bug in WRONG])
def test_bug_is_named_or_nothing_is(law: str, bug: BuggyImplementation) -> None:
    """Without it a reader would be sent after a fault that is not there, or be left with one number of many."""
    answers = failures(law, bug)
    sentence = explained(*answers) if answers else ""
    expected = NAMED.get(f"{law}: {bug.name}")
    if expected is not None:
        assert expected in sentence
    else:
        assert sentence == "" or sentence.startswith("It is outside"), sentence


@given(st.sampled_from(NAMES).flatmap(lambda dtype: cases(dtype, networks(weight_decays=(0.0, 0.5)))))
@examples(15)
def test_correct_answers_are_not_explained(case: Case) -> None:
    """Without it a right answer could be told to be something else."""
    for name in ("forward", "loss", "gradient"):
        assert explained(Answer(name, case, Subject(reference).answer(name, case))) == ""


ANY_CASE = st.sampled_from(("float32", "float64", "float16", "bfloat16")).flatmap(
    lambda dtype: st.one_of(cases(dtype, networks(weight_decays=(0.0, 0.5))), recurrent_cases(dtype))
)


@given(ANY_CASE, st.sampled_from(("forward", "loss", "gradient")), st.integers(0, 2**32 - 1))
@examples(40)
def test_one_wrong_number_is_no_ratio(case: Case, name: str, seed: int) -> None:
    """Without it a slip in one number could pass for a convention, or for a term that was forgotten."""
    generator = np.random.default_rng(seed)
    computed = mapped(lambda array: np.array(array, dtype=np.float64), Subject(reference).answer(name, case))
    array = flat(computed)[generator.integers(len(flat(computed)))]
    array.flat[generator.integers(array.size)] += generator.normal() * 10.0 ** generator.integers(-3, 3)
    sentence = explained(Answer(name, case, computed))
    assert sentence == "" or sentence.startswith("It is outside"), sentence


def affine(rows: int, units: int = 2, reduction: Any = "mean", dtype: str = "float32") -> Case:
    """An affine network of three inputs, on numbers without a pattern."""
    generator = np.random.default_rng(rows)
    W, b, x, y = (generator.normal(size=s).astype(dtype) for s in ((3, units), (units,), (rows, 3), (rows, units)))
    return Case(Network(3, units, Output("gaussian"), reduction=reduction), ((W, b),), x, y)


def answer(name: str, case: Any, change: Any) -> Answer:
    """What the reference computes of a case, changed."""
    return Answer(name, case, mapped(change, Subject(reference).answer(name, case)))


def test_rivals_leave_the_number() -> None:
    """Without it 3 rows of 3 units would be called a mean over either: the number is all that is seen."""
    case = affine(3, units=3)
    assert explained(answer("gradient", case, lambda array: array / 3)) == "It is 1/3 times what is admissible."


def test_a_second_case_decides_between_rivals() -> None:
    """Without it the larger case would tell a reader no more than the shrunk one does."""
    answers = [answer("gradient", affine(rows, units=3), lambda array, n=rows: array / n) for rows in (3, 5)]
    assert "1/N times what is admissible (N rows)" in explained(*answers)


def test_what_fits_one_of_two_cases_is_not_said() -> None:
    """Without it the name of one case would be given to another fault."""
    answers = [answer("gradient", affine(4), lambda array, f=factor: array * f) for factor in (2, 5)]
    assert explained(*answers) == ""


def test_a_wide_set_does_not_name() -> None:
    """Without it a set that admits nearly everything, as in half precisions, would pass for a reason."""
    case = affine(2, dtype="bfloat16")
    wide = Answer("loss", case, 2 * Subject(reference).answer("loss", case).astype(np.float64))
    assert explained(wide) == ""


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ((slice(4, 7),), "in rows 4 to 6 (of 9)"),
        ((slice(None, None, 2),), "in every second row, from 0 on"),
        ((slice(None), 3), "in column 3, the last"),
        (([0, 5],), "in rows 0 and 5"),
        ((2, 1), "in row 2, column 1"),
    ],
)
def test_places_are_told(where: Any, words: str) -> None:
    """Without it a loop that ends too early would have to be read off a list of coordinates."""
    computed = Subject(reference).answer("forward", affine(9, units=4))
    computed[where] += 0.123
    assert explained(Answer("forward", affine(9, units=4), computed)) == f"It is outside {words} alone."


@pytest.mark.parametrize(
    ("order", "words"),
    [([0, 3, 2, 1], ": 1 and 3 exchanged"), ([3, 2, 1, 0], ": reversed"), ([1, 2, 3, 0], "")],
)
def test_orders_are_told(order: list[int], words: str) -> None:
    """Without it columns that are swapped would look like four wrong ones."""
    expected = f"It is admissible with its columns in another order{words}."
    assert explained(answer("forward", affine(5, units=4), lambda z: z[:, order])) == expected


def test_hidden_units_in_another_order_are_told_across_layers() -> None:
    """Without it the gradients of units returned in reverse would be wrong in three arrays with nothing in common."""
    generator = np.random.default_rng(0)
    network = Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"),))
    parameters = tuple(tuple(generator.normal(size=shape) for shape in layer) for layer in network.shapes)
    case = Case(network, parameters, generator.normal(size=(4, 2)), generator.normal(size=(4, 2)))
    (dW, db), (dV, dc) = Subject(reference).answer("gradient", case)
    reversed_units = Answer("gradient", case, ((dW[:, ::-1], db[::-1]), (dV[::-1], dc)))
    assert "unit 1s" not in explained(reversed_units)
    assert (
        explained(reversed_units) == "It is admissible with the units of layer 0 in another order: 0 and 2 exchanged."
    )


def test_thresholds_are_told_as_seen() -> None:
    """Without it softplus taken as linear from 20 on would be a wrong digit of one number."""
    z = np.array([-3.0, 1, 19, 20, 21, 30, 60])
    softplus = np.where(z > 20, z, np.log1p(np.exp(z)))
    assert explained(Answer("activation", ActivationCase("softplus", z), softplus)) == (
        "It is outside at z from 21 to 30 alone."
    )


def test_one_side_of_a_function_is_not_called_another() -> None:
    """Without it hard tanh that is clipped above alone would be called the identity by a case without z > 1."""
    z = np.array([-5.0, -2, -1.5, -0.5])
    assert "identity" not in explained(Answer("activation", ActivationCase("hard_tanh", z), z))


def test_only_one_layer_s_bias_is_blamed() -> None:
    """Without it a bias that is left out would be every bias."""
    generator = np.random.default_rng(1)
    network = Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"), Hidden(3, "relu")))
    parameters = tuple(tuple(generator.normal(size=shape) for shape in layer) for layer in network.shapes)
    case = Case(network, parameters, generator.normal(size=(4, 2)), generator.normal(size=(4, 2)))
    (W, b), *others = parameters
    forgotten = Subject(reference).answer("forward", replace(case, parameters=((W, 0 * b), *others)))
    assert explained(Answer("forward", case, forgotten)) == "It is the answer with layer 0, b left out."


def test_a_slope_at_the_activation_is_told_beside_a_relu() -> None:
    """Without it who writes 1 − tanh² of what tanh already is would hear of it in networks without relu alone."""
    generator = np.random.default_rng(3)
    network = Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"), Hidden(3, "relu")), reduction="sum")
    parameters = tuple(tuple(generator.normal(size=shape) for shape in layer) for layer in network.shapes)
    case = Case(network, parameters, generator.normal(size=(4, 2)), generator.normal(size=(4, 2)))
    (W, b), (V, c), (U, d) = parameters
    h = np.tanh(case.x @ W + b)
    z = h @ V + c
    output = np.maximum(z, 0) @ U + d - case.y
    dz = (output @ U.T) * (z > 0)
    da = (dz @ V.T) * (1 - np.tanh(h) ** 2)
    computed = (case.x.T @ da, da.sum(0)), (h.T @ dz, dz.sum(0)), (np.maximum(z, 0).T @ output, output.sum(0))
    assert explained(Answer("gradient", case, computed)) == (
        "It is the answer with every slope taken at g(z) in place of z."
    )


def deep(rows: int) -> Case:
    """Of three layers."""
    generator = np.random.default_rng(4)
    network = Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"), Hidden(3, "relu")), reduction="sum")
    parameters = tuple(tuple(generator.normal(size=shape) for shape in layer) for layer in network.shapes)
    return Case(network, parameters, generator.normal(size=(rows, 2)), generator.normal(size=(rows, 2)))


def shallow(rows: int) -> Case:
    """Of one."""
    return replace(affine(rows), network=replace(affine(rows).network, reduction="sum"))


def test_a_name_fits_a_network_of_one_layer_and_of_several() -> None:
    """Without it a mean of the bias gradients would have no name where the smallest example has no hidden layer."""
    answers = [
        Answer(
            "gradient", case, tuple((dW, db / len(case.x)) for dW, db in Subject(reference).answer("gradient", case))
        )
        for case in (deep(5), shallow(3))
    ]
    assert explained(*answers).startswith("It is 1/N times what is admissible in every b alone (N rows)")


Slip = Callable[[Case], Any]


def gradient_of(case: Case) -> Any:
    return Subject(reference).answer("gradient", case)


def first_layer_doubled(case: Case) -> Any:
    first, *others = gradient_of(case)
    return (tuple(2 * array for array in first), *others)


def biases_of_the_first_row(case: Case) -> Any:
    rows = zip(gradient_of(case), gradient_of(case.rows(slice(0, 1))), strict=True)
    return tuple((dW, db) for (dW, _), (_, db) in rows)


def without_biases(case: Case) -> Any:
    silent = case.changed(parameters=tuple((W, 0 * b) for W, b in case.parameters))
    return Subject(reference).answer("forward", silent)


SLIPS: dict[str, tuple[str, Slip, str]] = {
    "first layer doubled": ("gradient", first_layer_doubled, "It is 2 times what is admissible in layer 0 alone"),
    "first row's biases": ("gradient", biases_of_the_first_row, "with the gradient by every b of the first row alone"),
    "last row alone": ("gradient", lambda case: gradient_of(case.rows(slice(-1, None))), "of the last row alone"),
    "first row alone": ("gradient", lambda case: gradient_of(case.rows(slice(0, 1))), "of the first row alone"),
    "no biases": ("forward", without_biases, "It is the answer with every b left out."),
    "−y": ("gradient", lambda case: gradient_of(case.changed(y=-case.y)), "It is the answer with −y in place of y."),
}


@pytest.mark.parametrize(("name", "slip", "words"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_of_a_deep_network_and_of_the_smallest(name: str, slip: Slip, words: str) -> None:
    """Without it what a beginner does would be one wrong number of many."""
    assert words in explained(*(Answer(name, case, slip(case)) for case in (deep(3), shallow(3))))
    assert words in explained(*(Answer(name, case, slip(case)) for case in (deep(5), deep(2))))


def test_slopes_that_are_forgotten_everywhere_are_told() -> None:
    """Without it the derivative would be missed by name in networks of more than one activation."""
    generator = np.random.default_rng(5)
    network = Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"), Hidden(3, "relu")), reduction="sum")
    parameters = tuple(tuple(generator.normal(size=shape) for shape in layer) for layer in network.shapes)
    case = Case(network, parameters, generator.normal(size=(5, 2)), generator.normal(size=(5, 2)))
    (W, b), (V, c), (U, d) = parameters
    h = np.tanh(case.x @ W + b)
    k = np.maximum(h @ V + c, 0)
    dz = k @ U + d - case.y
    da = dz @ U.T
    db = da @ V.T
    computed = (case.x.T @ db, db.sum(0)), (h.T @ da, da.sum(0)), (k.T @ dz, dz.sum(0))
    assert explained(Answer("gradient", case, computed)) == (
        "It is the answer with slope 1 in place of every activation's."
    )
