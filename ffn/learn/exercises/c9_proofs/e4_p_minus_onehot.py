"""9.4: the gradient of the categorical negative log-likelihood."""

from ffn.learn.kinds import Misconception, Proof


def terms(e):
    n = e.dimension("n")
    (z,) = e.arrays("z")

    def p(i):
        return e.exp(z[i]) / e.total(lambda t: e.exp(z[t]), n)

    return {"z": z, "p": p, "y": e.index("y"), "j": e.index("j"), "n": n, "delta": e.KroneckerDelta, "exp": e.exp,
            "log": e.log, "total": e.total, "Partial": e.Partial}  # fmt: skip


def start(t):
    cost = t["log"](t["total"](lambda k: t["exp"](t["z"][k]), t["n"])) - t["z"][t["y"]]
    return t["Partial"](cost, t["z"][t["j"]])


def log_forgotten(t):
    return -t.p(t.y) * (t.delta(t.y, t.j) - t.p(t.j))


def class_y_alone(t):
    return t.delta(t.y, t.j) * (t.p(t.j) - 1)


def turned_round(t):
    return t.delta(t.y, t.j) - t.p(t.j)


def target_forgotten(t):
    return t.p(t.j)


EXERCISE = Proof(
    title="p − e_y",
    stars=3,
    minutes=15,
    task="""
The cost of a class y at logits z is −log p(y) = log Σₜ exp(z[t]) − z[y], where
p(i) = exp(z[i]) / Σₜ exp(z[t]) and t goes from 1 to n.

Write the next step: ∂cost/∂z[j] without any ∂ left in it, for every n. It is an
expression made of

    p(j), p(y)                       the probabilities
    delta(j, y)                      1 where j is y, and else 0
    z[j], exp(…), total(lambda t: …, n)    if you want to go back to them
""",
    template="""
def step(p, delta, j, y, z, exp, n, total):
    raise NotImplementedError
""",
    solution="""
def step(p, delta, j, y, z, exp, n, total):
    return p(j) - delta(j, y)
""",
    hints=(
        "The cost has two terms. What is the derivative of log Σ exp(z[t]) by z[j]?",
        "It is exp(z[j]) over the sum, which has a name. The other term is −z[y].",
        "Raise every logit by the same amount: the cost stays, so over j the derivatives add up to 0.",
        "`p(j) - delta(j, y)`",
    ),
    law="The step equals ∂cost/∂z[j] for every number of classes, and no ∂ is left in it.",
    read="the derivation “categorical NLL”; exercise 4.4.",
    function="step",
    terms=terms,
    start=start,
    ranges=lambda t: {t["j"]: t["n"], t["y"]: t["n"]},
    without=("Partial", "Derivative"),
    misconceptions=(
        Misconception("log forgotten", "Of what is this the derivative: of p(y), or of its log?", log_forgotten),
        Misconception("class y alone", "In which of the two terms does every z stand?", class_y_alone),
        Misconception("turned round", "When the right logit rises, has the cost to rise?", turned_round),
        Misconception(
            "target forgotten",
            "What is it at j = y? (They are letters: for Python they are never equal.)",
            target_forgotten,
        ),
    ),
)
