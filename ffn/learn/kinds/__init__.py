"""The kinds of exercise, one object each; an author imports them from here."""

from ffn.learn.exercise import Behaviour, Manner, Misconception
from ffn.learn.judging.arguments import (
    Array,
    Choice,
    Given,
    Labels,
    counts,
    nonzero,
    numbers,
    positive,
    small,
    whole,
    wide,
    zero_or_one,
)
from ffn.learn.kinds.answers.computed import FurtherLaw
from ffn.learn.kinds.answers.function import Function
from ffn.learn.kinds.answers.inside import Inside
from ffn.learn.kinds.answers.network import NetworkFunction
from ffn.learn.kinds.exact.construct import Construct, Demand, Shown
from ffn.learn.kinds.exact.predict import Predict
from ffn.learn.kinds.exact.proof import Proof
from ffn.learn.kinds.programs.disguise import Disguise
from ffn.learn.kinds.programs.hunt import Bug, Hunt
from ffn.learn.kinds.programs.reverse import Program, Reverse, Test
from ffn.learn.kinds.together import PART, Together
from ffn.learn.message import drawing

__all__ = [
    "PART",
    "Array",
    "Behaviour",
    "Bug",
    "Choice",
    "Construct",
    "Demand",
    "Disguise",
    "Function",
    "FurtherLaw",
    "Given",
    "Hunt",
    "Inside",
    "Labels",
    "Manner",
    "Misconception",
    "NetworkFunction",
    "Predict",
    "Program",
    "Proof",
    "Reverse",
    "Shown",
    "Test",
    "Together",
    "counts",
    "drawing",
    "nonzero",
    "numbers",
    "positive",
    "small",
    "whole",
    "wide",
    "zero_or_one",
]
