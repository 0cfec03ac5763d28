"""A reference for feedforward networks: forward once, backward by hand, each statement about them checked.

``import ffn`` needs NumPy alone; the number systems, witnesses and the conformance kit are loaded when asked for.
"""

from ffn.network import Hidden, Network, Output, Parameters, check_parameters, initialise
from ffn.reference import activation, forward, gradient, loss, slope

__version__ = "0.1.0"

__all__ = [
    "Hidden",
    "Network",
    "Output",
    "Parameters",
    "activation",
    "check_parameters",
    "forward",
    "gradient",
    "initialise",
    "loss",
    "slope",
]
