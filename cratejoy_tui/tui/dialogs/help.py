"""The help for the present room: every key, and why some do not work now."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from itertools import groupby

from textual.content import Content

from cratejoy_tui.tui.actions import EVERYWHERE, MOVES, TABLE, Action, actions_in
from cratejoy_tui.tui.keymap import keys_of, shown
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.situation import Situation

KEYS, LABEL = 13, 16
GROUPS = ("Boxes", "Activity", "Settings", "View", MOVES, "Go", "Everywhere")


def by_group(now: Situation) -> list[Action]:
    """All actions that exist here, what is done to boxes first."""
    return sorted(actions_in(now.room, TABLE, EVERYWHERE), key=lambda action: GROUPS.index(action.group))


def help_content(now: Situation, keys: Mapping[str, str], width: int) -> Content:
    """All actions that exist here, by group; those that cannot be done now say why."""
    parts: list[Content] = []
    for group, actions in groupby(by_group(now), key=lambda action: action.group):
        parts += [
            as_it_is(group, "bold $accent"),
            *(_line(action, now, keys, width) for action in actions),
            as_it_is(""),
        ]
    parts.append(
        as_it_is("Marks, holds, releases and choices of matches can be undone with z. What was sent cannot.", "$muted")
    )
    return Content("\n").join(parts)


def _line(action: Action, now: Situation, keys: Mapping[str, str], width: int) -> Content:
    why = action.why_not(now)
    name = "$muted" if why else "$foreground"
    key = shown(keys_of(action, keys)) or ":"
    head = joined((f"  {key:<{KEYS}}", "bold $primary"), (f"{action.label:<{LABEL}}", name))
    return joined(head, *_hanging(action.help, name, width), *(_hanging(why, "$warning", width, "\n") if why else ()))


def _hanging(text: str, style: str, width: int, before: str = "") -> list[Content]:
    """The text in a column of its own, however narrow the page."""
    indent = 2 + KEYS + LABEL
    lines = textwrap.wrap(text, max(width - indent, 20))
    starts = [before + " " * indent if before else "", *["\n" + " " * indent] * (len(lines) - 1)]
    return [joined(start, words(line, style)) for start, line in zip(starts, lines, strict=True)]
