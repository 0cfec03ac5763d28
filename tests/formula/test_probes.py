"""Inputs that no single random draw has."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.probes import DRAWS, SIZES, array_of, drawn
from ffn.numbers.precision import NAMES, precision
from tests.formula.kernels.bugs import softmax_no_max
from tests.formula.kernels.correct import rms_norm, softmax
from tests.helpers.profiles import examples


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_probes_see_a_missing_maximum_that_ordinary_numbers_hide(dtype: str) -> None:
    """Without it a softmax that overflows at a score of 90 would pass in every suite."""
    missed = {}
    for name, (x,) in admissible.probes(formulas.softmax, [(8, 65)], dtype, compute="float32"):
        admitted = admissible.value(formulas.softmax, x, compute="float32")
        wide = x.astype(np.float32)
        assert softmax(wide).astype(x.dtype) in admitted
        with np.errstate(all="ignore"):
            missed[name] = softmax_no_max(wide).astype(x.dtype) not in admitted
    assert not missed["ordinary"]
    assert missed["scale 60"]


def test_sizes_around_blocks_see_a_forgotten_tail() -> None:
    def in_blocks(x: Any, w: Any) -> Any:
        n = max(x.shape[-1] // 32, 1) * 32  # what is left of a row after whole blocks is not summed
        return x / np.sqrt((x[:, :n] ** 2).sum(-1, keepdims=True) / np.float32(x.shape[-1]) + np.float32(1e-6)) * w

    wrong = set()
    for _, (x, w) in admissible.probes(formulas.rms_norm, lambda n: [(4, n), (n,)], "float32"):
        admitted = admissible.value(formulas.rms_norm, x, w)
        assert rms_norm(x, w) in admitted
        if in_blocks(x, w) not in admitted:
            wrong.add(x.shape[-1])
    assert wrong == {33, 63, 65, 127, 129, 200}


def test_labels_and_masks_are_drawn_by_who_knows_them() -> None:
    labels = lambda rng: rng.integers(0, 7, size=4)  # noqa: E731
    found = dict(admissible.probes(formulas.cross_entropy, [(4, 7), labels], ml_dtypes.bfloat16, compute="float32"))
    assert found["scale 60"][1].dtype.kind == "i"
    assert {x.dtype.name for x, _ in found.values()} == {"bfloat16"}


@given(admissible.inputs(formulas.rms_norm, lambda n: [(3, n), (n,)], "float32"))
@examples(40)
def test_as_a_strategy(arrays: tuple[Any, ...]) -> None:
    """The same numbers, mixed by Hypothesis, where they are judged: without it a correct kernel fails by NotJudged."""
    x, w = arrays
    assert rms_norm(x, w) in admissible.value(formulas.rms_norm, x, w)


def cosine(xp: Any, x: Any, y: Any) -> Any:
    return xp.sum(x * y, axis=-1) / xp.sqrt(xp.sum(x * x, axis=-1) * xp.sum(y * y, axis=-1) + 1e-6)


@given(admissible.inputs(cosine, lambda n: [(3, n), (3, n)], "float16", compute="float32"))
@examples(40)
def test_as_a_strategy_in_half_precision(arrays: tuple[Any, ...]) -> None:
    x, y = (each.astype(np.float32) for each in arrays)
    computed = (x * y).sum(-1) / np.sqrt((x * x).sum(-1) * (y * y).sum(-1) + np.float32(1e-6))
    assert computed.astype(np.float16) in admissible.value(cosine, *arrays, compute="float32")


def test_a_strategy_is_made_for_a_formula() -> None:
    with pytest.raises(TypeError, match=r"^the formula comes first: inputs\(formula, shapes, dtype\)$"):
        admissible.inputs([(3, 4)], "float32")
    with pytest.raises(ValueError, match=r"^dtype is one of float16, [^\n]*, not 'half'$"):
        admissible.inputs(cosine, [(3, 4)] * 2, "half")


@given(admissible.inputs(lambda xp, x, y: x * 2, [(3,), lambda rng: rng.integers(0, 2, size=4)]))
@examples(5)
def test_numbers_are_of_float32_unless_others_are_asked_for(arrays: tuple[Any, ...]) -> None:
    """Without it a strategy without a precision would be none."""
    assert [(array.dtype.name, array.shape) for array in arrays] == [("float32", (3,)), ("int64", (4,))]
    assert next(admissible.probes(lambda xp, x: x + 1, [(3,)]))[1][0].dtype == np.float32


def test_a_formula_without_any_probe_is_said() -> None:
    """Without it a test over no probes at all would pass."""
    never = lambda xp, x: xp.log(-xp.abs(x) - 1)  # noqa: E731
    with pytest.raises(ValueError, match=r"^the formula is judged on none of the probes[^\n]*$"):
        list(admissible.probes(never, [(3, 4)], "float32"))


def test_what_is_made_has_the_precision_asked_for() -> None:
    """Without it a maker's float64 would make every question one of float64."""
    (name, (x,)), *_ = admissible.probes(lambda xp, x: xp.log(x), [lambda rng: rng.uniform(1, 2, size=5)], "float32")
    assert name == "ordinary"
    assert x.dtype == np.float32


