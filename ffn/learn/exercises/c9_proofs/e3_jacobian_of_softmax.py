"""9.3: the Jacobian of softmax."""

from ffn.learn.kinds import Misconception, Proof


def terms(e):
    n = e.dimension("n")
    (z,) = e.arrays("z")

    def p(i):
        return e.exp(z[i]) / e.total(lambda t: e.exp(z[t]), n)

    return {"z": z, "p": p, "i": e.index("i"), "j": e.index("j"), "n": n, "delta": e.KroneckerDelta, "exp": e.exp,
            "total": e.total, "Partial": e.Partial}  # fmt: skip


def start(t):
    return t["Partial"](t["p"](t["i"]), t["z"][t["j"]])


def diagonal_alone(t):
    return t.delta(t.i, t.j) * t.p(t.i) * (1 - t.p(t.i))


def off_the_diagonal_alone(t):
    """What Python makes of `if i == j` too: the letters differ, whatever they stand for."""
    return -t.p(t.i) * t.p(t.j)


def other_sign(t):
    return t.p(t.i) * (t.delta(t.i, t.j) + t.p(t.j))


def of_the_exponential(t):
    return t.delta(t.i, t.j) * t.p(t.i)


def restated(t):
    return start(vars(t))


EXERCISE = Proof(
    title="The Jacobian of softmax",
    stars=3,
    minutes=15,
    task="""
softmax makes probabilities of logits: p(i) = exp(z[i]) / Σₜ exp(z[t]), t from 1 to n.

Write the next step: ∂p(i)/∂z[j] without any ∂ left in it, for every number n of
classes. It is an expression made of

    p(i), p(j)                       the probabilities
    delta(i, j)                      1 where i is j, and else 0
    z[i], exp(…), total(lambda t: …, n)    if you want to go back to them
""",
    template="""
def step(p, delta, i, j, z, exp, n, total):
    raise NotImplementedError
""",
    solution="""
def step(p, delta, i, j, z, exp, n, total):
    return p(i) * (delta(i, j) - p(j))
""",
    hints=(
        "z[j] stands in every denominator, and in the numerator where i is j. Use the rule for quotients.",
        "The part of the numerator is δ p(i), that of the denominator −p(i) p(j).",
        "As a check: over i, the derivatives add up to 0, because the probabilities always add up to 1.",
        "`p(i) * (delta(i, j) - p(j))`",
    ),
    law="The step equals ∂p(i)/∂z[j] for every number of classes, and no ∂ is left in it.",
    read="the derivation “softmax, Jacobian” in `python -m proofs`; claim C34.",
    function="step",
    terms=terms,
    start=start,
    ranges=lambda t: {t["i"]: t["n"], t["j"]: t["n"]},
    without=("Partial", "Derivative"),
    misconceptions=(
        Misconception("diagonal alone", "Raise z₂ alone. Does p₁ stay as it was?", diagonal_alone),
        Misconception(
            "the case i = j left out",
            "Where i and j are one class, what is the derivative? (They are letters: for Python they are never equal.)",
            off_the_diagonal_alone,
        ),
        Misconception("sign of p(i) p(j)", "Over all i, to what do the derivatives of p(i) add up?", other_sign),
        Misconception("the denominator forgotten", "Where does z[j] stand besides the numerator?", of_the_exponential),
        Misconception("restated", "It is true, and no step yet: which derivative is still to be taken?", restated),
    ),
)
