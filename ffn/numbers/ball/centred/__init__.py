"""Balls that remember how far, and together with which others, their numbers are from their centres.

The balls of ``Ball`` forget what operands have in common: an error that a layer hands on grows with the absolute values
of the weights, where in truth their signs count. Here a number is known twice, by a ball and by its deviation from a
centre, Σ cₛεₛ and a rest. What an operation does to deviations is its slopes at the centres, and a bound of the second
order over all numbers that there can be. Its own rounding is charged as ``Ball`` charges it: by how far the ball with
roundings goes beyond the one without. The narrower of both is what is known, and what later operations start from.

One thing is taken for granted that ``Ball`` leaves open: a matrix product is carried out once, and reads one array,
whatever was lost on the way to it. So what a row lost before it is multiplied by weights is noise that all entries of
the product share and hand on. All other errors are a rest, charged where a number is used, each time anew: a program
may compute the number again for each use, by any of the named algorithms and in any order. Of a forward pass that is
carried out twice within one gradient, and rounded otherwise the second time, ``Ball`` alone says something.

Sources: Hansen 1975 (generalised intervals); Comba & Stolfi 1993, de Figueiredo & Stolfi 2004 (affine arithmetic).
"""

from ffn.numbers.ball.centred.products import Noise, TooLarge
from ffn.numbers.ball.centred.system import Centred

__all__ = ["Centred", "Noise", "TooLarge"]
