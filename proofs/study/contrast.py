"""Colours that can be told from their background, by the measure of WCAG 2.2 (success criterion 1.4.3)."""

from __future__ import annotations

import re

ENOUGH = 4.5  # for text that is not large


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, from 0 for black to 1 for white."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 for equal ones to 21 for black and white."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def legible(colour: str, paper: str, ink: str) -> str:
    """The colour, mixed with as much ink as it needs to be read on the paper."""
    for share in range(21):
        mixed = _mixed(colour, ink, share / 20)
        if contrast(mixed, paper) >= ENOUGH:
            return mixed
    raise ValueError(f"{ink} cannot be read on {paper}")


def legible_styles(styles: str, paper: str, ink: str) -> str:
    """A style sheet whose text colours can all be read on the paper."""
    styles = re.sub(r"#([0-9A-Fa-f])([0-9A-Fa-f])([0-9A-Fa-f])\b(?![0-9A-Fa-f])", r"#\1\1\2\2\3\3", styles)
    return re.sub(r"(?<![-\w])color: (#[0-9A-Fa-f]{6})", lambda at: f"color: {legible(at[1], paper, ink)}", styles)


def _mixed(colour: str, ink: str, share: float) -> str:
    pairs = ((int(colour[i : i + 2], 16), int(ink[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c + share * (d - c)):02x}" for c, d in pairs)
