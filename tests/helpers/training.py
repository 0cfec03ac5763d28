"""XOR, and losses on fractions: what the lessons on optimisation share."""

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, initialise, reference
from ffn.constructions.training import Descent, train
from ffn.network.forward import objective
from ffn.numbers.exact import exact

XOR = Network(inputs=2, hidden=(Hidden(2, "relu"),), units=1, output=Output("gaussian"))
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
Y = np.array([[0], [1], [1], [0]], dtype=np.float64)
BOOK = ((np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.array([0.0])))  # eq. 6.4 to 6.6

rational = st.builds(Fraction, st.integers(-12, 12), st.integers(1, 4))
positive = st.builds(Fraction, st.integers(1, 12), st.integers(1, 4))


def column(values: list) -> Any:
    """One number a row."""
    return exact.asarray(values).reshape(-1, 1)


def loss(network: Network, parameters: tuple, x: Any, y: Any) -> Fraction:
    """The shipped loss on fractions."""
    return objective(exact, network, parameters, x, y, kernel_only=True)


def xor_from(seed: int) -> np.ndarray:
    """What XOR's network answers after 500 steps on all four rows."""
    trained = train(XOR, initialise(XOR, seed), X, Y, Descent(learning_rate=0.1, epochs=500))
    return reference.forward(XOR, trained.parameters, X)
