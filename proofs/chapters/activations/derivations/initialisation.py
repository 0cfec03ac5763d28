"""Random initial weights: the second moment that relu keeps."""

from __future__ import annotations

import numpy as np
from sympy import KroneckerDelta, Rational

from ffn.network.description import Network, Output, initialise
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.notation import array, dimension, index, positives, relu, total

HALF = Rational(1, 2)
n, D = map(dimension, "nD")
data, P, inputs = array("x", n), array("p", n, nonnegative=True), array("h", D)
(s,) = positives("ω")

SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    source="He, Zhang, Ren & Sun 2015",
    claims=(
        claim(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            "=",
            SECOND_MOMENT,
            Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),
        ),
        claim(
            "second moment of a layer",
            total(lambda p, q: s**2 * KroneckerDelta(p, q) * inputs[p] * inputs[q], D, D),
            "=",
            s**2 * total(lambda p: inputs[p] ** 2, D),
            Step("independent weights", s**2 * total(lambda p: inputs[p] ** 2, D), "E[W_p W_q] = ω² [p = q]"),
        ),
        claim(
            "with variance 2/d",
            total(lambda p: (2 / D) * (s**2 / 2), D),
            "=",
            s**2,
            Step("kept", s**2, "d terms of (2/d)(s²/2)"),
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
        WrongStep("cross terms", "independent weights", s**2 * total(lambda p: inputs[p], D) ** 2),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)
k, p = index("k"), index("p")
