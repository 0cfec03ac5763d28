"""Exact cases as they are asked for: by levels or by a network, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ffn import Case, Hidden, Network, Output
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.exact.certificate import EXACT_ANSWERS, exactly, forget
from ffn.cases.exact.making import (
    _cast,
    _made,
    exact_case,
    exact_case_of,
    may_be_exact,
    network_of,
)
from ffn.cases.exact.sizes import LONGEST, SIZES, Sizes, wide
from tests.conformance.cases.attempts import NETWORK, recipe, used_bits
from tests.conformance.implementations.bugs.exact import of_bits


def test_levels_that_are_left_out_are_the_first_of_each() -> None:
    """Without it a case could be of another network than its levels say."""
    assert network_of({}) == Network(1, 1, Output("gaussian"), (Hidden(1),), "sum")
    given = {"inputs": 2, "width": 3, "units": 4, "depth": 2, "reduction": "mean", "decay": 0.5, "output": "laplace"}
    leaky, pieces = {"activation": "leaky_relu"}, {"activation": "maxout"}
    assert network_of(given) == Network(2, 4, Output("laplace"), (Hidden(3),) * 2, "mean", 0.5)
    assert network_of(leaky).hidden == (Hidden(1, "leaky_relu", 0.5),)
    assert network_of({**leaky, "slope": 2.0, "pieces": 5}).hidden == (Hidden(1, "leaky_relu", 2.0),)
    assert network_of(pieces).hidden == (Hidden(1, "maxout", pieces=2),)
    assert network_of({**pieces, "pieces": 5, "slope": 2.0}).hidden == (Hidden(1, "maxout", pieces=5),)


@pytest.mark.parametrize(
    ("network", "rows", "may"),
    [
        (NETWORK, 3, True),
        (replace(NETWORK, output=Output("laplace")), 3, True),
        (replace(NETWORK, output=Output("bernoulli")), 3, False),
        (replace(NETWORK, reduction="mean"), 3, False),
        (replace(NETWORK, reduction="mean"), 4, True),
        (replace(NETWORK, reduction="mean"), 1, True),
        (replace(NETWORK, weight_decay=0.25), 3, True),
        (replace(NETWORK, weight_decay=0.75), 3, False),
        (replace(NETWORK, hidden=(Hidden(2), Hidden(2, "tanh"))), 3, False),
        (replace(NETWORK, hidden=(Hidden(2, "leaky_relu", -2.0),)), 3, True),
        (replace(NETWORK, hidden=(Hidden(2, "leaky_relu", 0.0),)), 3, True),
        (replace(NETWORK, hidden=(Hidden(2, "leaky_relu", 0.01),)), 3, False),
        (replace(NETWORK, hidden=()), 3, True),
    ],
)
def test_a_network_may_be_exact_where_its_functions_and_factors_are(network: Network, rows: int, may: bool) -> None:
    """Without it a network on which something is exact would go unjudged, or every attempt at one be in vain."""
    assert may_be_exact(network, rows) == may
    if not may:
        with pytest.raises(Rounds, match="every program rounds on this network: another activation"):
            exact_case_of((network, rows), "float32")


def test_the_same_seed_makes_the_same_case() -> None:
    """Without it a report could not be reproduced."""
    levels = {"inputs": 9, "width": 11, "units": 5, "rows": 8}
    one, same, other, by_network = (
        exact_case(levels, "float32"),
        exact_case(levels, "float32", 0),
        exact_case(levels, "float32", 1),
        exact_case_of((network_of(levels), 8), "float32"),
    )
    assert len(one.x) == 8
    assert len(exact_case({}, "float32").x) == 1
    for a, b, c, d in zip(*(case.arrays() for case in (one, same, by_network, other)), strict=True):
        assert a.tobytes() == b.tobytes() == c.tobytes()
        assert a.tobytes() != d.tobytes()


def test_an_output_alone_leaves_more_room() -> None:
    """Without it what is asked of the gradient would cost the inputs bits where it is not judged."""
    levels = {"inputs": 9, "width": 11, "units": 5, "rows": 40, "depth": 3}
    forward, both = (exact_case(levels, "float16", 0, answers) for answers in (("forward",), EXACT_ANSWERS))
    assert used_bits(forward.x).max() >= used_bits(both.x).max()
    assert exactly("forward", forward) is exactly("forward", forward)
    few = exact_case({**levels, "bits": 2}, "float32", 0, ("forward",))
    assert used_bits(few.x).max() == 2
    assert max(used_bits(W).max() for W, _ in few.parameters) == 1


def test_where_no_attempt_is_exact_it_says_why() -> None:
    """Without it a plan would end the run, in place of leaving the case out."""
    with pytest.raises(Rounds, match="a sum of products has more than 11 bits"):
        exact_case({"rows": 8, "inputs": 9, "width": 9, "decay": 2.0**15}, "float16")
    assert _cast(np.array([2047.0, -65504.0]), "float16").tolist() == [2047, -65504]
    for number in (2049.0, 2.0**17, 2.0**-26):
        with pytest.raises(Rounds, match="an argument has too many bits"):
            _cast(np.array([1.0, number]), "float16")


def test_what_is_exact_is_asked_of_the_case_at_hand() -> None:
    """Without it the answers of the case before would be those of the next one."""
    one, other = (exact_case({"inputs": 3, "width": 4, "rows": 4}, "float32", seed) for seed in (0, 1))
    first = exactly("forward", one)
    assert not np.array_equal(exactly("forward", other), first)
    assert np.array_equal(exactly("forward", one), first)
    again = exactly("forward", one)
    assert exactly("forward", one) is again
    forget()
    assert exactly("forward", one) is not again
    mean = exact_case({"inputs": 3, "width": 4, "rows": 4, "reduction": "mean"}, "float32")
    assert isinstance(mean, Case)
    (dW, db), *_ = exactly("gradient", mean)
    summed = mean.changed(network=replace(mean.network, reduction="sum"))
    assert np.array_equal(4 * dW, exactly("gradient", summed)[0][0])
    assert np.array_equal(4 * db, exactly("gradient", summed)[0][1])


def test_a_mean_leaves_room_for_its_rows() -> None:
    """Without it a program that divides at the end would overflow where the case is called exact."""
    large = 2.0**14  # as a sum of four it is beyond float16's range, and as a mean it is not
    network = Network(1, 1, Output("gaussian"), (), "mean")
    case = Case(network, ((np.zeros((1, 1), np.float16), np.zeros(1, np.float16)),), *np.ones((2, 4, 1), np.float16))
    case = case.changed(y=-large * case.y)
    assert not exactly("forward", case).any()
    with pytest.raises(Rounds, match="overflow"):
        exactly("gradient", case)
    assert exactly("gradient", case.rows([0]))[0][0].tolist() == [[large]]
    forward = case.changed(parameters=((np.full((1, 1), large, np.float16), case.parameters[0][1]),))
    assert exactly("forward", forward).tolist() == [[large]] * 4  # which no mean is taken of


def test_a_narrowed_weight_shows_in_the_output_of_an_attempt() -> None:
    """Without it the significand could be full of zeros."""
    for seed in range(6):
        case = _made(recipe(answers=("forward",), seed=seed))
        narrow = case.mapped(lambda array: of_bits(array, 23), "parameters")
        assert not np.array_equal(exactly("forward", narrow), exactly("forward", case))


@pytest.mark.parametrize(
    ("dtype", "sizes", "depth", "rows", "thrift", "least"),
    [
        ("float16", (9, 4, 100), 2, 256, 1, 99),
        ("float32", (9, 4, 100), 2, 256, 0, 198),
        ("bfloat16", (300, 300, 10), 1, 256, 0, 128),
        ("bfloat16", (9, 4, 100), 2, 256, 1, 99),
    ],
)
def test_there_are_as_many_residuals_as_gradients_can_sum(
    dtype: str, sizes: tuple[int, int, int], depth: int, rows: int, thrift: int, least: int
) -> None:
    """Without it more would be put in than is exact, so that none of the first attempts is; or hardly any."""
    inputs, width, units = sizes
    network = Network(inputs, units, Output("gaussian"), (Hidden(width),) * depth, "sum")
    case = _made(recipe(network, rows, dtype, ("gradient",), thrift=thrift))
    exactly("gradient", case)
    assert np.count_nonzero(exactly("forward", case) - case.y.astype(np.float64)) >= least


@pytest.mark.parametrize("most", [40_000, 400_000])
def test_every_size_is_on_every_axis_of_few_networks_none_of_them_large(most: int) -> None:
    """Without it a kernel could lose its tail at a size that no case has, or a run take minutes."""
    found = wide(most)
    for axis in Sizes._fields:
        sizes = {getattr(each, axis) for each in found}
        assert sizes == {1, *SIZES, *((LONGEST,) if axis == "rows" else ())}
    work = [each.rows * each.width * (each.inputs + each.units) for each in found]
    assert work == sorted(work)
    assert work == [each.work for each in found]
    assert max(work) <= most
    assert len(found) <= {40_000: 47, 400_000: 42}[most]  # as few as the largest sizes first come to
    assert len(set(found)) == len(found)
