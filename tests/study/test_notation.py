"""Formulas on the pages: what is printed means what the expression means, and symbols do not collide."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sympy import Indexed, KroneckerDelta, Symbol, sympify

from proofs.chapters.notes import derivations
from proofs.engine.derivation import Derivation
from proofs.engine.notation import Partial, arrays, dimension, g, index, reals, text, total
from proofs.engine.provers.normal import equal_in_general
from proofs.study.latex import fragments, latex
from proofs.study.mathml import mathml
from proofs.study.names import meanings, named
from proofs.study.prose import inline, markdown, words

n = dimension("n")
i, j = index("i"), index("j")
(x,) = arrays("x")
(z,) = reals("z")
LAYOUT = r"\\(frac|left|right|Big)"
EXPRESSIONS = [
    expression
    for derivation in derivations()
    for chain in derivation.all_chains
    for expression in (chain.start, *(step.result for step in chain.steps))
]


def test_kroneckers_delta_and_backpropagations_differ() -> None:
    """A δ with two indices could be either."""
    assert latex(KroneckerDelta(i, j)) == "[i = j]"
    assert latex(Symbol("δ")) == "δ"


def test_a_sum_inside_a_sum_has_an_index_of_its_own() -> None:
    """Two sums over s, one inside the other, would leave open which s a term has."""
    nested = total(lambda s: x[s] * total(lambda s: x[s], n) ** 2, n)
    assert r"\sum_{s = 1}^{n}" in latex(nested)
    assert r"\sum_{s' = 1}^{n} x_{s'}" in latex(nested)


def test_an_index_that_is_free_outside_is_not_bound_inside() -> None:
    """Σ over i of x_i y would read as if the y_i in it were summed too."""
    assert latex(x[i] + total(lambda i: x[i] * Symbol("i", integer=True, positive=True), n)).count("i'") == 2


def test_an_index_that_is_free_beside_a_sum_is_not_bound_in_it() -> None:
    """∂/∂x_i of a sum over i, or x_i less a sum over i, would have one letter for two things."""
    squares = total(lambda i: x[i] ** 2, n)
    for shown in (latex(Partial(squares, x[i])), latex(x[i] - squares), " ".join(fragments(x[i] - squares))):
        assert r"\sum_{i' = 1}^{n} x_{i'}^{2}" in shown
    assert r"\sum_{i = 1}^{n}" in latex(squares)


def test_two_indices_stand_alike_whether_a_sum_binds_them() -> None:
    """T_sk beside T_(s, k) would look like two things."""
    (T,) = arrays("T")
    assert latex(total(lambda i: T[i, j], n)).endswith("T_{ij}")
    assert latex(T[i, j]) == "T_{ij}"


def test_a_derivative_still_to_be_taken_shows_its_function_in_brackets() -> None:
    """∂/∂z of a sum would seem to end at its first term."""
    assert latex(Partial(z**2 + z, z)) == r"\frac{\partial}{\partial z} \left[z^{2} + z\right]"
    assert latex(Partial(g(z), z)) == r"\frac{\partial}{\partial z} g\left(z\right)"


def test_a_difference_begins_with_what_is_positive() -> None:
    """−y + z is the residual written backwards."""
    assert latex(z - Symbol("y")) == "z - y"


@pytest.mark.parametrize("value", EXPRESSIONS, ids=str)
def test_the_parts_of_a_formula_hold_all_of_it(value) -> None:
    """A line break could swallow a term: every name of the formula is in its parts as often as in the whole."""
    whole, *parts = (re.sub(LAYOUT, "", part) for part in (latex(value), *fragments(value)))
    assert sorted(filter(str.isalnum, whole)) == sorted(filter(str.isalnum, "".join(parts)))


def test_a_command_that_is_not_understood_is_refused() -> None:
    """The converter would print its name into the formula."""
    with pytest.raises(ValueError, match="not understood"):
        mathml(r"\nosuchcommand{x}")


def test_a_binomial_is_raised_as_a_whole() -> None:
    """Its power would stand on the line, beside the closing bracket."""
    assert re.search(r"<msup><mrow>.*linethickness=\"0\".*</mrow><mn>2</mn></msup>", mathml(r"\binom{n}{d}^2"))


def test_brackets_grow_in_pairs() -> None:
    """TeX's large brackets have a fixed size; behind a power the right one would stay smaller than the left."""
    assert "minsize" not in mathml(r"\Bigl( \frac{n}{d} \Bigr)^2")


