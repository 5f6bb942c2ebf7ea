"""Stages: every combination has an answer, and only real steps are allowed."""

from __future__ import annotations

from itertools import product

import pytest

from cratejoy_tui.errors import ImpossibleMove, LedgerError
from cratejoy_tui.sync.domain.stage import (
    ALLOWED_MOVES,
    CLOSED_STAGES,
    LIVE_STAGES,
    OPEN_STAGES,
    Kind,
    Stage,
    State,
    check_move,
    im_word,
    stage_after,
)

EVERYTHING = list(product(Kind, State, Stage))


def test_every_stage_is_open_live_or_closed():
    assert set(Stage) == OPEN_STAGES | LIVE_STAGES | CLOSED_STAGES
    assert len(OPEN_STAGES) + len(LIVE_STAGES) + len(CLOSED_STAGES) == len(Stage)


def test_the_table_answers_every_combination():
    assert all(isinstance(stage_after(*case), Stage) for case in EVERYTHING)


@pytest.mark.parametrize(
    ("kind", "state", "before", "after"),
    [
        (Kind.PUSH, State.READY, Stage.SENDING, Stage.PLANNED),
        (Kind.PUSH, State.SENDING, Stage.PLANNED, Stage.SENDING),
        (Kind.PUSH, State.UNKNOWN, Stage.SENDING, Stage.UNKNOWN),
        (Kind.PUSH, State.ACCEPTED, Stage.SENDING, Stage.AT_WAREHOUSE),
        (Kind.PUSH, State.ACCEPTED, Stage.CANCELLED, Stage.AT_WAREHOUSE),
        (Kind.PUSH, State.ACCEPTED, Stage.SHIPPED, Stage.SHIPPED),
        (Kind.PUSH, State.REJECTED, Stage.SENDING, Stage.ERROR),
        (Kind.PUSH, State.REVIEW, Stage.UNKNOWN, Stage.CONFLICT),
        (Kind.PUSH, State.CANCELLED_LOCAL, Stage.UNKNOWN, Stage.CANCELLED),
        (Kind.PUSH, State.READY, Stage.CANCELLED, Stage.CANCELLED),
        (Kind.CONFIRM, State.READY, Stage.CONFIRMING, Stage.SHIPPED),
        (Kind.CONFIRM, State.READY, Stage.PARTLY_SHIPPED, Stage.PARTLY_SHIPPED),
        (Kind.CONFIRM, State.SENDING, Stage.SHIPPED, Stage.CONFIRMING),
        (Kind.CONFIRM, State.UNKNOWN, Stage.CONFIRMING, Stage.UNKNOWN),
        (Kind.CONFIRM, State.ACCEPTED, Stage.UNKNOWN, Stage.CONFIRMED),
        (Kind.CONFIRM, State.REJECTED, Stage.CONFIRMING, Stage.CONFLICT),
        (Kind.CANCEL, State.SENDING, Stage.AT_WAREHOUSE, Stage.AT_WAREHOUSE),
        (Kind.CANCEL, State.UNKNOWN, Stage.AT_WAREHOUSE, Stage.AT_WAREHOUSE),
        (Kind.CANCEL, State.ACCEPTED, Stage.AT_WAREHOUSE, Stage.CANCELLED),
        (Kind.CANCEL, State.ACCEPTED, Stage.PARTLY_SHIPPED, Stage.CONFLICT),
        (Kind.CANCEL, State.TOO_LATE, Stage.AT_WAREHOUSE, Stage.CANCEL_REFUSED),
        (Kind.CANCEL, State.TOO_LATE, Stage.SHIPPED, Stage.SHIPPED),
        (Kind.CANCEL, State.TOO_LATE, Stage.PARTLY_SHIPPED, Stage.CONFLICT),
        (Kind.REPLACE, State.UNKNOWN, Stage.CONFIRMED, Stage.CONFIRMED),
        (Kind.REPLACE, State.REJECTED, Stage.CONFIRMED, Stage.CONFIRMED),
        (Kind.REPLACE, State.ACCEPTED, Stage.SHIPPED, Stage.CONFIRMED),
        (Kind.REPLACE, State.REJECTED, Stage.SHIPPED, Stage.CONFLICT),
    ],
)
def test_the_stage_follows_the_operation(kind: Kind, state: State, before: Stage, after: Stage):
    assert stage_after(kind, state, before) is after
    check_move(before, after)


@pytest.mark.parametrize("kind", [Kind.CONFIRM, Kind.CANCEL, Kind.REPLACE])
def test_nothing_but_a_push_can_make_a_live_box_open_to_a_push_again(kind: Kind):
    for state, before in product(State, LIVE_STAGES):
        assert stage_after(kind, state, before) not in OPEN_STAGES


@pytest.mark.parametrize("state", [State.READY, State.CLAIMED, State.SENDING])
def test_asking_for_a_cancel_moves_nothing(state: State):
    for before in Stage:
        assert stage_after(Kind.CANCEL, state, before) is before


def test_every_stage_has_its_moves_and_staying_is_none_of_them_worth_refusing():
    assert set(ALLOWED_MOVES) == set(Stage)
    for stage in Stage:
        check_move(stage, stage)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Stage.SEEN, Stage.SENDING),
        (Stage.HELD, Stage.SENDING),
        (Stage.AT_WAREHOUSE, Stage.SENDING),
        (Stage.AT_WAREHOUSE, Stage.PLANNED),
        (Stage.SHIPPED, Stage.SEEN),
        (Stage.CONFIRMED, Stage.CONFIRMING),
        (Stage.CANCELLED, Stage.PLANNED),
        (Stage.CANCELLED, Stage.SHIPPED),
        (Stage.UNKNOWN, Stage.SENDING),
    ],
)
def test_a_step_that_cannot_be_raises_and_names_both_stages(before: Stage, after: Stage):
    with pytest.raises(ImpossibleMove, match=f'"{before}" to "{after}"') as caught:
        check_move(before, after)
    assert isinstance(caught.value, LedgerError)


def test_only_a_planned_or_failed_box_can_start_to_be_sent():
    assert {stage for stage, to in ALLOWED_MOVES.items() if Stage.SENDING in to} == {Stage.PLANNED, Stage.ERROR}


def test_exports_use_the_words_of_the_hosted_product():
    words: dict[str, set[Stage]] = {}
    for stage in Stage:
        words.setdefault(im_word(stage), set()).add(stage)
    assert words == {
        "New": {Stage.SEEN, Stage.PLANNED, Stage.SENDING, Stage.UNKNOWN},
        "At WMS": {Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND},
        "Shipped": {Stage.SHIPPED, Stage.CONFIRMING},
        "Confirmed": {Stage.CONFIRMED},
        "Error": {Stage.HELD, Stage.ERROR, Stage.CONFLICT},
        "Canceled": {Stage.CANCELLED},
    }


def test_a_cancel_under_way_shows_until_the_box_is_closed():
    assert im_word(Stage.AT_WAREHOUSE, cancelling=True) == "Cancel Sending"
    assert im_word(Stage.CANCELLED, cancelling=True) == "Canceled"


@pytest.mark.parametrize("before", sorted(CLOSED_STAGES))
def test_no_end_of_a_cancel_opens_a_closed_box(before: Stage):
    assert {stage_after(Kind.CANCEL, state, before) for state in State} == {before}
