"""What is drawn: the wrong number marked, and digits enough to see what differs."""

from __future__ import annotations

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, admissible
from ffn.learn.message.digits import apart
from ffn.learn.message.network import network
from ffn.learn.message.number_line import number_line

NETWORK = Network(2, 1, Output("gaussian"), (Hidden(2, "relu"),))
CASE = Case(
    NETWORK,
    ((np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.0, 0.5])), (np.array([[1.0], [-2.0]]), np.array([4.0]))),
    np.array([[1.0, -1.0]]),
    np.array([[3.0]]),
)


def test_a_network_is_drawn_there_and_back() -> None:
    """Without it a beginner would have to work out by hand what the example shows."""
    answer = ((np.zeros((2, 2)), np.array([5.0, 0.0])), (np.zeros((2, 1)), np.zeros(1)))
    lines = network(CASE, NETWORK.names, answer, ("layer 0, b", (0,)))
    assert [line.split() for line in lines] == [
        ["x", "W", "|", "b", "z", "relu", "h", "W", "|", "b", "z", "y"],
        ["1", "1", "3", "|", "0", "-2", "─▶", "0", "1", "-2", "|", "4", "-3", "3"],
        ["-1", "2", "-1", "|", "0.5", "3.5", "─▶", "3.5"],
        ["∂loss", "0", "0", "|", "»5«", "0", "◀─", "-6", "0", "0", "|", "0", "-6"],
        ["0", "0", "|", "0", "12", "◀─", "12"],
    ]


def outside(dtype: str, z: float, computed: float) -> admissible.Outside:
    found = (
        admissible.slope(ActivationCase("sigmoid", np.array([z], dtype))).examine(np.array([computed], dtype)).outside
    )
    assert found is not None
    return found


@pytest.mark.parametrize(("computed", "said"), [(0.1966, "0.1966"), (0.2, "0.2"), (0.19661193, "0.19661193")])
def test_as_many_digits_as_it_takes(computed: float, said: str) -> None:
    """Without it two numbers that differ would be printed alike."""
    wrong, right = apart(outside("float64", 1.0, computed))
    assert wrong == said
    assert wrong != right
    assert right.startswith(wrong[:4]) or wrong == "0.2"


def test_the_number_line_shows_what_became_zero() -> None:
    """Without it "unstable" would not say where the digits went."""
    assert "─1──" in number_line(outside("float32", 40.0, 0.0))[0]  # and no other label touches it
    line, marks = number_line(outside("float16", 8.5, 0.0))
    assert marks.index("c") < marks.index("a") < len(line)
    assert number_line(outside("float32", 1.0, 0.1966)) == ["  14 of the 24 bits of float32 are right."]
