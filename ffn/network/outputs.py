"""Output distributions: the negative log-likelihood of the affine output z (N, units), and its gradient.

Each is written as a kernel, the part that depends on z, plus a constant that does not, so that the kernels of gaussian
and laplace run on fractions. Both are per example and target; categorical, whose units are one variable, is per
example. A target takes one unit, or several where the variance is learned too (``LEARNED_VARIANCE``).

A learned variance v is given by its logarithm s = log v: so v = eˢ > 0 whatever the last layer returns.

Source: Goodfellow, Bengio & Courville 2016, section 6.2.2; the constants from the densities; heteroscedastic: Nix &
Weigend 1994; mixture: Bishop 1994.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from ffn.network.activations import sigmoid, softplus
from ffn.network.description import Output
from ffn.numbers.namespace import Array, Namespace, quotient


@dataclass(frozen=True)
class OutputDistribution:
    """An output distribution.

    Attributes:
        kernel: (xp, z, y) → the part of the NLL that depends on z.
        constant: (xp, y) → the rest of it.
        other_sums: (xp, z, y) → the NLL with its terms added in another usual order.
        not_negative: whether the NLL is never negative, nor any algorithm's: so neither are sums and shares of it.
        gradient: (xp, z, y) → ∂NLL/∂z, (N, units): mean minus statistic in the exponential families; a subgradient for
            laplace.
        mean: (xp, z) → E[y] (for categorical the probabilities), where the distribution has a smooth mean map.
        integer_targets: whether y is (N,) class indices rather than (N, targets) numbers.
        domain: the targets allowed, in words.
        is_target: whether a number is in the domain; for class indices, of a number of units.
    """

    name: str
    kernel: Callable[[Namespace, Array, Any], Array]
    constant: Callable[[Namespace, Any], Array]
    gradient: Callable[[Namespace, Array, Any], Array]
    mean: Callable[[Namespace, Array], Array]
    domain: str
    is_target: Callable[[Any, int], Any]
    integer_targets: bool = False
    other_sums: tuple[Callable[[Namespace, Array, Any], Array], ...] = ()
    not_negative: bool = False

    @property
    def has_constant(self) -> bool:
        return self.constant is not _zero


def log_sum_exp(xp: Namespace, z: Array) -> Array:
    """log Σⱼ exp zⱼ of each row, shifted by its maximum so that nothing overflows (Blanchard, Higham & Higham 2021)."""
    m = xp.detached_max(z)
    return m[:, 0] + xp.log(xp.exp(z - m).sum(axis=1))


def softmax(xp: Namespace, z: Array) -> Array:
    """exp zᵢ / Σⱼ exp zⱼ of each row, shifted likewise."""
    e = xp.exp(z - xp.detached_max(z))
    return quotient(xp, e, e.sum(axis=1).reshape(-1, 1))


def probabilities(xp: Namespace, z: Array) -> Array:
    """softmax; libraries also take exp((z − m) − log Σexp(z − m)), whose error grows with the logits' distances.

    Each divides what is at most 1 by a sum that is at least 1, or has the exponential of what is not positive.
    """
    return xp.within(xp.either(softmax(xp, z), lambda: xp.exp(_shifted_log_softmax(xp, z))), "0", "1")


def log_probabilities(xp: Namespace, z: Array) -> Array:
    """log softmax; libraries also take z − log Σexp(z), whose error grows with |z|."""
    logs = xp.either(_shifted_log_softmax(xp, z), lambda: _log_softmax(xp, z))
    return -xp.within(-logs, "0")  # log Σexp(z) is rounded from no less than m, and so to no less


def _zero(xp: Namespace, y: Any) -> Array:
    return xp.constant("0")


def _half_log_two_pi(xp: Namespace, y: Any) -> Array:
    return xp.log(2 * xp.constant("pi")) / 2


def _squared_error(xp: Namespace, z: Array, y: Array) -> Array:
    return xp.within((y - z) * (y - z) / 2, "0")


def _gaussian_gradient(xp: Namespace, z: Array, y: Array) -> Array:
    """z − y; a differentiated square takes it as ½ · 2(z − y), which overflows first."""
    return xp.either(z - y, lambda: 2 * (z - y) / 2)


def _absolute_error(xp: Namespace, z: Array, y: Array) -> Array:
    return xp.maximum(z - y, y - z)


def _bernoulli_kernel(xp: Namespace, z: Array, y: Array) -> Array:
    """softplus(z) − yz; for y = 1 libraries also take softplus(−z), equal and more accurate, or both in proportion.

    As y is at most 1, and softplus(z) rounded from no less than z, none is negative.
    """
    nll = xp.either(
        softplus(xp, z) - y * z,
        lambda: softplus(xp, -z) + (1 - y) * z,
        lambda: y * softplus(xp, -z) + (1 - y) * softplus(xp, z),
    )
    return xp.within(nll, "0")


def _bernoulli_gradient(xp: Namespace, z: Array, y: Array) -> Array:
    """σ(z) − y, also as (1 − y)σ(z) − yσ(−z)."""
    return xp.either(sigmoid(xp, z) - y, lambda: (1 - y) * sigmoid(xp, z) - y * sigmoid(xp, -z))


def _categorical_kernel(xp: Namespace, z: Array, y: Any) -> Array:
    """log Σexp(z) − z_y, off by u|z| also where the loss is small; libraries also take log Σexp(z − m) − (z_y − m).

    Neither is negative: log Σexp(z) is rounded from no less than z_y, and z_y − m is at most 0.
    """
    rows = np.arange(z.shape[0])

    def shifted_first() -> Array:
        shifted = z - xp.detached_max(z)
        return xp.log(xp.exp(shifted).sum(axis=1)) - shifted[rows, y]

    return xp.within(xp.either(log_sum_exp(xp, z) - z[rows, y], shifted_first), "0")


def _categorical_gradient(xp: Namespace, z: Array, y: Any) -> Array:
    """p − onehot(y)."""
    return probabilities(xp, z) - np.eye(z.shape[1], dtype=np.int8)[y]


def _standardised_square(xp: Namespace, r: Array, s: Array) -> Array:
    """r²e⁻ˢ, as the square of re^(−s/2), which overflows last; libraries also divide r² by the variance v = eˢ."""
    t = r * xp.exp(-s / 2)
    square = xp.either(t * t, lambda: r * r * xp.exp(-s), lambda: quotient(xp, r * r, xp.exp(s)))
    return xp.within(square, "0")


def _log_variance_slope(xp: Namespace, r: Array, s: Array) -> Array:
    """½(1 − r²e⁻ˢ); a differentiated division by v takes r²e⁻ˢ as (r²/v²) v, which overflows first.

    Where log v is differentiated as well it is (1/v − r²/v²) v: of any v the first term is 1, rounded twice.
    """

    def through_variance() -> Array:
        v = xp.exp(s)
        return r * r / v / v * v

    square = xp.either(_standardised_square(xp, r, s), through_variance)
    return xp.either(1 - square, lambda: 1 / xp.constant("3") * 3 - square) / 2


def _weighted_residual(xp: Namespace, r: Array, s: Array) -> Array:
    """re⁻ˢ, the slope of ½r²e⁻ˢ, by the same ways."""
    root = xp.exp(-s / 2)
    return xp.either(r * root * root, lambda: r * xp.exp(-s), lambda: quotient(xp, r, xp.exp(s)))


def _log_variance(xp: Namespace, s: Array) -> Array:
    """s; a library that is handed the variance takes log eˢ, or half of it as log √v."""
    return xp.either(s, lambda: xp.log(xp.exp(s)), lambda: 2 * xp.log(xp.exp(s / 2)))


def _variance_kernel(xp: Namespace, r: Array, s: Array) -> Array:
    """½(r²e⁻ˢ + s)."""
    return (_standardised_square(xp, r, s) + _log_variance(xp, s)) / 2


def _heteroscedastic_kernel(xp: Namespace, z: Array, y: Array) -> Array:
    mean, s = _blocks(z, 2)
    return _variance_kernel(xp, mean - y, s)


def _heteroscedastic_gradient(xp: Namespace, z: Array, y: Array) -> Array:
    """∂μ = (μ − y)e⁻ˢ and ∂s = ½(1 − (μ − y)²e⁻ˢ), side by side as μ and s are."""
    mean, s = _blocks(z, 2)
    return xp.concatenate([_weighted_residual(xp, mean - y, s), _log_variance_slope(xp, mean - y, s)])


def _blocks(z: Array, count: int) -> list[Array]:
    """The columns of z in ``count`` blocks of equal width."""
    width = z.shape[1] // count
    return [z[:, i * width : (i + 1) * width] for i in range(count)]


def _mixture_kernel(components: int, xp: Namespace, z: Array, y: Array) -> Array:
    """log Σₖ exp(aₖ) − log Σₖ exp(aₖ + ℓₖ), ℓₖ the log-density of a component; in logs, so that a target far from
    every mean costs its distance and not log 0."""
    a, mean, s = (block.reshape(-1, components) for block in _blocks(z, 3))
    log_density = -_variance_kernel(xp, mean - y.reshape(-1, 1), s)

    def of_log_weights() -> Array:
        return -log_sum_exp(xp, _log_softmax(xp, a) + log_density)

    nll = xp.either(log_sum_exp(xp, a) - log_sum_exp(xp, a + log_density), of_log_weights)
    return nll.reshape(*y.shape)


def _mixture_gradient(components: int, xp: Namespace, z: Array, y: Array) -> Array:
    """∂a = π − γ, ∂μ = γ(μ − y)e⁻ˢ and ∂s = ½γ(1 − (μ − y)²e⁻ˢ), for the weights π = softmax(a) and the
    responsibilities γ = softmax(a + ℓ), the posterior probabilities of the components (Bishop 1994, section 3).
    """
    a, mean, s = (block.reshape(-1, components) for block in _blocks(z, 3))
    r = mean - y.reshape(-1, 1)
    log_density = -_variance_kernel(xp, r, s)
    gamma = xp.either(probabilities(xp, a + log_density), lambda: probabilities(xp, _log_softmax(xp, a) + log_density))
    pi = probabilities(xp, a)
    # Differentiated through the logarithm of the weights, π comes times Σγ, which is 1 up to the rounding of γ.
    da = xp.either(pi - gamma, lambda: pi * gamma.sum(axis=1).reshape(-1, 1) - gamma)
    # γ comes before the square: where γ underflows to 0 the square may overflow, and 0·∞ is no number.
    root = xp.exp(-s / 2)
    t = r * root
    d_mean = xp.either(gamma * t * root, lambda: gamma * _weighted_residual(xp, r, s))
    ds = xp.either((gamma - gamma * t * t) / 2, lambda: gamma * _log_variance_slope(xp, r, s))
    parts = [da, d_mean, ds]
    return xp.concatenate([part.reshape(z.shape[0], z.shape[1] // 3) for part in parts])


def _mixture_mean(components: int, xp: Namespace, z: Array) -> Array:
    """Σₖ πₖ μₖ of each target."""
    a, mean, _ = (block.reshape(-1, components) for block in _blocks(z, 3))
    return (probabilities(xp, a) * mean).sum(axis=1).reshape(z.shape[0], z.shape[1] // (3 * components))


def _log_softmax(xp: Namespace, z: Array) -> Array:
    return z - log_sum_exp(xp, z).reshape(-1, 1)


def _shifted_log_softmax(xp: Namespace, z: Array) -> Array:
    """(z − m) − log Σexp(z − m) of each row, m its maximum."""
    shifted = z - xp.detached_max(z)
    return shifted - xp.log(xp.exp(shifted).sum(axis=1)).reshape(-1, 1)


def _any(y: Any, units: int) -> Any:
    return np.isfinite(y)


def _counts(y: Any, units: int) -> Any:
    return np.isfinite(y) & (y >= 0)


def _unit_interval(y: Any, units: int) -> Any:
    return (y >= 0) & (y <= 1)


def _classes(y: Any, units: int) -> Any:
    return (y >= 0) & (y < units)


_DISTRIBUTIONS = {
    distribution.name: distribution
    for distribution in (
        OutputDistribution(
            name="gaussian",  # ½(y − z)² + ½ log 2π
            kernel=_squared_error,
            constant=_half_log_two_pi,
            gradient=_gaussian_gradient,
            mean=lambda xp, z: z,
            domain="finite numbers",
            is_target=_any,
        ),
        OutputDistribution(
            name="laplace",  # |y − z| + log 2
            kernel=_absolute_error,
            constant=lambda xp, y: xp.log(xp.constant("2")),
            gradient=lambda xp, z, y: xp.select(z - y, 1, -1),
            mean=lambda xp, z: z,
            domain="finite numbers",
            is_target=_any,
        ),
        OutputDistribution(
            name="bernoulli",  # softplus(z) − yz
            kernel=_bernoulli_kernel,
            constant=_zero,
            gradient=_bernoulli_gradient,
            mean=sigmoid,
            domain="numbers from 0 to 1",
            is_target=_unit_interval,
            not_negative=True,
        ),
        OutputDistribution(
            name="categorical",  # log Σexp(z) − z_y
            kernel=_categorical_kernel,
            constant=_zero,
            gradient=_categorical_gradient,
            mean=probabilities,
            domain="class indices from 0 to units − 1",
            is_target=_classes,
            integer_targets=True,
            not_negative=True,
        ),
        OutputDistribution(
            name="poisson",  # exp(z) − yz + log Γ(y + 1)
            kernel=lambda xp, z, y: xp.exp(z) - y * z,
            constant=lambda xp, y: xp.lgamma(y + 1),
            gradient=lambda xp, z, y: xp.exp(z) - y,
            mean=lambda xp, z: xp.exp(z),
            domain="finite numbers from 0 up",
            is_target=_counts,
            other_sums=(lambda xp, z, y: xp.exp(z) - (y * z - xp.lgamma(y + 1)),),
        ),
        OutputDistribution(
            name="heteroscedastic",  # ½((y − μ)²e⁻ˢ + s) + ½ log 2π
            kernel=_heteroscedastic_kernel,
            constant=_half_log_two_pi,
            gradient=_heteroscedastic_gradient,
            mean=lambda xp, z: _blocks(z, 2)[0],
            domain="finite numbers",
            is_target=_any,
        ),
    )
}


@cache
def _mixture(components: int) -> OutputDistribution:
    return OutputDistribution(
        name="mixture",  # log Σexp(a) − log Σexp(a − ½((y − μ)²e⁻ˢ + s)) + ½ log 2π
        kernel=partial(_mixture_kernel, components),
        constant=_half_log_two_pi,
        gradient=partial(_mixture_gradient, components),
        mean=partial(_mixture_mean, components),
        domain="finite numbers",
        is_target=_any,
    )


def distribution_of(output: Output) -> OutputDistribution:
    """The distribution that an output names."""
    return _DISTRIBUTIONS[output.name] if output.components is None else _mixture(output.components)


def as_targets(xp: Namespace, output: Output, y: Any) -> Any:
    """The targets as numbers of the number system; class indices stay integers."""
    return np.asarray(y) if distribution_of(output).integer_targets else xp.asarray(y)


def check_targets(output: Output, units: int, y: Any, rows: int) -> None:
    """Raise ValueError where the targets do not have the shape, the kind or the domain of the distribution."""
    distribution = distribution_of(output)
    shape = (rows,) if distribution.integer_targets else (rows, units // output.units_per_target)
    y = np.asarray(y)
    if y.shape != shape:
        raise ValueError(f"targets of {output.name} have shape {shape}, not {y.shape}")
    if distribution.integer_targets and not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"targets of {output.name} are integers, not {y.dtype}")
    if y.dtype != object and not np.all(distribution.is_target(y, units)):
        raise ValueError(f"targets of {output.name} are {distribution.domain}")
