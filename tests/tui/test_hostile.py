"""Hostile names and texts on every screen, with toasts on: nothing acts, nothing breaks."""

from __future__ import annotations

from pathlib import Path

from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.plan import PlanDialog, PlanTexts
from cratejoy_tui.tui.dialogs.question import Field, Question
from cratejoy_tui.tui.safe import words
from cratejoy_tui.tui.widgets.bars import Standing
from tests.tui.conftest import Driver, console

PAYLOADS = (
    "[/nope]",
    "[@click=app.leave(9)]Bob[/]",
    "[link=https://evil.example]x[/link]",
    "[$primary]y[/]",
    "[bold",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]0;title\x07\x1b[2J",
    "a\x9b31mb",
    "\u202egnp.exe",
    "\u200bzero\ufeff",
    "line\nbreak\r\ttab",
    "日本語" * 60,
    "👩‍👩‍👧‍👦\u0301" * 20,
    "\ud800",
)


def assert_harmless(driver: Driver) -> None:
    for char in driver.text():
        assert char.isprintable() or char in "\n\u200d", repr(char)


async def test_every_place_that_shows_text_shows_it_literally(demo: Path) -> None:
    async with console() as driver:
        await driver.press("l")
        for payload in PAYLOADS:
            await show_everywhere(driver, payload)
        assert driver.app.return_code is None


async def show_everywhere(driver: Driver, payload: str) -> None:
    app = driver.app
    standing = Standing(
        store=payload, badges=("DEMO",), holder=payload, last_good=payload, overdue=((payload, 2),), clock=payload
    )
    app.frame.header.show(standing)
    app.remark = payload
    app.frame.tell_chosen()
    app.tell(payload, is_warning=True, title=payload)
    app.frame.running.begin(payload, payload)
    app.session.book.add(payload)
    await driver.pilot.pause()
    assert_harmless(driver)
    texts = PlanTexts(
        title=payload,
        counts=[(payload, 1)],
        target=payload,
        numbers=[payload],
        left_out=[payload],
        cautions=[payload],
        command=payload,
    )
    for dialog in (
        PlanDialog(texts),
        Question(payload, payload, [Field(name="a", label=payload, value=payload, hint=payload)], payload),
        ChoiceDialog(payload, [Choice(id="x", label=payload, hint=payload, why_not=payload)], hint=payload),
        PageDialog(payload, words(payload)),
    ):
        app.push_screen(dialog)
        await driver.until(lambda dialog=dialog: app.screen is dialog)
        await driver.pilot.pause()
        assert_harmless(driver)
        for offset in ((30, 6), (50, 20)):
            await driver.pilot.click(offset=offset)
        if app.screen is dialog:
            dialog.dismiss(None)
        await driver.until(lambda: app.screen is app.frame)


async def test_nasty_boxes_walk_through_every_room(demo: Path) -> None:
    demo_world(demo / "world.sqlite", "nasty-data").close()
    async with console() as driver:
        await driver.refresh()
        await driver.press("a", "p")
        dialog = await driver.dialog(PlanDialog)
        assert isinstance(dialog, PlanDialog)
        assert_harmless(driver)
        driver.app.remark = ""
        await driver.type(str(dialog.texts.total))
        await driver.press("enter" if dialog.texts.is_typed else "y")
        await driver.until(lambda: "done" in driver.app.remark, "the push")
        await driver.until(lambda: not driver.app.session.is_busy)
        if isinstance(driver.app.screen, PageDialog):
            assert_harmless(driver)
            await driver.press("escape")
        await driver.pass_time(4)
        await driver.refresh()
        for room in "123456":
            await driver.press(room)
            await driver.idle()
            for _ in range(6):
                await driver.press("d", "down")
                await driver.pilot.pause(0.1)
                assert_harmless(driver)
        await driver.press("1")
        await driver.idle()
        await driver.press("i")
        await driver.dialog(PageDialog)
        assert_harmless(driver)
        assert driver.app.return_code is None
