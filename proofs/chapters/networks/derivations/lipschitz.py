"""How far a relu network can move its outputs: layer by layer, by the norms of its weights."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Rational, oo

from ffn.network import forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Fact, Induction, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, natural, reals, relu, total

d, m, n = dimension("d"), dimension("m"), dimension("n")
i, at, L = index("i"), index("l"), natural("L")
a, b = reals("a b")
s, P = array("s", oo, positive=True), array("P", oo, positive=True)  # the norms of the layers, and their products
W, u, v = array("W", d, m), array("u", d), array("v", d)
U, V = array("U", oo, n), array("V", oo, n)  # the pre-activations of each layer, for two inputs

one_unit = claim(
    "relu is 1-Lipschitz",
    (relu(a) - relu(b)) ** 2,
    "≤",
    (a - b) ** 2,
    Step("on any sides of the kink", (a - b) ** 2, "the slopes are 0 and 1", "≤"),
)


def moved(p: Any) -> Any:
    """What a unit's output moves by."""
    return relu(u[p]) - relu(v[p])


NORM = total(lambda p, q: W[p, q] ** 2, d, m)  # the squared Frobenius norm
MOVED = total(lambda p: moved(p) ** 2, d)
LAYER = total(lambda q: total(lambda p: W[p, q] * moved(p), d) ** 2, m)
LAGRANGE = Rational(1, 2) * total(lambda p, q, r: (W[p, q] * moved(r) - W[r, q] * moved(p)) ** 2, d, m, d)


def distance(layer: Any) -> Any:
    """‖U_l − V_l‖²."""
    return total(lambda p: (U[layer, p] - V[layer, p]) ** 2, n)


def after_relu(layer: Any) -> Any:
    """‖relu(U_l) − relu(V_l)‖²."""
    return total(lambda p: (relu(U[layer, p]) - relu(V[layer, p])) ** 2, n)


EACH = Fact(distance(at + 1), "≤", s[at] ** 2 * after_relu(at), {at: oo})  # a spectral norm of s_l; biases cancel
NO_FACTOR = Fact(P[1], "=", 1)
FACTORS = Fact(P[at + 1], "=", s[at] ** 2 * P[at], {at: oo})
MORE = s[L + 1] ** 2
CHAIN: tuple[Any, ...] = (2, Fraction(1, 3), 5)


def chain(depth: int, at: Any) -> Any:
    """The output of a chain of so many single relu units, by the code on fractions."""
    network = Network(1, 1, Output("gaussian"), tuple(Hidden(1) for _ in range(depth)))
    parameters = tuple((exact.asarray([[w]]), exact.asarray([1])) for w in (*CHAIN[:depth], 7))
    return forward.output(exact, network, parameters, exact.asarray([[at]]))[0, 0]


def claimed(depth: int, last: int = 7) -> Any:
    """The product of the weights times the distance of the inputs 3 and 1."""
    product: Any = 2 * last
    for weight in CHAIN[:depth]:
        product *= weight
    return product


network_lipschitz = Derivation(
    name="a relu network's Lipschitz bound",
    source="Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow & Fergus 2014, section 4.3",
    letters=(
        "U_l and V_l are the pre-activations of layer l for two inputs, s_l is the norm of the weights that follow; "
        "the widths are equal, narrower layers having zeros."
    ),
    ranges={i: d},
    claims=(
        one_unit,
        claim(
            "one layer",
            LAYER,
            "≤",
            NORM * total(lambda p: (u[p] - v[p]) ** 2, d),
            Step("Cauchy–Schwarz", NORM * MOVED, "Lagrange's identity gives the difference as squares", "≤", LAGRANGE),
            Step(
                "unit by unit",
                NORM * total(lambda p: (u[p] - v[p]) ** 2, d),
                "relu is 1-Lipschitz; times the squared Frobenius norm of W",
                "≤",
                uses=Uses(one_unit, {a: u[i], b: v[i]}, NORM, {i: d}),
            ),
        ),
        claim(
            "L layers",
            distance(L + 1),
            "≤",
            P[L + 1] * distance(1),
            proof=Induction(
                L,
                base=(
                    Step("no layer", P[1] * distance(1), "the factor is 1", uses=Uses(NO_FACTOR, weight=-distance(1))),
                ),
                step=(
                    Step("one more layer", MORE * after_relu(L + 1), "its norm", "≤", uses=Uses(EACH, {at: L + 1})),
                    Step(
                        "its units",
                        MORE * distance(L + 1),
                        "relu is 1-Lipschitz",
                        "≤",
                        uses=Uses(one_unit, {a: U[L + 1, i], b: V[L + 1, i]}, MORE, {i: n}),
                    ),
                    Step(
                        "the layers before it",
                        MORE * P[L + 1] * distance(1),
                        "by the hypothesis",
                        "≤",
                        uses=Uses(weight=MORE),
                    ),
                    Step(
                        "one factor more",
                        P[L + 2] * distance(1),
                        "P is the product of the squared norms",
                        uses=Uses(FACTORS, {at: L + 1}, weight=-distance(1)),
                    ),
                ),
                start=0,
            ),
            given=(EACH, NO_FACTOR, FACTORS),
            example={U: 2, V: 1, s: 1, P: 1},
        ),
    ),
    ties=(
        Comparison(
            "a chain moves by the product of its weights",
            (0, 1, 2, 3),
            lambda depth: chain(depth, 3) - chain(depth, 1),
            claimed,
            "ffn.network.forward.output",
        ),
    ),
    planted=(
        WrongStep("half of it", "on any sides of the kink", (a - b) ** 2 / 2),
        WrongStep("a quarter", "Cauchy–Schwarz", NORM * MOVED / 4),
        WrongStep("a ninth", "its units", MORE * distance(L + 1) / 9),
        WrongStep("a ninth again", "the layers before it", MORE * P[L + 1] * distance(1) / 9),
        WrongStep(
            "last weight forgotten",
            "a chain moves by the product of its weights",
            claimed=lambda depth: claimed(depth, 1),
        ),
    ),
)
