"""The mean value theorem over the roundings of a formula."""

from ffn.admissible.formula.meanvalue.radii import PAYS, radii, shares_of

__all__ = ["PAYS", "radii", "shares_of"]
