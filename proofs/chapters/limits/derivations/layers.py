"""Affine layers: the gradients by their weights, biases and input.

Shapes as in ``ffn``: x is (N, d), W (d, m), b (m), and z = xW + b.
"""

from __future__ import annotations

from typing import Any

from sympy import KroneckerDelta

from ffn.network import backward
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.instances import entries, formula
from proofs.engine.notation import Partial, array, dimension, index, total

N, d, m = tuple(map(dimension, "Ndm"))
n, k, j = index("n"), index("k"), index("j")
x, W, b, c = array("x", N, d), array("W", d, m), array("b", m), array("c", N, m)
SIZES = ((1, 1, 1), (2, 1, 3), (3, 2, 2), (2, 3, 1))  # N, d, m
BOOK = "Goodfellow, Bengio & Courville 2016, section 6.5"


def z(r: Any, i: Any) -> Any:
    """The affine layer."""
    return total(lambda p: x[r, p] * W[p, i], d) + b[i]


def paired(output: Any) -> Any:
    """⟨c, output⟩: a loss whose gradient by the output is c. A gradient sees no more of a loss than this."""
    return total(lambda r, i: c[r, i] * output(r, i), N, m)


def shipped_affine(case: tuple[int, ...]) -> dict[str, Any]:
    """dW, db and dx of the code, on symbols."""
    rows, inputs, units = case
    dz = entries(c, rows, units)
    dW, db = backward.affine_vjp(symbolic, entries(x, rows, inputs), dz, None)
    return {"dW": dW, "db": db, "dx": backward.affine_input_vjp(symbolic, entries(W, inputs, units), dz)}


def says(expr: Any, ranges: dict[Any, Any]) -> Any:
    """What an expression says at given sizes N, d, m."""
    return formula(expr, ranges, (N, d, m))


def tie(name: str, expr: Any, ranges: dict[Any, Any], code: str) -> Comparison:
    """The code's dW, db or dx against an expression."""
    return Comparison(name, SIZES, lambda case: shipped_affine(case)[name], says(expr, ranges), code)


BY_W = total(lambda r: x[r, k] * c[r, j], N)
BY_B = total(lambda r: c[r, j], N)
BY_X = total(lambda i: c[n, i] * W[k, i], m)

weights = Derivation(
    name="affine layer, gradient by the weights",
    source=BOOK,
    letters="x are N rows of inputs, W and b the weights and the biases, c the cotangent of the output.",
    ranges={k: d, j: m},
    claims=(
        claim(
            "gradient",
            Partial(paired(z), W[k, j]),
            "=",
            BY_W,
            Step(
                "differentiate",
                total(lambda r, i, p: c[r, i] * x[r, p] * KroneckerDelta(p, k) * KroneckerDelta(i, j), N, m, d),
                "the derivative goes through the sums, and ∂W_li/∂W_kj = [l = k] [i = j]",
            ),
            Step("contract", BY_W, "each Kronecker delta leaves one term of its sum"),
        ),
    ),
    ties=(tie("dW", BY_W, {k: d, j: m}, "ffn.network.backward.affine_vjp"),),
    planted=(
        WrongStep("a delta dropped", "differentiate", total(lambda r, i, p: c[r, i] * x[r, p], N, m, d)),
        WrongStep("transposed", "contract", total(lambda r: x[r, j] * c[r, k], N)),
        WrongStep("factor 2", "contract", 2 * BY_W),
        WrongStep("mean over the batch", "dW", claimed=says(BY_W / N, {k: d, j: m})),
    ),
)

biases = Derivation(
    name="affine layer, gradient by the biases",
    source=BOOK,
    letters="x are N rows of inputs, W and b the weights and the biases, c the cotangent of the output.",
    ranges={j: m},
    claims=(
        claim(
            "gradient",
            Partial(paired(z), b[j]),
            "=",
            BY_B,
            Step(
                "differentiate",
                total(lambda r, i: c[r, i] * KroneckerDelta(i, j), N, m),
                "∂b_i/∂b_j = [i = j], once for each example",
            ),
            Step("contract", BY_B, "the delta leaves i = j"),
        ),
    ),
    ties=(tie("db", BY_B, {j: m}, "ffn.network.backward.affine_vjp"),),
    planted=(
        WrongStep("mean over the batch", "contract", BY_B / N),
        WrongStep("sum over the units", "contract", total(lambda r, i: c[r, i], N, m)),
        WrongStep("first example alone", "db", claimed=says(c[1, j], {j: m})),
    ),
)

inputs = Derivation(
    name="affine layer, gradient by the input",
    source=BOOK,
    letters="x are N rows of inputs, W and b the weights and the biases, c the cotangent of the output.",
    ranges={n: N, k: d},
    claims=(
        claim(
            "gradient",
            Partial(paired(z), x[n, k]),
            "=",
            BY_X,
            Step(
                "differentiate",
                total(lambda r, i, p: c[r, i] * W[p, i] * KroneckerDelta(r, n) * KroneckerDelta(p, k), N, m, d),
                "∂x_rl/∂x_nk = [r = n] [l = k]",
            ),
            Step("contract", BY_X, "examples do not mix: r = n alone is left"),
        ),
    ),
    ties=(tie("dx", BY_X, {n: N, k: d}, "ffn.network.backward.affine_input_vjp"),),
    planted=(
        WrongStep("examples mixed", "contract", total(lambda r, i: c[r, i] * W[k, i], N, m)),
        WrongStep("sign", "contract", -BY_X),
        WrongStep("one unit alone", "dx", claimed=says(c[n, 1] * W[k, 1], {n: N, k: d})),
    ),
)
