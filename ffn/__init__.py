"""A reference for feedforward networks: forward once, backward by hand, each statement about them checked.

``import ffn`` needs NumPy alone; the number systems, witnesses and the conformance kit are loaded when asked for.
"""

from ffn.network import reference
from ffn.network.description import Hidden, Network, Output, Parameters, Recurrent, check_parameters, initialise

__version__ = "0.1.0"

__all__ = ["Hidden", "Network", "Output", "Parameters", "Recurrent", "check_parameters", "initialise", "reference"]
