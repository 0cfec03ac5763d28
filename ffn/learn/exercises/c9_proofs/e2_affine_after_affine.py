"""9.2: an affine layer after an affine layer, written as one."""

from ffn.learn.kinds import Misconception, Proof


def terms(e):
    d, q = e.dimension("d"), e.dimension("q")
    x, U, b, V, c = e.arrays("x U b V c")
    arrays = {"x": x, "U": U, "b": b, "V": V, "c": c}
    return {**arrays, "d": d, "q": q, "m": e.dimension("m"), "j": e.index("j"), "total": e.total, "Sum": e.Sum}


def start(t):
    def middle(p):
        return t["total"](lambda k: t["x"][k] * t["U"][k, p], t["d"]) + t["b"][p]

    return t["total"](lambda p: middle(p) * t["V"][p, t["j"]], t["q"]) + t["c"][t["j"]]


STILL_INSIDE = "x still stands inside a sum over p, the units of the layer in the middle."


def form(expression, t):
    """Empty where x stands under one sum alone: under two it waits for the middle layer."""
    for outer in expression.atoms(t["Sum"]):
        if len(outer.limits) > 1 and outer.function.has(t["x"]):
            return STILL_INSIDE
        for inner in outer.function.atoms(t["Sum"]):
            if inner.has(t["x"]):
                return STILL_INSIDE
    return ""


def joined(t, bias):
    weights = t.total(lambda k: t.x[k] * t.total(lambda p: t.U[k, p] * t.V[p, t.j], t.q), t.d)
    return weights + bias + t.c[t.j]


def restated(t):
    return start(vars(t))


def b_not_carried(t):
    return joined(t, 0)


def b_added(t):
    return joined(t, t.b[t.j])


def indices_crossed(t):
    weights = t.total(lambda k: t.x[k] * t.total(lambda p: t.U[p, k] * t.V[t.j, p], t.q), t.d)
    return weights + t.total(lambda p: t.b[p] * t.V[p, t.j], t.q) + t.c[t.j]


EXERCISE = Proof(
    title="Affine after affine",
    stars=2,
    minutes=12,
    task="""
Two affine layers without an activation between them: unit j of the second has

    z[j] = Σₚ (Σₖ x[k] U[k, p] + b[p]) V[p, j] + c[j],    k to d, p to q.

Write the next step, the same number as one affine layer: a sum over k of x[k] times
a weight that holds no x, and a bias that holds no x. It is an expression of

    x[k], U[k, p], b[p], V[p, j], c[j]
    total(lambda k: …, d)    the sum over k from 1 to d; and likewise over q
""",
    template="""
def step(x, U, b, V, c, j, d, q, total):
    raise NotImplementedError
""",
    solution="""
def step(x, U, b, V, c, j, d, q, total):
    weighted = total(lambda k: x[k] * total(lambda p: U[k, p] * V[p, j], q), d)
    return weighted + total(lambda p: b[p] * V[p, j], q) + c[j]
""",
    hints=(
        "Multiply out the bracket: two sums over p, one with x and one with b.",
        "In the one with x exchange the order of the sums, and take x[k] out of the inner one.",
        "The weight of x[k] is `total(lambda p: U[k, p] * V[p, j], q)`.",
    ),
    law="The step equals z[j] at every size, and no x stands inside a sum over the middle layer.",
    read="exercise 1.5; the derivation “affine after affine is affine”.",
    function="step",
    terms=terms,
    start=start,
    ranges=lambda t: {t["j"]: t["m"]},
    form=form,
    misconceptions=(
        Misconception(
            "x left inside",
            "It is true, and no affine layer yet: once all is multiplied out, what is each x[k] multiplied by?",
            restated,
        ),
        Misconception("b not carried", "What is z at x = 0? Where has b gone?", b_not_carried),
        Misconception("b added", "Through what does b pass before it meets c?", b_added),
        Misconception("indices crossed", "Of U[k, p] and V[p, j]: which index is summed?", indices_crossed),
    ),
)
