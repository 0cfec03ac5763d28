"""8.3: a test of a cross-entropy that has to survive large logits."""

import numpy as np

from ffn.learn.kinds import Program, Reverse, Test


def shifted(z, y):
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[np.arange(len(y)), y]


def difference_first(z, y):
    d = z - z.max(axis=1, keepdims=True)
    return np.log(np.exp(d).sum(axis=1)) - d[np.arange(len(y)), y]


def by_logaddexp(z, y):
    return np.logaddexp.reduce(z, axis=1) - z[np.arange(len(y)), y]


def against_its_own(z, y):
    gaps = z - z[np.arange(len(y)), y][:, None]
    m = gaps.max(axis=1)
    return m + np.log(np.exp(gaps - m[:, None]).sum(axis=1))


def log_of_softmax(z, y):
    with np.errstate(all="ignore"):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return -np.log((e / e.sum(axis=1, keepdims=True))[np.arange(len(y)), y])


def unshifted(z, y):
    with np.errstate(all="ignore"):
        return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]


def shift_of_the_batch(z, y):
    with np.errstate(all="ignore"):
        m = z.max()
        return m + np.log(np.exp(z - m).sum(axis=1)) - z[np.arange(len(y)), y]


def shift_not_added_back(z, y):
    return np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)) - z[np.arange(len(y)), y]


def epsilon_inside(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return -np.log((e / e.sum(axis=1, keepdims=True))[np.arange(len(y)), y] + 1e-7)


def next_class(z, y):
    return shifted(z, (y + 1) % z.shape[1])


def first_class(z, y):
    return shifted(z, 0 * y)


def in_bits(z, y):
    return shifted(z, y) / np.log(2.0).astype(z.dtype)


def _agrees(program, z, y, compare):
    assert compare(np.asarray(program(z, y)), shifted(z, y))


def _close(a, b):
    return np.allclose(a, b, rtol=1e-5, atol=1e-6)


SMALL = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]]), np.array([0, 2])
# Two rows far apart, and a class that is hopeless.
LARGE = np.array([[800.0, 0.0, -5.0], [-3.0, 1.0, 2.0], [0.0, 900.0, 1.0]]), np.array([0, 1, 2])


LARGEST = 700  # exp overflows soon after


def small_logits(program):
    _agrees(program, *SMALL, _close)


def bit_for_bit(program):
    rng = np.random.default_rng(2)
    _agrees(program, rng.normal(size=(20, 5)) * 3, rng.integers(0, 5, 20), np.array_equal)


def one_row_at_a_time(program):
    for row, label in zip(*LARGE, strict=True):
        _agrees(program, row[None], np.array([label]), _close)


def right_class_alone(program):
    z = LARGE[0]
    _agrees(program, z, z.argmax(axis=1), _close)


EXERCISE = Reverse(
    title="A test of the stable NLL",
    stars=3,
    minutes=20,
    task="""
nll(z, y) returns the cost of each row, log Σⱼ exp(z[n, j]) − z[n, y[n]]: z holds
logits, (N, classes), and y class indices. In floats it can be had in ways that
survive logits of 800, and in others.

Write check(nll), which accepts the four correct programs (they differ in the last
bits) and refuses the eight wrong ones. Warnings of overflow do no harm.
""",
    template="""
import numpy as np


def check(nll):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def check(nll):
    z = np.array([[800.0, 0.0, -5.0], [-3.0, 1.0, 2.0], [0.0, 900.0, 1.0]])
    y = np.array([0, 1, 2])
    m = z.max(axis=1)
    right = m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[[0, 1, 2], y]
    assert np.allclose(nll(z, y), right, rtol=1e-9, atol=1e-9)
""",
    hints=(
        "Write down one correct formula. It may be slow, and it must not overflow.",
        "exp overflows beyond 709, and is 0 below −745. Which bugs show at 800 alone?",
        "A hopeless class shows what a constant inside the log hides; rows far apart show a common shift.",
        "One batch can hold all of it: logits `[[800, 0, -5], [-3, 1, 2], [0, 900, 1]]`, labels 0, 1, 2.",
    ),
    law="The test accepts each correct program, and refuses each wrong one.",
    read="claim C34; Blanchard, Higham & Higham 2021.",
    function="check",
    correct=(
        Program("shifted by its maximum", shifted),
        Program("the differences first", difference_first),
        Program("by logaddexp", by_logaddexp),
        Program("against the logit of its own class", against_its_own),
    ),
    bugs=(
        Program("log of a softmax", log_of_softmax),
        Program("not shifted", unshifted),
        Program("shifted by the maximum of the batch", shift_of_the_batch),
        Program("shift not added back", shift_not_added_back),
        Program("10⁻⁷ inside the log", epsilon_inside),
        Program("the next class", next_class),
        Program("the first class", first_class),
        Program("in bits", in_bits),
    ),
    misconceptions=(
        Test(
            "small logits",
            "Which bugs are right as long as exp neither overflows nor vanishes?",
            small_logits,
            fits=lambda calls: all(np.abs(z).max() < LARGEST for z, _ in calls),
        ),
        Test(
            "equal to the last bit",
            "Four correct forms round in other places. What may you ask of them?",
            bit_for_bit,
            splits=True,
        ),
        Test(
            "one row at a time",
            "Which bug needs another row beside it to show?",
            one_row_at_a_time,
            fits=lambda calls: all(len(z) == 1 for z, _ in calls),
        ),
        Test(
            "the right class alone",
            "What does a hopeless class cost, and what in the spared bug?",
            right_class_alone,
            fits=lambda calls: all(np.array_equal(y, z.argmax(axis=1)) for z, y in calls),
        ),
    ),
)
