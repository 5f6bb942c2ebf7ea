"""The help for the present room: every key, and why some do not work now."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from textual.content import Content

from cratejoy_tui.tui.actions import EVERYWHERE, TABLE, Action, Situation, actions_in
from cratejoy_tui.tui.keymap import keys_of, shown
from cratejoy_tui.tui.safe import as_it_is, joined, words

GROUPS = ("Boxes", "Activity", "Settings", "View", "Move and mark", "Go", "Everywhere")


def help_content(now: Situation, keys: Mapping[str, str]) -> Content:
    """All actions that exist here, by group; those that cannot be done now say why."""
    known = sorted(actions_in(now.room, TABLE, EVERYWHERE), key=lambda action: GROUPS.index(action.group))
    parts: list[Content] = []
    for group, actions in groupby(known, key=lambda action: action.group):
        parts += [as_it_is(group, "bold $accent"), *(_line(action, now, keys) for action in actions), as_it_is("")]
    parts.append(
        as_it_is("Marks, holds, releases and choices of matches can be undone with z. What was sent cannot.", "$muted")
    )
    return Content("\n").join(parts)


def _line(action: Action, now: Situation, keys: Mapping[str, str]) -> Content:
    why = action.why_not(now)
    name = "$muted" if why else "$foreground"
    key = shown(keys_of(action, keys)) or ":"
    line = joined((f"  {key:<14}", "bold $primary"), (f"{action.label:<18}", name), words(action.help, name))
    return joined(line, "\n", " " * 34, words(why, "$warning")) if why else line
