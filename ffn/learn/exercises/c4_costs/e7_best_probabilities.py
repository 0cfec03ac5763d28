"""4.7: the probabilities that make the cost of data least."""

from fractions import Fraction

from ffn.learn.kinds import Misconception, Predict

COUNTS = (6, 3, 1)


def frequencies(xp):
    return {"q": [Fraction(count, sum(COUNTS)) for count in COUNTS]}


def without_the_rare(xp):
    kept = [count if count > 1 else 0 for count in COUNTS]
    return {"q": [Fraction(count, sum(kept)) for count in kept]}


EXERCISE = Predict(
    title="NLL is cross-entropy",
    stars=1,
    minutes=8,
    task="""
Ten rows have the same input, and their classes were a six times, b three times
and c once. A network says probabilities q = [q_a, q_b, q_c] for that input, and
its cost is the mean over the ten rows of −log q of the class that came.

Which q makes the cost least? Fractions such as "1/10", or 0.1.
""",
    template="""
q = [None, None, None]
""",
    solution="""
q = [0.6, 0.3, 0.1]
""",
    hints=(
        "Write the cost: it has three terms. What happens to it when q_c goes to 0?",
        "Move a little probability from one class to another. At the least cost that changes nothing.",
        "So counts/q is the same for every class, and the three add up to 1.",
    ),
    law="No other q has a smaller cost.",
    read="claim C32, and the derivation “NLL, cross-entropy and KL”.",
    truth=frequencies,
    misconceptions=(
        Misconception(
            "argmax", "What does a class cost that came once, when q gives it 0?", lambda xp: {"q": [1, 0, 0]}
        ),
        Misconception("uniform", "For which counts would that be the best?", lambda xp: {"q": [Fraction(1, 3)] * 3}),
        Misconception("the rare class dropped", "What does the one row of c cost then?", without_the_rare),
    ),
)
