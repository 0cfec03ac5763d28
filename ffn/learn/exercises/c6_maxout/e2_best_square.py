"""6.2: the best approximation of x² by three pieces."""

from fractions import Fraction

from ffn.learn.judging.lines import at, distance_from_square, joints, lines
from ffn.learn.kinds import Construct, Demand, Shown
from ffn.learn.message.digits import fraction

LOW, HIGH = Fraction(-1), Fraction(1)
BEST = Fraction(1, 18)


def pieces_of(values):
    return lines(values["slopes"], values["intercepts"])


def complaint(values):
    error, x = distance_from_square(pieces_of(values), LOW, HIGH)
    return f"At x = {fraction(x)} it is off by {fraction(error)}, and {BEST} is possible." if error > BEST else ""


def draw(values):
    pieces = pieces_of(values)
    places = sorted(
        {LOW, HIGH, *(x for x in joints(pieces) if LOW < x < HIGH), *(s / 2 for s, _ in pieces if abs(s) < 2)}
    )
    for name, row in (("x", places), ("yours", [at(pieces, x) for x in places]), ("x²", [x * x for x in places])):
        yield f"  {name:8}" + "".join(f"{said(number):>10}" for number in row)


def said(number):
    return str(number) if len(str(number)) < 9 else f"{float(number):.5g}"


def one_sided(sign):
    """Whether it never lies on the other side of x², and is off by more than the best."""

    def shows(values):
        pieces = pieces_of(values)
        places = {LOW, HIGH, *(x for x in joints(pieces) if LOW < x < HIGH), *(s / 2 for s, _ in pieces if abs(s) < 2)}
        signed = [sign * (at(pieces, x) - x * x) for x in places]
        return len({slope for slope, _ in pieces}) == 3 and min(signed) >= 0

    return shows


EXERCISE = Construct(
    title="Best x² by three pieces",
    stars=3,
    minutes=20,
    task="""
A maxout unit with three pieces computes max over k of slopes[k] x + intercepts[k].
How near can it come to x² for x from −1 to 1?

Find three slopes and three intercepts for which it is nowhere off by more than
1/18, which is the least possible. Judged exactly: write fractions, such as "-1/3".
""",
    template="""
slopes = [None, None, None]
intercepts = [None, None, None]
""",
    solution="""
slopes = ["-4/3", 0, "4/3"]
intercepts = ["-7/18", "1/18", "-7/18"]
""",
    hints=(
        "Cut the interval from −1 to 1 into three equal parts, and draw the chord of x² over each.",
        "A chord from a to b has the slope a + b, and lies above x² by at most ((b − a)/2)².",
        "So far the error has one sign: above. Lower all three by half of the largest error.",
        "The chords meet x² at −1, −1/3, 1/3 and 1: the middle one is 1/9, lowered to 1/18.",
    ),
    law="The largest of the three pieces is nowhere farther than 1/18 from x².",
    read="claim C27, and its derivation in `python -m proofs`.",
    values=("slopes", "intercepts"),
    shapes=lambda: {"slopes": (3,), "intercepts": (3,)},
    demands=(Demand("The largest of the three pieces is nowhere farther than 1/18 from x².", complaint),),
    drawing=draw,
    misconceptions=(
        Shown(
            "chords not lowered",
            "Your error has one sign: it is never below x². What would lowering it by half of the largest do?",
            one_sided(1),
            example={"slopes": ["-4/3", 0, "4/3"], "intercepts": ["-1/3", "1/9", "-1/3"]},
        ),
        Shown(
            "tangents",
            "Your error has one sign: it is never above x². What would raising it do?",
            one_sided(-1),
            example={"slopes": ["-4/3", 0, "4/3"], "intercepts": ["-4/9", 0, "-4/9"]},
        ),
        Shown(
            "n joints for n pieces",
            "You have cut the interval into four. At how many points do three pieces meet?",
            lambda values: (
                set(values["slopes"]) < {Fraction(-3, 2), Fraction(-1, 2), Fraction(1, 2), Fraction(3, 2)}
                and len(set(values["slopes"])) == 3
            ),
            example={"slopes": ["-3/2", "-1/2", "1/2"], "intercepts": ["-17/32", "-1/32", "-1/32"]},
        ),
        Shown(
            "two pieces of three",
            "Two of your lines have one slope. At how many points can the three meet?",
            lambda values: len(set(values["slopes"])) < 3,
            example={"slopes": [-1, 1, 1], "intercepts": ["-1/8", "-1/8", "-1/8"]},
        ),
    ),
)
