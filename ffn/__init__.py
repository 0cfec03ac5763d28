"""A reference for feedforward networks: forward once, backward by hand, each statement about them checked.

``import ffn`` needs NumPy alone; the number systems, admissible sets, witnesses and the conformance kit are loaded when
asked for.
"""

import importlib
from types import ModuleType

from ffn.starting import is_command, prepare

if is_command():
    prepare(__path__[0])

from ffn.cases.case import ActivationCase, Case
from ffn.network import reference
from ffn.network.description import Hidden, Network, Output, Parameters, Recurrent, check_parameters, initialise
from ffn.network.family import Family
from ffn.numbers.declared import Declared

__version__ = "0.1.0"

__all__ = [
    "ActivationCase",
    "Case",
    "Declared",
    "Family",
    "Hidden",
    "Network",
    "Output",
    "Parameters",
    "Recurrent",
    "check_parameters",
    "initialise",
    "reference",
]


def __getattr__(name: str) -> ModuleType:
    """``ffn.admissible`` at its first use: it needs python-flint."""
    if name == "admissible":
        return importlib.import_module("ffn.admissible")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
