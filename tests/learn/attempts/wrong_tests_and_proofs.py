"""Wrong attempts at chapters 8 and 9, tests and proofs, with the name that is true of each."""

from __future__ import annotations

from typing import Any

import numpy as np


def not_collected(x, U, b, V, c, j, d, q, total):
    return total(lambda p: total(lambda k: x[k] * U[k, p] * V[p, j], d), q) + total(lambda p: b[p] * V[p, j], q) + c[j]


def at_nine_points(f):
    z = np.linspace(-2, 2, 9)[None]
    dh = np.ones_like(z)
    assert np.allclose(f(dh, z), (z > 0) * 1.0)


def accepts_all(f):
    return True


def refuses_all(f):
    return False


def at_random_floats(f):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(4, 3))
    dh = rng.normal(size=(4, 3))
    assert np.allclose(f(dh, z), dh * (z > 0))


def by_cases(p, i, j):
    """Letters are never equal: this is −p(i) p(j) wherever it is asked."""
    return p(i) * (1 - p(i)) if i == j else -p(i) * p(j)


def with_numbers_of_another_form(f):
    rng = np.random.default_rng(5)
    for z in (rng.normal(size=(9, 4)), np.array([[800.0, 0.0, -5.0], [-3.0, 1.0, 2.0], [0.0, 900.0, 1.0]])):
        y = np.arange(len(z)) % z.shape[1]
        assert (f(z, y) == np.logaddexp.reduce(z, axis=1) - z[np.arange(len(y)), y]).all()


def with_shapes_that_stretch(f):
    rng = np.random.default_rng(0)
    dz, x = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    dW, db = f(dz, x)
    assert np.allclose(dW, x.T @ dz)
    assert np.allclose(db, dz.sum(axis=0))


def with_one_sum_for_all_of_dW(f):
    dz, x = np.arange(6.0).reshape(3, 2), np.arange(9.0).reshape(3, 3) - 4
    dW, db = f(dz, x)
    return dW.sum() == (x.T @ dz).sum() and db.tolist() == dz.sum(axis=0).tolist()


def left_of_the_kink(f):
    z, dh = np.array([[-1.0, -2.0, -0.5]]), np.array([[1.0, -1.0, 2.0]])
    assert np.array_equal(f(dh, z), 0 * z)


def with_even_shares(f):
    dh, z = np.array([[1.0, -2.0]]), np.array([[[1.0, 1.0, 0.0], [2.0, 3.0, -1.0]]])
    assert np.allclose(f(dh, z), [[[0.5, 0.5, 0.0], [0.0, -2.0, 0.0]]])


def with_one_row_to_the_last_bit(f):
    z = np.array([[0.3, -1.7, 2.1, 0.9]])
    assert f(z, np.array([1]))[0] == np.log(np.exp(z - 2.1).sum()) + 2.1 + 1.7


def of_random_rows_far_out(f):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(20, 4)) * 200
    assert np.isfinite(f(z, rng.integers(0, 4, 20))).all()


# the exercise, what is wrong, the attempt, and the name that is true of it
OF_TESTS_AND_PROOFS: tuple[tuple[str, str, Any, str | None], ...] = (
    ("8.5", "nothing", lambda z: np.zeros_like(z), "theirs refuses"),
    ("9.1", "W[i,k]", lambda c, W, g1, z, k, m, total: total(lambda i: c[i] * g1(z(i)) * W[i, k], m), None),
    ("9.1", "without c", lambda W, g1, z, k, m, total: total(lambda i: g1(z(i)) * W[k, i], m), None),
    ("9.3", "p(1-p)", lambda p, i: p(i) * (1 - p(i)), None),
    ("9.4", "p - 1", lambda p, j: p(j) - 1, None),
    ("9.5", "square", lambda z, exp: (1 - exp(-z)) ** 2, None),
    ("9.2", "not collected", not_collected, "x left inside"),
    ("9.5", "a float", lambda z, exp: (0.5 - 1 / (1 + exp(-z))) ** 2, None),
    ("8.1", "ones", at_nine_points, "a correct program refused"),
    ("8.1", "always", accepts_all, None),
    ("8.1", "never", refuses_all, None),
    ("8.1", "random", at_random_floats, "kink not visited"),
    ("8.1", "several numbers, all on the left", left_of_the_kink, None),
    ("8.2", "no square, and of dW a sum", with_one_sum_for_all_of_dW, None),
    ("8.2", "shapes that stretch", with_shapes_that_stretch, "shapes not compared"),
    ("8.3", "equal to one form", with_numbers_of_another_form, "equal to the last bit"),
    ("8.3", "equal to one form, on one row", with_one_row_to_the_last_bit, "equal to the last bit"),
    ("8.4", "even shares", with_even_shares, "one way to share alone"),
    ("8.3", "finite is enough", of_random_rows_far_out, None),
    ("9.3", "if i == j", by_cases, "the case i = j left out"),
    ("9.4", "if j == y", lambda p, j, y: p(j) - 1 if j == y else p(j), "target forgotten"),
)
