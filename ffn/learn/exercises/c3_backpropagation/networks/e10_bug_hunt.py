"""3.10: a classifier with six bugs, to be repaired law by law."""

from dataclasses import replace

import numpy as np

from ffn.learn.kinds import Bug, Hunt, Misconception, NetworkFunction
from ffn.learn.kinds.answers.network import output
from ffn.network import backward, forward
from ffn.network.activations import absolute
from ffn.network.description import Hidden, Network, Output
from ffn.network.outputs import distribution_of

PROGRAM = '''
import numpy as np


def passes(parameters, x):
    """The z of every layer, and what each layer is given; the last layer is affine."""
    zs, inputs = [], [x]
    for W, b in parameters:
        zs.append(inputs[-1] @ W + b)
        inputs.append(np.maximum(zs[-1], 0))
    return zs, inputs[:-1]


def output(parameters, x):
    """The logits, (N, classes)."""
    zs, _ = passes(parameters, x)
    return zs[-1]


def log_sum_exp(z):
    largest = z.max(axis=1)
    return largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))


def loss(parameters, x, y):
    """The mean over the rows of log Σexp(z) − z_y; y holds class indices."""
    z = output(parameters, x)
    rows = np.arange(len(y))
    return np.mean(log_sum_exp(z) - z[rows, y])


def gradient(parameters, x, y):
    """((dW, db), …) of the loss."""
    zs, inputs = passes(parameters, x)
    dz = np.exp(zs[-1] - log_sum_exp(zs[-1])[:, None])
    dz[np.arange(len(y)), y] -= 1
    dz = dz / len(y)
    pairs = []
    for depth in reversed(range(len(parameters))):
        W, _ = parameters[depth]
        pairs.append((inputs[depth].T @ dz, dz.sum(axis=0)))
        if depth > 0:
            dz = (dz @ W.T) * (zs[depth - 1] > 0)
    return tuple(reversed(pairs))
'''


def network(*widths):
    return Network(2, 3, Output("categorical"), tuple(Hidden(units, "relu") for units in widths))


SHALLOW, DEEP = (network(), network(2)), (network(2, 2), network(3, 2))


def by_rule(**slips):
    """The gradient with some rules of the backward pass replaced."""

    def rule(xp, net, parameters, x, y):
        return backward.gradient(xp, net, parameters, x, y, rules=backward.own_rules()._replace(**slips))

    return rule


def with_absolute(xp, net, parameters, x, y):
    for W, b in parameters[:-1]:
        x = absolute(xp, xp.affine(x, W, b))
    return xp.affine(x, *parameters[-1])


def last_layer_masked(xp, net, parameters, x, y):
    return xp.maximum(output(xp, net, parameters, x, y), 0)


def without_bias(xp, net, parameters, x, y):
    return output(xp, net, tuple((W, 0 * b) for W, b in parameters), x, y)


def summed(xp, net, parameters, x, y):
    return forward.objective(xp, replace(net, reduction="sum"), parameters, x, y)


def shift_forgotten(xp, net, parameters, x, y):
    z = output(xp, net, parameters, x, y)
    loss = forward.objective(xp, net, parameters, x, y)
    largest = z[:, 0]
    for unit in range(1, z.shape[1]):
        largest = xp.maximum(largest, z[:, unit])
    return loss - largest.sum(axis=0) / x.shape[0]


def plus_onehot(xp, network, z, y):
    return (distribution_of(network.output).gradient(xp, z, y) + 2 * onehot(xp, z, y)) / z.shape[0]


def onehot(xp, z, y):
    return xp.asarray(np.eye(z.shape[1], dtype=np.int8)[y])


def not_averaged(xp, network, z, y):
    return distribution_of(network.output).gradient(xp, z, y)


def db_averaged(xp, x, dz, decay):
    dW, db = backward.affine_vjp(xp, x, dz, decay)
    return dW, db / dz.shape[0]


def no_mask(xp, layer, step, dh):
    return dh


def layers_in_reverse(xp, net, parameters, x, y):
    return backward.gradient(xp, net, parameters, x, y)[::-1]


