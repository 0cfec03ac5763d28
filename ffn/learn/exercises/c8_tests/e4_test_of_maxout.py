"""8.4: a test of maxout's backward pass, at ties."""

import numpy as np

from ffn.learn.kinds import Program, Reverse, Test


def _to(dh, z, winner):
    dz = np.zeros_like(z)
    np.put_along_axis(dz, winner[..., None], dh[..., None], axis=2)
    return dz


def to_the_first(dh, z):
    return _to(dh, z, z.argmax(axis=2))


def to_the_last(dh, z):
    return _to(dh, z, z.shape[2] - 1 - z[..., ::-1].argmax(axis=2))


def in_equal_parts(dh, z):
    tied = z == z.max(axis=2, keepdims=True)
    return dh[..., None] * tied / tied.sum(axis=2, keepdims=True)


def three_quarters_to_the_first(dh, z):
    return 0.75 * to_the_first(dh, z) + 0.25 * to_the_last(dh, z)


def all_to_each_tied(dh, z):
    return dh[..., None] * (z == z.max(axis=2, keepdims=True))


def none_when_tied(dh, z):
    alone = (z == z.max(axis=2, keepdims=True)).sum(axis=2) == 1
    return to_the_first(dh, z) * alone[..., None]


def always_the_first_piece(dh, z):
    return _to(dh, z, np.zeros(dh.shape, dtype=int))


def to_every_piece(dh, z):
    return np.repeat(dh[..., None], z.shape[2], axis=2)


def by_softmax(dh, z):
    e = np.exp(z - z.max(axis=2, keepdims=True))
    return dh[..., None] * e / e.sum(axis=2, keepdims=True)


def twice_and_back(dh, z):
    return 2 * to_the_first(dh, z) - to_the_last(dh, z)


def to_the_smallest(dh, z):
    return _to(dh, z, z.argmin(axis=2))


def winner_of_the_first_row(dh, z):
    return _to(dh, z, np.repeat(z[:1].argmax(axis=2), len(z), axis=0))


DH = np.array([[1.0, -2.0], [3.0, 4.0]])
APART = np.array([[[1.0, 2.0, 0.0], [3.0, -1.0, 2.0]], [[0.5, 0.0, 1.0], [-1.0, 4.0, 2.0]]])
TIED = np.array([[[2.0, 2.0, 0.0], [3.0, -1.0, 3.0]], [[1.0, 0.0, 1.0], [-1.0, 4.0, 4.0]]])


def no_tie_tried(program):
    assert np.allclose(program(DH, APART), to_the_first(DH, APART))


def the_first_must_win(program):
    for z in (APART, TIED):
        assert np.allclose(program(DH, z), to_the_first(DH, z))


def the_sum_alone(program):
    for z in (APART, TIED):
        dz = program(DH, z)
        assert np.allclose(dz.sum(axis=2), DH)
        assert np.allclose(dz[z < z.max(axis=2, keepdims=True)], 0)


EXERCISE = Reverse(
    title="A test of maxout at ties",
    stars=3,
    minutes=15,
    task="""
maxout_backward(dh, z) hands the cotangent dh of h = max over k of z[n, j, k] back to
the pieces z, (N, units, pieces), as in exercise 3.7. At a tie the pieces may share it
in any way, in shares from 0 to 1 that add up to 1.

Write check(maxout_backward), which accepts the four correct programs and refuses
the eight wrong ones.
""",
    template="""
import numpy as np


def check(maxout_backward):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def check(maxout_backward):
    rng = np.random.default_rng(0)
    for _ in range(20):
        dh, z = rng.integers(1, 5, (3, 2)).astype(float), rng.integers(-1, 2, (3, 2, 3)).astype(float)
        shares = maxout_backward(dh, z) / dh[..., None]
        losing = z < z.max(axis=2, keepdims=True)
        assert np.all(shares[losing] == 0)
        assert np.all((shares >= 0) & (shares <= 1))
        assert np.allclose(shares.sum(axis=2), 1)
""",
    hints=(
        "What is true of every correct answer: of the losing pieces, of each share, and of their sum?",
        "Three laws, then; and ties have to occur. How often do random floats tie, and how often small integers?",
        "Divide what comes back by dh: a share is between 0 and 1, on the losing pieces 0, and the sum is 1.",
        "`rng.integers(-1, 2, (3, 2, 3))` ties all the time.",
    ),
    law="The test accepts each correct program, and refuses each wrong one.",
    read="exercise 3.7; the law maxout/ties of `ffn laws`; claim C25.",
    function="check",
    correct=(
        Program("to the first of those tied", to_the_first),
        Program("to the last of those tied", to_the_last),
        Program("in equal parts", in_equal_parts),
        Program("three quarters to the first", three_quarters_to_the_first),
    ),
    bugs=(
        Program("all of it to each that is tied", all_to_each_tied),
        Program("none of it where there is a tie", none_when_tied),
        Program("always to piece 0", always_the_first_piece),
        Program("to every piece", to_every_piece),
        Program("shared by softmax", by_softmax),
        Program("twice to the first, minus once to the last", twice_and_back),
        Program("to the smallest", to_the_smallest),
        Program("the first row's winner for all", winner_of_the_first_row),
    ),
    misconceptions=(
        Test(
            "no tie tried",
            "How often do two of your numbers tie?",
            no_tie_tried,
            fits=lambda calls: all(np.all((z == z.max(axis=2, keepdims=True)).sum(axis=2) == 1) for _, z in calls),
        ),
        Test(
            "one way to share alone",
            "At a tie, may the last win too, and half and half?",
            the_first_must_win,
            splits=True,
        ),
        Test("shares beyond 0 and 1", "Can shares add up to 1 when one of them is 2?", the_sum_alone),
    ),
)
