"""A whole day at the console, by keyboard alone, proved by what the simulated systems wrote down."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button, Input

from cratejoy_tui.cli.options import Options
from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.tui.dialogs.choice import ChoiceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.plan import PlanDialog
from cratejoy_tui.tui.dialogs.question import Question
from cratejoy_tui.tui.door import Look
from cratejoy_tui.tui.widgets.box_table import BoxTable
from tests.tui.conftest import Driver, console


async def allow(driver: Driver) -> None:
    """Allow the plan on screen, typing its number where one is asked for."""
    dialog = await driver.dialog(PlanDialog)
    assert isinstance(dialog, PlanDialog)
    assert driver.app.focused is dialog.query_one("#cancel")
    if dialog.texts.is_typed:
        await driver.type(str(dialog.texts.total))
        await driver.until(lambda: not dialog.query_one("#go", Button).disabled)
        await driver.press("enter")
    else:
        await driver.press("y")
    await driver.until(
        lambda: driver.app.remark and not driver.app.session.is_busy and dialog not in driver.app.screen_stack
    )


async def send(driver: Driver, key: str) -> None:
    driver.app.remark = ""
    await driver.press(key)
    await allow(driver)
    await driver.until(lambda: "done" in driver.app.remark or "refused" in driver.app.remark, "the results")
    await driver.idle()


async def close_page(driver: Driver) -> str:
    page = await driver.dialog(PageDialog)
    assert isinstance(page, PageDialog)
    text = page._text.plain
    await driver.press("escape")
    await driver.until(lambda: driver.app.screen is driver.app.frame)
    return text


async def narrow(driver: Driver, words: str) -> None:
    """Filter the list in front."""
    await driver.press("slash")
    await driver.type(words)
    await driver.press("enter")
    await driver.until(lambda: driver.app.frame.room.table.wanted.text == words)
    await driver.idle()


async def enter(driver: Driver, key: str) -> None:
    await driver.press(key)
    await driver.idle()


async def toast(driver: Driver, words: str) -> None:
    await driver.until(lambda: any(words in text for text in driver.toasts()))
    await driver.idle()


async def push_three_then_the_rest(driver: Driver, world: World) -> None:
    """Filter, mark, push what is marked and nothing else; then all in view, the number typed."""
    await narrow(driver, "stage:planned")
    table = driver.app.frame.room.table
    wanted = {table.pages.get(id_).number for id_ in table.ids[:3]}
    await driver.press("space", "space", "space")
    assert len(table.marks) == 3
    await send(driver, "p")
    assert set(record(world).received) == wanted
    await driver.press("a")
    await send(driver, "p")
    pushed = record(world).received
    assert len(pushed) == 77
    assert set(pushed.values()) == {1}


async def send_late_cancels(driver: Driver, world: World) -> set[str]:
    """Some are taken, some refused: the numbers of these."""
    await enter(driver, "4")
    await send(driver, "c")
    told = await close_page(driver)
    assert "the order is being picked" in told
    cancels = record(world).cancels
    assert set(cancels.values()) == {"cancelled", "refused"}
    return {number for number, answer in cancels.items() if answer == "refused"}


async def tick_one_off(driver: Driver, refused: set[str]) -> None:
    """Refused cancels stand on the stop-ship list until somebody ticks them off."""
    app = driver.app
    await driver.until(lambda: "stop by hand" in driver.text(), "the stop-ship row")
    await driver.idle()
    await driver.press("home")
    ticked = app.frame.room.table.current.number
    assert ticked in refused
    await driver.press("P")
    listed = await close_page(driver)
    assert all(number in listed for number in refused)
    await driver.press("t")
    await driver.dialog(ChoiceDialog)
    await driver.press("enter")
    question = await driver.dialog(Question)
    await driver.type("stopped at the dock")
    await driver.press("enter")
    await driver.until(lambda: question not in app.screen_stack)
    await toast(driver, "ticked off")
    desk = app.session.desk
    assert desk is not None
    still_open = {task.number for task in await desk.ledger.people.tasks(kind=TaskKind.STOP_SHIP)}
    assert still_open == refused - {ticked}


async def reject_one_and_take_it_back(driver: Driver, world: World) -> None:
    """A rejected match is not confirmed; taking the rejection back lets it go."""
    await enter(driver, "3")
    await narrow(driver, "quality:sure")
    doubted = driver.app.frame.room.table.current.tracked.shipment_id
    await driver.open_dialog("x")
    await driver.type("wrong label")
    await driver.press("enter")
    await toast(driver, "rejected")
    await driver.press("a")
    await send(driver, "c")
    told_once = record(world).emails
    assert doubted not in told_once
    assert told_once
    assert set(told_once.values()) == {1}
    await driver.press("z")
    await toast(driver, "Taken back")
    await driver.press("a")
    await send(driver, "c")
    assert record(world).emails[doubted] == 1


async def test_a_day_by_keyboard_alone(demo: Path) -> None:
    demo_world(demo / "world.sqlite", "late-cancels").close()
    async with console() as driver:
        await driver.refresh()
        world = demo_world(demo / "world.sqlite")
        assert not record(world).received
        await push_three_then_the_rest(driver, world)
        await driver.pass_time(0.75)
        await driver.refresh()
        await tick_one_off(driver, await send_late_cancels(driver, world))
        await driver.pass_time(2.5)
        await driver.refresh()
        await reject_one_and_take_it_back(driver, world)
        found = verdict(world)
        wrong = (found.duplicated_orders, found.wrong_confirmations, found.double_emails, found.unwanted_orders)
        assert not any(wrong)
        await enter(driver, "5")
        assert "console push" in driver.text()
        await driver.press("V")
        await toast(driver, "audit chain is whole")
        world.close()


async def test_the_main_steps_by_mouse(demo: Path) -> None:
    async with console() as driver:
        app = driver.app
        await driver.refresh()
        world = demo_world(demo / "world.sqlite")
        await driver.pilot.click(BoxTable, offset=(0, 1))
        await driver.pilot.click(BoxTable, offset=(0, 2))
        assert len(app.frame.room.table.marks) == 2
        numbers = {app.frame.room.table.pages.get(id_).number for id_ in app.frame.room.table.chosen}
        await driver.press("p")
        await driver.dialog(PlanDialog)
        await driver.pilot.click("#cancel")
        await driver.until(lambda: app.screen is app.frame)
        assert not record(world).received
        await driver.press("p")
        await driver.dialog(PlanDialog)
        await driver.pilot.click("#go")
        await driver.until(lambda: "done" in app.remark, "the push")
        assert set(record(world).received) == numbers
        await driver.pilot.click("#tabs", offset=(18, 0))
        await driver.until(lambda: app.frame.room.room_id == "orders")
        world.close()


async def test_esc_in_the_last_seconds_sends_nothing(demo: Path) -> None:
    async with console(look=Look(is_demo=True, grace_seconds=3600.0)) as driver:
        await driver.refresh()
        await driver.press("p")
        await driver.dialog(PlanDialog)
        await driver.press("y")
        await driver.until(lambda: "Nothing has been sent yet" in driver.text())
        await driver.press("escape")
        await driver.until(lambda: any("nothing was sent" in text for text in driver.toasts()))
        with_world = demo_world(demo / "world.sqlite")
        assert not record(with_world).received
        with_world.close()


async def test_read_only_refuses_in_the_core_too(demo: Path) -> None:
    options = Options(demo=True, read_only=True)
    async with console(look=Look(is_demo=True, is_read_only=True), options=options) as driver:
        await driver.refresh()
        assert "READ-ONLY" in driver.text()
        await driver.press("p")
        await driver.until(lambda: any("read-only" in text for text in driver.toasts()))
        assert driver.app.screen is driver.app.frame
        desk = driver.app.session.desk
        assert desk is not None
        assert desk.read_only


async def test_hold_release_and_undo(demo: Path) -> None:
    async with console() as driver:
        app = driver.app
        await driver.refresh()
        id_ = app.frame.room.table.current_id
        desk = app.session.desk
        assert desk is not None
        await driver.press("x")
        await driver.dialog(Question)
        await driver.type("customer called")
        await driver.press("enter")
        await driver.until(lambda: any("1 held" in text for text in driver.toasts()))
        held = (await desk.ledger.shipments.get([id_]))[id_].hold
        assert held is not None
        assert held.reason == "customer called"
        await driver.idle()
        await driver.press("z")
        await driver.until(lambda: any("Taken back" in text for text in driver.toasts()))
        assert (await desk.ledger.shipments.get([id_]))[id_].hold is None


async def test_any_id_is_explained_also_one_never_pulled(demo: Path) -> None:
    async with console() as driver:
        await driver.press("E")
        question = await driver.dialog(Question)
        await driver.type("7093500001")
        assert question.query_one(Input).value == "7093500001"
        await driver.press("enter")
        text = await close_page(driver)
        assert "never pulled" in text
        assert "It may be pushed now." in text
