from __future__ import annotations

import pytest

from cratejoy_tui.tui import keymap
from cratejoy_tui.tui.actions import ACTIONS


def test_an_unknown_action_names_the_closest_one() -> None:
    assert keymap.problems({"confrim": "c"}) == ["keys: there is no action confrim; did you mean confirm?"]


def test_two_actions_on_one_key_in_one_room_are_told() -> None:
    assert keymap.problems({"explain": "p"}) == ["keys: p is given to both push and explain"]


def test_the_same_key_in_two_rooms_is_fine() -> None:
    assert keymap.problems({"confirm": "p"}) == []


@pytest.mark.parametrize("id_", keymap.ALWAYS_REACHABLE)
def test_quit_and_help_keep_a_key(id_: str) -> None:
    assert keymap.problems({id_: ""}) == [f"keys: {id_} must keep a key"]
    assert id_ not in keymap.usable({id_: ""})


def test_keys_that_terminals_swallow_are_refused() -> None:
    assert keymap.problems({"push": "ctrl+m"}) == ["keys: push = ctrl+m: terminals send it as enter"]
    assert keymap.problems({"push": "ctrl+shift+p"}) == ["keys: push = ctrl+shift+p: most terminals cannot send it"]


def test_good_keys_are_used_though_others_are_not() -> None:
    assert keymap.usable({"push": "w", "nonsense": "q"}) == {"push": "w"}
    assert keymap.usable({"filter": "/"}) == {"filter": "slash"}


def test_several_keys_may_be_given() -> None:
    assert keymap.keys_of(ACTIONS["filter"], {"filter": "/, f3"}) == ("slash", "f3")
    assert keymap.shown(("slash", "pagedown", "shift+down")) == "/ pgdn ⇧↓"
