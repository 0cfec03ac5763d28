"""The pages with a slider: what the reader may move, and what to watch. ``static/explore.js`` draws them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explorer:
    """A slider, or a few.

    Attributes:
        kind: what ``explore.js`` draws.
        task: what to move, and what to watch.
    """

    kind: str
    task: str


EXPLORERS = {
    "C3": Explorer("unit", "Move the weights of one unit: its fold line turns, and at w = 0 there is none."),
    "C7": Explorer("tent", "Compose the tent map m times: each layer doubles the pieces and quarters the error."),
    "C19": Explorer("kink", "Choose s = relu′(0): through relu(x) − relu(−x), which is x, backpropagation gives 2s."),
    "C28": Explorer("maxout", "Add pieces to the maxout unit: the error for x² is 1/(2n²) on [−1, 1], and no less."),
}
