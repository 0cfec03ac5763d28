"""Hyperplanes, the regions that they cut, and the regions on which a relu network is affine: counted exactly.

A count is checked against what it is bounded by and, for hyperplanes, against Whitney's formula, which needs no region
but only ranks. Everything is rational, so there is no tolerance.

Sources: Schläfli 1901, Whitney 1932, Zaslavsky 1975; Telgarsky 2015 and Montúfar et al. 2014 for deep networks.
"""

from fractions import Fraction
from itertools import combinations, pairwise
from math import comb

import pytest
from flint import fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from ffn.constructions import folding, regions
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import affine, trace
from ffn.numbers.exact import exact
from tests.helpers.networks import small_networks
from tests.helpers.profiles import examples
from tests.helpers.strategies import integers, lists_of, rational


def node(dimension: int) -> st.SearchStrategy[tuple[list[int], int]]:
    """w, often 0, and b."""
    return st.tuples(lists_of(dimension, integers), integers)


nodes = st.integers(1, 3).flatmap(node)
arrangements = st.integers(1, 3).flatmap(lambda d: st.lists(node(d), min_size=1, max_size=5))


def zipped(arrangement: list) -> tuple[list, list]:
    """The normals and the offsets."""
    return [w for w, _ in arrangement], [b for _, b in arrangement]


def at(w: list, b: int, x: list) -> Fraction:
    """z = w·x + b by the shipped affine layer of one unit."""
    return affine(exact, exact.asarray([x]), exact.asarray(w).reshape(-1, 1), exact.asarray([b]))[0, 0]


def rank(rows: list) -> int:
    """The rank of a matrix of whole numbers, by FLINT: no singular value is compared with a tolerance."""
    return fmpz_mat(rows).rank()


def central(rows: tuple) -> bool:
    """Whether hyperplanes have a point in common: the offsets add no rank."""
    return rank([w for w, _ in rows]) == rank([[*w, b] for w, b in rows])


def whitney(arrangement: list) -> int:
    """Σ (−1)^(|B| − rank B) over the sets B of hyperplanes with a common point: the number of regions."""
    subsets = (rows for k in range(1, len(arrangement) + 1) for rows in combinations(arrangement, k))
    return 1 + sum((-1) ** (len(rows) - rank([w for w, _ in rows])) for rows in subsets if central(rows))


def widths(network: Network) -> list[int]:
    return [layer.units for layer in network.hidden]


def maps(found: list) -> set:
    """The different affine maps of linear regions."""
    return {(*linear.A.ravel(), *linear.c) for linear in found}


# What one affine node makes


@pytest.mark.claim("C3")
@given(nodes.filter(lambda node: any(node[0])), st.data())
def test_a_node_is_0_on_a_hyperplane(node: tuple, data: st.DataObject) -> None:
    """Its zeros would not be −bw/|w|² and what is orthogonal to w, but bend, or have another place."""
    w, b = node
    square = sum(entry * entry for entry in w)
    foot = [Fraction(-b * entry, square) for entry in w]
    u = data.draw(lists_of(len(w), integers))
    along = Fraction(sum(p * q for p, q in zip(u, w, strict=True)), square)
    assert at(w, b, foot) == 0
    assert at(w, b, [f + p - along * q for f, p, q in zip(foot, u, w, strict=True)]) == 0  # moved orthogonally to w
    assert at(w, b, [f + p for f, p in zip(foot, u, strict=True)]) == along * square  # moved anyhow


@pytest.mark.claim("C3")
@given(nodes, st.data())
def test_a_node_without_weights_makes_none(node: tuple, data: st.DataObject) -> None:
    """The claim would hold for w = 0 too, where z is b everywhere: 0 nowhere, or on the whole space."""
    w, b = node
    x, still = data.draw(lists_of(len(w), rational)), [0] * len(w)
    assert at(still, b, x) == b
    assert len(regions.arrangement_regions([still], [b])) == 1


