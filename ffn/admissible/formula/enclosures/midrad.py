"""Midpoint–radius arithmetic on float64 arrays, rounded outwards.

An enclosure (m, r) is the set of all x with |x − m| ≤ r. Midpoints are computed as NumPy computes, to nearest; what
that loses is added to the radius (Rump 1999, Fast and parallel interval arithmetic, sec. 2). Every radius formula
below is an upper bound in exact arithmetic; it is evaluated in at most eight float64 operations on numbers that are
not negative, each of which is off by a factor within 1 ± ε, and so multiplied by ``UP`` = 1 + 16ε (Higham 2002, sec.
3.1: (1 + ε)^8 < 1 + 16ε).

The radius is never NaN. A radius of ∞ is an entry of which nothing is known: it may overflow, or be no number. A
midpoint of ±∞ has radius 0 and is that one value, made of such values alone: masks are written with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EPS = 2.0**-53  # the unit roundoff of float64
UP = 1 + 16 * EPS
TINY = 2.0**-1022  # absolute error of a result that may be subnormal in float64
DOWN = 1 - 4 * EPS  # for a lower bound of what is evaluated in two operations
LIBRARY = 16 * EPS  # NumPy states at most 4 ulps for its float64 functions, each up to 2ε: twice that
SUMMED = 1 + 2.0**-20  # of a sum of at most 2^30 numbers that are not negative
LIBRARIES = 1 + 2 * LIBRARY  # of a bound with up to three library functions in it: 3 · 8ε, and the products
FLAT = {"tanh": 350, "erf": 26}  # beyond it the slope would underflow
ERF_SLOPE = 2 / math.sqrt(math.pi) * (1 + 2.0**-30)
LOG_2, PER_LOG_2, PER_LOG_10 = math.log(2) * UP, UP / math.log(2), UP / math.log(10)

_erf = np.frompyfunc(math.erf, 1, 1)


class MidRad:
    """Enclosures of real numbers, one an entry.

    Attributes:
        m: the midpoints.
        r: the radii, of the same shape.
    """

    __slots__ = ("m", "r")

    def __init__(self, m: Floats, r: Floats) -> None:
        self.m, self.r = m, r

    @classmethod
    def exactly(cls, values: npt.ArrayLike) -> MidRad:
        """The numbers themselves, which float64 holds."""
        m = np.asarray(values, dtype=np.float64)
        return cls(np.where(np.isnan(m), 0, m), np.where(np.isnan(m), np.inf, 0.0))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.m.shape

    def middle(self) -> Floats:
        return self.m

    def radius(self) -> Floats:
        """Upper bounds of the distance from the middle."""
        return self.r

    # bounds

    def magnitude(self) -> Floats:
        """Upper bounds of |x|."""
        return np.where(self.r > 0, (np.abs(self.m) + self.r) * UP, np.abs(self.m))

    def lower(self) -> Floats:
        """Numbers that no x is below; the midpoint itself where the radius is 0."""
        return np.where(self.r > 0, np.nextafter(self.m - self.r, -np.inf), self.m)

    def upper(self) -> Floats:
        return np.where(self.r > 0, np.nextafter(self.m + self.r, np.inf), self.m)

    def _smallest(self) -> Floats:
        """A lower bound of |x|."""
        return np.maximum(np.abs(self.m) - self.r, 0) * DOWN

    def _zero(self) -> Any:
        return (self.m == 0) & (self.r == 0)

    # form: nothing is computed

    def formed(self, form: Callable[[Any], Any]) -> MidRad:
        """``form``, which moves, repeats or leaves out entries, of midpoints and radii."""
        return MidRad(form(self.m), form(self.r))

    @staticmethod
    def joined(join: Callable[..., Any], parts: Sequence[MidRad]) -> MidRad:
        """``join`` of several arrays: concatenate, stack, where."""
        return MidRad(join(*[p.m for p in parts]), join(*[p.r for p in parts]))

    def hull(self, other: MidRad) -> MidRad:
        """The smallest enclosure of both, and of what lies between."""
        low, high = np.minimum(self.lower(), other.lower()), np.maximum(self.upper(), other.upper())
        m = low / 2 + high / 2
        return _known(m, np.maximum(high - m, m - low) * UP, low == high)

    def widened(self, radius: Any) -> MidRad:
        """Everything within ``radius`` of it as well."""
        return _known(self.m, (self.r + radius) * UP, np.isinf(self.m))

    def known_where(self, mask: npt.NDArray[np.bool_]) -> MidRad:
        """The same where the mask is set, and nothing known elsewhere."""
        return MidRad(np.where(mask, self.m, 0), np.where(mask, self.r, np.inf))

    # arithmetic: ``exact`` says where float64 rounds nothing either

    def __neg__(self) -> MidRad:
        return MidRad(-self.m, self.r)

    def __abs__(self) -> MidRad:
        return MidRad(np.abs(self.m), self.r)  # ||x| − |m|| ≤ |x − m|

    def add(self, other: MidRad, exact: Any = False) -> MidRad:
        m = self.m + other.m  # a float64 sum of 0 is exact
        exact = exact if m.all() else exact | (m == 0)
        return _known(m, _lost(self.r + other.r, m, exact), np.isinf(self.m) | np.isinf(other.m))

    def multiply(self, other: MidRad, exact: Any = False) -> MidRad:
        """|xy − ab| ≤ |a| r_b + r_a (|b| + r_b)."""
        m, b = self.m * other.m, np.abs(other.m)
        exact = exact if m.all() else exact | self._zero() | other._zero()
        point = (np.isinf(self.m) & (b > other.r)) | (np.isinf(other.m) & (np.abs(self.m) > self.r))
        return _known(m, _lost(np.abs(self.m) * other.r + self.r * (b + other.r), m, exact), point)

    def divide(self, other: MidRad) -> MidRad:
        """|x/y − a/b| = |(x − a) − (a/b)(y − b)|/|y| ≤ (r_a + |a/b| r_b)/(|b| − r_b)."""
        m, away = self.m / other.m, np.abs(other.m) - other.r
        r = np.where(away > 0, (self.r + np.abs(m) * UP * other.r) / away, np.inf)
        return _known(m, _lost(r, m, False if m.all() else self._zero()), np.isinf(self.m) & (away > 0))

    def root(self) -> MidRad:
        """|√x − √m| = |x − m|/(√x + √m), most at the lower end l; nothing is known where x may be negative."""
        low, m = self.m - self.r, np.sqrt(np.maximum(self.m, 0))
        r = self.r / np.maximum(np.sqrt(np.maximum(low, 0)) + m, TINY)
        return _known(m, np.where(low >= 0, _lost(r, m, m == 0), np.inf), self.m == np.inf)

    def reciprocal_root(self) -> MidRad:
        """1/√x is decreasing and convex: it changes most towards the lower end l, by r/(√l √m (√l + √m))."""
        low = self.m - self.r
        root, low_root = np.sqrt(np.maximum(self.m, 0)), np.sqrt(np.maximum(low, 0))
        m = 1 / root
        r = np.where(low > 0, self.r / (low_root * root * (low_root + root)), np.inf)
        return _known(m, _lost(r, m, share=LIBRARY))

    def exp(self) -> MidRad:
        """From eᵐ⁻ʳ to eᵐ⁺ʳ, around eᵐ cosh r, within eᵐ sinh r: it stays above 0."""
        return self._power(np.exp, self.r)

    def exp2(self) -> MidRad:
        """As ``exp``, with r log 2."""
        return self._power(np.exp2, self.r * LOG_2)

    def _power(self, power: Any, r_log: Any) -> MidRad:
        size = power(self.m)
        lost = (size < TINY) & (r_log > 0)  # of so small a number some digits, or all: everything from 0 on
        m = np.where(lost, TINY, size) * np.cosh(r_log)
        r = m * np.where(lost, 1, np.tanh(r_log))
        return _known(m, _lost(r * LIBRARIES, m, self.m == -np.inf, 2 * LIBRARY), self.m == np.inf)

    def expm1(self) -> MidRad:
        m = np.expm1(self.m)
        r = _lost(np.exp(self.m) * np.expm1(self.r) * LIBRARIES, m, np.isin(self.m, (0, -np.inf)), LIBRARY)
        return _known(m, r, self.m == np.inf)

    def log(self) -> MidRad:
        """|log x − log m| ≤ −log(1 − r/m), the distance to the lower end."""
        return _logarithm(np.log, self, self.m)

    def log2(self) -> MidRad:
        return _logarithm(np.log2, self, self.m, PER_LOG_2)

    def log10(self) -> MidRad:
        return _logarithm(np.log10, self, self.m, PER_LOG_10)

    def log1p(self) -> MidRad:
        return _logarithm(np.log1p, self, 1 + self.m)

    def sinh(self) -> MidRad:
        """The slope is at most cosh of the largest |x|."""
        m, slope = np.sinh(self.m), np.cosh(self.magnitude())
        return _known(m, _lost(self.r * slope * LIBRARIES, m, m == 0, LIBRARY))

    def cosh(self) -> MidRad:
        """The slope is at most sinh of the largest |x|."""
        m, slope = np.cosh(self.m), np.sinh(self.magnitude())
        return _known(m, _lost(self.r * slope * LIBRARIES, m, share=LIBRARY))

    def tanh(self) -> MidRad:
        """The slope is at most 1/cosh² of the smallest |x|."""
        near = np.minimum(self._smallest(), FLAT["tanh"])
        return _smooth(np.tanh, self, LIBRARIES / np.cosh(near) ** 2)

    def erf(self) -> MidRad:
        """The slope is at most 2/√π exp(−t²) at the smallest |x| = t. The midpoint is the C library's."""
        near = np.minimum(self._smallest(), FLAT["erf"])
        return _smooth(lambda m: np.asarray(_erf(m), dtype=np.float64), self, ERF_SLOPE * np.exp(-near * near))

    def sin(self) -> MidRad:
        return _smooth(np.sin, self, 1)

    def cos(self) -> MidRad:
        return _smooth(np.cos, self, 1)

    def atan(self) -> MidRad:
        """The slope is at most 1/(1 + t²) at the smallest |x| = t."""
        near = self._smallest()
        return _smooth(np.arctan, self, UP / (1 + near * near), math.pi)

    def maximum(self, other: MidRad) -> MidRad:
        """The one that is certainly above the other; else the maximum of the midpoints, which moves by max(r)."""
        m, r = np.maximum(self.m, other.m), np.maximum(self.r, other.r)
        second = np.where(other.lower() > self.upper(), other.r, r)
        return MidRad(m, np.where(self.lower() > other.upper(), self.r, second)).known_where(r < np.inf)

    # several terms: a float64 sum in any order is off by at most nε Σ|x|, a product too (Jeannerod & Rump 2013)

    def sum(self, axes: tuple[int, ...], exact: Any = False) -> MidRad:
        return self._added(lambda part: np.asarray(part.sum(axis=axes)), exact)

    def cumulative(self, axis: int, exact: Any = False) -> MidRad:
        return self._added(lambda part: part.cumsum(axis=axis), exact)

    def gathered(self, place: Any, size: int, exact: Any = False) -> MidRad:
        """The sums of the entries that share a place, for the places 0 to size − 1."""

        return self._added(lambda part: np.bincount(place.ravel(), part.ravel(), size), exact)

    def _added(self, add: Callable[[Floats], Any], exact: Any) -> MidRad:
        """``add`` sums at most as many terms as there are entries; of subnormal ones nothing is lost."""
        n, m, r = self.m.size, add(self.m), add(self.r)
        size = add(np.abs(self.m))
        lost = size * (2 * n * EPS)
        r = np.where((exact | (size == 0)) & (r == 0), 0, r * SUMMED + lost)
        return _known(m, r, np.isinf(m) & (add(self.r) < np.inf))

    def max(self, axis: int) -> MidRad:
        """Up to the largest upper end; down by no more, for the largest midpoint has a lower end as near."""
        m, high = (part.max(axis=axis) for part in (self.m, self.upper()))
        return _known(m, (high - m) * UP, high == m)

    def matmul(self, other: MidRad, exact: Any = False) -> MidRad:
        n, a, b = self.shape[-1], np.abs(self.m), np.abs(other.m)
        r: Any = 0.0
        if self.r.any():
            r = r + self.r @ (b + other.r)
        if other.r.any():
            r = r + a @ other.r
        size = a @ b
        lost = size * (2 * (n + 2) * EPS) + n * TINY
        return _known(self.m @ other.m, np.where(exact & (r == 0), 0, r * SUMMED + lost))


