"""Keys: the defaults, and what the operator's settings make of them, checked before they are used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from textual.binding import Binding, BindingType

from cratejoy_tui.tui.actions import ACTIONS, EVERYWHERE, MOVES, ROOMS, TABLE, Action, actions_in

ALWAYS_REACHABLE = ("quit", "help")
_SPELLED = {
    "?": "question_mark", "/": "slash", ":": "colon", "[": "left_square_bracket", "]": "right_square_bracket",
    " ": "space", ".": "full_stop", ",": "comma", "-": "minus", "+": "plus", "!": "exclamation_mark",
    "=": "equals_sign", "*": "asterisk", "#": "number_sign", "@": "at", ";": "semicolon", "del": "delete",
    "esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown",
}  # fmt: skip
_SHOWN = {
    "question_mark": "?", "slash": "/", "colon": ":", "left_square_bracket": "[", "right_square_bracket": "]",
    "space": "space", "pagedown": "pgdn", "pageup": "pgup", "escape": "esc", "down": "↓", "up": "↑", "left": "←",
    "right": "→", "shift+down": "⇧↓", "shift+up": "⇧↑", "full_stop": ".", "comma": ",", "minus": "-", "plus": "+",
}  # fmt: skip
_SWALLOWED = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys that terminals send as another key."""


def keys_of(action: Action, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action, as Textual names them."""
    if action.id not in chosen:
        return action.keys
    given = chosen[action.id]
    keys = [given] if given in {",", " "} else [key for key in given.replace(",", " ").split() if key]
    return tuple(_SPELLED.get(key, key) for key in keys)


def shown(keys: Iterable[str]) -> str:
    """Keys as they are printed in help and footer."""
    return " ".join(_SHOWN.get(key, key) for key in keys)


def problems(chosen: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with these keys, in words for the operator; empty when they can be used."""
    return [*_unknown(chosen), *_unusable(chosen), *_clashes(chosen), *_lost(chosen)]


def usable(chosen: Mapping[str, str]) -> dict[str, str]:
    """Action -> keys for Textual. Chosen keys that have problems are left out, so that the defaults stand."""
    good: dict[str, str] = {}
    for id_, keys in chosen.items():
        if not problems({**good, id_: keys}):
            good[id_] = keys
    return {id_: ",".join(keys_of(ACTIONS[id_], good)) for id_ in good}


def bindings_in(*places: str) -> list[BindingType]:
    """The bindings of a place, each under its action's name, so that a key can be changed by that name."""
    return [_binding(action) for action in actions_in(*places)]


def _binding(action: Action) -> Binding:
    name = action.id.replace("-", "_")
    method = f"table('{name}')" if action.group == MOVES else f"app.do('{action.id}')"
    # An action without a key gets one that no keyboard has, so that the settings can give it a real one.
    keys = ",".join(action.keys) or f"f24+{name}"
    return Binding(keys, method, action.label, id=action.id, show=False, priority=action.is_urgent)


def _unknown(chosen: Mapping[str, str]) -> Iterator[str]:
    for id_ in chosen:
        if id_ not in ACTIONS:
            close = difflib.get_close_matches(id_, ACTIONS, n=1)
            yield f"keys: there is no action {id_}" + (f"; did you mean {close[0]}?" if close else "")


def _unusable(chosen: Mapping[str, str]) -> Iterator[str]:
    for id_ in chosen:
        for key in keys_of(ACTIONS[id_], chosen) if id_ in ACTIONS else ():
            if key in _SWALLOWED:
                yield f"keys: {id_} = {key}: terminals send it as {_SWALLOWED[key]}"
            elif key.startswith(("ctrl+shift+", "alt+shift+")) or key in {"ctrl+enter", "shift+enter", "alt+enter"}:
                yield f"keys: {id_} = {key}: most terminals cannot send it"


def _clashes(chosen: Mapping[str, str]) -> Iterator[str]:
    told: set[frozenset[str]] = set()
    for room in ROOMS:
        owners: dict[str, str] = {}
        for action in actions_in(EVERYWHERE, TABLE, room):
            for key in keys_of(action, chosen):
                other = owners.setdefault(key, action.id)
                pair = frozenset({other, action.id})
                if other != action.id and pair not in told:
                    told.add(pair)
                    yield f"keys: {shown([key])} is given to both {other} and {action.id}"


def _lost(chosen: Mapping[str, str]) -> Iterator[str]:
    for id_ in ALWAYS_REACHABLE:
        if not keys_of(ACTIONS[id_], chosen):
            yield f"keys: {id_} must keep a key"
