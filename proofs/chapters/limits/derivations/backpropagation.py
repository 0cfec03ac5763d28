"""One layer as the pullback of a cotangent, and backpropagation by induction over depth."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import exp

from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.symbolic import symbolic
from proofs.chapters.limits.derivations.layers import (
    BOOK,
    BY_X,
    COTANGENT,
    SHAPES,
    SIZES,
    N,
    claim,
    d,
    j,
    k,
    m,
    n,
    paired,
    z,
)
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, arrays, dimension, f, f1, g, g1, total

q = dimension("q")
A, W, b, c, h, u, x = arrays("A W b c h u x")

LAYER_BY_X = total(lambda i: c[n, i] * g1(z(n, i)) * W[k, i], m)


def with_sigmoid(expr: Any) -> Any:
    """The formula for σ in place of an arbitrary g."""
    return expr.replace(g1, lambda t: exp(t) / (1 + exp(t)) ** 2).replace(g, lambda t: exp(t) / (1 + exp(t)))


def shipped_layer(case: tuple[int, ...]) -> Any:
    """dx of a sigmoid layer, by the code on symbols."""
    rows, width, units = case
    weights, layer = entries(W, width, units), Hidden(units, "sigmoid")
    pre = forward.affine(symbolic, entries(x, rows, width), weights, entries(b, units))
    step = forward.LayerTrace(entries(x, rows, width), pre, forward.activate(symbolic, layer, pre))
    dz = backward.pre_activation_vjp(symbolic, layer, step, entries(c, rows, units))
    return backward.affine_input_vjp(symbolic, weights, dz)


layer = Derivation(
    name="one layer, the pullback of a cotangent",
    statement="For h = g(xW + b) with the cotangent c, ∂loss/∂x = (c ⊙ g′(z)) Wᵀ: the layer pulls c back.",
    hypotheses=(SHAPES, COTANGENT, "g is differentiable at each z"),
    source=BOOK,
    ranges={n: N, k: d},
    chains=(
        chain(
            "pullback",
            Partial(paired(lambda r, i: g(z(r, i))), x[n, k]),
            Step(
                "chain rule",
                total(lambda r, i: c[r, i] * g1(z(r, i)) * Partial(z(r, i), x[n, k]), N, m),
                "g acts on each entry alone, so its Jacobian is diagonal",
            ),
            Step("affine layer", LAYER_BY_X, "the gradient of z by the input"),
        ),
    ),
    ties=(
        Comparison(
            "dx of a sigmoid layer",
            SIZES,
            shipped_layer,
            claim(with_sigmoid(LAYER_BY_X), {n: N, k: d}),
            "ffn.network.backward.activation_vjp",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "affine layer", BY_X),
        WrongStep("no slope", "dx of a sigmoid layer", claimed=claim(BY_X, {n: N, k: d})),
        WrongStep(
            "slope at the output",
            "chain rule",
            total(lambda r, i: c[r, i] * g1(g(z(r, i))) * Partial(z(r, i), x[n, k]), N, m),
        ),
        WrongStep("slope of another unit", "affine layer", total(lambda i: c[n, i] * g1(z(n, 1)) * W[k, i], m)),
    ),
)


def hidden(i: Any) -> Any:
    """One example's hidden layer."""
    return g(total(lambda p: h[p] * W[p, i], d) + b[i])


def tail(values: Any) -> Any:
    """The layers after ``values``: any function of the form Σ_s f(Σ_i A_si values_i)."""
    return total(lambda s: f(total(lambda i: A[s, i] * values(i), m)), q)


def delta(values: Any, i: Any) -> Any:
    """Its gradient by values_i."""
    return total(lambda s: A[s, i] * f1(total(lambda t: A[s, t] * values(t), m)), q)


PULLED = total(lambda i: delta(hidden, i) * g1(total(lambda p: h[p] * W[p, i], d) + b[i]) * W[k, i], m)


