"""9.1: the chain rule through one layer, as one step of a derivation."""

from ffn.learn.kinds import Misconception, Proof


def terms(e):
    d, m = e.dimension("d"), e.dimension("m")
    x, W, b, c = e.arrays("x W b c")

    def z(i):
        return e.total(lambda p: x[p] * W[p, i], d) + b[i]

    symbols = {"d": d, "m": m, "k": e.index("k"), "x": x, "W": W, "b": b, "c": c}
    return {**symbols, "z": z, "g": e.g, "g1": e.g1, "total": e.total, "Partial": e.Partial}


def start(t):
    return t["Partial"](t["total"](lambda i: t["c"][i] * t["g"](t["z"](i)), t["m"]), t["x"][t["k"]])


def slope_at_the_output(t):
    return t.total(lambda i: t.c[i] * t.g1(t.g(t.z(i))) * t.W[t.k, i], t.m)


def slope_forgotten(t):
    return t.total(lambda i: t.c[i] * t.W[t.k, i], t.m)


def weight_forgotten(t):
    return t.total(lambda i: t.c[i] * t.g1(t.z(i)), t.m)


def restated(t):
    return start(vars(t))


EXERCISE = Proof(
    title="The chain rule step",
    stars=3,
    minutes=15,
    task="""
A layer computes h = g(z), with z = x W + b and any differentiable g. What comes
after it sees h alone, and c is its cotangent: c[i] says how fast the loss rises with
h[i]. So by x the loss has the derivative of ⟨c, h⟩ = Σᵢ c[i] g(z(i)), c held fixed.

Write the next step: ∂⟨c, h⟩/∂x[k] without any ∂ left in it, for every size of
the layer. It is an expression, made of these, of which you take what you need:

    c[i], W[p, i], x[p], b[i]     entries
    z(i)                          the pre-activation of unit i
    g(…), g1(…)                   g, and its derivative g′
    k                             the place of x[k]
    d, m                          how many inputs and units there are
    total(lambda i: …, m)         the sum over i from 1 to m

For example, total(lambda i: W[k, i], m) is the sum of row k of W.
""",
    template="""
def step(c, W, x, b, z, g, g1, k, d, m, total):
    raise NotImplementedError
""",
    solution="""
def step(c, W, x, b, z, g, g1, k, d, m, total):
    return total(lambda i: c[i] * g1(z(i)) * W[k, i], m)
""",
    hints=(
        "The derivative of a sum is the sum of the derivatives. Take one term, a number times g of something.",
        "The chain rule gives it three factors: the number, the slope of g, and the slope of what g is taken of.",
        "∂z(i)/∂x[k] is the weight of the edge from input k to unit i: only one term of z(i) holds x[k].",
        "`total(lambda i: c[i] * g1(z(i)) * W[k, i], m)`",
    ),
    law="The step equals ∂⟨c, g(z)⟩/∂x[k] at every size, and no ∂ is left in it.",
    read="the derivation “one layer, the pullback of a cotangent” in `python -m proofs`.",
    function="step",
    terms=terms,
    start=start,
    ranges=lambda t: {t["k"]: t["d"]},
    without=("Partial", "Derivative"),
    misconceptions=(
        Misconception(
            "slope at the output", "At which point is the slope of g taken: g′ of what?", slope_at_the_output
        ),
        Misconception(
            "slope forgotten",
            "Each term of the derivative has three factors. Which of them comes from g?",
            slope_forgotten,
        ),
        Misconception("weight forgotten", "When x[k] moves by 1, by how much does z(i) move?", weight_forgotten),
        Misconception("restated", "It is true, and no step yet: which derivative is still to be taken?", restated),
    ),
)
