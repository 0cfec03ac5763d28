"""7.5: the gradient with given dropout masks."""

from ffn.learn.kinds import Misconception, NetworkFunction
from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output


def network(*widths):
    return Network(2, 2, Output("gaussian"), tuple(Hidden(units, "tanh") for units in widths))


def mask_forgotten_on_the_way_back(xp, net, parameters, x, y, masks):
    steps = forward.trace(xp, net, parameters, x, masks)
    return backward.backpropagate(xp, net, parameters, steps, y)


def no_masks(xp, net, parameters, x, y, masks):
    return backward.gradient(xp, net, parameters, x, y)


def scaled_by(factor):
    def rule(xp, net, parameters, x, y, masks):
        return backward.gradient(xp, net, parameters, x, y, tuple(mask / xp.constant(factor) for mask in masks))

    return rule


def input_not_masked(xp, net, parameters, x, y, masks):
    return backward.gradient(xp, net, parameters, x, y, (xp.ones_like(masks[0]), *masks[1:]))


EXERCISE = NetworkFunction(
    title="Dropout",
    stars=2,
    minutes=15,
    task="""
With dropout each affine layer is given its input times a mask of zeros and ones:
z = (x · mask) W + b. The layers before the last are followed by tanh, and the
loss is the mean over the rows of ½ Σ (y − z)².

Write dropout_gradient(parameters, x, y, masks): a tuple of (dW, db), one for each
layer (W, b) of parameters. masks[0] is shaped as x, masks[1] as the output of the
first layer, and so on: one mask for the input of each layer. Nothing is scaled
up for what is dropped.
""",
    template="""
import numpy as np


def dropout_gradient(parameters, x, y, masks):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def dropout_gradient(parameters, x, y, masks):
    inputs, h = [], x
    for (W, b), mask in zip(parameters, masks):
        inputs.append(h * mask)
        z = inputs[-1] @ W + b
        h = np.tanh(z)
    dz = (z - y) / len(y)
    pairs = []
    for depth in reversed(range(len(parameters))):
        W, _ = parameters[depth]
        pairs.append((inputs[depth].T @ dz, dz.sum(axis=0)))
        if depth > 0:
            dh = dz @ W.T * masks[depth]
            h = np.tanh(inputs[depth - 1] @ parameters[depth - 1][0] + parameters[depth - 1][1])
            dz = dh * (1 - h**2)
    return tuple(reversed(pairs))
""",
    hints=(
        "Forward, the mask stands between h of one layer and the affine part of the next. Where does it stand back?",
        "A unit that was dropped reached nothing: its cotangent is 0. And W is moved by the masked input.",
        "The slope of tanh needs h before the mask: keep both.",
        "One step back: `dz = dz @ W.T * masks[depth] * (1 - h**2)`, h being what tanh gave there.",
    ),
    law="The gradient is that of the network whose layers are given masked inputs.",
    read="claim C31; Srivastava et al. 2014.",
    function="dropout_gradient",
    answer="gradient",
    given=("parameters", "x", "y", "masks"),
    masked=True,
    truth=backward.gradient,
    networks=(
        ("With one hidden layer the gradient is right.", (network(2), network(3))),
        ("With two hidden layers the gradient is right.", (network(2, 2),)),
    ),
    misconceptions=(
        Misconception(
            "mask forgotten on the way back",
            "A dropped unit reached nothing. What may reach it?",
            mask_forgotten_on_the_way_back,
        ),
        Misconception("no mask at all", "Which of your lines hold a mask?", no_masks),
        Misconception(
            "scaled by 1/q",
            "Is anything scaled here for what was dropped?",
            scaled_by("0.5"),
            also=tuple(map(scaled_by, ("0.6", "0.8", "0.9"))),
        ),
        Misconception("the input not masked", "Which arrays do the masks multiply: what of x?", input_not_masked),
    ),
)
