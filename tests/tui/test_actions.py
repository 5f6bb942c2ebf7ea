from __future__ import annotations

import pytest

from cratejoy_tui.tui import keymap
from cratejoy_tui.tui.actions import ACTIONS, EVERYWHERE, ROOMS, TABLE, actions_in, footer_actions
from cratejoy_tui.tui.situation import Situation

SENDS = ("push", "run-all", "recall", "confirm", "replace", "send-cancels")
"""Each of these ends in a write to a remote system."""


def test_the_keys_that_come_along_have_no_problem() -> None:
    assert keymap.problems({}) == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_footer_has_seven_keys_at_most_and_always_the_help(room: str) -> None:
    shown = [action.id for action in footer_actions((EVERYWHERE, TABLE, room))]
    assert len(shown) <= 7
    assert "help" in shown


def test_every_action_says_in_a_sentence_what_it_does() -> None:
    for action in ACTIONS.values():
        assert action.help.endswith("."), action.id
        assert action.label


def test_no_letter_that_moves_or_scrolls_elsewhere_sends_anything() -> None:
    keys = {key for id_ in SENDS for key in ACTIONS[id_].keys}
    assert not keys & {"ctrl+d", "ctrl+k", "ctrl+h", "ctrl+a", "enter", "space", "delete", "backspace"}


def test_whatever_sends_is_refused_read_only_with_the_reason() -> None:
    now = Situation(room="pending", is_read_only=True, rows=3, has_row=True, stage="planned")
    for id_ in SENDS:
        assert "read-only" in ACTIONS[id_].why_not(now), id_


def test_nothing_is_sent_while_a_run_is_under_way() -> None:
    now = Situation(is_busy=True, has_row=True, rows=1)
    assert "ctrl+c" in ACTIONS["push"].why_not(now)
    assert ACTIONS["stop"].why_not(now) == ""
    assert "q" in ACTIONS["stop"].why_not(Situation())


def test_a_verb_names_the_stages_it_is_for() -> None:
    now = Situation(room="orders", rows=1, has_row=True, stage="confirmed")
    assert ACTIONS["recall"].why_not(now) == (
        "This box is confirmed; this is only for boxes that are at the warehouse, partly shipped, "
        "stuck after a refused cancel or in conflict."
    )
    assert ACTIONS["retry"].why_not(now) == "This box is confirmed; this is only for boxes that are in error."
    in_doubt = Situation(room="orders", rows=1, has_row=True, stage="unknown")
    assert ACTIONS["replace"].why_not(in_doubt).startswith("This box is in doubt (unknown); ")
    assert ACTIONS["recall"].why_not(Situation(rows=1, has_row=True, stage="at warehouse")) == ""


def test_what_is_done_to_one_box_is_refused_for_many() -> None:
    now = Situation(rows=5, has_row=True, marked=3, stage="conflict")
    assert "one box at a time" in ACTIONS["resolve"].why_not(now)


def test_marked_rows_alone_are_acted_on() -> None:
    assert Situation(has_row=True).chosen == 1
    assert Situation(has_row=True, marked=4).chosen == 4
    assert Situation().chosen == 0


def test_before_the_ledger_is_open_only_going_about_works() -> None:
    now = Situation(is_open=False)
    can = {action.id for action in actions_in(EVERYWHERE) if not action.why_not(now)}
    assert {"help", "quit", "palette", "go-settings"} <= can
    assert "refresh" not in can
