"""7.3: one step of gradient descent."""

from ffn.learn.kinds import Array, Behaviour, Function, Misconception, positive, whole


def step(xp, W, b, dW, db, rate, rows):
    return W - rate * dW, b - rate * db


def ascent(xp, W, b, dW, db, rate, rows):
    return W + rate * dW, b + rate * db


def mean_again(xp, W, b, dW, db, rate, rows):
    return W - rate * dW / rows, b - rate * db / rows


def weights_alone(xp, W, b, dW, db, rate, rows):
    return W - rate * dW, b


def in_place(W, b, dW, db, rate, rows):
    W -= rate * dW
    b -= rate * db
    return W.copy(), b.copy()


def the_step_alone(xp, W, b, dW, db, rate, rows):
    return -rate * dW, -rate * db


EXERCISE = Function(
    title="One step down",
    stars=1,
    minutes=8,
    task="""
Write step(W, b, dW, db, rate, rows): the parameters (W, b) of a layer after one
step of gradient descent, where dW and db are the gradient of the loss at W and b.

The loss is a mean over so many rows of data. The old parameters are still needed
by whoever called you: leave the arrays as they are.
""",
    template="""
import numpy as np


def step(W, b, dW, db, rate, rows):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def step(W, b, dW, db, rate, rows):
    return W - rate * dW, b - rate * db
""",
    hints=(
        "The gradient points to where the loss rises. Which way do you go?",
        "The gradient is that of the mean: what is left to be done with rows?",
        "`return W - rate * dW, b - rate * db` makes new arrays; `W -= …` would change the caller's.",
    ),
    law="The step goes down: against the gradient, and rate times as far.",
    read="claim C2; Goodfellow et al. 2016, section 8.3.1.",
    function="step",
    arguments=(
        Array("W", "input unit"),
        Array("b", "unit"),
        Array("dW", "input unit"),
        Array("db", "unit"),
        Array("rate", "", positive, least=0.5),
        Array("rows", "", whole, least=1),
    ),
    returns=(("W", "input unit"), ("b", "unit")),
    truth=step,
    misconceptions=(
        Misconception("ascent", "Does the loss fall where you go?", ascent),
        Behaviour("in place", "The gradient was that of the old parameters. Who still needs these?", in_place),
        Misconception("mean again", "Where has the 1/N of the mean gone in already?", mean_again),
        Misconception("the weights alone", "What becomes of b?", weights_alone),
        Misconception("the step without the start", "With a gradient of 0, where should W be?", the_step_alone),
    ),
)
