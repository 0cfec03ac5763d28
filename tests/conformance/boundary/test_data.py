"""Arrays and descriptions as data arrive as they were, and what was done to them there is seen."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from ffn import Hidden, Network, Output, Recurrent
from ffn.conformance.implementation.boundary.data.described import Described, described
from ffn.conformance.implementation.boundary.data.stored import dtype_named, name_of, stored
from ffn.numbers.precision import NAMES, dtype_of

F32 = np.float32
NETWORK = Network(2, 3, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5), Hidden(2, "maxout", pieces=3)), "sum", 0.5)
LAYER = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))


@pytest.mark.parametrize("network", [NETWORK, LAYER], ids=["network", "recurrent"])
def test_a_description_arrives_as_another_object_that_equals_it(network: Any) -> None:
    """Without it an implementation could change the judge's own description."""
    data = described(network)
    restored = data.restored()
    assert restored == network
    assert restored is not network
    assert pickle.loads(pickle.dumps(data)) == data
    assert data.is_kept_by(restored)
    assert described(network) is data
    for name in ("inputs", "units", "output", "hidden", "reduction"):
        changed = data.restored()
        vars(changed)[name] = "another"
        assert not data.is_kept_by(changed), name
    del vars(changed)["units"]
    assert not data.is_kept_by(changed)
    assert not data.is_kept_by(None)
    assert isinstance(data, Described)


LYING = {
    "contiguous": np.arange(6.0).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(12, dtype=F32)[::2],
    "reversed": np.arange(6, dtype=np.int8)[::-1],
    "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
    "big-endian": np.arange(6, dtype=">f4"),
    "bfloat16": np.arange(6).astype(dtype_of("bfloat16")),
    "empty": np.zeros((0, 3)),
    "a number": np.array(3.0),
    "misaligned": np.frombuffer(b"-" + np.arange(3.0).tobytes(), np.float64, offset=1),
}


@pytest.mark.parametrize("array", LYING.values(), ids=LYING)
def test_an_array_arrives_with_every_bit_and_as_it_lies_where_that_is_asked(array: Any) -> None:
    """Without it a layout would be tried by its name alone, or a bit be lost on the way."""
    plain = pickle.loads(pickle.dumps(stored(array)))
    restored = plain.restored()
    assert (restored.shape, restored.dtype, restored.tobytes()) == (array.shape, array.dtype, array.tobytes())
    assert restored.flags.c_contiguous
    assert restored.flags.writeable
    assert plain.is_kept_by(restored)
    lying = pickle.loads(pickle.dumps(stored(array, as_it_lies=True)))
    there = lying.restored()
    assert (there.shape, there.dtype, there.tobytes(), there.strides) == (
        array.shape,
        array.dtype,
        array.tobytes(),
        array.strides,
    )
    assert there.flags.writeable == array.flags.writeable
    assert there.flags.aligned == array.flags.aligned
    assert there.ctypes.data % 64 == array.ctypes.data % 64
    assert lying.is_kept_by(there)
    for data, one in ((plain, restored), (lying, there)):
        if one.size and one.flags.writeable:
            one[(0,) * one.ndim] += 9
            assert not data.is_kept_by(one)
    if array.size:
        assert not plain.is_kept_by(plain.restored().astype(np.float16))
        assert not plain.is_kept_by(plain.restored().reshape(-1, 1, 1))


def test_what_lies_between_the_entries_of_an_array_has_to_stay_too() -> None:
    """Without it a kernel could write past its rows unseen."""
    array = np.arange(12, dtype=F32)[::2]
    data = stored(array, as_it_lies=True)
    there = data.restored()
    memory = np.lib.stride_tricks.as_strided(there, (11,), (4,))
    memory[1] = 99
    assert there.tobytes() == array.tobytes()
    assert not data.is_kept_by(there)


def test_only_numbers_have_a_dtype_that_is_taken() -> None:
    """Without it what comes back could be objects."""
    assert [dtype_named(name_of(dtype_of(name))) for name in NAMES] == [dtype_of(name) for name in NAMES]
    assert name_of(np.dtype(">f4")) == ">f4"
    for name in ("O", "U1", "c8", "?", "M8[s]"):
        with pytest.raises(TypeError, match="is no dtype of numbers"):
            dtype_named(name)
