"""A network of any depth, from its last layers: what backpropagation is a theorem about.

Layers are counted from the end: layer ℓ takes a vector of width w_(ℓ+1) to one of width w_ℓ, with the weights W_ℓ, the
biases b_ℓ and the activation g_ℓ. F_0 is any differentiable loss of the output, F_(L+1)(v) = F_L(g(v W + b)) with the
weights of layer L + 1: the loss as a function of the vector that enters the last L + 1 layers.

Arrays may move: each entry is then a differentiable function of one real number, ``TIME``, and has a velocity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Dummy, Expr, Function, IndexedBase, Lambda, oo

from proofs.engine.notation.indices import fresh, summed

LAYERS = (
    "Layers are counted from the end: layer ℓ has the weights W_ℓ, the biases b_ℓ and the differentiable activation "
    "g_ℓ, and takes a vector of width w_(ℓ+1) to one of width w_ℓ. F_0 is any differentiable loss of the output, and "
    "F_(L+1)(v) = F_L(h) with h = g(z), z = vW + b of layer L + 1; ∇F is its gradient. δ_0 = ∇F_0, and "
    "δ_(L+1)(v)_k = Σ_i δ_L(h)_i g′(z_i) W_ki."
)
MOVING = (
    "Inputs, weights and biases move: each entry is any differentiable function of t, and a dot is its derivative. "
    "Ḟ_L(v) is the derivative of F_L at a v that stands still, and Ḟ_0 = 0. P_0 = 0, and "
    "P_(L+1)(v) = P_L(h) + Σ_j δ_L(h)_j g′(z_j) (Σ_i v_i Ẇ_ij + ḃ_j): in each of the last L + 1 layers the gradients "
    "that backpropagation has, its input times δ_L(h) g′(z) and δ_L(h) g′(z) itself, paired with how its weights and "
    "biases move."
)
WIDTH = IndexedBase("w", shape=(oo,), integer=True, positive=True)
WEIGHT = IndexedBase("W", shape=(oo, oo, oo), real=True)
BIAS = IndexedBase("b", shape=(oo, oo), real=True)
DOT = "\N{COMBINING DOT ABOVE}"
TIME = Dummy("t", real=True)  # as of no derivation's own t


def velocity(base: IndexedBase) -> IndexedBase:
    """The derivatives of an array's entries by ``TIME``."""
    return IndexedBase(f"{base.label}{DOT}", shape=base.shape, real=True)


OF_LAYERS = {WIDTH, WEIGHT, BIAS, velocity(WEIGHT), velocity(BIAS)}  # which functions of a vector have inside of them


class layer_activation(Function):  # type: ignore[misc]
    """g_ℓ(z): the activation of layer ℓ, arbitrary and differentiable."""

    is_real = True

    def slope(self) -> Any:
        return layer_slope(*self.args)


class layer_slope(Function):  # type: ignore[misc]
    """g′_ℓ(z)."""

    is_real = True


class OfVector(Expr):  # type: ignore[misc]
    """A function of a whole vector: its level, the vector as entry by entry, and for a component its index."""

    is_commutative = True
    is_real = True

    def __new__(cls, level: Any, vector: Any, *index: Any) -> Any:
        return Expr.__new__(cls, sympy.sympify(level), vector, *map(sympy.sympify, index))

    @property
    def width(self) -> Any:
        """How long the vector is."""
        return WIDTH[self.args[0] + 1]

    def unfolded(self) -> Any:
        """By the recursion, where the level is known to be 1 or more; else itself."""
        level, vector, *index = self.args
        beyond = level.as_coeff_Add()[0]
        return self.below(level - 1, vector, *index) if beyond >= 1 else self

    def below(self, level: Any, vector: Any, *index: Any) -> Any:
        """What it is in terms of the level below."""
        raise NotImplementedError

    def _sympystr(self, printer: Any) -> str:
        level, vector, *index = self.args
        (i,), body = vector.args
        at = "".join(f"_{printer.doprint(j)}" for j in index)
        return f"{self.name}[{printer.doprint(level)}]{at}({printer.doprint(body)} for {i.name})"


class Loss(OfVector):
    """F_L(v)."""

    name = "F"

    def below(self, level: Any, vector: Any, *index: Any) -> Any:
        return Loss(level, passed(level + 1, vector))


class Gradient(OfVector):
    """∂F_L/∂v_i at v, which is there because F_L is differentiable: of F_0 by assumption."""

    name = "∇F"

    def unfolded(self) -> Any:
        return self


class Drift(OfVector):
    """∂F_L/∂t at a v that stands still: what the last L layers' own weights and biases do to it as they move."""

    name = "Ḟ"

    def unfolded(self) -> Any:
        return sympy.S.Zero if self.args[0] == 0 else self


class Delta(OfVector):
    """δ_L(v)_k, as backpropagation has it: δ_(L+1)(v)_k = Σ_i δ_L(h)_i g′(z_i) W_ki, and δ_0 is the loss's gradient."""

    name = "δ"

    def unfolded(self) -> Any:
        return Gradient(*self.args) if self.args[0] == 0 else super().unfolded()

    def below(self, level: Any, vector: Any, *index: Any) -> Any:
        (k,) = index
        i = fresh("i")
        return summed(cotangent(level, vector, i) * WEIGHT[level + 1, k, i], {i: WIDTH[level + 1]})


class Pairing(OfVector):
    """P_L(v): the gradients of the last L layers as backpropagation has them, paired with how those move; P_0 = 0."""

    name = "P"

    def unfolded(self) -> Any:
        return sympy.S.Zero if self.args[0] == 0 else super().unfolded()

    def below(self, level: Any, vector: Any, *index: Any) -> Any:
        j = fresh("j")
        own = cotangent(level, vector, j) * own_rate(level + 1, vector, j)
        return Pairing(level, passed(level + 1, vector)) + summed(own, {j: WIDTH[level + 1]})


def vector_of(entry: Callable[[Any], Any]) -> Lambda:
    """The vector with these entries."""
    i = fresh("i")
    return Lambda(i, entry(i))


def pre_activation(layer: Any, vector: Any, j: Any) -> Any:
    """z_j = Σ_i v_i W_ij + b_j of a layer."""
    (i,), body = vector.args
    p = fresh("p")
    return summed(body.xreplace({i: p}) * WEIGHT[layer, p, j], {p: WIDTH[layer + 1]}) + BIAS[layer, j]


def own_rate(layer: Any, vector: Any, j: Any) -> Any:
    """Σ_i v_i Ẇ_ij + ḃ_j: how fast z_j changes by the layer's own weights and biases."""
    (i,), body = vector.args
    p = fresh("p")
    weights = summed(body.xreplace({i: p}) * velocity(WEIGHT)[layer, p, j], {p: WIDTH[layer + 1]})
    return weights + velocity(BIAS)[layer, j]


def passed(layer: Any, vector: Any) -> Lambda:
    """The vector that leaves a layer."""
    return vector_of(lambda j: layer_activation(layer, pre_activation(layer, vector, j)))


def cotangent(level: Any, vector: Any, i: Any) -> Any:
    """δ_L(h)_i g′(z_i): what the last L layers send back to unit i of the layer before them."""
    slope = layer_slope(level + 1, pre_activation(level + 1, vector, i))
    return Delta(level, passed(level + 1, vector), i) * slope