OUTPUT = NetworkFunction(
    title="the output",
    stars=1,
    minutes=1,
    task="",
    template="",
    solution="",
    hints=(),
    law="The logits are those of relu after relu, and a last layer that is affine.",
    read="exercise 3.6",
    function="output",
    answer="forward",
    given=("parameters", "x"),
    truth=output,
    networks=(
        ("Without a hidden layer, and with one, the logits are right.", SHALLOW),
        ("With two hidden layers the logits are right.", DEEP),
    ),
    misconceptions=(
        Misconception("|z| for relu", "What is relu(−1), and what comes out here?", with_absolute),
        Misconception("the last layer is rectified", "Can a logit be below 0? Is yours ever?", last_layer_masked),
        Misconception("no bias", "At x = 0, what should the logits be?", without_bias),
    ),
)
LOSS = replace(
    OUTPUT,
    title="the loss",
    law="The loss is the mean over the rows of log Σexp(z) − z_y.",
    function="loss",
    answer="loss",
    given=("parameters", "x", "y"),
    truth=forward.objective,
    networks=(("The loss is the mean over the rows of log Σexp(z) − z_y.", (*SHALLOW, *DEEP)),),
    misconceptions=(
        Misconception("sum for mean", "With one row it is right. And with two?", summed),
        Misconception("shift not added back", "Add 5 to every logit: by how much may the loss move?", shift_forgotten),
    ),
)
GRADIENT = replace(
    LOSS,
    title="the gradient",
    law="The gradient is that of the loss, at any depth.",
    function="gradient",
    answer="gradient",
    truth=backward.gradient,
    hull=True,
    networks=(
        ("Without a hidden layer the gradient is that of the loss.", SHALLOW[:1]),
        ("With one hidden layer the gradient is that of the loss.", SHALLOW[1:]),
        ("With two hidden layers the gradient is that of the loss.", DEEP),
    ),
    misconceptions=(
        Misconception("p + onehot", "Do the entries of a row of ∂z add up to 0?", by_rule(output=plus_onehot)),
        Misconception("not averaged", "Twice the same row: may the gradient double?", by_rule(output=not_averaged)),
        Misconception("db averaged", "Where has 1/N gone in already?", by_rule(affine=db_averaged)),
        Misconception("no mask", "A unit that is off: when its z moves, does its h?", by_rule(pre_activation=no_mask)),
        Misconception("layers in reverse", "In which order are the pairs expected?", layers_in_reverse),
    ),
)

EXERCISE = Hunt(
    title="Bug hunt",
    stars=3,
    minutes=25,
    task="""
Below is a small classifier: relu after relu, an affine last layer, and the mean
of log Σexp(z) − z_y as its loss. Six bugs have been put in, each in one place.

Repair output, loss and gradient. Every law is tried at each check, and the first
that fails is shown: so begin with output, on which the others rest. Change one
thing at a time, and look at whether what held before still holds.
""",
    solution=PROGRAM,
    hints=(
        "Read passes first: every function rests on it. What may follow the last z, and what any other?",
        "Then the loss. Try it in your head on one row, on two, and on logits to which 5 is added.",
        "Then the way back: p − onehot, once divided by N; sums for b; a mask of the z from which h came.",
        "The line back through a hidden layer is `dz = (dz @ W.T) * (zs[depth - 1] > 0)`.",
    ),
    law="Logits, loss and gradient are right, at any depth.",
    read="exercises 3.6 and 4.6; claim C41.",
    parts=(OUTPUT, LOSS, GRADIENT),
    misconceptions=(*OUTPUT.misconceptions, *LOSS.misconceptions, *GRADIENT.misconceptions),
    bugs=(
        Bug("|z| for relu", "inputs.append(np.maximum(zs[-1], 0))", "inputs.append(np.abs(zs[-1]))"),
        Bug("the last layer is rectified", "    return zs[-1]\n", "    return np.maximum(zs[-1], 0)\n"),
        Bug("no bias", "zs.append(inputs[-1] @ W + b)", "zs.append(inputs[-1] @ W)"),
        Bug("sum for mean", "return np.mean(log_sum_exp(z)", "return np.sum(log_sum_exp(z)"),
        Bug("shift not added back", "return largest + np.log", "return np.log"),
        Bug("p + onehot", "y] -= 1", "y] += 1"),
        Bug("not averaged", "    dz = dz / len(y)\n", ""),
        Bug("db averaged", "dz.sum(axis=0)", "dz.mean(axis=0)"),
        Bug("no mask", "dz = (dz @ W.T) * (zs[depth - 1] > 0)", "dz = dz @ W.T"),
        Bug("layers in reverse", "tuple(reversed(pairs))", "tuple(pairs)"),
    ),
)
