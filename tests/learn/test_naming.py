"""A wrong answer bears the name of the one idea that gives all of it, and no answer bears a false one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ffn.learn import check


def name_of(exercise: str, answer: object) -> str | None:
    found = check(exercise, answer).finding.misconception
    return found.name if found else None


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda dh, z: np.where(np.maximum(z, 0) >= 0, dh, 0), "the mask is always 1"),
        (lambda dh, z: dh * np.maximum(z, 0), "times h"),
        (lambda dh, z: dh * (dh > 0), "mask by the sign of dh"),
        (lambda dh, z: dh * (z > 1), None),
        (lambda dh, z: dh * (z > 0) * 1.001, None),
        (lambda dh, z: dh * (1 + 1e-12), None),
    ],
    ids=["h ≥ 0", "times h", "sign of dh", "another threshold", "nearly right", "nearly named"],
)
def test_a_name_is_given_where_every_answer_agrees(answer: object, name: str | None) -> None:
    """Without it a tolerance might creep in: 1e-12 off a misconception is not that misconception."""
    assert name_of("3.2", answer) == name


@pytest.mark.parametrize("at_the_kink", [0.0, 0.25, 1.0])
def test_every_slope_at_the_kink_passes(at_the_kink: float) -> None:
    """Without it a student would be blamed for a choice that is free."""
    assert check("3.2", lambda dh, z: dh * np.where(z == 0, at_the_kink, z > 0))


def test_a_slope_beyond_the_kink_does_not() -> None:
    """Without it the hull at the kink would admit anything."""
    assert not check("3.2", lambda dh, z: dh * np.where(z == 0, 1.5, z > 0))


def test_a_program_that_raises_is_named_where_the_idea_raises_too() -> None:
    """Without it W turned, which only a square W survives, would be a mere exception."""
    assert name_of("1.1", lambda x, W, b: x @ W.T + b) == "W turned"
    assert name_of("1.1", lambda x, W, b: 1 / 0) is None


def test_numbers_by_hand_are_named_by_what_follows_from_the_slip() -> None:
    """Without it a slip would be told as many wrong cells as follow from it."""
    result = check("1.3", {"three_lines": 8, "one_pair_parallel": 8, "four_lines": 16})
    assert result.finding.misconception is not None
    assert result.finding.misconception.name == "2ⁿ"
    assert name_of("1.3", {"three_lines": 8, "one_pair_parallel": 8, "four_lines": 15}) is None
    assert check("1.3", {"three_lines": "7", "one_pair_parallel": 6.0, "four_lines": 22 / 2})


def test_a_message_points_at_the_line_and_fits_a_terminal() -> None:
    """Without it an editor could not jump there, and the useful line would scroll away."""

    def relu_backward(dh, z):
        return dh

    result = check("3.2", relu_backward)
    assert result.lines[0].startswith(f"test_naming.py:{relu_backward.__code__.co_firstlineno}:")
    assert len(result.lines) <= 15
    assert max(map(len, result.lines)) <= 80
    assert any("»" in line for line in result.lines)


def test_what_is_made_is_judged_by_what_it_does() -> None:
    """Without it one way to write XOR would be the only one."""
    other = {"W": [[1, -1], [-1, 1]], "b": [0, 0], "v": [1, 1], "c": 0}
    assert check("1.4", other)
    assert name_of("1.4", {**other, "v": [1, 2]}) is None
    assert name_of("1.4", {"W": [[2, 2], [2, 2]], "b": [0, -2], "v": ["1/2", "-1/2"], "c": 0}) == "it computes OR"


def test_a_right_answer_that_overflows_is_unstable_and_not_wrong() -> None:
    """Without it a beginner would look for a slip in a formula that is right."""
    result = check(
        "2.1", lambda name, z: {"relu": (z + abs(z)) / 2, "absolute": abs(z)}.get(name, np.where(z > 0, z, z / 100))
    )
    assert result.finding.outcome == "unstable"
    assert any(line.startswith("  float64 ") for line in result.lines)


def test_a_function_is_tried_inside_networks_too() -> None:
    """Without it what is right by itself, on up to three units, could fail where it is used."""

    def relu_backward(dh, z):
        dz = dh * (z > 0)
        dz[:, 4:] = 0
        return dz

    finding = check("3.2", relu_backward).finding
    assert (finding.outcome, finding.stage) == ("wrong", "inside a network")


def test_a_difference_is_judged_by_where_it_looked() -> None:
    """Without it a step over a kink would be a number that is slightly off, and why would remain hidden."""
    tiny = Fraction(1, 10**30)

    def central(f, w):
        return (f(w + tiny)[0] - f(w - tiny)[0]) / (2 * tiny)

    def in_floats(f, w):
        return (f(w + 0.001)[0] - f(w - 0.001)[0]) / 0.002

    result = check("3.11", central)
    assert result.finding.misconception is not None
    assert (result.finding.misconception.name, result.finding.agree) == ("step over a kink", 1)
    assert "a float, which is rounded" in " ".join(repr(check("3.11", in_floats)).split())
    assert "does it end with a return" in repr(check("3.11", lambda f, w: None))


def test_what_is_kept_from_call_to_call_is_told_as_that() -> None:
    """Without it a program that is right once would pass, or its message show an example on which it is right."""
    kept: dict[tuple[int, ...], np.ndarray] = {}

    def cached(dh, z):
        return kept.setdefault((*dh.shape, int(z.sum() > 2)), dh * (z > 0))

    calls: list[int] = []

    def tired(dh, z):
        calls.append(1)
        return dh * (z > 0) + (len(calls) > 30)

    assert not check("3.2", cached)
    assert "kept between calls" in repr(check("3.2", tired))


def test_manners_have_names_of_their_own() -> None:
    """Without it a change of the caller's array would be a line about an argument, and lead nowhere."""

    def in_place(W, b, dW, db, rate, rows):
        W -= rate * dW
        b -= rate * db
        return W, b

    assert name_of("7.3", in_place) == "in place"
    assert name_of("2.1", lambda name, z: np.maximum(z, 0, out=z)) == "argument changed in place"


def test_a_grader_gets_a_share_and_the_message() -> None:
    """Without it partial credit would be none, and a failing cell say nothing."""
    assert check("3.2", lambda dh, z: dh * (z > 0)).share == 1
    found = check("3.2", lambda dh, z: dh)
    assert found.share == len(found.finding.held) / found.finding.laws == 0.5
    with pytest.raises(AssertionError, match="the mask is always 1"):
        assert found, str(found)


def test_what_a_cell_defines_is_told_by_its_line_in_the_cell() -> None:
    """Without it a notebook would print the number by which its kernel calls the cell."""
    defined: dict = {}
    exec(compile("\n\ndef relu_backward(dh, z):\n    return dh", "/tmp/ipykernel_7/1435829101.py", "exec"), defined)
    assert check("3.2", defined["relu_backward"]).lines[0].startswith("cell:3: 3.2")
