"""XOR: what the lessons on optimisation share."""

import numpy as np

from ffn import Hidden, Network, Output, initialise, reference
from ffn.constructions.training import Descent, train

XOR = Network(inputs=2, hidden=(Hidden(2, "relu"),), units=1, output=Output("gaussian"))
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
Y = np.array([[0], [1], [1], [0]], dtype=np.float64)
BOOK = ((np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.array([0.0])))  # eq. 6.4 to 6.6


def xor_from(seed: int) -> np.ndarray:
    """What XOR's network answers after 500 steps on all four rows."""
    trained = train(XOR, initialise(XOR, seed), X, Y, Descent(learning_rate=0.1, epochs=500))
    return reference.forward(XOR, trained.parameters, X)
