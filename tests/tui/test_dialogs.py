from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input

import cratejoy_tui.tui
from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog
from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.dialogs.grace import GraceDialog
from cratejoy_tui.tui.dialogs.help import KEYS, LABEL, help_content
from cratejoy_tui.tui.dialogs.plan import PlanDialog, PlanTexts, plan_content
from cratejoy_tui.tui.dialogs.question import Field, Question
from cratejoy_tui.tui.situation import Situation

PLAN = PlanTexts(
    title="Push?",
    counts=[("orders to the warehouse", 7)],
    target="Acme WMS",
    numbers=[f"SUB-{n}" for n in range(7)],
    hidden=3,
    e_mails=2,
    left_out=("SUB-9: not paid",),
    cautions=("It cannot be taken back.",),
    command="cratejoy-tui push 1",
)


class Asking(App[None]):
    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[object] = []

    def get_css_variables(self) -> dict[str, str]:
        return {**super().get_css_variables(), "muted": "#888888"}

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and isinstance(self.screen, Dialog) and self.screen.is_deaf:
            return
        await super().on_event(event)


@asynccontextmanager
async def asked(
    dialog: Dialog[Any], monkeypatch: pytest.MonkeyPatch, deaf: float = 0.0
) -> AsyncIterator[tuple[Asking, Pilot[None]]]:
    monkeypatch.setattr(type(dialog), "deaf_seconds", deaf)
    app = Asking(dialog)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


async def test_enter_on_a_plan_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(PlanDialog(PLAN), monkeypatch) as (app, pilot):
        assert app.focused is app.screen.query_one("#cancel")
        await pilot.press("enter")
        assert app.answers == [None]


async def test_y_sends_a_small_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(PlanDialog(PLAN), monkeypatch) as (app, pilot):
        await pilot.press("y")
        assert app.answers == [True]


@pytest.mark.parametrize(
    "texts",
    [
        PlanTexts(title="t", counts=[("orders", 26)], target="x", numbers=[]),
        PlanTexts(title="t", counts=[("orders", 26)], target="x", numbers=[], needs_number=True),
    ],
)
async def test_a_large_plan_wants_its_number_typed(texts: PlanTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(PlanDialog(texts), monkeypatch) as (app, pilot):
        await pilot.press("y")
        assert app.answers == []
        await pilot.press("2", "5", "enter")
        assert app.answers == []
        assert app.screen.query_one("#go", Button).disabled
        await pilot.press("backspace", "6", "enter")
        assert app.answers == [True]


async def test_twenty_five_boxes_need_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = PlanTexts(title="t", counts=[("orders", 25)], target="x", numbers=[])
    async with asked(PlanDialog(texts), monkeypatch) as (app, _):
        assert not app.screen.query(Input)


async def test_a_plan_of_nothing_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = PlanTexts(title="t", counts=[], target="x", numbers=[])
    async with asked(PlanDialog(texts), monkeypatch) as (app, pilot):
        await pilot.press("y")
        assert app.answers == []


def test_a_plan_tells_all_that_an_operator_must_know() -> None:
    text = plan_content(PLAN).plain
    told = (
        "7 orders to the warehouse",
        "3 of them are hidden",
        "Acme WMS",
        "SUB-0, SUB-1, SUB-2, SUB-3, SUB-4 and 2 more",
        "2 customers will be e-mailed",
        "SUB-9: not paid",
        "cannot be taken back",
        "cratejoy-tui push 1",
    )
    for part in told:
        assert part in text


async def test_keys_that_come_too_soon_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(PlanDialog(PLAN), monkeypatch, deaf=3600.0) as (app, pilot):
        await pilot.press("y", "enter", "escape")
        assert app.answers == []


async def test_esc_stops_a_send_before_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(GraceDialog(3, 3600.0), monkeypatch) as (app, pilot):
        assert "Sending 3" in app.screen.query_one("#countdown").render().plain  # type: ignore[attr-defined]
        await pilot.press("escape")
        assert app.answers == [None]


async def test_the_wait_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(GraceDialog(3, 0.0), monkeypatch) as (app, pilot):
        await pilot.pause(0.3)
        assert app.answers == [True]


async def test_a_reason_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("Hold 2 boxes", "Until released.", [Field(name="reason", label="Reason")])
    async with asked(question, monkeypatch) as (app, pilot):
        await pilot.press("enter")
        assert app.answers == []
        await pilot.press("n", "o", "enter")
        assert app.answers == [{"reason": "no"}]


async def test_a_choice_is_found_by_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = [Choice(id="push", label="Push"), Choice(id="hold", label="Hold", hint="keep it back")]
    async with asked(ChoiceDialog("Commands", choices), monkeypatch) as (app, pilot):
        await pilot.press("b", "a", "c", "k", "enter")
        assert app.answers == ["hold"]


async def test_what_cannot_be_chosen_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = [Choice(id="push", label="Push", why_not="The console runs [read-only].")]
    async with asked(ChoiceDialog("Commands", choices), monkeypatch) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == []
        assert [n.message for n in app._notifications] == ["The console runs [read-only]."]


def test_what_is_left_out_is_told_whole_or_counted() -> None:
    some = PlanTexts(title="t", counts=[("order", 1)], target="x", numbers=["1"], left_out=["a", "b"])
    many = PlanTexts(title="t", counts=[("order", 1)], target="x", numbers=["1"], left_out=["c"] * 11)
    assert "more" not in plan_content(some).plain
    assert "Left out (11)" in plan_content(many).plain
    assert "and 3 more" in plan_content(many).plain


@pytest.mark.parametrize("width", [60, 68, 100])
def test_the_help_keeps_its_column_however_narrow_the_page(width: int) -> None:
    text = help_content(Situation(room="pending"), {}, width).plain
    lines = [line for line in text.split("\n")[:-1] if line.startswith("  ")]
    assert max(map(len, lines)) <= width
    assert all(line[: 2 + KEYS + LABEL].strip() == "" or line[2 + KEYS + LABEL - 1] == " " for line in lines)
    assert "There is no box under the cursor" in " ".join(text.split())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
@pytest.mark.parametrize("kind", ["plan", "question"])
async def test_the_buttons_are_in_sight_however_long_the_text_and_small_the_window(
    kind: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    why = ["a reason that is long enough to need more than one line of a narrow window"] * 12
    plan = PlanTexts(title="t", counts=[("order", 41)], target="x", numbers=why, left_out=why, cautions=why)
    fields = [Field(name="a", label="A"), Field(name="b", label="B")]
    dialog = PlanDialog(plan) if kind == "plan" else Question("t", " ".join(why * 3), fields)
    monkeypatch.setattr(type(dialog), "deaf_seconds", 0.0)
    app = Asking(dialog)
    app.stylesheet.read(str(Path(cratejoy_tui.tui.__file__).with_name("console.tcss")))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        for button in app.screen.query(Button):
            assert app.screen.query_one(".dialog").content_region.contains_region(button.region), button.region
        assert app.screen.query_one(".dialog-body").region.height >= 2
