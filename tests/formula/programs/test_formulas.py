"""The formulas that come with the kit, each against what mpmath has of its definition, and its gradient against
autograd."""

from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp

from ffn import admissible
from ffn.admissible import formulas

DIGITS = 40
LABELS = np.array([2, 0, -100, 1])
MASK = formulas.causal(3, 3)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def normal(x: Any) -> Any:
    return mpmath.ncdf(x)


ENTRIES: dict[str, tuple[Any, Any]] = {
    "gelu": (formulas.gelu, lambda x: x * normal(x)),
    "gelu_tanh": (
        formulas.gelu_tanh,
        lambda x: x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mp.mpf("0.044715") * x**3))),
    ),
    "sigmoid": (formulas.sigmoid, sigmoid),
    "softplus": (formulas.softplus, lambda x: mpmath.log(1 + mpmath.exp(x))),
    "silu": (formulas.silu, lambda x: x * sigmoid(x)),
    "mish": (formulas.mish, lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x)))),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_elementwise_formula_is_its_definition(name: str) -> None:
    """Without it every kernel would be judged by a slip in our own text."""
    formula, definition = ENTRIES[name]
    x = np.concatenate([np.linspace(-9, 9, 37), [-40, 40, 1e-8, -1e-8, 0]])
    with mp.workdps(DIGITS):
        exact = np.array([float(definition(mp.mpf(float(value)))) for value in x])
    assert exact in admissible.value(formula, x)


def rows(x: Any) -> list[list[Any]]:
    return [[mp.mpf(float(value)) for value in row] for row in x]


def mp_layer_norm(x: Any, w: Any, b: Any, eps: str = "1e-5") -> Any:
    found = []
    for row in rows(x):
        mean = mpmath.fsum(row) / len(row)
        variance = mpmath.fsum((value - mean) ** 2 for value in row) / len(row)
        root = mpmath.sqrt(variance + mp.mpf(eps))
        found.append([(value - mean) / root * float(s) + float(t) for value, s, t in zip(row, w, b, strict=True)])
    return found


def mp_rms_norm(x: Any, w: Any) -> Any:
    found = []
    for row in rows(x):
        root = mpmath.sqrt(mpmath.fsum(value**2 for value in row) / len(row) + mp.mpf("1e-6"))
        found.append([value / root * float(s) for value, s in zip(row, w, strict=True)])
    return found


def mp_softmax(x: Any) -> Any:
    powers = [[mpmath.exp(value) for value in row] for row in rows(x)]
    return [[value / mpmath.fsum(row) for value in row] for row in powers]


def mp_cross_entropy(x: Any, labels: Any, weight: Any = None, smoothing: str = "0", z: str = "0") -> Any:
    terms, weights, squares = [], [], []
    for row, label in zip(rows(x), labels, strict=True):
        if label >= 0:
            log_sum = mpmath.log(mpmath.fsum(map(mpmath.exp, row)))
            w = [mp.mpf(float(each)) for each in weight] if weight is not None else [mp.mpf(1)] * len(row)
            s = mp.mpf(smoothing)
            q = [(1 - s) * (i == label) + s / len(row) for i in range(len(row))]
            terms.append(mpmath.fsum(q[i] * w[i] * (log_sum - row[i]) for i in range(len(row))))
            weights.append(w[label])
            squares.append(log_sum**2)
    return mpmath.fsum(terms) / mpmath.fsum(weights) + mp.mpf(z) * mpmath.fsum(squares) / len(squares)


def mp_attention(q: Any, k: Any, v: Any, mask: Any = None) -> Any:
    found = []
    for i, query in enumerate(rows(q)):
        seen = [j for j in range(len(k)) if mask is None or mask[i, j]]
        scores = [
            mpmath.fsum(a * b for a, b in zip(query, rows(k)[j], strict=True)) / mpmath.sqrt(len(query)) for j in seen
        ]
        powers = [mpmath.exp(score) for score in scores]
        weights = [power / mpmath.fsum(powers) for power in powers]
        found.append(
            [mpmath.fsum(p * rows(v)[j][c] for p, j in zip(weights, seen, strict=True)) for c in range(v.shape[1])]
        )
    return found


def mp_adam(p: Any, g: Any, m: Any, s: Any, decay: str = "0") -> Any:
    found = []
    for a, b, c, d in zip(*(list(map(mp.mpf, map(float, each))) for each in (p, g, m, s)), strict=True):
        one, two = mp.mpf("0.9"), mp.mpf("0.999")
        first, second = one * c + (1 - one) * b, two * d + (1 - two) * b * b
        step = first / (1 - one**3) / (mpmath.sqrt(second / (1 - two**3)) + mp.mpf("1e-8"))
        found.append((a * (1 - mp.mpf("1e-3") * mp.mpf(decay)) - mp.mpf("1e-3") * step, first, second))
    return list(zip(*found, strict=True))


