"""Families of networks: those that differ from one in its sizes alone.

Who says which sizes a program can build is judged on these and no others, also where the sizes are millions.
"""

from itertools import cycle, islice, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import Hidden, Network
from ffn.network.family import Family
from tests.helpers.networks import GAUSSIAN

SMALL = Network(2, 2, GAUSSIAN, (Hidden(1, "relu"), Hidden(2, "tanh")), "sum", 0.5)
SIZES = (1, 2, 3)

sizes = st.lists(st.sampled_from(SIZES), min_size=1) | st.sampled_from((range(2, 4), range(3, 0, -2), range(1, 2)))
families = st.builds(Family, st.just(SMALL), *[st.none() | sizes] * 4)


def networks(family: Family) -> set[Network]:
    """The networks of up to three layers and units that belong to the family, layer by layer."""
    found = set()
    for depth in family.depths or (2,):
        kinds = list(islice(cycle(SMALL.hidden), depth))
        for widths in product(*(family.widths or (kind.units,) for kind in kinds)):
            hidden = tuple(Hidden(width, kind.activation) for width, kind in zip(widths, kinds, strict=True))
            for inputs, units in product(family.inputs or (2,), family.units or (2,)):
                found.add(Network(inputs, units, GAUSSIAN, hidden, "sum", 0.5))
    return found


EVERYTHING = networks(Family(SMALL, SIZES, SIZES, SIZES, (0, *SIZES)))


@given(families)
def test_a_family_has_every_combination_of_its_sizes_and_nothing_else(family: Family) -> None:
    """A network that cannot be built would be asked for, or one that can be would not."""
    assert {network for network in EVERYTHING if network in family} == networks(family)


@given(families, st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_the_members_that_are_picked_are_members_of_every_depth(family: Family, picked: list) -> None:
    """A program would be refused for a network of which it never said that it has it, or a depth be left out."""
    members = list(family.members(picked))
    assert set(members) <= networks(family)
    assert {len(member.hidden) for member in members} == set(family.depths or (2,))


def test_the_first_two_depths_start_with_each_size_and_the_others_take_turns() -> None:
    """Not every length of a tile would be met by every axis, or a deep family would be judged without an end."""
    family = Family(SMALL, range(1, 99), range(1, 99), range(1, 99), range(20))
    picked = [
        (len(member.hidden), member.inputs, member.units, *(layer.units for layer in member.hidden[:2]))
        for member in family.members((5, 16, 33))
    ]
    assert picked[:3] == [(0, 5, 16), (0, 16, 33), (0, 33, 5)]
    assert picked[3:6] == [(1, 5, 16, 33), (1, 16, 33, 5), (1, 33, 5, 16)]
    assert picked[6:8] == [(2, 33, 5, 16, 33), (3, 5, 16, 33, 5)]
    assert [depth for depth, *_ in picked[6:]] == list(range(2, 9))


def test_a_size_that_there_is_not_becomes_the_next_larger_one_or_the_largest() -> None:
    """A family of multiples of 8 would not be met where a tile ends."""
    (member,) = Family(SMALL, inputs=range(8, 65, 8), units=(1, 2, 4)).members((9,))
    assert (member.inputs, member.units) == (16, 4)
    assert [layer.units for layer in member.hidden] == [1, 2]


@given(families)
def test_a_family_can_be_written_and_read_again(family: Family) -> None:
    """What a program offers could not be told to the process in which it runs."""
    assert Family.from_json(family.to_json()) == family


def test_sizes_are_in_their_order_each_once() -> None:
    """The largest would not be the last, and the next larger one not be found."""
    family = Family(SMALL, inputs=[3, 1, 3], widths=range(9, 0, -4), units=range(4, 5))
    assert (family.inputs, family.widths, family.units, family.depths) == ((1, 3), range(1, 10, 4), range(4, 5), None)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"inputs": (0, 1)}, r"inputs is a sequence of whole numbers from 1 up, not \(0, 1\)"),
        ({"widths": 8}, "widths is a sequence of whole numbers from 1 up, not 8"),
        ({"units": (1.0,)}, "units is a sequence of whole numbers from 1 up"),
        ({"units": ()}, "units is a sequence of whole numbers from 1 up"),
        ({"depths": (-1, 0)}, "depths is a sequence of whole numbers from 0 up"),
    ],
)
def test_sizes_that_no_network_has_are_refused(sizes: dict[str, Any], message: str) -> None:
    """The slip would show in the midst of a run, as a network that cannot be made."""
    with pytest.raises(ValueError, match=f"^{message}"):
        Family(SMALL, **sizes)
