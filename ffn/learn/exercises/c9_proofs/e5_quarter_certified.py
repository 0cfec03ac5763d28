"""9.5: a certificate that σ′ is at most a quarter."""

from ffn.learn.kinds import Misconception, Proof


def terms(e):
    (z,) = e.reals("z")
    return {"z": z, "exp": e.exp, "Rational": e.Rational}


def start(t):
    return t["exp"](-t["z"]) / (1 + t["exp"](-t["z"])) ** 2


def bound(t):
    return t["Rational"](1, 4)


def not_evident(t):
    return bound(vars(t)) - start(vars(t))


def the_wrong_way_round(t):
    return -((1 - t.exp(-t.z)) ** 2) / (4 * (1 + t.exp(-t.z)) ** 2)


def quarter_forgotten(t):
    return (1 - t.exp(-t.z)) ** 2 / (1 + t.exp(-t.z)) ** 2


def strict(t):
    return (1 + t.exp(-t.z) ** 2) / (4 * (1 + t.exp(-t.z)) ** 2)


EXERCISE = Proof(
    title="σ′ ≤ ¼, certified",
    stars=3,
    minutes=15,
    task="""
σ′(z) = e^−z/(1 + e^−z)² is at most ¼. A proof of that is an expression which is

    equal to ¼ − σ′(z), the larger minus the smaller, and
    seen to be at least 0: made of squares, sums, products and quotients of what
    is not negative, where exp(…) is positive whatever stands in it.

Write certificate(z, exp, Rational), which returns it. Rational(1, 4) is ¼.
""",
    template="""
def certificate(z, exp, Rational):
    raise NotImplementedError
""",
    solution="""
def certificate(z, exp, Rational):
    return (1 - exp(-z)) ** 2 / (4 * (1 + exp(-z)) ** 2)
""",
    hints=(
        "Write e for e^−z, and bring ¼ − e/(1 + e)² to one denominator.",
        "The numerator is (1 + e)² − 4e. Expand it: which square is that?",
        "(1 + e)² − 4e is (1 − e)²; the denominator is `4 * (1 + exp(-z)) ** 2`.",
    ),
    law="The certificate equals ¼ − σ′(z), and its form shows that it is at least 0.",
    read="the derivation “sigmoid, slope” in `python -m proofs`; claim C15.",
    function="certificate",
    terms=terms,
    start=start,
    bound=bound,
    misconceptions=(
        Misconception("true, not evident", "Why should this be at least 0? Which form would show it?", not_evident),
        Misconception(
            "the wrong way round", "Which of ¼ and σ′ is the larger, and which is taken off?", the_wrong_way_round
        ),
        Misconception("strict", "At z = 0, are ¼ and σ′ equal? And what is your expression there?", strict),
        Misconception("¼ forgotten", "At large z, to what does ¼ − σ′ tend, and to what yours?", quarter_forgotten),
    ),
)