def mp_sgd(p: Any, g: Any, v: Any) -> Any:
    velocity = [mp.mpf("0.9") * float(c) + float(b) for b, c in zip(g, v, strict=True)]
    return [float(a) - mp.mpf("0.01") * c for a, c in zip(p, velocity, strict=True)], velocity


def mp_linear(activation: Any, x: Any, w: Any, b: Any) -> Any:
    dot = [[mpmath.fdot(row, unit) for unit in rows(w)] for row in rows(x)]
    return [[activation(z + float(t) - 2) for z, t in zip(row, b, strict=True)] for row in dot]


def below(formula: Any) -> Any:
    """A linear layer whose pre-activations have both signs."""
    return lambda xp, x, w, b: formula(xp, x, w, b - 2.0)


def mp_huber(x: Any, y: Any) -> Any:
    d = [abs(a - b) for one, two in zip(rows(x), rows(y), strict=True) for a, b in zip(one, two, strict=True)]
    return mpmath.fsum(each**2 / 2 if each < 1 else each - mp.mpf("0.5") for each in d) / len(d)


def mp_kl(log_p: Any, target: Any) -> Any:
    pairs = [pair for one, two in zip(rows(log_p), rows(target), strict=True) for pair in zip(one, two, strict=True)]
    return mpmath.fsum(t * (mpmath.log(t) - p) for p, t in pairs if t > 0) / len(log_p)


ROW, VECTOR, SQUARE = (4, 5), (5,), (3, 3)
ARRAYS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "layer_norm": (formulas.layer_norm, mp_layer_norm, (ROW, VECTOR, VECTOR)),
    "layer_norm_one_pass": (formulas.layer_norm_one_pass, mp_layer_norm, (ROW, VECTOR, VECTOR)),
    "layer_norm_welford": (formulas.layer_norm_welford, mp_layer_norm, (ROW, VECTOR, VECTOR)),
    "rms_norm": (formulas.rms_norm, mp_rms_norm, (ROW, VECTOR)),
    "softmax": (formulas.softmax, mp_softmax, (ROW,)),
    "log_softmax": (formulas.log_softmax, lambda x: [[mpmath.log(p) for p in row] for row in mp_softmax(x)], (ROW,)),
    "cross_entropy": (formulas.cross_entropy, mp_cross_entropy, (ROW, LABELS)),
    "cross_entropy, weighted": (formulas.cross_entropy, mp_cross_entropy, (ROW, LABELS, VECTOR)),
    "cross_entropy, smoothed": (
        partial(formulas.cross_entropy, smoothing=0.1),
        partial(mp_cross_entropy, smoothing="0.1"),
        (ROW, LABELS, VECTOR),
    ),
    "cross_entropy, z-loss": (
        partial(formulas.cross_entropy, z_loss=1e-3),
        partial(mp_cross_entropy, z="0.001"),
        (ROW, LABELS),
    ),
    "attention": (formulas.attention, mp_attention, (SQUARE,) * 3),
    "attention, causal": (partial(formulas.attention, mask=MASK), partial(mp_attention, mask=MASK), (SQUARE,) * 3),
    "swiglu": (
        formulas.swiglu,
        lambda a, b: [
            [g * sigmoid(g) * x for g, x in zip(*pair, strict=True)] for pair in zip(rows(a), rows(b), strict=True)
        ],
        (ROW, ROW),
    ),
    "adam_step": (partial(formulas.adam_step, step=3), mp_adam, (VECTOR,) * 4),
    "adam_step, decayed": (
        partial(formulas.adam_step, step=3, decay=0.25),
        partial(mp_adam, decay="0.25"),
        (VECTOR,) * 4,
    ),
    "sgd_step": (formulas.sgd_step, mp_sgd, (VECTOR,) * 3),
    "linear_gelu": (
        below(formulas.linear_gelu),
        lambda *given: mp_linear(lambda z: z * normal(z), *given),
        (ROW, ROW, (4,)),
    ),
    "linear_relu": (
        below(formulas.linear_relu),
        lambda *given: mp_linear(lambda z: max(z, 0), *given),
        (ROW, ROW, (4,)),
    ),
    "huber": (formulas.huber, mp_huber, (ROW, ROW)),
    "kl_divergence": (formulas.kl_divergence, mp_kl, (ROW, ROW)),
}