# what is drawn


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("dtype", [*NAMES, "float8_e5m2"])
def test_a_kind_of_numbers_has_the_shape_and_the_precision_asked_for(name: str, dtype: str) -> None:
    """Without it a probe would be of float64, or an empty array a fault."""
    for shape in ((), (3,), (2, 5), (2, 0)):
        with np.errstate(over="ignore"):
            found = drawn(name, np.random.default_rng(0), shape, dtype)
        assert (found.shape, found.dtype.name) == (shape, dtype)


def numbers(name: str, dtype: str = "float64") -> Any:
    return drawn(name, np.random.default_rng(0), (40, 33), dtype).astype(float)


def test_a_kind_of_numbers_is_what_its_name_says() -> None:
    """Without it a probe of large scores could be one of small ones, which hide a missing maximum."""
    for name, mean, scale in (
        ("ordinary", 0, 1),
        ("scale 0.02", 0, 0.02),
        ("scale 60", 0, 60),
        ("mean 50", 50, 1),
        ("mean -50", -50, 1),
    ):
        found = numbers(name)
        assert found.mean() == pytest.approx(mean, abs=0.1 * scale)
        assert found.std() == pytest.approx(scale, rel=0.1)
    assert set(numbers("whole numbers").ravel()) == {-2, -1, 0, 1, 2}
    eighths = numbers("eighths")
    assert set((8 * eighths).ravel()) == set(range(-16, 17))
    assert not numbers("zeros").any()
    assert (numbers("constant rows") == numbers("constant rows")[:, :1]).all()
    assert np.ptp(numbers("constant rows")[:, 0]) > 0
    assert (numbers("ties") == np.round(numbers("ties"))).all()
    dominant = numbers("one dominant entry") - numbers("ordinary")
    assert (dominant.round(9) == 30).sum(0).max() == (dominant.round(9) != 0).sum() == 40
    tail = numbers("a tail of zeros")
    assert not tail[:, 17:].any()
    assert tail[:, :17].all()
    last = numbers("a last entry that counts") / numbers("ordinary")
    assert (last[:, -1] == 8).all()
    assert (last[:, :-1] == 1).all()


@pytest.mark.parametrize("dtype", NAMES)
def test_the_smallest_and_the_largest_numbers_are_those_of_the_precision(dtype: str) -> None:
    """Without it float16 would be probed with numbers that are 0 in it, or infinite."""
    model = precision(dtype)
    small, huge = np.abs(numbers("subnormals", dtype)), np.abs(numbers("huge", dtype))
    assert small.max() < max(model.smallest_normal, 64 * 2 * precision(dtype, "kept").underflow * 5)
    assert (small > 0).mean() > 0.9
    assert np.median(huge) == pytest.approx(0.67 * model.largest / 1024, rel=0.2)


def test_an_argument_is_drawn_or_made() -> None:
    """Without it labels would be floats, or a mask be drawn at random."""
    rng = np.random.default_rng(0)
    assert array_of("ordinary", rng, 5, "float32").shape == (5,)
    assert array_of("ordinary", rng, [2, 3], "bfloat16").dtype.name == "bfloat16"
    made = array_of("ordinary", rng, lambda rng: rng.uniform(1, 2, size=3), "float16")
    assert (made.dtype.name, made.shape) == ("float16", (3,))
    assert array_of("ordinary", rng, lambda rng: np.arange(3), "float16").dtype == np.int64
    assert array_of("ordinary", rng, lambda rng: np.ones(3), "float8_e5m2").dtype == np.float64


def test_probes_are_of_each_kind_once_and_of_ordinary_numbers_in_every_size() -> None:
    """Without it a tail of zeros would be tried at one size alone, or a size around a block not at all."""
    found = list(admissible.probes(lambda xp, x: x + 1, [(3, 4)], "float32"))
    assert [name for name, _ in found] == list(DRAWS)
    again = list(admissible.probes(lambda xp, x: x + 1, [(3, 4)], np.float32))
    assert all(np.array_equal(a[0], b[0]) for (_, a), (_, b) in zip(found, again, strict=True))
    other = list(admissible.probes(lambda xp, x: x + 1, [(3, 4)], "float32", seed=1))
    assert not np.array_equal(found[0][1][0], other[0][1][0])
    sized = [name for name, _ in admissible.probes(lambda xp, x: x + 1, lambda n: [(n,)], "float32")]
    assert [name for name in sized if name.startswith("ordinary")] == [f"ordinary, n = {n}" for n in SIZES]
    assert [name for name in sized if not name.startswith("ordinary")] == [f"{kind}, n = 65" for kind in DRAWS][1:]
    overflowing = dict(admissible.probes(lambda xp, x: xp.exp(x), [(30,)], "float16"))
    assert "scale 60" not in overflowing
    assert "ordinary" in overflowing
    with pytest.raises(ValueError, match=r"^dtype is one of [^\n]*, not 'half'$"):
        next(admissible.probes(lambda xp, x: x, [(3,)], "half"))
    with pytest.raises(
        ValueError, match=r"^the formula is judged on none of the probes; of the first, output\[0\] is not j"
    ):
        list(admissible.probes(lambda xp, x: xp.log(-xp.abs(x) - 1), [(3,)], "float32"))
