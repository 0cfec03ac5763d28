"""One layer as the pullback of a cotangent, and backpropagation by induction over depth."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sympy import exp, oo

from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.symbolic import symbolic
from proofs.chapters.limits.derivations.layers import (
    BOOK,
    BY_X,
    SIZES,
    N,
    W,
    b,
    c,
    d,
    j,
    k,
    m,
    n,
    paired,
    says,
    x,
    z,
)
from proofs.engine.derivation import Comparison, Derivation, Induction, Step, Uses, WrongStep, claim
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, array, arrays, g, g1, index, natural, total
from proofs.engine.notation.layers import (
    BIAS,
    TIME,
    WEIGHT,
    WIDTH,
    Delta,
    Drift,
    Gradient,
    Loss,
    Pairing,
    cotangent,
    layer_activation,
    layer_slope,
    own_rate,
    passed,
    pre_activation,
    vector_of,
    velocity,
)

i = index("i")

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
    source=BOOK,
    letters=(
        "x are N rows of inputs, W and b the weights and the biases, g the activation, c the cotangent of the output."
    ),
    ranges={n: N, k: d},
    claims=(
        claim(
            "pullback",
            Partial(paired(lambda r, i: g(z(r, i))), x[n, k]),
            "=",
            LAYER_BY_X,
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
            says(with_sigmoid(LAYER_BY_X), {n: N, k: d}),
            "ffn.network.backward.activation_vjp",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "affine layer", BY_X),
        WrongStep("no slope", "dx of a sigmoid layer", claimed=says(BY_X, {n: N, k: d})),
        WrongStep(
            "slope at the output",
            "chain rule",
            total(lambda r, i: c[r, i] * g1(g(z(r, i))) * Partial(z(r, i), x[n, k]), N, m),
        ),
        WrongStep("slope of another unit", "affine layer", total(lambda i: c[n, i] * g1(z(n, 1)) * W[k, i], m)),
    ),
)


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


# Layers are counted from the end (``engine.notation.layers``); v enters the last L, or L + 1, of them.

L = natural("L")
v, rows = array("v", oo), array("x", N, oo)
ENTERING = vector_of(lambda i: v[i])


def leaving(vector: Any) -> Any:
    """The entries of what leaves layer L + 1."""
    return lambda i: layer_activation(L + 1, pre_activation(L + 1, vector, i))


def slope(vector: Any, i: Any) -> Any:
    return layer_slope(L + 1, pre_activation(L + 1, vector, i))


def chained(after: Any) -> Any:
    """Σ_i (what comes back to unit i) g′(z_i) W_ji."""
    hidden = passed(L + 1, ENTERING)
    return total(lambda i: after(L, hidden, i) * slope(ENTERING, i) * WEIGHT[L + 1, j, i], WIDTH[L + 1])


def row(r: Any) -> Any:
    return vector_of(lambda i: rows[r, i])


def moving(vector: Any, rate: Any, i: Any) -> Any:
    """ḣ_i: how fast what leaves layer L + 1 changes, where what enters it does so at ``rate``."""
    before = total(lambda k: rate(k) * WEIGHT[L + 1, k, i], WIDTH[L + 2])
    return slope(vector, i) * (before + own_rate(L + 1, vector, i))


def entering_rate(k: Any) -> Any:
    return velocity(v)[k]


def paired_with_rates(level: Any, back: Any, vector: Any, rate: Any, own: Any) -> Any:
    """Σ_i (what comes back to entry i) (how fast it changes) + what the parameters do."""
    return total(lambda i: back(level, vector, i) * rate(i), WIDTH[level + 1]) + own(level, vector)


HIDDEN = passed(L + 1, ENTERING)
HIDDEN_RATE = partial(moving, ENTERING, entering_rate)
ALL_AT_ONCE = claim(
    "inputs, weights and biases at once",
    Partial(Loss(L, ENTERING), TIME),
    "=",
    paired_with_rates(L, Delta, ENTERING, entering_rate, Pairing),
    proof=Induction(
        L,
        base=(
            Step(
                "no layer",
                paired_with_rates(0, Delta, ENTERING, entering_rate, Pairing),
                "chain rule; δ_0 is the loss's gradient, and there is nothing else that moves",
            ),
        ),
        step=(
            Step(
                "chain rule of a layer",
                paired_with_rates(L, Gradient, HIDDEN, HIDDEN_RATE, Drift),
                "what leaves the first of the layers moves, and so do the layers after it",
            ),
            Step(
                "the hypothesis of all",
                paired_with_rates(L, Delta, HIDDEN, HIDDEN_RATE, Pairing),
                "for the L layers after it, at what enters them and as that moves",
                uses=Uses(at={v: leaving(ENTERING), velocity(v): HIDDEN_RATE}),
            ),
            Step(
                "sorted",
                paired_with_rates(L + 1, Delta, ENTERING, entering_rate, Pairing),
                "what stands at v̇ is δ, what stands at Ẇ and ḃ belongs to P",
            ),
        ),
        start=0,
    ),
)

DELTA = claim(
    "δ is the gradient",
    Partial(Loss(L, ENTERING), v[j]),
    "=",
    Delta(L, ENTERING, j),
    proof=Induction(
        L,
        base=(Step("the loss itself", Delta(0, ENTERING, j), "δ_0 is its gradient"),),
        step=(
            Step("chain rule", chained(Gradient), "through the entries of what leaves the first of the layers"),
            Step(
                "the hypothesis",
                chained(Delta),
                "for the L layers after it, at what enters them",
                uses=Uses(
                    at={v: leaving(ENTERING), j: i},
                    weight=slope(ENTERING, i) * WEIGHT[L + 1, j, i],
                    over={i: WIDTH[L + 1]},
                ),
            ),
            Step("pulled back", Delta(L + 1, ENTERING, j), "what δ is"),
        ),
        start=0,
    ),
)
LEFT = Gradient(L, passed(L + 1, ENTERING), j) * slope(ENTERING, j)
backpropagation = Derivation(
    name="backpropagation",
    source="Rumelhart, Hinton & Williams 1986; " + BOOK,
    names={
        array("a", oo)[i]: total(lambda p: WEIGHT[L + 1, p, i] * v[p], WIDTH[L + 2]),
        array("a", N, oo)[n, i]: total(lambda p: WEIGHT[L + 1, p, i] * rows[n, p], WIDTH[L + 2]),
    },
    ranges={k: WIDTH[L + 2], j: WIDTH[L + 1]},
    claims=(
        ALL_AT_ONCE,
        DELTA,
        claim(
            "weights",
            Partial(Loss(L + 1, ENTERING), WEIGHT[L + 1, k, j]),
            "=",
            v[k] * cotangent(L, ENTERING, j),
            Step("one unit has this weight", v[k] * LEFT, "chain rule; the layers after it do not have it"),
            Step(
                "δ for its gradient",
                v[k] * cotangent(L, ENTERING, j),
                "δ is the gradient",
                uses=Uses(DELTA, {v: leaving(ENTERING)}, v[k] * slope(ENTERING, j)),
            ),
        ),
        claim(
            "biases",
            Partial(Loss(L + 1, ENTERING), BIAS[L + 1, j]),
            "=",
            cotangent(L, ENTERING, j),
            Step("one unit has this bias", LEFT, "chain rule"),
            Step(
                "δ again",
                cotangent(L, ENTERING, j),
                "δ is the gradient",
                uses=Uses(DELTA, {v: leaving(ENTERING)}, slope(ENTERING, j)),
            ),
        ),
        claim(
            "weights, of a batch",
            Partial(total(lambda r: Loss(L + 1, row(r)), N), WEIGHT[L + 1, k, j]),
            "=",
            total(lambda r: rows[r, k] * cotangent(L, row(r), j), N),
            Step(
                "row by row",
                total(lambda r: rows[r, k] * Gradient(L, passed(L + 1, row(r)), j) * slope(row(r), j), N),
                "the derivative of a sum",
            ),
            Step(
                "δ in every row",
                total(lambda r: rows[r, k] * cotangent(L, row(r), j), N),
                "δ is the gradient",
                uses=Uses(DELTA, {v: leaving(row(n))}, rows[n, k] * slope(row(n), j), {n: N}),
            ),
        ),
    ),
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
        WrongStep(
            "slope forgotten",
            "the hypothesis",
            total(lambda i: Delta(L, passed(L + 1, ENTERING), i) * WEIGHT[L + 1, j, i], WIDTH[L + 1]),
        ),
        WrongStep(
            "parameters of the first layer forgotten",
            "sorted",
            paired_with_rates(L + 1, Delta, ENTERING, entering_rate, lambda level, _: Pairing(L, HIDDEN)),
        ),
        WrongStep(
            "the layers after it stand still",
            "chain rule of a layer",
            paired_with_rates(L, Gradient, HIDDEN, HIDDEN_RATE, lambda *_: 0),
        ),
        WrongStep("a loss with parameters", "no layer", paired_with_rates(0, Delta, ENTERING, entering_rate, Loss)),
        WrongStep("δ of the layer before", "pulled back", Delta(L, ENTERING, j)),
        WrongStep("δ of a layer too many", "pulled back", Delta(L + 2, ENTERING, j)),
        WrongStep("input forgotten", "δ for its gradient", cotangent(L, ENTERING, j)),
        WrongStep("first row alone", "δ in every row", rows[1, k] * cotangent(L, row(1), j)),
        WrongStep("slope twice", "gradient at depth 1 to 3", claimed=lambda case: by_recurrence(case, wrong=2)),
    ),
)