def network_of(case: tuple[int, ...]) -> tuple[Network, Any, Any, Any]:
    """A sigmoid network of these widths, with its parameters, input and target as symbols."""
    first, *hidden_widths, last = case
    network = Network(first, last, Output("gaussian"), tuple(Hidden(w, "sigmoid") for w in hidden_widths))
    parameters = tuple(
        (entries(arrays(f"W{depth}")[0], *shape), entries(arrays(f"b{depth}")[0], *shape[1:]))
        for depth, (shape, _) in enumerate(network.shapes)
    )
    return network, parameters, entries(x, 1, first), entries(arrays("y")[0], 1, last)


def shipped_gradient(case: tuple[int, ...]) -> Any:
    network, parameters, rows, targets = network_of(case)
    return _flat(backward.gradient(symbolic, network, parameters, rows, targets))


def by_recurrence(case: tuple[int, ...], wrong: int = 1) -> Any:
    """The gradient of every parameter as the derivation has it: δ from layer to layer, then xᵀδ and δ."""
    network, parameters, rows, targets = network_of(case)
    inputs, slopes, values = [], [], rows
    for depth, (weights, bias) in enumerate(parameters):
        inputs.append(values)
        pre = values @ weights + bias
        last = depth == len(network.hidden)
        slopes.append(None if last else np.vectorize(lambda t: exp(t) / (1 + exp(t)) ** 2, otypes=[object])(pre))
        values = pre if last else np.vectorize(lambda t: exp(t) / (1 + exp(t)), otypes=[object])(pre)
    cotangent, gradients = values - targets, []
    for (weights, _), before, slope in reversed(list(zip(parameters, inputs, slopes, strict=True))):
        pulled = cotangent if slope is None else cotangent * slope**wrong
        gradients.append((before.T @ pulled, pulled.sum(axis=0)))
        cotangent = pulled @ weights.T
    return _flat(reversed(gradients))


def _flat(gradients: Any) -> Any:
    return np.concatenate([part.ravel() for pair in gradients for part in pair])


backpropagation = Derivation(
    name="backpropagation",
    statement="For a network of any depth, δ of a layer's input is (δ of its output ⊙ g′(z)) Wᵀ, and the gradients of "
    "its parameters are xᵀ(δ ⊙ g′(z)) and Σ δ ⊙ g′(z).",
    hypotheses=("the activations are differentiable where they are evaluated",),
    source="Rumelhart, Hinton & Williams 1986; " + BOOK,
    ranges={k: d, j: m},
    chains=(
        chain(
            "base: the last layers, as a function of their input",
            Partial(tail(lambda i: u[i]), u[j]),
            Step("gradient of the tail", delta(lambda i: u[i], j), "chain rule in each term; call this δ_j"),
        ),
        chain(
            "step: one more layer before them",
            Partial(tail(hidden), h[k]),
            Step(
                "δ pulled back",
                PULLED,
                "the pullback of one layer, with the cotangent that the tail has at this layer's output",
            ),
        ),
        chain(
            "step: the layer's weights",
            Partial(tail(hidden), W[k, j]),
            Step(
                "weights from δ",
                h[k] * delta(hidden, j) * g1(total(lambda p: h[p] * W[p, j], d) + b[j]),
                "the affine layer's gradient by W, with that cotangent",
            ),
        ),
    ),
    conclusion="By induction over depth: a tail with one more layer before it is again a function of its input whose "
    "gradient is known. What comes later enters through δ alone, so that one tail of this form stands for all.",
    ties=(
        Comparison(
            "gradient at depth 1 to 3",
            ((2, 1), (2, 2, 1), (1, 2, 1, 2)),
            shipped_gradient,
            by_recurrence,
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "δ pulled back", total(lambda i: delta(hidden, i) * W[k, i], m)),
        WrongStep("δ before the layer", "δ pulled back", total(lambda i: delta(lambda t: u[t], i) * W[k, i], m)),
        WrongStep("slope at the bias", "weights from δ", h[k] * delta(hidden, j) * g1(b[j])),
        WrongStep("inner derivative forgotten", "gradient of the tail", total(lambda s: f1(A[s, j] * u[j]), q)),
        WrongStep("slope twice", "gradient at depth 1 to 3", claimed=lambda case: by_recurrence(case, wrong=2)),
    ),
)
