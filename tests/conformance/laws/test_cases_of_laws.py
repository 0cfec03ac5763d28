"""Each law speaks of cases of its own, planned or drawn, and makes them of what is supported alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent
from ffn.cases.levels import MASKS
from ffn.cases.networks import ACTIVATIONS, EVERYTHING, NothingSupported, Supported, elements_of
from ffn.cases.plan import NoCase
from ffn.cases.strategies import DROPOUT_ACTIVATIONS
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.laws.layouts import LABELS, LAYOUTS, USUAL
from ffn.conformance.laws.objective import OUTPUTS
from ffn.network import description

PLANNED, DRAWN = 8, 6
BY_NAME = {law.name: law for law in ALL}
Says = Callable[[Case], bool]


def planned(law: Law, dtype: str, supported: Supported = EVERYTHING) -> Iterator[Any]:
    if law.plan is not None:
        plan = law.plan(dtype, supported=supported)
        for place, levels in enumerate(plan.rows(1)[:PLANNED]):
            with suppress(NoCase):
                yield plan.case(levels, f"0 {place}")


def drawn(law: Law, dtype: str, supported: Supported = EVERYTHING, most: int = DRAWN) -> list[Any]:
    found: list[Any] = []
    few = settings(max_examples=most, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    with suppress(NoSuchExample):
        find(law.cases(dtype, supported=supported), lambda case: bool(found.append(case)), settings=few)
    return found


def hidden(case: Case) -> tuple[Hidden, ...]:
    return (case.network.hidden,) if isinstance(case.network, Recurrent) else case.network.hidden


def one_of(name: str) -> Says:
    return lambda case: [layer.activation for layer in hidden(case)] == [name]


def is_output(name: str) -> Says:
    return lambda case: (case.network.output.name, case.network.hidden) == (name, ())


def decays(case: Case) -> float:
    return case.network.weight_decay


SPEAK_OF: dict[str, Says] = {
    "gradient/relu": one_of("relu"),
    "gradient/maxout": one_of("maxout"),
    "output/gaussian/*": is_output("gaussian"),
    "output/categorical/*": is_output("categorical"),
    "output/laplace/*": lambda case: is_output("laplace")(case) and case.network.reduction == "sum",
    "output/mixture/*": is_output("mixture"),
    "output/heteroscedastic/*": is_output("heteroscedastic"),
    "reduction/mean": lambda case: case.network.reduction == "mean" and case.network.output.name in OUTPUTS,
    "reduction/sum": lambda case: case.network.reduction == "sum" and case.network.output.name in OUTPUTS,
    "weight decay/*": lambda case: decays(case) > 0 and case.network.output.name in OUTPUTS,
    "batch/*": lambda case: len(hidden(case)) <= 1,
    "batch/of one": lambda case: len(case.x) == 1,
    "batch/beyond a tile": lambda case: len(case.x) in (65, 129, 257),
    "batch/repeated rows": lambda case: len(case.x) in (1, 2, 3),
    "batch/permuted rows": lambda case: 2 <= len(case.x) <= 6,
    "batch/sum of parts": lambda case: case.network.reduction == "sum" and not decays(case) and 2 <= len(case.x) <= 9,
    "symmetry/hidden units permuted": lambda case: 1 <= len(hidden(case)) <= 8,
    "symmetry/relu rescaled": lambda case: one_of("relu")(case) and not decays(case),
    "symmetry/softmax shifted": lambda case: (
        case.network.output.name == "categorical"
        and case.network.units > 1
        and len(hidden(case)) <= 1
        and bool((case.parameters[-1][1] > np.log(np.finfo(case.dtype).max)).all())
    ),
    "dropout/*": lambda case: case.masks is not None,
    "dropout/mask of ones": lambda case: all((mask == 1).all() for mask in case.masks or ()),
    "recurrent/*": lambda case: isinstance(case.network, Recurrent),
    "arguments/labels": lambda case: case.network.output.name == "categorical" and 2 <= len(case.x) <= 4,
    "arguments/empty batch": lambda case: case.network.reduction == "sum" and decays(case) in (0.0, 0.5),
    "arguments/transposed": lambda case: case.network.output.name in OUTPUTS and 2 <= len(case.x) <= 4,
    "purity/second call": lambda case: case.network.output.name in OUTPUTS and len(hidden(case)) <= 1,
    "state/other activation": lambda case: len(hidden(case)) == 1,
    "state/other slope": one_of("leaky_relu"),
    "state/other output": lambda case: case.network.output.name in ("gaussian", "laplace") and len(hidden(case)) == 1,
    "state/other decay": lambda case: decays(case) in (0.0, 0.5),
    "state/other inputs": lambda case: 2 <= len(case.x) <= 3 and len(hidden(case)) == 1,
    "state/one array for two layers": lambda case: len(hidden(case)) in (1, 2) and len(set(case.network.shapes)) == 1,
    "nonfinite/output": lambda case: len(hidden(case)) == 1 and len(case.x) in (1, 2, 9) and not decays(case),
    "nonfinite/gradient": lambda case: case.network.output.name != "laplace",
}
SPOKEN_OF = {law.name: [says for pattern, says in SPEAK_OF.items() if fnmatchcase(law.name, pattern)] for law in ALL}


@pytest.mark.parametrize("name", [name for name, says in SPOKEN_OF.items() if says])
def test_a_law_speaks_of_cases_of_its_own_kind(name: str) -> None:
    """Without it a law on batches of one row, say, could pass with batches of two."""
    of_plan, others = list(planned(BY_NAME[name], "float32")), drawn(BY_NAME[name], "float32")
    assert others
    assert bool(of_plan) == (BY_NAME[name].plan is not None)
    for case in (*of_plan, *others):
        assert case.dtype == "float32"
        assert all(says(case) for says in SPOKEN_OF[name])


SIZES = {
    "state/activations": (3, 6),
    "state/other inputs": (2, 3),
    "state/one array for two layers": (2, 4),
    "arguments/transposed": (2, 4),
    "arguments/labels": (2, 4),
    "batch/of one": (1, 1),
    "batch/repeated rows": (1, 3),
    "batch/sum of parts": (2, 6),
    "batch/permuted rows": (2, 6),
    "reduction/mean": (2, 5),
    "recurrent/output": (1, 3),
}


DEPTHS = {
    "state/one array for two layers": (1, 2),
    "arguments/labels": (0, 1),
    "batch/permuted rows": (0, 1),
    "batch/sum of parts": (0, 1),
    "reduction/mean": (0, 1),
    "weight decay/loss": (0, 1),
    "purity/second call": (0, 1),
    "symmetry/hidden units permuted": (1, 2),
    "symmetry/softmax shifted": (0, 1),
    "network/output": (0, 2),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_a_law_draws_networks_from_the_shallowest_to_the_deepest_that_it_speaks_of(name: str) -> None:
    """Without it a law on one layer could draw deep networks, whose failures are larger and tell less."""
    depths = [len(hidden(case)) for case in drawn(BY_NAME[name], "float32", most=50)]
    assert (min(depths), max(depths)) == DEPTHS[name]


PLANS: dict[str, dict[str, tuple[Any, Any]]] = {  # levels in float16 and in float32; of networks what they are called
    "network/output": {
        "depth": ((2,), (2, 3, 4, 8)),
        "layout": ((USUAL, *(layout.name for layout in LAYOUTS)),) * 2,
        "output": (description.OUTPUTS,) * 2,
    },
    "gradient/tanh": {"depth": ((1,),) * 2, "layer 1": (("tanh",),) * 2, "output": (("gaussian",),) * 2},
    "output/gaussian/loss": {"depth": ((0,),) * 2, "output": (("gaussian",),) * 2, "reduction": (("sum",),) * 2},
    "output/categorical/loss": {"labels": (LABELS,) * 2},
    "reduction/mean": {
        "depth": ((1,),) * 2,
        "output": (OUTPUTS,) * 2,
        "reduction": (("mean",),) * 2,
        "rows": ((1, 2, 7, 17), (1, 2, 7, 17, 65)),
    },
    "weight decay/loss": {
        "layer 1": (ACTIVATIONS,) * 2,
        "depth": ((2,),) * 2,
        "output": (OUTPUTS,) * 2,
        "decay": ((0.5, 2.0, 1e-3, 1e-6),) * 2,
    },
    "batch/of one": {"layer 1": (ACTIVATIONS,) * 2, "depth": ((1,),) * 2, "rows": ((1,),) * 2},
    "batch/beyond a tile": {"rows": ((65, 129),) * 2},
    "batch/sum of parts": {"depth": ((1,),) * 2, "reduction": (("sum",),) * 2, "rows": ((2, 3, 6, 9),) * 2},
    "symmetry/hidden units permuted": {"depth": ((2,), (2, 3, 4, 8))},
    "symmetry/relu rescaled": {"depth": ((1,),) * 2, "layer 1": (("relu",),) * 2, "decay": ((0.0,),) * 2},
    "symmetry/softmax shifted": {
        "layer 1": (ACTIVATIONS,) * 2,
        "depth": ((1,),) * 2,
        "units": ((2, 3), (2, 3, 4, 5, 8, 9, 17)),
    },
    "dropout/output": {
        "layer 1": (DROPOUT_ACTIVATIONS,) * 2,
        "depth": ((2,),) * 2,
        "decay": ((0.0, 0.5),) * 2,
        "masks": (MASKS,) * 2,
    },
    "dropout/mask of ones": {"depth": ((1,),) * 2, "masks": (("none dropped",),) * 2},
    "recurrent/output": {
        "layer 1": (
            ("identity", "relu", "tanh", "sigmoid"),
            ("identity", "relu", "leaky_relu", "leaky_relu", "tanh", "sigmoid"),
        )
    },
}


@pytest.mark.parametrize("name", PLANS)
def test_a_law_plans_the_levels_that_it_is_about(name: str) -> None:
    """Without it a law on long batches could be tried on short ones alone, or one that is not about layers on every
    slope."""

    def called(level: Any) -> Any:
        return level.activation if isinstance(level, Hidden) else level.name if isinstance(level, Output) else level

    plan = BY_NAME[name].plan
    assert plan is not None
    for place, dtype in enumerate(("float16", "float32")):
        factors = plan(dtype).factors
        assert {factor: tuple(map(called, factors[factor])) for factor in PLANS[name]} == {
            factor: levels[place] for factor, levels in PLANS[name].items()
        }


def test_labels_of_every_type_are_planned() -> None:
    """Without it a loss that indexes by bytes would hold."""
    for answer in ("loss", "gradient"):
        of_plan = planned(BY_NAME[f"output/categorical/{answer}"], "float32")
        assert {case.y.dtype.name for case in of_plan} == set(LABELS)


@pytest.mark.parametrize("name", SIZES)
def test_a_law_draws_batches_from_the_smallest_to_the_largest_that_it_speaks_of(name: str) -> None:
    """Without it a fault that shows in the smallest or the largest batch alone would be found by no search."""
    cases = drawn(BY_NAME[name], "float32", most=50)
    sizes = [len(case.z if isinstance(case, ActivationCase) else case.x) for case in cases]
    assert (min(sizes), max(sizes)) == SIZES[name]


LITTLE = {
    "one layer of tanh": Supported(("tanh",), ("gaussian",), ("mean",), ("tanh",), (1,)),
    "one layer of relu": Supported(("relu",), ("categorical",), ("sum",), ("relu",), (1,)),
    "two layers": Supported(("leaky_relu",), ("bernoulli",), ("sum",), ("leaky_relu",), (2,)),
    "affine": Supported(("tanh",), ("laplace",), ("mean",), ("sigmoid",), (0,)),
    "no activation": Supported((), ("laplace",), ("mean",), (), (1,)),
    "no output": Supported(("tanh",), (), ("mean",), ("tanh",), (1,)),
    "no reduction": Supported(("tanh",), ("gaussian",), (), ("tanh",), (1,)),
}
OWN = ("confidence/", "maxout/", "output/gaussian/extreme")  # planned with networks of their own, which may be refused
LISTED = Network(3, 2, Output("gaussian"), (Hidden(2, "tanh"),), "sum")


def is_made_of(case: Any, supported: Supported) -> bool:
    if isinstance(case, ActivationCase):
        return case.activation in supported.functions
    if not isinstance(case.network, Network):
        return True  # a recurrent layer is a part of its own, which has ``supports_recurrent`` to say no
    allowed = {*supported.activations, *supported.outputs, *supported.reductions}
    return elements_of(case.network) <= allowed and len(case.network.hidden) in supported.depths


WHY_NOT = re.compile(
    r"no (activation|output|reduction|depth) of [\w., ]+ is supported"
    r"|none of the implementation's networks is one of these"
    r"|no activation is supported|supports says no to every network that it was asked about; networks may list some"
    r"|networks are listed, and tried at their own sizes( by other laws)?"
)


def made(law: Law, supported: Supported) -> Iterator[Any]:
    """The cases that are planned and drawn of what is supported; none where it is said why there are none."""
    for each in (planned, drawn):
        try:
            yield from each(law, "float32", supported)
        except NothingSupported as error:
            if not WHY_NOT.fullmatch(str(error)):
                raise


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_a_law_makes_its_cases_of_what_is_supported(law: Law) -> None:
    """Without it who builds little would be asked for what it never offered, and refuse most of a plan."""
    for supported in LITTLE.values():
        assert all(is_made_of(case, supported) for case in made(law, supported))
    if not law.name.startswith(OWN):
        networks = [getattr(case, "network", None) for case in made(law, Supported(networks=(LISTED,)))]
        assert all(network == LISTED for network in networks if isinstance(network, Network))


def test_equal_layers_are_two_at_least() -> None:
    """Without it a network of one layer would stand for two that share an array."""
    affine, square = Network(2, 2, Output("gaussian")), Network(2, 2, Output("gaussian"), (Hidden(2),))
    law = BY_NAME["state/one array for two layers"]
    assert {case.network for case in drawn(law, "float32", Supported(networks=(affine, square)))} == {square}


def test_who_supports_no_network_without_rounding_is_told_so() -> None:
    """Without it a law on exact cases would be left out, and nobody know why."""
    refusing = Supported(accepts=lambda network: False)
    for name in ("exact/forward", "exact/wide gradient"):
        with pytest.raises(NothingSupported, match=r"^none of the networks on which nothing is rounded is supported$"):
            BY_NAME[name].cases("float32", supported=refusing)
