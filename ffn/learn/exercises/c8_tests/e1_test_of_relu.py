"""8.1: a test of relu's backward pass, put to correct programs and to wrong ones."""

import numpy as np

from ffn.learn.kinds import Program, Reverse, Test


def by_comparison(dh, z):
    return dh * (z > 0)


def by_where(dh, z):
    return np.where(z > 0, dh, np.zeros_like(dh))


def one_at_the_kink(dh, z):
    return dh * (z >= 0)


def half_at_the_kink(dh, z):
    return dh * (np.sign(z) + 1) / 2


def in_place_on_a_copy(dh, z):
    dz = dh.copy()
    dz[z < 0] = 0
    return dz


def no_mask(dh, z):
    return dh.copy()


def upside_down(dh, z):
    return dh * (z < 0)


def times_h(dh, z):
    return dh * np.maximum(z, 0)


def mask_of_dh(dh, z):
    return dh * (dh > 0)


def leaky(dh, z):
    return np.where(z > 0, dh, 0.01 * dh)


def from_one_on(dh, z):
    return dh * (z >= 1)


def two_at_the_kink(dh, z):
    return dh * ((z >= 0).astype(dh.dtype) + (z == 0))


def first_row_alone(dh, z):
    return dh * (z[:1] > 0)


def _agrees(program, dh, z):
    return np.array_equal(program(dh, z), dh * (z > 0))


def positive_alone(program):
    dh, z = np.array([[1.0, -2.0]]), np.array([[3.0, 1.0]])
    assert _agrees(program, dh, z)


def of_one_example(dh, z):
    def check(program):
        assert _agrees(program, np.array([[dh]]), np.array([[z]]))

    return check


def one_row(program):
    dh, z = np.array([[1.0, -2.0, 3.0, -1.0]]), np.array([[3.0, -1.0, 0.5, 0.25]])
    assert _agrees(program, dh, z)


def zero_at_the_kink(program):
    dh = np.array([[1.0, -2.0, 3.0], [1.0, 1.0, -4.0]])
    z = np.array([[3.0, -1.0, 0.5], [-2.0, 0.0, 0.25]])
    assert _agrees(program, dh, z)


def kink_not_visited(program):
    dh = np.array([[1.0, -2.0, 3.0], [1.0, 1.0, -4.0]])
    z = np.array([[3.0, -1.0, 0.5], [-2.0, 2.0, 0.25]])
    assert _agrees(program, dh, z)


def every(law):
    """Whether it holds of every call."""
    return lambda calls: all(law(dh, z) for dh, z in calls)


EXERCISE = Reverse(
    title="The test that catches it",
    stars=2,
    minutes=20,
    task="""
Somebody else writes relu_backward(dh, z) this time (exercise 3.2), and you write
the test: check(relu_backward) is to accept every correct program and to refuse
every wrong one. It accepts by returning True or nothing, and refuses by a failing
assert or by returning False.

It is put to five correct programs and eight wrong ones. Mind the kink: at z = 0 any
slope from 0 to 1 is right, and none beyond.
""",
    template="""
import numpy as np


def check(relu_backward):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def check(relu_backward):
    dh = np.array([[1.0, -2.0, 3.0], [1.0, 1.0, -4.0]])
    z = np.array([[3.0, -1.0, 0.5], [-2.0, 0.0, 0.25]])
    dz = relu_backward(dh, z)
    away = z != 0
    assert np.array_equal(dz[away], (dh * (z > 0))[away])
    share = dz[~away] / dh[~away]
    assert np.all((0 <= share) & (share <= 1))
""",
    hints=(
        "Choose arrays on which the wrong programs that you can think of differ from the right one.",
        "You need z of both signs, small and large, more than one row, dh of both signs, and z = 0.",
        "Away from the kink one answer is right. On it, compare with an interval in place of a number.",
        "At the kink: `share = dz[z == 0] / dh[z == 0]`, and `assert np.all((0 <= share) & (share <= 1))`.",
    ),
    law="The test accepts each correct program, and refuses each wrong one.",
    read="claim C19; tests/conformance/test_planted_bugs.py.",
    function="check",
    correct=(
        Program("by a comparison", by_comparison),
        Program("by where", by_where),
        Program("slope 1 at the kink", one_at_the_kink),
        Program("slope ½ at the kink", half_at_the_kink),
        Program("on a copy, in place", in_place_on_a_copy),
    ),
    bugs=(
        Program("no mask at all", no_mask),
        Program("mask upside down", upside_down),
        Program("times h", times_h),
        Program("mask by the sign of dh", mask_of_dh),
        Program("a leak of 0.01", leaky),
        Program("on from z = 1", from_one_on),
        Program("slope 2 at the kink", two_at_the_kink),
        Program("the first row's mask for all", first_row_alone),
    ),
    misconceptions=(
        Test(
            "a correct program refused",
            "What is that program's slope at z = 0, and what does your test ask of it?",
            zero_at_the_kink,
            splits=True,
        ),
        Test(
            "positive z alone",
            "Which bugs agree with the truth wherever z > 0?",
            positive_alone,
            fits=every(lambda dh, z: np.all(z > 0)),
        ),
        Test(
            "one example",
            "Which bugs agree with the truth on that one?",
            of_one_example(1.0, -1.0),
            also=tuple(of_one_example(1.0, z) for z in (-2.0, 0.5, 1.0, 2.0)),
            fits=lambda calls: sum(z.size for _, z in calls) == 1,
        ),
        Test("one row", "Which bug needs a second row to show?", one_row, fits=every(lambda dh, z: z.shape[0] == 1)),
        Test(
            "kink not visited",
            "Which z does your test never hand over?",
            kink_not_visited,
            fits=every(lambda dh, z: np.all(z != 0)),
        ),
    ),
)
