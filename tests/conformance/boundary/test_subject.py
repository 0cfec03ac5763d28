"""The implementation as laws see it: answers, or exceptions, and what it supports, asked once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent
from ffn.conformance.implementation import subject as subject_
from ffn.conformance.implementation.boundary.data.stored import Stored
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered, last_line
from ffn.conformance.implementation.sequence import of_calls
from ffn.conformance.implementation.subject import HISTORY, HISTORY_BYTES, History, Subject, argument_paths
from ffn.network.family import Family
from tests.conformance.verdicts.stubs import Tanh, z

F32 = np.float32
NETWORK = Network(2, 3, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5), Hidden(2, "maxout", pieces=3)), "sum", 0.5)
LAYER = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))


def test_answers_come_back_in_their_order_and_are_remembered() -> None:
    """Without it an answer would be judged by another one's set."""
    tanh = Tanh()
    subject = Subject(tanh)
    cases = [z(number) for number in range(3)]
    before: list[int] = []
    subject.between = lambda: before.append(len(tanh.calls))
    found = subject.answers([("activation", case) for case in cases])
    assert [answer.tolist() for answer in found] == [np.tanh(case.z).tolist() for case in cases]
    assert subject.answer("activation", cases[1]).tolist() == found[1].tolist()
    assert list(subject.history) == [("activation", case) for case in (*cases, cases[1])]
    assert before == [0, 3]
    assert tanh.calls[0] is not cases[0].z
    assert (subject.name, subject.dtypes, subject.parts, subject.isolated) == ("tanh alone", tanh.dtypes, (), False)


