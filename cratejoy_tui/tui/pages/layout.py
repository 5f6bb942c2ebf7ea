"""The few shapes that all pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from textual.content import Content

from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.states import stage_cell
from cratejoy_tui.tui.widgets.columns import fitted

TONE_STYLES = {
    "good": "$success",
    "warn": "$warning",
    "bad": "bold $error",
    "busy": "$primary",
    "quiet": "$muted",
    "strong": "bold",
    "accent": "$accent",
    "": "",
}


def page(parts: Iterable[Content]) -> Content:
    """Parts below one another."""
    return Content("\n").join(list(parts))


def heading(text: str) -> Content:
    """The name of a section."""
    return words(text, "bold $accent")


def fact(name: str, value: object, style: str = "", width: int = 14) -> Content:
    """A name and its value on one line."""
    return joined((f"{name:<{width}} ", "$muted"), words(value, style))


def section(name: str, parts: Iterable[Content]) -> list[Content]:
    """A named section below what stands before it; nothing where it would be empty."""
    told = list(parts)
    return [gap(), heading(name), *told] if told else []


def gap() -> Content:
    """An empty line."""
    return Content("")


def state(cell: tuple[str, str]) -> Content:
    """A mark and word in their tone."""
    return words(cell[0], TONE_STYLES[cell[1]])


def stage(name: str) -> Content:
    """A stage in its tone."""
    return state(stage_cell(name))


def moment(at: datetime | None, zone: tzinfo) -> str:
    """An instant in the store's time; "" for none."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def grid(headings: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int]) -> list[Content]:
    """A small table; cells are cleaned and cut to their widths."""
    lines = [as_it_is("  ".join(fitted(h, w) for h, w in zip(headings, widths, strict=True)).rstrip(), "bold $muted")]
    for row in rows:
        cells = [
            fitted(words(cell).plain, width, is_right=isinstance(cell, int))
            for cell, width in zip(row, widths, strict=True)
        ]
        lines.append(as_it_is("  ".join(cells).rstrip()))
    return lines