def _lost(r: Any, m: Floats, exact: Any = False, share: float = EPS) -> Any:
    """The radius, with what computing the midpoint lost: a relative share, and underflow; and none where it was
    exact."""
    r_lost = r * UP + (np.abs(m) * (2 * share) + TINY)
    return r_lost if exact is False else np.where(exact & (r == 0), 0, r_lost)


def _smooth(function: Any, x: MidRad, slope: Any, most: float = 2.0) -> MidRad:
    """A bounded odd or even function with the largest slope, and the largest difference of two values, given."""
    m = function(x.m)
    return _known(m, _lost(np.where(x.r < np.inf, np.minimum(x.r * slope, most), np.inf), m, m == 0, LIBRARY))


def _logarithm(function: Any, x: MidRad, argument: Floats, scale: float = 1.0) -> MidRad:
    m, share = function(x.m), x.r / argument * UP
    known = (share < 1) & (argument > 0)
    r = np.where(known, -np.log1p(-np.where(known, share, 0)) * (scale * LIBRARIES), np.inf)
    return _known(m, _lost(r, m, m == 0, LIBRARY), ((argument == 0) & (x.r == 0)) | (x.m == np.inf))


def _known(m: Floats, r: Any, point: Any = False) -> MidRad:
    """Hold the invariants where something is not finite; ``point``: where an infinite midpoint is meant."""
    if np.isfinite(m).all() and (r < np.inf).all():
        return MidRad(m, np.asarray(r))
    point = point & np.isinf(m)
    known = point | (np.isfinite(m) & (r < np.inf))
    return MidRad(np.where(known, m, 0), np.where(point, 0, np.where(known, r, np.inf)))
