"""The chapters of the notes, each with its claims, derivations and figures."""
