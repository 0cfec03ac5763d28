"""Bugs in the parts that are offered by name: learned variances, dropout, and a recurrent layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, overwriting, unstable, widening, wrong
from tests.conformance.implementations.bugs.objective import unshifted_softmax
from tests.conformance.implementations.textbook import LOG_TWO_PI, Array, Step, Textbook

# learned variances


def _blocks_swapped(self: Textbook, z: Array, y: Array) -> Array:
    return Textbook.heteroscedastic(self, np.roll(z, z.shape[1] // 2, axis=1), y)


def _log_of_density(self: Textbook, z: Array, y: Array) -> Array:
    mean, s = np.split(z, 2, axis=1)
    density = np.exp(-(y - mean) * (y - mean) * np.exp(-s) / 2) / np.exp(s / 2)
    return z.dtype.type(LOG_TWO_PI / 2) - np.log(density)


def _log_of_densities(self: Textbook, a: Array, log_density: Array) -> Array:
    return -np.log(self.sum((self.softmax(a) * np.exp(log_density)).T))


def _unshifted_responsibilities(self: Textbook, a: Array, log_density: Array) -> Array:
    return unshifted_softmax(self, a + log_density)


def _standard_deviation(self: Textbook, r: Array, s: Array) -> Array:
    """s taken for √v."""
    return (r * r / (s * s) + np.log(s * s)) / 2


def _slope_of_log_deviation(self: Textbook, r: Array, s: Array) -> Any:
    return Textbook.standard_gradient(self, r, 2 * s)


def _whole_slope(self: Textbook, r: Array, s: Array) -> Any:
    d_mean, ds = Textbook.standard_gradient(self, r, s)
    return d_mean, 2 * ds


def _residuals_in_place(self: Textbook, z: Array, y: Array) -> Array:
    mean, s = np.split(z, 2, axis=1)
    y -= mean
    return self.standard(y, s) + z.dtype.type(LOG_TWO_PI / 2)


def _losses_over_targets(self: Textbook, z: Array, y: Array) -> Array:
    y[:] = Textbook.mixture(self, z, y)
    return y


# dropout


def _scaled_up(self: Textbook, x: Array, mask: Array) -> Array:
    """Divided by the share that was kept."""
    share = np.asarray(mask.mean(dtype=np.float64) or 1, dtype=x.dtype)
    return x * mask / share


def _ones_dropped(self: Textbook, x: Array, mask: Array) -> Array:
    return x * (1 - mask)


def _input_kept(self: Textbook, network: Any, parameters: Any, x: Array, masks: Any = None) -> list[Step]:
    masks = masks and (np.ones_like(masks[0]), *masks[1:])
    return Textbook.steps(self, network, parameters, x, masks)


def _masked_before_the_activation(
    self: Textbook, network: Any, parameters: Any, x: Array, masks: Any = None
) -> list[Step]:
    """A dropped unit hands on g(0), which is 0 for most activations."""
    x = x if masks is None else x * masks[0]
    steps = []
    for depth, (layer, (W, b)) in enumerate(zip((*network.hidden, None), parameters, strict=True), 1):
        z = self.affine(x, W.reshape(len(W), -1), b.ravel()).reshape(len(x), *b.shape)
        if masks is not None and layer is not None:
            z = z * masks[depth].reshape(masks[depth].shape + (1,) * (z.ndim - 2))
        steps.append(Step(x, z, z if layer is None else self.activated(layer, z)))
        x = steps[-1].h
    return steps


def _first_row_s_mask(self: Textbook, x: Array, mask: Array) -> Array:
    return x * mask[:1]


def _drawn_anew(self: Textbook, x: Array, mask: Array) -> Array:
    """A mask of its own, in place of the one given."""
    return x * (np.random.default_rng(0).random(mask.shape) < 0.5)


def _dropped_in_place(self: Textbook, x: Array, mask: Array) -> Array:
    x *= mask
    return x


def _masks_used_up(self: Textbook, x: Array, mask: Array) -> Array:
    """Each call turns the mask that it was given to the next one."""
    dropped = x * mask
    mask[:] = np.roll(mask, 1)
    return dropped


def _wide_dropout(self: Textbook, network: Any, parameters: Any, x: Array, y: Array, masks: Any) -> Any:
    gradients = Textbook.dropout_gradient(self, network, parameters, x, y, masks)
    return tuple((dW.astype(np.float64), db) for dW, db in gradients)


# the recurrent layer


def _state_in_place(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Step]:
    states = Textbook.states(self, recurrent, cell, x, h)
    h[:] = states[-1].h
    return states


def _stateful() -> Any:
    """The last state is kept for the next batch."""
    kept: dict[tuple[int, ...], Array] = {}

    def states(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Step]:
        steps = Textbook.states(self, recurrent, cell, x, kept.get(h.shape, h).astype(h.dtype))
        kept[h.shape] = steps[-1].h
        return steps

    return states


def _first_state_ignored(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Step]:
    return Textbook.states(self, recurrent, cell, x, 0 * h)


def _loss_of_every_step(self: Textbook, recurrent: Any, parameters: Any, x: Array, y: Array, h0: Array) -> Array:
    ends = range(1, x.shape[1] + 1)
    losses = [Textbook.recurrent_loss(self, recurrent, parameters, x[:, :end], y, h0) for end in ends]
    return self.sum(np.stack(losses))


def _loss_by_the_step(self: Textbook, recurrent: Any, parameters: Any, x: Array, y: Array, h0: Array) -> Array:
    return Textbook.recurrent_loss(self, recurrent, parameters, x, y, h0) / x.shape[1]


def _first_step_s_bias(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Step]:
    W, U, b = cell
    first = Textbook.states(self, recurrent, cell, x[:, :1], h)
    return [*first, *Textbook.states(self, recurrent, (W, U, 0 * b), x[:, 1:], first[-1].h)]


def _time_reversed(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Step]:
    return Textbook.states(self, recurrent, cell, x[:, ::-1], h)


def _transposed(self: Textbook, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    return Textbook.state(self, x, h, W, U.T, b)


def _tile_of_units(self: Textbook, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    whole = len(U) if len(U) < 16 else len(U) // 16 * 16
    return self.affine(x, W, b) + self.dot(h[:, :whole], U[:whole])


def _tile_of_rows(self: Textbook, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    whole = len(h) if len(h) < 8 else len(h) // 8 * 8
    return self.affine(x, W, b) + self.dot(h * (np.arange(len(h)) < whole)[:, None].astype(h.dtype), U)


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "output/heteroscedastic/loss": (
        wrong("log-variance read as a standard deviation", standard=_standard_deviation),
        wrong("log-variance read as the log of σ", standard=lambda self, r, s: Textbook.standard(self, r, 2 * s)),
        wrong("log-variance not paid for", standard=lambda self, r, s: r * r * np.exp(-s) / 2),
        wrong("log-variances first", heteroscedastic=_blocks_swapped),
        unstable("log of the density", heteroscedastic=_log_of_density),
    ),
    "output/heteroscedastic/gradient": (
        wrong("forgot the half of the log-variance", standard_gradient=_whole_slope),
        wrong("log-variance read as the log of σ", standard_gradient=_slope_of_log_deviation),
        wrong("variance held fixed", standard_gradient=lambda self, r, s: (r * np.exp(-s), 0 * s)),
        wrong(
            "residual not weighted", standard_gradient=lambda self, r, s: (r, Textbook.standard_gradient(self, r, s)[1])
        ),
    ),
    "output/heteroscedastic/extreme loss": (
        wrong(
            "log-variance clamped to ±10", standard=lambda self, r, s: Textbook.standard(self, r, np.clip(s, -10, 10))
        ),
        wrong(
            "log-variance clamped to ±20", standard=lambda self, r, s: Textbook.standard(self, r, np.clip(s, -20, 20))
        ),
    ),
    "output/heteroscedastic/extreme gradient": (
        wrong(
            "log-variance clamped to ±20",
            standard_gradient=lambda self, r, s: Textbook.standard_gradient(self, r, np.clip(s, -20, 20)),
        ),
    ),
    "output/mixture/loss": (
        unstable("log of a sum of densities", weighted=_log_of_densities),
        wrong("weights not normalised", weighted=lambda self, a, log_density: -self.log_sum_exp(a + log_density)),
        wrong(
            "nearest component alone",
            weighted=lambda self, a, log_density: self.log_sum_exp(a) - (a + log_density).max(axis=1),
        ),
        wrong(
            "mean of the components' losses",
            weighted=lambda self, a, log_density: -self.sum((self.softmax(a) * log_density).T),
        ),
    ),
    "output/mixture/gradient": (
        wrong(
            "responsibilities replaced by the weights", responsibilities=lambda self, a, log_density: self.softmax(a)
        ),
        wrong(
            "responsibilities without the weights",
            responsibilities=lambda self, a, log_density: self.softmax(log_density),
        ),
        wrong("forgot the half of the log-variance", standard_gradient=_whole_slope),
        wrong("sign of γ − π", weights_gradient=lambda self, a, gamma: gamma - self.softmax(a)),
        unstable("unshifted responsibilities: 0/0", responsibilities=_unshifted_responsibilities),
    ),
    "dropout/output": (
        wrong("inputs never dropped", steps=_input_kept),
        wrong("masked before the activation", steps=_masked_before_the_activation),
        wrong("scaled up by 1/q", dropped=_scaled_up),
        wrong("1 means dropped", dropped=_ones_dropped),
        wrong("one mask for all rows", dropped=_first_row_s_mask),
    ),
    "dropout/loss": (
        wrong("scaled up by 1/q", dropped=_scaled_up),
        wrong("1 means dropped", dropped=_ones_dropped),
        wrong("inputs never dropped", steps=_input_kept),
        wrong("weight decay forgotten", penalty=lambda self, *given: 0),
    ),
    "dropout/gradient": (
        wrong("weight decay forgotten", weight_gradient=lambda self, network, W, x, dz: self.dot(x.T, dz)),
        wrong("mask not applied in the backward pass", dropped_cotangent=lambda self, dx, mask: dx),
        wrong("scaled up by 1/q in the backward pass", dropped_cotangent=_scaled_up),
        wrong("one mask for all rows in the backward pass", dropped_cotangent=_first_row_s_mask),
    ),
    "dropout/mask of ones": (
        wrong("scaled up for q = ½", dropped=lambda self, x, mask: 2 * x * mask),
        wrong("1 means dropped", dropped=_ones_dropped),
        wrong("masks drawn anew", dropped=_drawn_anew),
    ),
    "purity/heteroscedastic": (wrong("residuals in place of the targets", heteroscedastic=_residuals_in_place),),
    "purity/mixture": (wrong("losses in place of the targets", mixture=_losses_over_targets),),
    "purity/dropout": (
        wrong("inputs dropped in place", dropped=_dropped_in_place),
        wrong("masks used up", dropped=_masks_used_up),
        wrong("targets overwritten by the loss", dropout_loss=overwriting("dropout_loss", 3)),
        wrong("float64 weight gradient", dropout_gradient=_wide_dropout),
    ),
    "purity/recurrent": (
        wrong("h₀ overwritten", states=_state_in_place),
        wrong("state kept from call to call", states=_stateful()),
        wrong("targets overwritten by the loss", recurrent_loss=overwriting("recurrent_loss", 3)),
        wrong("float64 returned", recurrent_forward=widening("recurrent_forward")),
    ),
    "recurrent/output": (
        wrong("h₀ ignored", states=_first_state_ignored),
        wrong("U transposed, which is square", state=_transposed),
        wrong("bias at the first step alone", states=_first_step_s_bias),
        wrong("units beyond a tile of 16 forget the state", state=_tile_of_units),
        wrong("rows beyond a tile of 8 forget the state", state=_tile_of_rows),
        wrong("sequence read from its end", states=_time_reversed),
    ),
    "recurrent/loss": (
        wrong("h₀ ignored", states=_first_state_ignored),
        wrong("added up over the steps", recurrent_loss=_loss_of_every_step),
        wrong("mean taken over the steps too", recurrent_loss=_loss_by_the_step),
    ),
    "recurrent/gradient": (
        wrong(
            "slope 0.01 whatever the layer's",
            leaky_relu_slope=lambda self, z, h, a=0.01: Textbook.leaky_relu_slope(self, z, h),
        ),
        wrong("truncated after one step", state_cotangent=lambda self, U, dz: 0 * dz),
        wrong("truncated after 16 steps", over_time=lambda self, gradients: Textbook.over_time(self, gradients[:16])),
        wrong("U not transposed, which is square", state_cotangent=lambda self, U, dz: self.dot(dz, U)),
        wrong("last step's weights alone", over_time=lambda self, gradients: gradients[0]),
        wrong(
            "mean over the steps",
            over_time=lambda self, gradients: tuple(
                total / len(gradients) for total in Textbook.over_time(self, gradients)
            ),
        ),
        wrong("h₀ ignored", states=_first_state_ignored),
    ),
}
