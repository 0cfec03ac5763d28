"""The same network in torch, as its user would write it: modules, made once, and the loss differentiated."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ffn.cases.case import Case

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
LOSSES = {"categorical": nn.functional.cross_entropy, "bernoulli": nn.functional.binary_cross_entropy_with_logits}


def contestants(case: Case) -> tuple[Callable[[], object], Callable[[], object]]:
    """The forward pass without a tape, and the gradient; nothing is converted in either."""
    torch.set_num_threads(1)
    model, loss = _model(case), LOSSES[case.network.output.name]
    x, y, parameters = torch.tensor(case.x), torch.tensor(case.y), list(model.parameters())

    def forward() -> object:
        with torch.no_grad():
            return model(x)

    def gradient() -> object:
        return torch.autograd.grad(loss(model(x), y), parameters)

    return forward, gradient


def _model(case: Case) -> Any:
    modules: list[Any] = []
    for layer, (W, b) in zip((*case.network.hidden, None), case.parameters, strict=True):
        linear = nn.Linear(*W.shape, dtype=torch.tensor(W).dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W.T.copy()))
            linear.bias.copy_(torch.tensor(b))
        modules += [linear] if layer is None else [linear, ACTIVATIONS[layer.activation]()]
    return nn.Sequential(*modules)