@pytest.mark.claim("C3")
@given(nodes)
def test_a_node_cuts_the_space_in_two_exactly_when_it_has_a_weight(node: tuple) -> None:
    """A dead direction would count as a cut, or a cut be missed."""
    w, b = node
    found = regions.arrangement_regions([w], [b])
    assert len(found) == (2 if any(w) else 1)
    assert [at(w, b, list(region.point)) > 0 for region in found] == [region.pattern[0] for region in found]


@pytest.mark.claim("C3")
@given(nodes, st.data())
def test_the_graph_of_a_node_is_a_hyperplane_always(node: tuple, data: st.DataObject) -> None:
    """With w = 0 there would be no hyperplane at all; but z = w·x + b has the normal (w, −1), which is never 0."""
    w, b = node
    x = data.draw(lists_of(len(w), rational))
    z, off = at(w, b, x), data.draw(rational)
    assert len(regions.arrangement_regions([[*w, -1]], [b])) == 2
    assert (at([*w, -1], b, [*x, z + off]) == 0) == (off == 0)


# What many make


@pytest.mark.claim("C4")
@given(arrangements)
def test_the_regions_are_as_many_as_whitney_counts(arrangement: list) -> None:
    """A region could be missed or counted twice where hyperplanes are parallel, repeated or meet in one point."""
    proper = [(w, b) for w, b in arrangement if any(w)]
    assert len(regions.arrangement_regions(*zipped(arrangement))) == whitney(proper)


@pytest.mark.claim("C4")
@given(arrangements)
def test_each_region_holds_a_point_of_its_own_signs(arrangement: list) -> None:
    """A count of empty regions would be a count of nothing."""
    found = regions.arrangement_regions(*zipped(arrangement))
    assert len({region.pattern for region in found}) == len(found)
    for region in found:
        z = [at(w, b, list(region.point)) for w, b in arrangement]
        assert [value > 0 for value in z] == list(region.pattern)
        assert all(value != 0 for value, (w, _) in zip(z, arrangement, strict=True) if any(w))


@pytest.mark.claim("C4")
@given(arrangements)
def test_one_part_of_a_region_that_is_cut_keeps_its_point(arrangement: list) -> None:
    """Every cut would look for two new points, and the elimination that finds one is what takes the time."""
    *others, (w, b) = [([0] * len(arrangement[0][0]), 1), *arrangement]
    before = {region.point for region in regions.arrangement_regions(*zipped(others))}
    after = {region.point for region in regions.arrangement_regions(*zipped([*others, (w, b)]))}
    assert {point for point in before if not any(w) or at(w, b, list(point))} <= after


def count_and_bound(arrangement: list) -> tuple[int, int]:
    normals, offsets = zipped(arrangement)
    most = regions.most_regions(len(normals), len(normals[0]))
    return len(regions.arrangement_regions(normals, offsets)), most


@pytest.mark.claim("C4")
@given(arrangements)
def test_no_arrangement_has_more_regions_than_the_bound(arrangement: list) -> None:
    """Lying well, hyperplanes could do more than the count of their common points allows."""
    count, most = count_and_bound(arrangement)
    assert count <= most


@pytest.mark.claim("C4")
@given(arrangements)
def test_the_bound_is_reached_in_general_position_and_nowhere_else(arrangement: list) -> None:
    """Any n hyperplanes would cut as many regions, and their number alone would say how complex a network is."""
    count, most = count_and_bound(arrangement)
    assert (count == most) == regions.in_general_position(*zipped(arrangement))


@pytest.mark.claim("C4")
@given(arrangements.filter(lambda arrangement: all(any(w) for w, _ in arrangement)))
def test_without_bias_there_are_fewer(arrangement: list) -> None:
    """Units without bias, whose hyperplanes all meet in the origin, would be worth as much as those with one."""
    normals, _ = zipped(arrangement)
    n, d = len(normals), len(normals[0])
    count = len(regions.arrangement_regions(normals, [0] * n))
    independent = all(rank(rows) == min(n, d) for rows in combinations(normals, min(n, d)))
    assert count <= regions.most_central_regions(n, d)
    assert (count == regions.most_central_regions(n, d)) == independent


