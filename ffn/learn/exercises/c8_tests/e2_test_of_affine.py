"""8.2: a test of ∂W and ∂b, with sums that differ in their last bits."""

import numpy as np

from ffn.learn.kinds import Program, Reverse, Test


def by_product(dz, x):
    return x.T @ dz, dz.sum(axis=0)


def by_einsum(dz, x):
    return np.einsum("ni,nj->ij", x, dz), np.einsum("nj->j", dz)


def from_the_last_row(dz, x):
    return x[::-1].T @ dz[::-1], dz[::-1].sum(axis=0)


def row_by_row(dz, x):
    dW, db = np.zeros((x.shape[1], dz.shape[1])), np.zeros(dz.shape[1])
    for inputs, cotangents in zip(x, dz, strict=True):
        dW += np.outer(inputs, cotangents)
        db += cotangents
    return dW, db


def db_averaged(dz, x):
    return x.T @ dz, dz.mean(axis=0)


def both_averaged(dz, x):
    return x.T @ dz / len(x), dz.mean(axis=0)


def swapped(dz, x):
    return dz.T @ x, dz.sum(axis=0)


def an_axis_too_many(dz, x):
    return x.T @ dz, dz.sum(axis=0, keepdims=True)


def last_row_forgotten(dz, x):
    return x[:-1].T @ dz[:-1], dz[:-1].sum(axis=0)


def nearly(dz, x):
    return x.T @ dz * (1 + 1e-4), dz.sum(axis=0)


def sizes_of_x(dz, x):
    return np.abs(x).T @ dz, dz.sum(axis=0)


def without_db(dz, x):
    return x.T @ dz, np.zeros(dz.shape[1])


def _compared(program, arrays, compare):
    dz, x = arrays
    dW, db = program(dz, x)
    assert dW.shape == (x.shape[1], dz.shape[1])
    assert db.shape == (dz.shape[1],)
    assert compare(dW, x.T @ dz)
    assert compare(db, dz.sum(axis=0))


def _random(rows, inputs, units):
    rng = np.random.default_rng(1)
    return rng.normal(size=(rows, units)), rng.normal(size=(rows, inputs))


def one_row(program):
    _compared(program, _random(1, 3, 2), lambda a, b: np.allclose(a, b, rtol=1e-12))


def square(program):
    dz, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [2.0, -1.0]])
    dW, db = program(dz, x)
    assert np.allclose(sorted(dW.ravel()), sorted((x.T @ dz).ravel()), rtol=1e-12)
    assert db.shape == (2,)
    assert np.allclose(db, dz.sum(axis=0), rtol=1e-12)


def loose(program):
    _compared(program, _random(40, 3, 2), lambda a, b: np.allclose(a, b, rtol=1e-3))


def bit_for_bit(program):
    _compared(program, _random(40, 3, 2), np.array_equal)


def numbers_alone(program):
    dz, x = _random(5, 3, 2)
    dW, db = program(dz, x)
    assert np.allclose(dW, x.T @ dz)
    assert np.allclose(db, dz.sum(axis=0))


EXERCISE = Reverse(
    title="A test of ∂W and ∂b",
    stars=2,
    minutes=20,
    task="""
Test affine_backward(dz, x), which returns (dW, db) as exercise 3.3 asks:
check(affine_backward) accepts every correct program by returning True or nothing,
and refuses every wrong one by a failing assert or by returning False.

It is put to four correct programs, which add the same terms in other orders, and
to eight wrong ones. Everything is float64.
""",
    template="""
import numpy as np


def check(affine_backward):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def check(affine_backward):
    dz = np.array([[1.0, 2.0], [3.0, -4.0], [5.0, 7.0]])
    x = np.array([[1.0, -2.0, 3.0], [2.0, 1.0, -1.0], [0.5, 4.0, 2.0]])
    dW, db = affine_backward(dz, x)
    assert dW.shape == (3, 2) and db.shape == (2,)
    assert np.array_equal(dW, x.T @ dz)
    assert np.array_equal(db, dz.sum(axis=0))
""",
    hints=(
        "Which bugs need a second row to show, and which need x and dz of different widths?",
        "Two correct sums of the same random floats may differ in the last bits. Of which numbers do they not?",
        "Small whole numbers and halves are added without rounding, in any order: there equality is fair.",
        "So: x and dz of whole numbers, three rows, other widths, shapes too, and `np.array_equal`.",
    ),
    law="The test accepts each correct program, and refuses each wrong one.",
    read="exercise 3.3; tests/lessons/limits/test_backprop.py.",
    function="check",
    correct=(
        Program("by a product of matrices", by_product),
        Program("by einsum", by_einsum),
        Program("from the last row to the first", from_the_last_row),
        Program("row by row", row_by_row),
    ),
    bugs=(
        Program("db averaged", db_averaged),
        Program("both averaged", both_averaged),
        Program("x and dz swapped", swapped),
        Program("db of shape (1, units)", an_axis_too_many),
        Program("the last row forgotten", last_row_forgotten),
        Program("dW a part in ten thousand too large", nearly),
        Program("|x| for x", sizes_of_x),
        Program("db always 0", without_db),
    ),
    misconceptions=(
        Test(
            "one row",
            "Where there is one row, mean and sum agree. What else does?",
            one_row,
            fits=lambda calls: all(len(x) == 1 for _, x in calls),
        ),
        Test(
            "a square W alone",
            "Which bug has the right shape in a square alone? And of dW, do you compare every entry?",
            square,
            fits=lambda calls: all(x.shape[1] == dz.shape[1] for dz, x in calls),
        ),
        Test(
            "shapes not compared",
            "NumPy compares a (1, 3) with a (3,) entry by entry. Which bug is spared by that?",
            numbers_alone,
        ),
        Test("tolerance", "By how much is the bug that you spare off, and how much do you allow?", loose),
        Test(
            "equal to the last bit",
            "Two correct programs add the same floats in another order. Do their sums have the same bits?",
            bit_for_bit,
            splits=True,
        ),
    ),
)
