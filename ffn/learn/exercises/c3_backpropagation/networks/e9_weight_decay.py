"""3.9: weight decay, and what it does to the gradient."""

from ffn.learn.kinds import Array, Function, Misconception, positive, whole


def decay(xp, W, b, rate, rows):
    return rate * xp.total([W * W]) / 2, rate * W, 0 * b


def biases_too(xp, W, b, rate, rows):
    return rate * xp.total([W * W, b * b]) / 2, rate * W, rate * b


def twice(xp, W, b, rate, rows):
    return rate * xp.total([W * W]) / 2, 2 * rate * W, 0 * b


def half_forgotten(xp, W, b, rate, rows):
    return rate * xp.total([W * W]), 2 * rate * W, 0 * b


def by_rows(xp, W, b, rate, rows):
    return rate * xp.total([W * W]) / 2 / rows, rate * W / rows, 0 * b


EXERCISE = Function(
    title="Weight decay",
    stars=1,
    minutes=8,
    task="""
Weight decay adds a penalty to the loss of a batch: (rate/2) Σ W², over all the
weights of a layer, but not its biases.

Write decay(W, b, rate, rows), which returns (penalty, dW, db): the penalty, one
number, and what it adds to the gradients of W and b, shaped as these. The loss
itself is a mean over so many rows; you are told rows in case you need it.
""",
    template="""
import numpy as np


def decay(W, b, rate, rows):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def decay(W, b, rate, rows):
    return rate / 2 * np.sum(W**2), rate * W, np.zeros_like(b)
""",
    hints=(
        "The penalty is a sum of squares. What is the slope of (rate/2) w² at w?",
        "No bias stands in the penalty: by how much does it move when b does? And does it know of rows?",
        "`return rate / 2 * np.sum(W**2), rate * W, np.zeros_like(b)`",
    ),
    law="The penalty is (rate/2) Σ W²; dW and db are its derivatives by W and b.",
    read="claim C36; Goodfellow et al. 2016, section 7.1.1.",
    function="decay",
    arguments=(
        Array("W", "input unit"),
        Array("b", "unit"),
        Array("rate", "", positive, least=0.5),
        Array("rows", "", whole, least=1),
    ),
    returns=(("penalty", ""), ("dW", "input unit"), ("db", "unit")),
    truth=decay,
    misconceptions=(
        Misconception("biases decayed", "Which of W and b does the penalty speak of?", biases_too),
        Misconception("2 rate W", "There is a ½ in the penalty. What becomes of it in the slope?", twice),
        Misconception("½ forgotten", "What is the penalty of one weight of 1 at a rate of 1?", half_forgotten),
        Misconception("rate / rows", "Is the penalty part of the mean over the rows?", by_rows),
    ),
)