@pytest.mark.claim("C4")
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_both_bounds_are_reached(n: int, d: int) -> None:
    """A bound that nothing reaches would say little: these normals (1, t, t², …) are independent, by Vandermonde."""
    normals = [[t**k for k in range(d)] for t in range(1, n + 1)]
    generic = [t**d for t in range(1, n + 1)]
    assert len(regions.arrangement_regions(normals, generic)) == regions.most_regions(n, d)
    assert len(regions.arrangement_regions(normals, [0] * n)) == regions.most_central_regions(n, d)


@pytest.mark.claim("C4")
@given(nodes.filter(lambda node: any(node[0])), st.sets(integers, min_size=1))
def test_n_parallel_hyperplanes_cut_n_plus_1_regions(node: tuple, offsets: set) -> None:
    """'Enough nodes' would be enough: nodes that all look the same way see only one direction."""
    assert len(regions.arrangement_regions([node[0]] * len(offsets), list(offsets))) == len(offsets) + 1


@pytest.mark.claim("C4")
@pytest.mark.parametrize(("offsets", "count"), [([-3, -2, -2, 3], 11), ([0, 0, 0, 0], 8)])
def test_four_lines_cut_11_regions_or_through_one_point_8(offsets: list, count: int) -> None:
    """Four nodes would be worth the same with biases and without."""
    assert len(regions.arrangement_regions([[1, 2], [2, -1], [1, -3], [3, 1]], offsets)) == count


# Relu networks


@pytest.mark.claim("C4", "C7")
@examples(40)
@given(st.integers(1, 2).flatmap(small_networks))
def test_on_each_region_the_network_is_the_affine_map_given_for_it(net: tuple) -> None:
    """The regions would belong to another function than the shipped forward pass computes."""
    network, parameters = net
    for linear in regions.linear_regions(network, parameters):
        x = exact.asarray([linear.region.point])
        steps = trace(exact, network, parameters, x)
        assert (x @ linear.A + linear.c == steps[-1].h).all()
        assert [z > 0 for step in steps[:-1] for z in step.z[0]] == list(linear.region.pattern)


@pytest.mark.claim("C4", "C7")
@examples(40)
@given(st.integers(1, 2).flatmap(small_networks))
def test_no_network_has_more_regions_than_its_layers_allow(net: tuple) -> None:
    """One layer would do what the theorems say needs several."""
    network, parameters = net
    bound = regions.most_deep_regions(widths(network), network.inputs)
    assert len(regions.linear_regions(network, parameters)) <= bound


@pytest.mark.claim("C7")
@given(small_networks(1, most_layers=1, most_units=6))
def test_one_layer_of_n_units_has_at_most_n_plus_1_pieces(net: tuple) -> None:
    """Width would do as much as depth."""
    assert len(regions.linear_pieces(*net)) <= widths(net[0])[0] + 1


@pytest.mark.claim("C7")
@examples(40)
@given(small_networks(1, most_layers=3, most_units=3), rational)
def test_the_pieces_join_up_to_what_the_network_computes(net: tuple, x: Fraction) -> None:
    """Pieces could be missed or split: neighbours differ, meet in their common end, and cover the line."""
    pieces = regions.linear_pieces(*net)
    assert pieces[0].left is None
    assert pieces[-1].right is None
    for before, after in pairwise(pieces):
        assert before.right == after.left
        assert before.slope[0] * before.right + before.intercept[0] == after.slope[0] * after.left + after.intercept[0]
        assert before.slope != after.slope
    [value] = [p.slope[0] * x + p.intercept[0] for p in pieces if p.right is None or x <= p.right][:1]
    assert trace(exact, *net, exact.asarray([[x]]))[-1].h.tolist() == [[value]]


