"""The console's colours: two of our own, one that colour-blind eyes can tell apart, and the terminal's sixteen."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import Theme

DEFAULT = "parcel"

_PARCEL = Theme(
    name="parcel",
    primary="#5fb3d9",
    secondary="#3d7ea6",
    accent="#f2b263",
    success="#7fc98b",
    warning="#e8c468",
    error="#ee7d78",
    foreground="#d9dee6",
    background="#12161c",
    surface="#171c24",
    panel="#1f2630",
    variables={"block-cursor-text-style": "none", "input-cursor-text-style": "reverse"},
)
_PARCEL_LIGHT = Theme(
    name="parcel-light",
    primary="#0f5f8a",
    secondary="#3d7ea6",
    accent="#9a5b00",
    success="#1f7a35",
    warning="#8a6100",
    error="#b3261e",
    foreground="#1b2330",
    background="#fbfaf7",
    surface="#f4f2ec",
    panel="#e8e5dc",
    dark=False,
)
_BLUE_ORANGE = Theme(
    name="blue-orange",
    primary="#56b4e9",
    secondary="#0072b2",
    accent="#f0e442",
    success="#56b4e9",
    warning="#e69f00",
    error="#ff8c42",
    foreground="#e6e6e6",
    background="#101418",
    surface="#161b21",
    panel="#20262e",
)
"""Blue for what is well, orange for what is not: told apart with every common kind of colour blindness."""

OURS = (_PARCEL, _PARCEL_LIGHT, _BLUE_ORANGE)
SIXTEEN = ("ansi-dark", "ansi-light")
OFFERED = (*(theme.name for theme in OURS), *SIXTEEN)
"""The themes the console offers; the last two use only the terminal's own sixteen colours."""


def muted(variables: Mapping[str, str]) -> str:
    """The colour of what matters less: between text and ground; the terminal's own grey where it has sixteen."""
    foreground, background = variables["foreground"], variables["background"]
    if "ansi" in foreground:
        return "ansi_bright_black"
    return Color.parse(background).blend(Color.parse(foreground), 0.58).hex
