"""Random initial weights: the second moment that relu keeps."""

from __future__ import annotations

import numpy as np
from sympy import KroneckerDelta, Rational

from ffn.network.description import Network, Output, initialise
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.notation import arrays, dimension, index, positives, relu, total

HALF = Rational(1, 2)
n, D = map(dimension, "nD")
data, P = arrays("x p")
(s,) = positives("ω")

SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    statement="For a symmetric z with variance s², E[relu(z)²] = s²/2. So a layer of fan-in d after relu keeps the "
    "second moment when its weights have variance 2/d.",
    hypotheses=(
        "z takes ±x_i with probability p_i/2 each: any symmetric distribution is a limit of these",
        "the weights are independent with mean 0 and variance ω²",
    ),
    source="He, Zhang, Ren & Sun 2015",
    chains=(
        chain(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),
        ),
        chain(
            "second moment of a layer",
            total(lambda p, q: s**2 * KroneckerDelta(p, q) * data[p] * data[q], D, D),
            Step("independent weights", s**2 * total(lambda p: data[p] ** 2, D), "E[W_p W_q] = ω² [p = q]"),
        ),
        chain(
            "with variance 2/d", total(lambda p: (2 / D) * (s**2 / 2), D), Step("kept", s**2, "d terms of (2/d)(s²/2)")
        ),
    ),
    ties=(
        Comparison(
            "scale of the code",
            (1, 2, 3, 8),
            lambda d: initialise(Network(d, 2, Output("gaussian")), seed=0, scheme="he")[0][0],
            lambda d: np.sqrt(2 / d) * np.random.default_rng(0).normal(size=(d, 2)),
            "ffn.network.description.initialise",
        ),
    ),
    planted=(
        WrongStep("half forgotten", "half of it is negative", 2 * SECOND_MOMENT),
        WrongStep("cross terms", "independent weights", s**2 * total(lambda p: data[p], D) ** 2),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)
k, p = index("k"), index("p")
