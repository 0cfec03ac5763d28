"""3.6: the gradient of a network of relus, as deep as it may be."""

from dataclasses import replace
from itertools import pairwise

from ffn.learn.kinds import Misconception, NetworkFunction
from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import LayerTrace


def network(*widths, units=1):
    return Network(2, units, Output("gaussian"), tuple(Hidden(each, "relu") for each in widths))


def mask_of_the_next_layer(xp, net, parameters, x, y):
    """Each layer's cotangent goes through the mask of the layer that it came from."""
    steps = forward.trace(xp, net, parameters, x)
    shifted = [LayerTrace(step.x, after.z, step.h) for step, after in pairwise(steps)]
    return backward.backpropagate(xp, net, parameters, [*shifted, steps[-1]], y)


def last_layer_masked(xp, net, parameters, x, y):
    own = backward.own_rules()

    def masked(xp, layer, step, dh):
        return dh * xp.select(step.z, 1, 0) if layer is None else own.pre_activation(xp, layer, step, dh)

    return backward.gradient(xp, net, parameters, x, y, rules=own._replace(pre_activation=masked))


def mean_over_units(xp, net, parameters, x, y):
    own = backward.own_rules()
    each = own._replace(output=lambda xp, net, z, y: own.output(xp, net, z, y) / z.shape[1])
    return backward.gradient(xp, net, parameters, x, y, rules=each)


def mean_forgotten(xp, net, parameters, x, y):
    return backward.gradient(xp, replace(net, reduction="sum"), parameters, x, y)


def turned_round(xp, net, parameters, x, y):
    own = backward.own_rules()
    return backward.gradient(xp, net, parameters, x, y, rules=own._replace(output=lambda *given: -own.output(*given)))


def layers_in_reverse(xp, net, parameters, x, y):
    return backward.gradient(xp, net, parameters, x, y)[::-1]


def mask_forgotten(xp, net, parameters, x, y):
    own = backward.own_rules()
    return backward.gradient(
        xp, net, parameters, x, y, rules=own._replace(pre_activation=lambda xp, layer, step, dh: dh)
    )


EXERCISE = NetworkFunction(
    title="Any depth",
    stars=3,
    minutes=25,
    task="""
A network is a tuple of layers (W, b). Each layer computes z = x W + b, each but
the last is followed by relu, and the last is affine: its z is the output, of
shape (N, units). The loss is the mean over the N rows of ½ Σ (y − z)².

Write gradient(parameters, x, y): a tuple of pairs (dW, db), in the order of the
layers and of their shapes, for any number of layers.
""",
    template="""
import numpy as np


def gradient(parameters, x, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def gradient(parameters, x, y):
    inputs, zs = [], []
    for depth, (W, b) in enumerate(parameters):
        inputs.append(x)
        zs.append(x @ W + b)
        x = np.maximum(zs[-1], 0)
    dz = (zs[-1] - y) / len(y)
    pairs = []
    for depth in reversed(range(len(parameters))):
        W, _ = parameters[depth]
        pairs.append((inputs[depth].T @ dz, dz.sum(axis=0)))
        if depth > 0:
            dz = (dz @ W.T) * (zs[depth - 1] > 0)
    return tuple(reversed(pairs))
""",
    hints=(
        "Go forward once, and keep of each layer what the way back needs: its input, and its z.",
        "At the output dz is (z − y)/N. From dz of a layer come its dW and db, and then dh of the layer before.",
        "Only the layers before the last have a mask, and it belongs to the z from which that h came.",
        "One step back, from layer d to d − 1: `dz = (dz @ W.T) * (zs[d - 1] > 0)`.",
    ),
    law="The gradient of every W and b is that of the loss, at any depth.",
    read="claim C41; tests/lessons/limits/test_backprop.py.",
    function="gradient",
    answer="gradient",
    truth=backward.gradient,
    hull=True,
    networks=(
        ("The gradient of a single affine layer is right.", (network(), network(units=2))),
        ("The gradient through one hidden layer is right.", (network(1), network(2), network(3, units=2))),
        (
            "The gradient through two hidden layers, and three, is right.",
            (network(2, 2), network(3, 2, units=2), network(2, 2, 2)),
        ),
    ),
    misconceptions=(
        Misconception("mask of the next layer", "Which z does this dh belong to?", mask_of_the_next_layer),
        Misconception("last layer masked", "What comes after the last z: a relu, or the loss?", last_layer_masked),
        Misconception("units counted as rows", "The mean is over the rows. Over what is yours?", mean_over_units),
        Misconception("mean forgotten", "Twice the same row: may the gradient double?", mean_forgotten),
        Misconception("y − z", "When z is too large, has the loss to rise or to fall with z?", turned_round),
        Misconception("layers in reverse", "In which order are the pairs expected?", layers_in_reverse),
        Misconception("mask forgotten", "A unit that is off: when its z moves, does its h?", mask_forgotten),
    ),
)
