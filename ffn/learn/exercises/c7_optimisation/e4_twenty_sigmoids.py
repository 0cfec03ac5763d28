"""7.4: what twenty sigmoids leave of a gradient."""

from fractions import Fraction

from ffn.learn.kinds import Misconception, Predict

LAYERS = 20


def bound(xp):
    return {"slope": Fraction(1, 4), "bound": Fraction(1, 4) ** LAYERS}


EXERCISE = Predict(
    title="What twenty σ leave",
    stars=1,
    minutes=5,
    task="""
A chain of twenty units, one after the other, each h = σ(w h₋ + b) with |w| ≤ 1.

    slope    the largest slope that σ has anywhere
    bound    the least number that is surely above |∂h₂₀/∂h₀|: what you get when
             every σ has its largest slope and every |w| is 1

As fractions: Fraction(1, 3)**5 is written so, or as "1/243".
""",
    template="""
from fractions import Fraction

slope = None
bound = None
""",
    solution="""
from fractions import Fraction

slope = Fraction(1, 4)
bound = Fraction(1, 4) ** 20
""",
    hints=(
        "σ′ = σ (1 − σ) is largest where σ is ½. How large is it there?",
        "∂h₂₀/∂h₀ is a product, with a factor σ′ · w from every layer.",
        "Twenty factors of at most ¼ each: `Fraction(1, 4) ** 20`, which is below 10⁻¹².",
    ),
    law="The chain rule multiplies twenty slopes, none of which is above ¼.",
    read="claims C14 and C15.",
    truth=bound,
    misconceptions=(
        Misconception(
            "½ a layer",
            "σ is ½ at 0. What is its slope there?",
            lambda xp: {"slope": Fraction(1, 2), "bound": Fraction(1, 2) ** LAYERS},
        ),
        Misconception(
            "twenty terms",
            "Does the chain rule add up slopes, or multiply them?",
            lambda xp: {**bound(xp), "bound": Fraction(LAYERS, 4)},
        ),
        Misconception(
            "σ is at most 1",
            "The value of σ is below 1. What is its slope?",
            lambda xp: {"slope": 1, "bound": 1},
        ),
    ),
)