def test_a_norm_is_as_tall_as_what_is_in_it() -> None:
    """Its bars would stretch to the height of a fraction elsewhere in the line."""
    assert mathml(r"\lVert x \rVert \le \frac{1}{2}").count('stretchy="false"') == 2
    assert 'stretchy="true"' in mathml(r"\left\| \frac{a}{b} \right\|")


def test_a_prime_stands_beside_its_letter() -> None:
    """The sign is drawn raised: as a power it would be raised twice, and float above the letter."""
    assert re.search(r"<mi>σ</mi><mo[^>]*>′</mo>", mathml(r"\sigma'(x)"))
    assert re.search(r"<msub><mi>E</mi><mi>n</mi></msub><mo[^>]*>′</mo>", mathml("E_n'"))


def test_a_claim_that_is_named_is_a_link() -> None:
    """A reader would have to look for its page."""
    assert '<a href="C9.html">C9</a>' in markdown("see C9, and float64")


def test_formulas_in_prose_become_mathml() -> None:
    """A reader would see dollars."""
    assert "<math" in inline("the error is $h^2/8$")
    assert "$" not in markdown("$$\\sup_x x$$")


def test_plain_words_get_their_indices_and_powers() -> None:
    """e^-z and W_kj would stand as typed."""
    assert words("e^-z W_kj < 1") == "e<sup>−z</sup> W<sub>kj</sub> &lt; 1"
    assert words("F_(L+1)(v)_k of layer ℓ: W_ℓ") == "F<sub>L+1</sub>(v)<sub>k</sub> of layer ℓ: W<sub>ℓ</sub>"
    assert words("leaky_relu") == "leaky_relu"
    assert words("4^-(m+1)") == "4<sup>−(m+1)</sup>"


# Sums that have a name

NAMING = [derivation for derivation in derivations() if derivation.names]


def expressions(derivation: Derivation) -> list[Any]:
    """What its page shows."""
    found = [e for claim in derivation.single_claims for e in (claim.left, claim.right)]
    return [*found, *(e for chain in derivation.all_chains for e in (chain.start, *(s.result for s in chain.steps)))]


def without(expr: Any, derivation: Derivation) -> Any:
    """The expression with every name taken back."""
    for name, meaning in reversed(list(meanings(derivation.names))):
        if not isinstance(name, Indexed):
            expr = expr.xreplace({name: meaning})
            continue
        entries = [e for e in expr.atoms(Indexed) if e.base == name.base]
        meant = [meaning.xreplace(dict(zip(name.indices, e.indices, strict=True))) for e in entries]
        expr = expr.xreplace(dict(zip(entries, meant, strict=True)))
    return expr


@pytest.mark.parametrize("derivation", NAMING, ids=lambda derivation: derivation.name)
def test_a_name_stands_for_its_sum_and_for_nothing_else(derivation: Derivation) -> None:
    """A page would show another theorem than the one that is proved."""
    raw = [sympify(e) for e in expressions(derivation)]
    for each in raw:
        back = without(named(each, derivation), derivation)
        assert text(back) == text(each) or equal_in_general(back, each, derivation.ranges)
    taken = {str(s) for e in raw for s in e.free_symbols} | {str(e.base) for r in raw for e in r.atoms(Indexed)}
    assert not taken & {str(getattr(name, "base", name)) for name in derivation.names}


@pytest.mark.parametrize("derivation", NAMING, ids=lambda derivation: derivation.name)
def test_no_step_is_lost_in_a_name(derivation: Derivation) -> None:
    """A sum above and below a fraction would have cancelled before the step that says so."""
    chains = [chain for claim in derivation.single_claims if not claim.exists for chain in claim.chains]
    steps = [step for chain in chains for step in chain.transitions()]
    assert all(named(before, derivation) != named(step.result, derivation) for before, step in steps)


@pytest.mark.parametrize("derivation", NAMING, ids=lambda derivation: derivation.name)
def test_a_name_is_worth_having(derivation: Derivation) -> None:
    """A reader would learn a letter that occurs once."""
    shown = [text(named(e, derivation)) for e in expressions(derivation)]
    for name in derivation.names:
        letter = str(getattr(name, "base", name))
        assert sum(bool(re.search(rf"(?<!\w){letter}(?!\w)", each)) for each in shown) >= 3, letter
