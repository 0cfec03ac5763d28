"""3.2: the cotangent goes through relu where the unit is on."""

import numpy as np

from ffn.learn.kinds import Array, Function, Inside, Misconception, drawing
from ffn.network import backward
from ffn.network.description import Hidden, Network, Output


def relu_backward(xp, dh, z):
    return dh * xp.select(z, 1, 0)


def always_one(xp, dh, z):
    return dh * xp.ones_like(z)


def by_the_sign_of_dh(xp, dh, z):
    return xp.maximum(dh, 0)


def times_h(xp, dh, z):
    return dh * xp.maximum(z, 0)


def upside_down(xp, dh, z):
    return dh * xp.select(z, 0, 1)


EXERCISE = Function(
    title="The mask of relu",
    stars=1,
    minutes=8,
    task="""
A unit computes h = relu(z), that is h = max(z, 0). From further on in the
network you are handed dh = ∂loss/∂h: how fast the loss moves when h moves.

Write relu_backward(dh, z), which returns dz = ∂loss/∂z. All three are arrays of
shape (rows, units), and each entry has a unit to itself.

Ask of one entry: when z moves a little, does h move, and by how much?
""",
    template="""
import numpy as np


def relu_backward(dh, z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def relu_backward(dh, z):
    return dh * (z > 0)
""",
    hints=(
        "Take z = 3 and nudge it by 0.1. By how much does h = max(z, 0) move? And with z = −3?",
        "So h moves as z does, or not at all: relu has two slopes, and the sign of z says which.",
        "A comparison makes an array of True and False, which multiply like 1 and 0: `return dh * (z > 0)`.",
    ),
    law="∂loss/∂z is ∂loss/∂h times the slope of relu at z.",
    read="claim C19; Goodfellow et al. 2016, section 6.3.1.",
    function="relu_backward",
    arguments=(Array("dh", "row unit"), Array("z", "row unit")),
    returns=("dz", "row unit"),
    truth=relu_backward,
    hull=True,
    inside=Inside(
        "In its place inside networks of relus the gradient is right.",
        (
            Network(2, 1, Output("gaussian"), (Hidden(3, "relu"),)),
            Network(4, 2, Output("gaussian"), (Hidden(6, "relu"), Hidden(5, "relu"))),
        ),
        lambda call: backward.own_rules()._replace(
            pre_activation=lambda xp, layer, step, dh: dh if layer is None else call(dh, step.z)
        ),
    ),
    drawing=drawing.elementwise("relu", {"h": lambda dh, z: np.maximum(z, 0)}, z="z", h="h", dz="dz", dh="dh"),
    misconceptions=(
        Misconception("the mask is always 1", "If you compared h with 0: for which z is h ≥ 0 false?", always_one),
        Misconception("mask by the sign of dh", "Which of the two signs says whether z moves h?", by_the_sign_of_dh),
        Misconception("times h", "What is the slope of relu at 3, and what is relu(3)?", times_h),
        Misconception("mask upside down", "At z = 3, does h move when z does?", upside_down),
    ),
)
