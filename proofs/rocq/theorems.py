"""Which theorem of Rocq goes with which derivation, and what each says.

Its file is in ``theories/``. What it shares with the derivation, and where it says less or more, stands in ``note``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

THEORIES = Path(__file__).parent / "theories"
FILES = (  # in an order in which each needs only earlier ones
    "Sums",
    "Summation",
    "Roundings",
    "Logistic",
    "Softmax",
    "Backprop",
    "Maxout",
    "Convexity",
    "NoFreeLunch",
    "Approximation",
    "Sanity",
)
# What the real numbers of Rocq's library rest on, and classical logic: no other axiom may be used.
AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)


@dataclass(frozen=True)
class RocqTheorem:
    """A theorem.

    Attributes:
        file: of ``theories``, without its ending.
        name: there.
        derivations: of ours that say the same, by name; none where it is about the code alone.
        note: in what it differs from them.
    """

    file: str
    name: str
    derivations: tuple[str, ...] = ()
    note: str = ""

    @property
    def path(self) -> Path:
        return THEORIES / f"{self.file}.v"

    @cached_property
    def statement(self) -> str:
        """Its text, from ``Theorem`` to the stop before its proof.

        Raises:
            LookupError: where the file has no such theorem.
        """
        return self._found()[0]

    @cached_property
    def given(self) -> str:
        """What is given before it: the variables and hypotheses of the sections that are open there."""
        text, start = self.path.read_text(encoding="utf-8"), self._found()[1]
        open_sections: list[list[str]] = []
        for line in text[:start].splitlines():
            if re.match(r"Section \w+\.", line):
                open_sections.append([])
            elif re.match(r"End \w+\.", line):
                open_sections.pop()
            elif re.match(r"(Variables?|Hypothesis|Context) ", line) and open_sections:
                open_sections[-1].append(line)
        return "\n".join(line for section in open_sections for line in section)

    @cached_property
    def lines(self) -> tuple[int, int]:
        """The first and last line of the statement."""
        text = self.path.read_text(encoding="utf-8")
        statement, start = self._found()
        first = text.count("\n", 0, start) + 1
        return first, first + statement.count("\n")

    def _found(self) -> tuple[str, int]:
        text = self.path.read_text(encoding="utf-8")
        found = re.search(rf"^(Theorem|Lemma|Corollary) {self.name}\b.*?\.(?=\s*\n?\s*Proof\.)", text, re.M | re.S)
        if found is None:
            raise LookupError(f"{self.file}.v has no theorem {self.name}")
        return found[0], found.start()


def _in(file: str, *derivations: str, note: str = "", names: str) -> tuple[RocqTheorem, ...]:
    return tuple(RocqTheorem(file, name, derivations, note) for name in names.split())


THEOREMS = (
    *_in(
        "Summation",
        "rounding errors of a sum in every order",
        note="All of it: for every order of additions and every format with gradual underflow.",
        names="float_sum float_dot",
    ),
    *_in("Roundings", names="two_sided as_computed"),
    *_in("Logistic", "sigmoid, range", names="sigma_range sigma_opp"),
    *_in(
        "Logistic",
        "sigmoid, slope",
        note="That the slope is positive is not stated; that it is 1/4 at 0 alone is.",
        names="slope slope_le slope_attained slope_even",
    ),
    *_in("Logistic", "sigmoid, saturation", names="saturation"),
    *_in("Logistic", "sigmoid, second derivative", names="second second_le"),
    *_in(
        "Logistic",
        "sigmoid is ¼-Lipschitz",
        note="With absolute values; that σ rises is not stated.",
        names="lipschitz",
    ),
    *_in(
        "Logistic",
        "sigmoid, third derivative",
        note="The bound 1/8 alone, of T(1 − 6T), not that it is the third derivative.",
        names="third_le",
    ),
    *_in("Softmax", "categorical NLL", note="The gradient for a hard target alone.", names="gradient"),
    *_in("Softmax", "softmax, Jacobian", note="The Jacobian alone, not that its rows add up to 0.", names="jacobian"),
    *_in(
        "Softmax",
        "categorical NLL, Hessian",
        note="The second derivative along every line, which is a variance, in place of the matrix.",
        names="nll_second variance_pos variance_le",
    ),
    *_in("Softmax", "log-sum-exp, bounds", names="lse_bounds"),
    *_in(
        "Backprop",
        "backpropagation",
        note="For one row: the derivative along any direction of input, weights and biases together, where every "
        "activation is differentiable.",
        names="backpropagation",
    ),
    *_in(
        "Maxout",
        "maxout's best approximation of x²",
        note="Put together: for any maximum of n affine functions on [a, b].",
        names="lower_bound attained",
    ),
    *_in(
        "Convexity",
        "Jensen's inequality",
        note="For weights from 0 on that add up to 1.",
        names="jensen",
    ),
    *_in("Convexity", "log u ≤ u − 1", note="The first of the claims alone.", names="ln_below"),
    *_in(
        "Convexity",
        "NLL, cross-entropy and KL",
        note="Gibbs' inequality alone, and that it is 0 for equal distributions alone.",
        names="divergence_nonneg divergence_zero",
    ),
    *_in(
        "Convexity",
        "ridge makes the minimum unique",
        note="For any convex loss, in any dimension: that there is no second minimum, not that there is one.",
        names="unique",
    ),
    *_in(
        "Logistic",
        "ridge makes the minimum unique",
        note="All of it for the loss of one margin: there is a minimum, where, and no other.",
        names="decayed_minimum",
    ),
    *_in(
        "NoFreeLunch",
        "no free lunch",
        note="For two classes and deterministic learners: over all labelings, and at any inputs not trained on.",
        names="no_free_lunch off_the_training_set",
    ),
    *_in(
        "Approximation",
        "interpolation error",
        note="The whole of it, for a second derivative that need not be continuous.",
        names="chord_error",
    ),
    *_in(
        "Approximation",
        "interpolation error",
        note="With the modulus of continuity in place of the second derivative.",
        names="error_of_ramps",
    ),
    *_in(
        "Approximation",
        "universal approximation",
        note="For relu and one variable alone: every continuous function on [0, 1].",
        names="universal",
    ),
    *_in(
        "Approximation",
        "squares are not universal",
        note="Without the constant that the derivation adds.",
        names="a_quarter_away reached_by_two",
    ),
)


def of_derivation(name: str) -> tuple[RocqTheorem, ...]:
    """The theorems that go with a derivation."""
    return tuple(theorem for theorem in THEOREMS if name in theorem.derivations)