@pytest.mark.claim("C7")
@given(st.integers(1, 7))
def test_each_tent_doubles_the_pieces_and_the_crossings(depth: int) -> None:
    """Depth would add pieces as width does; 2k units have 2k + 1 at the most in one layer, here 2^k in k layers."""
    net = folding.tent(depth)
    pieces = regions.linear_pieces(*net, 0, 1)
    ends = [Fraction(i, 2**depth) for i in range(2**depth + 1)]
    outputs = trace(exact, *net, exact.asarray(ends).reshape(-1, 1))[-1].h[:, 0]
    assert outputs.tolist() == [i % 2 for i in range(len(ends))]  # between 0 and 1, so across ½ in each piece
    assert [piece.left for piece in pieces] == ends[:-1]
    assert sum(layer.units for layer in net[0].hidden) == 2 * depth


@pytest.mark.claim("C7")
@given(st.integers(5, 40))
def test_from_five_layers_on_no_single_layer_keeps_up(depth: int) -> None:
    """As many units side by side could do as well: n of them err by 1/(8(n + 1)²) at least."""
    n = sum(layer.units for layer in folding.square(depth)[0].hidden)
    assert Fraction(1, 4 ** (depth + 1)) < Fraction(1, 8 * (n + 1) ** 2)


@pytest.mark.claim("C7")
@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_folding_multiplies_the_pieces(width: int, depth: int) -> None:
    """Depth would add pieces, as width does: with wd units one layer has wd + 1 at the most."""
    pieces = regions.linear_pieces(*folding.folding(1, width, depth), 0, 1)
    assert len(pieces) == width ** (depth - 1) * (width + 1) == regions.montufar_regions([width] * depth, 1)
    assert depth == 1 or len(pieces) > width * depth + 1


@pytest.mark.claim("C7")
@pytest.mark.parametrize(
    ("inputs", "width", "depth"), [(1, 3, 2), (2, 2, 2), (2, 4, 1), (2, 4, 2), (2, 5, 2), (3, 6, 1)]
)
def test_folding_has_montufar_s_number_of_linear_regions(inputs: int, width: int, depth: int) -> None:
    """The lower bound would be a claim about networks that nobody has seen: no two regions here have one affine map."""
    found = regions.linear_regions(*folding.folding(inputs, width, depth), [(0, 1)] * inputs)
    assert len(maps(found)) == len(found) == regions.montufar_regions([width] * depth, inputs)


@pytest.mark.claim("C7")
def test_a_binomial_in_place_of_the_quotient_is_more_than_any_network_has() -> None:
    """What a network is said to reach would lie above what none exceeds: 576; with a quotient it is 64."""
    n, d, layers = 4, 2, 2
    possible = regions.most_deep_regions([n] * layers, d)
    binomial, quotient = comb(n, d) ** (d * (layers - 1)) * n**d, (n // d) ** (d * (layers - 1)) * n**d
    assert (binomial, possible, quotient, regions.montufar_regions([n] * layers, d)) == (576, 121, 64, 44)
    assert binomial > possible


IMPOSSIBLE = [
    (regions.arrangement_regions, [], []),
    (regions.arrangement_regions, [[1]], [0, 1]),
    (regions.in_general_position, [[1], [1, 2]], [0, 1]),
    (regions.montufar_regions, [4, 1], 2),
    (regions.linear_regions, Network(1, 1, Output("gaussian"), (Hidden(1, "tanh"),)), ()),
    (regions.linear_pieces, Network(2, 1, Output("gaussian")), ()),
    (regions.linear_pieces, Network(1, 1, Output("gaussian")), (), 0),
    (regions.linear_pieces, Network(1, 1, Output("gaussian")), (), 1, 1),
    (regions.linear_regions, Network(2, 1, Output("gaussian")), (), [(0, 1)]),
    (folding.folding, 2, 1, 1),
    (folding.tent, 0),
    (folding.square, 0),
]


@pytest.mark.claim("C4", "C7")
@pytest.mark.parametrize("call", IMPOSSIBLE, ids=lambda call: call[0].__name__)
def test_what_cannot_be_counted_is_refused(call: tuple) -> None:
    """A number would be given where none has a meaning."""
    function, *arguments = call
    with pytest.raises(ValueError, match=r"normals|wide|width|relu|depth|pieces|box"):
        function(*arguments)