def arrays(shapes: tuple[Any, ...], seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [np.abs(rng.normal(size=shape)) + 0.1 if isinstance(shape, tuple) else shape for shape in shapes]


def floats(exact: Any) -> Any:
    if isinstance(exact, (list, tuple)):
        return np.array([floats(each) for each in exact])
    return float(exact)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_formula_is_its_definition(name: str) -> None:
    formula, definition, shapes = ARRAYS[name]
    given = arrays(shapes)
    with mp.workdps(DIGITS):
        exact = floats(definition(*given))
    admitted = admissible.value(formula, *given)
    assert (tuple(exact) if len(admitted.parts) > 1 else exact) in admitted


def test_a_causal_mask_is_aligned_at_the_end() -> None:
    """Without it the last query of a cached decoding would see the first keys alone."""
    mask = formulas.causal(2, 4)
    assert mask.dtype == bool
    assert mask.tolist() == [[True, True, True, False], [True] * 4]


@pytest.mark.parametrize("wrong", ["1.0001e-5", "1e-6"])
def test_a_slip_in_a_constant_is_seen(wrong: str) -> None:
    """The planted bug: a definition with another ε is not the formula."""
    given = arrays((ROW, VECTOR, VECTOR))
    with mp.workdps(DIGITS):
        exact = floats(mp_layer_norm(*given, eps=wrong))
    assert exact not in admissible.value(formulas.layer_norm, *given)


ROWS_APART = np.array([[0.5, 1.5, 0.25], [-900.0, -901.0, -902.0]])
PIVOTS: dict[str, tuple[Any, Any]] = {
    "softmax": (formulas.softmax, mp_softmax),
    "log_softmax": ARRAYS["log_softmax"][:2],
    "cross_entropy": (
        lambda xp, x: formulas.cross_entropy(xp, x, np.array([1, 2])),
        lambda x: mp_cross_entropy(x, np.array([1, 2])),
    ),
}


@pytest.mark.parametrize(
    "name",
    ["layer_norm", "layer_norm_one_pass", "layer_norm_welford", "rms_norm", "softmax", "log_softmax", "attention"],
)
def test_rows_are_along_the_last_axis(name: str) -> None:
    """Without it a batch of sequences would be normalised over its sequences."""
    formula, _, shapes = ARRAYS[name]
    given = arrays(shapes, 5)
    batch = [np.stack([each, 2 * each]) if each.ndim > 1 else each for each in given]
    found = admissible.value(formula, *batch).middle
    for i in (0, 1):
        one = [(i + 1) * each if each.ndim > 1 else each for each in given]
        assert found[i] == pytest.approx(admissible.value(formula, *one).middle, rel=1e-12)


def test_a_class_that_is_masked_has_no_part_in_a_cross_entropy() -> None:
    """Without it a vocabulary that is padded with −∞ could not be judged: smoothed by 0 it would be 0 · ∞."""
    x = np.array([[0.5, 1.5, -np.inf], [2.0, 0.25, -np.inf]])
    admitted = admissible.value(lambda xp, x: formulas.cross_entropy(xp, x, np.array([1, 0])), x)
    with mp.workdps(DIGITS):
        exact = floats(mp_cross_entropy(x[:, :2], np.array([1, 0])))
    assert exact in admitted


@pytest.mark.parametrize("name", PIVOTS)
def test_each_row_is_shifted_by_its_own_maximum(name: str) -> None:
    """Without it a row far below another would lose all of its numbers to e^−900, which is 0."""
    formula, definition = PIVOTS[name]
    with mp.workdps(DIGITS):
        exact = floats(definition(ROWS_APART))
    admitted = admissible.value(formula, ROWS_APART)
    assert exact in admitted
    assert admitted.judge(exact).undecided == 0


def test_a_rotation_and_a_step_are_exact_on_whole_numbers() -> None:
    """Rotary embedding and SGD have sums and products alone: every answer is a single point."""
    x, c, s = (np.array([[1.0, 2, 3, 4]]), np.array([[2.0, 1, 2, 1]]), np.array([[1.0, 3, 1, 3]]))
    assert np.array([[2.0 - 3, 2 - 12, 6 + 1, 4 + 6]]) in admissible.value(formulas.rotary, x, c, s)
    step = partial(formulas.sgd_step, rate=0.5, momentum=0.25, decay=0.5)
    p, velocity = np.array([4.0]), np.array([8.0])
    assert (np.array([4 - 0.5 * 5.0]), np.array([5.0])) in admissible.value(step, p, np.array([1.0]), velocity)