def test_a_history_is_bounded_and_has_the_last_call_always() -> None:
    """Without it wide networks would fill the judge's memory, or what led to a failure be forgotten."""
    history = History()
    quarter = [ActivationCase("relu", np.zeros(HISTORY_BYTES // 32)) for _ in range(5)]
    for case in quarter:
        history.add("slope", case)
    assert [(name, id(case)) for name, case in history] == [("slope", id(case)) for case in quarter[1:]]
    history.add("activation", ActivationCase("relu", np.zeros(HISTORY_BYTES // 8 + 1)))
    assert [name for name, _ in history] == ["activation"]
    small = [z(number) for number in range(HISTORY + 1)]
    for case in small:
        history.add("activation", case)
    assert [case for _, case in history] == small[1:]


class Misbehaves(Tanh):
    def __init__(self, what: Any) -> None:
        super().__init__()
        self.what = what

    def activation(self, name: str, at: Any) -> Any:
        return self.what(at)


def overwritten(at: Any) -> Any:
    at[...] = 7
    return np.zeros(1, F32)


def raising(error: Exception) -> Any:
    def raises(at: Any) -> Any:
        raise error

    return raises


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        (raising(NotImplementedError("no")), NotOffered, "activation raised NotImplementedError: no"),
        (raising(ValueError("no")), ImplementationError, "activation raised ValueError: no"),
        (lambda at: np.zeros(2, F32), ImplementationError, r"activation returned shape \(2,\), not \(1,\)"),
        (lambda at: np.zeros(1), Impure, "activation returns float64, the inputs are float32: tanh"),
        (overwritten, Impure, "activation changed its input: z"),
    ],
)
def test_what_is_no_answer_is_raised(what: Any, error: type[Exception], message: str) -> None:
    """Without it what is no answer would be judged as one."""
    subject = Subject(Misbehaves(what))
    with pytest.raises(error, match=message) as raised:
        subject.answer("activation", z(1))
    assert type(raised.value) is error
    if isinstance(raised.value, NotOffered):
        assert raised.value.answer == "activation"
    if isinstance(raised.value, Impure):
        assert set(raised.value.faults) == ({"inputs"} if what is overwritten else {"dtype"})
    assert len(list(subject.history)) == 1


def test_supports_is_asked_once_and_at_first_twice() -> None:
    """Without it an implementation would be asked for each case, or its chance answers be taken for a truth."""
    asked: list[str] = []

    class Picky(Tanh):
        def supports_activation(self, name: str) -> bool:
            asked.append(name)
            return name == "tanh"

    subject = Subject(Picky())
    assert [subject.supports_activation(name) for name in ("tanh", "relu", "tanh")] == [True, False, True]
    assert asked == ["tanh", "tanh", "relu", "relu"]
    subject._twice = 1
    assert not any(map(subject.supports_activation, ("sigmoid", "softplus")))
    assert asked[4:] == ["sigmoid", "sigmoid", "softplus"]
    assert subject.takes("activation", z(1))
    assert not subject.takes("slope", z(1))
    assert not subject.takes("activation", ActivationCase("relu", np.zeros(1)))

    class Undecided(Tanh):
        def supports_activation(self, name: str) -> bool:
            asked.append(name)
            return len(asked) % 2 == 0

    undecided = Subject(Undecided())
    for name in ("tanh", "relu"):  # what was once seen stays
        with pytest.raises(
            ImplementationError, match=r"supports_activation says (True and then False|False and then True) of the same"
        ):
            undecided.supports_activation(name)


def affine_case() -> Case:
    return Case(Network(1, 1, Output("gaussian")), ((np.ones((1, 1), F32), np.ones(1, F32)),), *np.ones((2, 1, 1), F32))


def test_a_loss_may_be_of_any_precision_and_its_network_is_left_as_it_was() -> None:
    """Without it a loss that is a number of Python's would be none, or the judge's own network be changed."""

    class Wide(Tanh):
        def loss(self, *given: Any) -> float:
            return 0.5

        def forward(self, network: Any, parameters: Any, x: Any) -> Any:
            network.__dict__["units"] = 9
            return x

    subject, case = Subject(Wide()), affine_case()
    assert subject.answer("loss", case) == 0.5
    assert subject.play(of_calls([("loss", case)]))[0].answer == 0.5
    with pytest.raises(Impure, match=r"^forward changed its input: network$"):
        subject.answer("forward", case)
    assert case.network.units == 1


def test_of_networks_that_are_asked_about_together_those_after_one_that_raises_are_asked_again() -> None:
    """Without it one network that cannot be looked at would end the run."""

    class Raises(Tanh):
        def supports(self, network: Any) -> bool:
            if network.units == 2:
                raise ValueError("no such network")
            return True

        def forward(self) -> None:
            pass

    subject = Subject(Raises())
    subject.ask([Network(1, units, Output("gaussian")) for units in (1, 2, 3)], "float32", "forward")
    assert subject.supports(Network(1, 3, Output("gaussian")), "float32", "forward")


def test_a_question_that_changes_its_network_is_no_answer() -> None:
    """Without it an implementation could be judged on another network than the one that it was asked about."""

    class Changes(Tanh):
        def supports(self, network: Any) -> bool:
            network.__dict__["units"] = 9
            return True

        def forward(self) -> None:
            pass

    with pytest.raises(Impure, match=r"^supports changed its input: network$"):
        Subject(Changes()).supports(NETWORK, "float32", "forward")


def test_answers_to_what_is_supported_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the answers on a million drawn networks would fill the judge's memory."""
    monkeypatch.setattr(subject_, "MOST_ANSWERS", 2)
    subject = Subject(Tanh())
    kept = [
        (subject.supports_activation(name), len(subject._answers))[1] for name in ("tanh", "relu", "sigmoid", "tanh")
    ]
    assert kept == [1, 2, 1, 2]


def test_networks_are_asked_about_in_one_message() -> None:
    """Without it a process would be asked a thousand times for a second."""
    asked: list[tuple[Any, ...]] = []

    class Picky(Tanh):
        def supports(self, network: Any, dtype: str, method: str) -> bool:
            asked.append((network.units, dtype, method))
            return network.units == 2

    subject = Subject(Picky())
    networks = [Network(1, units, Output("gaussian")) for units in (1, 2, 2)]
    subject.ask(networks, "float32", "loss")
    assert asked == [(1, "float32", "loss"), (2, "float32", "loss")]
    assert [subject.supports(network, "float32", "loss") for network in networks] == [False, True, True]
    assert len(asked) == 2
    subject.ask(networks, "float32", "loss")
    assert len(asked) == 2
    assert subject.supports(networks[1], "float64", "loss")
    assert asked[2:] == [(2, "float64", "loss")] * 2
    case = Case(networks[0], ((np.ones((1, 1), F32), np.ones(1, F32)),), *np.ones((2, 1, 1), F32))
    assert not subject.takes("forward", case)

    class Lists(Tanh):
        networks = (Network(1, 1, Output("gaussian")), Family(Network(4, 4, Output("gaussian")), inputs=(4, 8)))

        def forward(self) -> None:
            pass

    lists = Subject(Lists())
    assert lists.lists
    listed = [
        lists.supports(Network(inputs, units, Output("gaussian")), "float32", "forward")
        for inputs, units in ((1, 1), (8, 4), (1, 2), (16, 4))
    ]
    assert listed == [True, True, False, False]
    assert lists.supports(LAYER, "float32", "forward")
    assert not Subject(Tanh()).lists


def test_paths_of_arguments_are_as_python_has_them() -> None:
    """Without it a reader would not know which array was overwritten."""
    network = Network(1, 1, Output("gaussian"))
    W = np.ones((1, 1), F32)
    case = Case(network, ((W, W[0]),), W, W, masks=(W,))
    assert argument_paths(case, "gradient") == ["network", "layer 0, W", "layer 0, b", "x", "y"]
    assert argument_paths(case, "dropout_forward") == ["network", "layer 0, W", "layer 0, b", "x", "masks[0]"]
    assert argument_paths(z(1), "activation")[:2] == ["activation", "z"]


def test_the_last_line_that_a_process_printed_ends_its_message() -> None:
    """Without it a kernel's own word on why it died would be lost."""
    assert last_line("a\n b  c \n \n") == "; its last line: b c"
    assert last_line(" \n") == ""
    assert last_line("x" * 300) == "; its last line: " + "x" * 200
    assert str(Died("it ended", "a\nb")) == "it ended; its last line: b"
    assert str(Died("it ended")) == "it ended"
    assert Stored(b"", "<f4", (0,)).writeable
