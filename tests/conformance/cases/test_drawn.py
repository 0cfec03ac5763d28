"""Networks that are drawn: what an implementation can build and a law means, or one line that says what is missing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from ffn import Hidden, Network, Output
from ffn.cases.networks import (
    EVERYTHING,
    TRIES,
    NothingSupported,
    Supported,
    elements_of,
    first_supported,
    fitting,
    learned_variance_networks,
    networks,
    supported_of,
)

FOUND = settings(max_examples=300, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
RELU = Network(2, 3, Output("gaussian"), (Hidden(2),), "sum")
TANH = replace(RELU, hidden=(Hidden(2, "tanh"),))


def drawn(strategy: st.SearchStrategy[Any], property_: Any = lambda network: True) -> Any:
    return find(strategy, property_, settings=FOUND)


def many(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """So many networks that are drawn."""
    found: list[Any] = []
    with suppress(NoSuchExample):
        find(strategy, lambda network: bool(found.append(network)), settings=settings(FOUND, max_examples=count))
    return found


def seen(networks_: list[Any], read: Any) -> set[Any]:
    return set(map(read, networks_))


def test_networks_have_every_size_and_no_other() -> None:
    """Without it a size could be drawn nowhere, or be larger than what shrinks well."""
    every = many(networks(weight_decays=(0.0, 0.5)))
    assert seen(every, lambda network: network.inputs) == {1, 2, 3}
    assert seen(every, lambda network: network.units) == {1, 2, 3, 4}
    assert seen(every, lambda network: len(network.hidden)) == {0, 1, 2}
    assert seen(every, lambda network: network.weight_decay) == {0.0, 0.5}
    assert seen(every, lambda network: network.reduction) == {"mean", "sum"}
    layers = many(networks(("maxout", "leaky_relu"), min_depth=1, max_depth=1))
    assert seen(layers, lambda network: network.hidden[0].units) == {1, 2, 3, 4}
    assert seen(layers, lambda network: network.hidden[0].pieces) == {None, 1, 2, 3}
    assert seen(layers, lambda network: network.hidden[0].negative_slope) == {None, 0.01, 0.1, 0.5, -1.0}


def test_networks_are_those_that_are_asked_for() -> None:
    """Without it a law would be tried on networks that it does not speak of."""
    asked = many(networks(("tanh",), ("poisson", "laplace"), ("sum",), (0.5,), min_depth=1, max_depth=3, min_units=2))
    assert seen(asked, lambda network: (network.output.name, network.reduction, network.weight_decay)) == {
        ("poisson", "sum", 0.5), ("laplace", "sum", 0.5)
    }  # fmt: skip
    assert seen(asked, lambda network: len(network.hidden)) == {1, 2, 3}
    assert seen(asked, lambda network: {layer.activation for layer in network.hidden} == {"tanh"}) == {True}
    assert seen(asked, lambda network: network.units) == {2, 3, 4}


def test_networks_are_made_of_what_is_supported() -> None:
    """Without it examples would be used up by networks that are refused."""
    limited = Supported(("tanh", "relu"), ("poisson",), ("sum",), depths=(1, 4))
    asked = many(networks(("tanh", "sigmoid"), supported=limited), 40)
    assert {name for network in asked for name in elements_of(network)} == {"tanh", "poisson", "sum"}
    assert seen(asked, lambda network: len(network.hidden)) == {1}
    for missing in ({"activations": ("sigmoid",)}, {"outputs": ("laplace",)}, {"reductions": ("mean",)}):
        with pytest.raises(NothingSupported, match=f"no {next(iter(missing)).removesuffix('s')} of"):
            networks(**{"activations": ("tanh",), **missing}, supported=limited)  # type: ignore[arg-type]
    affine = replace(limited, activations=(), depths=(0, 3))
    assert seen(many(networks(supported=affine), 20), lambda network: network.hidden) == {()}


def test_of_depths_that_are_not_supported_a_known_network_stands_in() -> None:
    """Without it who builds two hidden layers and more would not be judged by a law on one."""
    deep = replace(RELU, hidden=(Hidden(2),) * 3)
    known = Supported(depths=(3,), accepts=lambda network: True, accepted=(TANH, deep))
    assert drawn(networks(("relu",), min_depth=1, supported=known)) == deep
    with pytest.raises(NothingSupported, match="supports says no to every network that it was asked about"):
        networks(supported=Supported(depths=(3,)))
    with pytest.raises(NothingSupported, match="none of the implementation's networks is one of these"):
        networks(("sigmoid",), min_depth=1, supported=known)


def test_listed_networks_alone_are_drawn_and_those_that_fit() -> None:
    """Without it who lists networks would be judged on others, or on those that a law does not mean."""
    listed = Supported(networks=(RELU, TANH))
    assert set(many(networks(supported=listed), 20)) == {RELU, TANH}
    assert set(many(networks(("tanh",), supported=listed), 20)) == {TANH}
    with pytest.raises(NothingSupported):
        networks(weight_decays=(0.5,), supported=listed)
    assert listed.known_networks(lambda network: network == TANH) == (TANH,)
    assert drawn(listed.filtered(st.nothing(), lambda network: network == RELU)) == RELU
    with pytest.raises(NothingSupported):
        listed.filtered(st.just(RELU))


def test_what_is_refused_time_and_again_gives_way_to_what_was_accepted() -> None:
    """Without it Hypothesis would give up on who accepts one network in a thousand."""
    asked: list[Network] = []

    def accepts(network: Network) -> bool:
        asked.append(network)
        return network == TANH

    picky = Supported(accepts=accepts, accepted=(TANH,))
    assert drawn(picky.filtered(st.just(RELU), lambda network: True)) == TANH
    assert asked[:TRIES] == [RELU] * 3
    assert len(asked) % TRIES == 0
    assert drawn(picky.filtered(st.sampled_from((RELU, TANH)), lambda network: network == TANH)) == TANH
    assert set(many(picky.filtered(st.sampled_from((RELU, TANH))), 20)) == {TANH}
    assert set(many(EVERYTHING.filtered(st.just(RELU)), 5)) == {RELU}


@pytest.mark.parametrize(
    ("network", "fits"),
    [
        (RELU, True),
        (TANH, False),
        (replace(RELU, hidden=(Hidden(2), Hidden(1, "tanh"))), False),
        (replace(RELU, output=Output("laplace")), False),
        (replace(RELU, reduction="mean"), False),
        (replace(RELU, weight_decay=0.1), False),
        (replace(RELU, hidden=()), False),
        (replace(RELU, hidden=(Hidden(2), Hidden(3))), True),
        (replace(RELU, units=2), False),
    ],
)
def test_a_network_fits_in_every_respect(network: Network, fits: bool) -> None:
    """Without it one that differs in one respect would be judged by a law on others."""
    assert fitting(("relu",), ("gaussian",), ("sum",), (0.0,), min_depth=1, min_units=3)(network) == fits


def test_weight_decays_fit_by_whether_there_is_any() -> None:
    """Without it a listed network with another decay than the drawn ones would never be judged."""
    of_everything = (("relu",), ("gaussian",), ("sum",))
    decayed = replace(RELU, weight_decay=0.3)
    assert fitting(*of_everything, (0.1, 0.5))(decayed)
    assert not fitting(*of_everything, (0.1,))(RELU)
    assert all(fitting(*of_everything)(network) for network in (RELU, decayed, replace(RELU, hidden=(), units=1)))


def test_without_what_fails_the_others_stay() -> None:
    """Without it one slip in an activation would fail every law about networks."""
    mean = replace(RELU, reduction="mean")
    given = Supported(networks=(RELU, TANH), accepted=(TANH, mean), depths=(1,), functions=("tanh",))
    assert given.without(frozenset()) is given
    found = given.without(frozenset({"tanh", "sum", "poisson"}))
    assert found.activations == tuple(name for name in given.activations if name != "tanh")
    assert found.outputs == tuple(name for name in given.outputs if name != "poisson")
    assert found.reductions == ("mean",)
    assert (found.accepted, found.left_out) == ((mean,), {"tanh", "sum", "poisson"})
    assert found.networks == given.networks  # as all of them contain one
    assert (found.functions, found.depths) == (("tanh",), (1,))
    assert given.without(frozenset({"tanh"})).networks == (RELU,)
    assert given.without(frozenset({"tanh", "mean"})).accepted == given.accepted
    assert given.without(frozenset({"gaussian"})).outputs == tuple(name for name in given.outputs if name != "gaussian")
    assert elements_of(TANH) == {"tanh", "gaussian", "sum"}


def test_what_is_wanted_is_taken_in_its_order() -> None:
    """Without it a law would be tried with an output that blurs what it is about."""
    assert supported_of((3, 1, 2), (1, 2, 3), "depth") == (3, 1, 2)
    assert supported_of("cab", "bcd", "x") == ("c", "b")
    with pytest.raises(NothingSupported, match=r"no depth of 3, 4 is supported"):
        supported_of((3, 4), (1,), "depth")
    assert first_supported(("laplace", "gaussian"), EVERYTHING) == ("laplace",)
    assert first_supported(("laplace", "gaussian"), Supported(outputs=("gaussian",))) == ("gaussian",)
    with pytest.raises(NothingSupported, match="no output of laplace is supported"):
        first_supported(("laplace",), Supported(outputs=("gaussian",)))


def test_learned_variances_are_drawn_with_every_size() -> None:
    """Without it a mixture would have one component, or one target, alone."""
    mixture = many(learned_variance_networks("mixture", 2))
    assert seen(mixture, lambda network: network.output.components) == {1, 2, 3}
    assert seen(mixture, lambda network: network.targets) == {1, 2}
    assert seen(mixture, lambda network: network.inputs) == {1, 2}
    assert seen(mixture, lambda network: len(network.hidden)) == {0, 1, 2}
    assert seen(mixture, lambda network: network.reduction) == {"mean", "sum"}
    assert {layer.activation for network in mixture for layer in network.hidden} == {"identity", "relu", "tanh"}
    plain = many(learned_variance_networks("heteroscedastic"), 40)
    assert seen(plain, lambda network: (network.output, network.hidden)) == {(Output("heteroscedastic"), ())}
    assert seen(plain, lambda network: network.units) == {2, 4}


def test_learned_variances_are_drawn_of_what_is_supported() -> None:
    """Without it a law on them would end with an error, or on networks that are refused."""
    asked = learned_variance_networks
    only = Supported(("relu", "softplus"), ("mixture",), ("sum",))
    assert seen(
        many(asked("mixture", 1, only), 40), lambda network: tuple(layer.activation for layer in network.hidden)
    ) == {(), ("relu",)}
    assert seen(many(asked("mixture", 1, only), 40), lambda network: network.reduction) == {"sum"}
    other = replace(only, activations=("softplus",))
    assert seen(
        many(asked("mixture", 1, other), 40), lambda network: tuple(layer.activation for layer in network.hidden)
    ) == {(), ("identity",)}
    listed = Supported(networks=(RELU, replace(RELU, units=6, output=Output("mixture"))))
    assert seen(many(asked("mixture", 0, listed), 40), lambda network: network.output.name) == {"mixture"}
    with pytest.raises(NothingSupported, match="no output of heteroscedastic is supported"):
        asked("heteroscedastic", 0, only)
    with pytest.raises(NothingSupported, match="no depth of 0 is supported"):
        asked("mixture", 0, replace(only, depths=(1,)))
    asked("mixture", 1, replace(only, depths=(1,)))
    with pytest.raises(NothingSupported, match="no reduction of mean, sum is supported"):
        asked("mixture", 0, replace(only, reductions=()))
    accepted = replace(RELU, inputs=7, units=6, output=Output("mixture"))  # which is never drawn
    picky = Supported(accepts=lambda network: network == accepted, accepted=(RELU, accepted))
    assert drawn(asked("mixture", 1, picky)) == accepted
