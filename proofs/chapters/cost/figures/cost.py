"""Figures of the claims on the cost, C32 to C37."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.constructions.training import step
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import negative_log_likelihood
from ffn.network.outputs import distribution_of
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN
from proofs.chapters.figure import FAINT, FIFTH, FIRST, FOURTH, INK, SECOND, THIRD, figure_of


def nll(name: str, z: Any, y: Any) -> Any:
    """The shipped NLL of rows of z, all with the target y."""
    z = np.asarray(z, float).reshape(len(z), -1)
    network = Network(inputs=1, units=z.shape[1], output=Output(name))
    targets = np.full(len(z), y) if name == "categorical" else np.full((len(z), 1), float(y))
    return np.asarray(negative_log_likelihood(FLOATS, network, z, targets)).reshape(len(z))


def gradient(name: str, z: Any, y: float) -> Any:
    """Its gradient by z, for outputs of one unit."""
    z = np.asarray(z, float).reshape(-1, 1)
    return np.asarray(distribution_of(Output(name)).gradient(FLOATS, z, np.full_like(z, y)))[:, 0]


@figure_of("C32", 2)
def entropy_and_divergence(left: Axes, right: Axes) -> None:
    counts = np.array([6, 3, 1])
    shares = counts / counts.sum()
    models = {"even": [1, 1, 1], "near": [5, 3, 2], "data": counts.tolist(), "wrong": [1, 3, 6]}
    classes = np.arange(3)
    left.bar(classes - 0.3, shares, 0.18, color=FIRST, label="data")
    styles = (("even", SECOND, "\\\\"), ("near", THIRD, "//"), ("wrong", FOURTH, ".."))
    for offset, (name, colour, hatch) in zip((-0.1, 0.1, 0.3), styles, strict=True):
        p = np.array(models[name]) / np.sum(models[name])
        left.bar(classes + offset, p, 0.18, color=colour, alpha=0.6, hatch=hatch, label=f"model '{name}'")
    left.set(xticks=classes, xlabel="class", title="shares and probabilities", ylim=(0, 1.05))
    left.legend(fontsize="small")
    labels = np.repeat(classes, counts)
    entropy = float(-(shares * np.log(shares)).sum())
    for place, weights in enumerate(models.values()):
        logits = np.log(np.tile(weights, (len(labels), 1)))
        mean = np.mean([nll("categorical", row[None], label)[0] for row, label in zip(logits, labels, strict=True)])
        p = np.array(weights) / np.sum(weights)
        divergence = float((shares * np.log(shares / p)).sum())
        right.bar(place, entropy, 0.6, color=FIRST, alpha=0.5, label=None if place else "entropy of the data")
        right.bar(place, divergence, 0.6, entropy, color=SECOND, hatch="//", label=None if place else "divergence")
        right.plot(place, mean, "o", color=INK, label=None if place else "mean NLL")
    right.set(
        xticks=range(len(models)), xticklabels=models, xlabel="model", title="the cost in two parts", ylim=(0, 2.6)
    )
    right.legend(loc="upper left", fontsize="small")


@figure_of("C33", 2)
def densities_and_costs(left: Axes, right: Axes) -> None:
    errors = np.linspace(-3, 3, 241)
    logs = np.log(0.25)
    for name, z, colour, style, label in (
        ("gaussian", errors[:, None], FIRST, "-", "gaussian, v = 1"),
        ("heteroscedastic", np.stack([errors, np.full_like(errors, logs)], axis=1), SECOND, "--", "gaussian, v = 1/4"),
        ("laplace", errors[:, None], THIRD, "-.", "Laplace"),
    ):
        cost = nll(name, z, 0)
        left.plot(errors, np.exp(-cost), color=colour, linestyle=style, label=label)
        right.plot(errors, cost, color=colour, linestyle=style)
    left.set(xlabel="y − z", title="the density", ylim=(0, 1.25))
    left.legend(loc="upper left", fontsize="small")
    right.set(xlabel="y − z", title="its cost, −log p", ylim=(-0.2, 5.2))
    right.grid()


@figure_of("C34", 2)
def convex_or_not(left: Axes, right: Axes) -> None:
    counts = np.array([1, 2, 3, 3, 6])
    z = np.linspace(-0.5, 2.2, 121)
    cost = np.mean([nll("poisson", z, y) for y in counts], axis=0)
    model = distribution_of(Output("poisson")).mean(FLOATS, z)
    best = float(np.log(counts.mean()))
    left.plot(z, cost, color=INK, label="mean NLL, Poisson")
    left.plot(z, model, color=FIRST, linestyle="--", label="mean of the model")
    left.axhline(counts.mean(), color=SECOND, linestyle=":", label="mean of the data")
    left.plot([best], [counts.mean()], "o", color=FIRST)
    left.plot([best], [np.mean([nll("poisson", [best], y) for y in counts])], "o", color=INK)
    left.axvline(best, color=FAINT, linewidth=0.8)
    left.set(xlabel="z", title="least where the means agree", ylim=(0, 13))
    left.legend(loc="upper left", fontsize="small")
    centre = np.linspace(-6, 6, 241)
    zeros = np.zeros_like(centre)
    mixture = nll("mixture", np.stack([zeros, zeros, centre - 3, centre + 3, zeros, zeros], axis=1), 0)
    right.plot(centre, nll("gaussian", centre, 0), color=FIRST, linestyle="--", label="one gaussian")
    right.plot(centre, mixture, color=FOURTH, label="mixture of two, 6 apart")
    ends = np.array([-3.0, 3.0])
    right.plot(ends, np.interp(ends, centre, mixture), "o:", color=INK, label="a chord, below it")
    right.set(xlabel="centre z, target 0", title="a bump of curvature −8", ylim=(0, 14))
    right.legend(loc="upper center", fontsize="small")


@figure_of("C35", 2)
def confident_mistakes(left: Axes, right: Axes) -> None:
    z = np.linspace(-8, 4, 241)
    network = Network(inputs=1, units=1, output=GAUSSIAN, hidden=(Hidden(1, "sigmoid"),))
    one, zero = np.ones((1, 1)), np.zeros(1)
    squared, slopes = [], []
    for value in z:
        parameters = ((np.zeros((1, 1)), np.array([value])), (one, zero))
        out = reference.forward(network, parameters, one)
        squared.append(distribution_of(GAUSSIAN).kernel(FLOATS, out, one).item())
        slopes.append(abs(reference.gradient(network, parameters, one, one)[0][1].item()))
    left.plot(z, nll("bernoulli", z, 1), color=FIRST, label="NLL: log(1 + e⁻ᶻ)")
    left.plot(z, squared, color=FOURTH, linestyle="--", label="½(1 − σ)²")
    left.plot(z, np.maximum(-z, 0), color=FAINT, linestyle=":", label="lead of the wrong class")
    left.set(xlabel="z, right is z > 0", title="cost")
    left.legend(fontsize="small")
    right.plot(z, np.abs(gradient("bernoulli", z, 1)), color=FIRST)
    right.plot(z, slopes, color=FOURTH, linestyle="--")
    right.plot([-np.log(2)], [4 / 27], "o", color=FOURTH)
    right.annotate("4/27, at σ = 1/3", (-np.log(2), 4 / 27), (-7.2, 0.2), fontsize="small")
    right.annotate("squared error: 0", (-7.9, 0.035), fontsize="small")
    right.annotate("NLL: near 1", (-7.9, 0.9), fontsize="small")
    right.set(xlabel="z, right is z > 0", title="size of the gradient")


def descent(weight_decay: float, steps: int) -> list[float]:
    """The weight after each step of size 1 on the separable data (1, 1), (−1, 0)."""
    network = Network(inputs=1, units=1, output=Output("bernoulli"), weight_decay=weight_decay)
    x, y = np.array([[1.0], [-1.0]]), np.array([[1.0], [0.0]])
    parameters: Any = ((np.zeros((1, 1)), np.zeros(1)),)
    path = []
    for _ in range(steps):
        parameters = step(parameters, reference.gradient(network, parameters, x, y), 1.0)
        path.append(parameters[0][0].item())
    return path


@figure_of("C36", 2)
def limits_of_reward(left: Axes, right: Axes) -> None:
    steps = 1000
    t = np.arange(1, steps + 1)
    for decay, colour, style in ((0.0, FOURTH, "-"), (0.01, FIRST, "--"), (0.1, THIRD, "-.")):
        left.semilogx(t, descent(decay, steps), color=colour, linestyle=style, label=f"λ = {decay:g}")
    left.semilogx(t, np.log(t), color=INK, linestyle=":", label="log t")
    left.set(xlabel="step t", title="weight on separable data", ylim=(0, 9))
    left.legend(loc="upper left", fontsize="small")
    v = np.geomspace(1e-3, 10, 241)
    for residual, colour, style in ((1.0, FIRST, "-"), (0.3, SECOND, "--"), (0.1, THIRD, "-."), (0.0, FOURTH, "-")):
        cost = nll("heteroscedastic", np.stack([np.full_like(v, residual), np.log(v)], axis=1), 0)
        right.semilogx(v, cost, color=colour, linestyle=style, label=f"error {residual:g}")
        if residual:
            least = nll("heteroscedastic", np.array([[residual, np.log(residual**2)]]), 0)
            right.plot([residual**2], least, "o", color=colour)
    prior = 0.02
    cost = nll("heteroscedastic", np.stack([np.zeros_like(v), np.log(v)], axis=1), 0) + prior / v
    right.semilogx(v, cost, color=FIFTH, linestyle=":", label=f"error 0, and {prior:g}/v")
    right.plot([2 * prior], [np.interp(2 * prior, v, cost)], "s", color=FIFTH)
    right.set(xlabel="variance v", title="NLL of a learned variance", ylim=(-6.5, 5))
    right.legend(loc="lower right", fontsize="small")


@figure_of("C37", 2)
def costs_and_statistics(left: Axes, right: Axes) -> None:
    ys = np.array([0.0, 1.0, 1.5, 2.0, 8.0])
    c = np.linspace(-0.5, 8.5, 361)
    for name, best, colour, style, label in (
        ("gaussian", ys.mean(), FIRST, "-", "½ squared error: mean"),
        ("laplace", np.median(ys), SECOND, "--", "absolute error: median"),
    ):
        kernel = distribution_of(Output(name)).kernel

        def total(at: Any, kernel: Any = kernel) -> Any:
            return kernel(FLOATS, np.asarray(at)[:, None], ys[None, :]).mean(axis=1)

        left.plot(c, total(c), color=colour, linestyle=style, label=label)
        left.plot([best], total([best]), "o", color=colour)
    left.plot(ys, np.zeros_like(ys), "|", color=INK, markersize=12, label="targets")
    left.set(xlabel="prediction c", title="which statistic is least", ylim=(-0.8, 24))
    left.legend(loc="upper left", fontsize="small")
    z = np.linspace(-3, 4, 241)
    right.plot(z, nll("gaussian", z, 1) - np.log(2 * np.pi) / 2, color=FIRST, label="gaussian: ½(1 − z)²")
    right.plot(z, nll("laplace", z, 1) - np.log(2), color=SECOND, linestyle="--", label="Laplace: |1 − z|")
    right.plot(z, nll("bernoulli", z, 1), color=THIRD, linestyle="-.", label="Bernoulli: log(1 + e⁻ᶻ)")
    three = np.stack([np.zeros_like(z), z, np.zeros_like(z)], axis=1)
    right.plot(z, nll("categorical", three, 1), color=FIFTH, linestyle=":", label="categorical: log(2 + eᶻ) − z")
    right.set(xlabel="z, target 1", title="the cost of each output", ylim=(0, 8.5))
    right.legend(loc="upper right", fontsize="small")
