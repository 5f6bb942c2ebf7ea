"""Every deed that needs a dialog, by its key or the palette, proved by the ledger or by what the systems wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratejoy_tui.simulator.floor import take_orders
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.proof import record
from cratejoy_tui.simulator.scenarios import demo_world, order_like_ours
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.tui.dialogs.choice import ChoiceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.plan import PlanDialog
from cratejoy_tui.tui.dialogs.question import Question
from tests.tui.conftest import Driver, console
from tests.tui.test_journey import allow, close_page

BOX = "SUB-7093500001"
OTHER = "SUB-7093500002"


def small_world(folder: Path, **knobs: object) -> World:
    """The named cases of a calm day only."""
    world = demo_world(folder / "world.sqlite", boxes=0)
    world.turn(**knobs)
    return world


def id_of(number: str) -> str:
    return number.removeprefix("SUB-")


async def stored(driver: Driver, number: str) -> Stored:
    desk = driver.app.session.desk
    assert desk is not None
    return (await desk.ledger.shipments.get([id_of(number)]))[id_of(number)]


async def only(driver: Driver, room: str, text: str) -> None:
    """Go to a room and filter it."""
    await driver.press(room, "slash")
    box = driver.app.frame
    await driver.press(*["backspace"] * len(box.filter_line.value))
    await driver.type(text)
    await driver.press("enter")
    await driver.until(lambda: box.room.table.wanted.text == text)
    await driver.idle()
    assert box.room.table.ids, driver.text()


async def push(driver: Driver, *numbers: str) -> None:
    """Push these boxes; whatever comes of it."""
    for number in numbers:
        await only(driver, "1", number)
        await driver.press("space")
    driver.app.remark = ""
    await driver.press("p")
    await allow(driver)
    await driver.until(lambda: driver.app.screen is not driver.app.frame or "done" in driver.app.remark, "the results")
    if isinstance(driver.app.screen, PageDialog):
        await close_page(driver)
    await driver.idle()


async def push_into_conflict(driver: Driver) -> None:
    """Push a box that only a person can decide about, and go to it."""
    await push(driver, BOX)
    assert (await stored(driver, BOX)).stage is Stage.CONFLICT
    await only(driver, "2", BOX)


async def choose(driver: Driver, words: str) -> None:
    dialog = await driver.dialog(ChoiceDialog)
    await driver.type(words)
    await driver.press("enter")
    await driver.until(lambda: driver.app.screen is not dialog)


async def answer(driver: Driver, *texts: str) -> None:
    """Fill in a question and send it off."""
    dialog = await driver.dialog(Question)
    for text in texts:
        await driver.type(text)
        await driver.press("enter")
    await driver.until(lambda: driver.app.screen is not dialog)


async def command(driver: Driver, words: str) -> None:
    """Do something that has no key, from the palette."""
    await driver.press("ctrl+p")
    await choose(driver, words)


def written(folder: Path, name: str) -> list[Path]:
    return list(folder.glob(f"cratejoy-{name}*"))


async def told(driver: Driver, part: str) -> None:
    await driver.until(lambda: any(part in text for text in driver.toasts()), part)


async def test_an_order_that_was_refused_is_tried_again(demo: Path) -> None:
    world = small_world(demo, unknown_skus=["TEABOX-STD"])
    async with console() as driver:
        await driver.refresh()
        await push(driver, BOX)
        assert (await stored(driver, BOX)).stage is Stage.ERROR
        assert BOX not in record(world).received
        world.turn(unknown_skus=[])
        await driver.press("t")
        await told(driver, "1 will be tried again")
        await driver.idle()
        assert (await stored(driver, BOX)).stage is Stage.PLANNED
        await push(driver, BOX)
        assert record(world).received[BOX] == 1
    world.close()


async def test_what_nobody_can_be_asked_is_adopted_then_settled_by_a_person(demo: Path) -> None:
    world = small_world(demo, delivery="blind")
    async with console() as driver:
        app = driver.app
        await driver.refresh()
        await driver.press("p")
        await driver.dialog(PlanDialog)
        await driver.press("y")
        await told(driver, "adopt none")
        await driver.idle()
        assert not record(world).received
        await command(driver, "adopt")
        await answer(driver, f"{OTHER}", "it was there before")
        await told(driver, "1 adopted")
        assert (await stored(driver, OTHER)).stage is Stage.AT_WAREHOUSE
        world.turn(faults=[Fault(app="warehouse", method="POST", path="/api/orders", kind="lose_answer", times=1)])
        await push_into_conflict(driver)
        await driver.press("w")
        await choose(driver, "it was done")
        await answer(driver, "seen on their screen")
        await told(driver, "Settled")
        assert (await stored(driver, BOX)).stage is Stage.AT_WAREHOUSE
        assert record(world).received == {BOX: 1}
        assert app.session.desk is not None
        assert (await app.session.desk.ledger.audit.verify()).ok
    world.close()


async def test_recall_then_resend_under_the_next_number(demo: Path) -> None:
    world = small_world(demo)
    async with console() as driver:
        await driver.refresh()
        await push(driver, BOX)
        await only(driver, "2", BOX)
        await driver.press("u")
        await answer(driver, "wrong address")
        await allow(driver)
        await driver.until(lambda: "done" in driver.app.remark, "the recall")
        await driver.idle()
        assert record(world).cancels == {BOX: "cancelled"}
        assert (await stored(driver, BOX)).stage is Stage.CANCELLED
        await only(driver, "4", BOX)
        await driver.press("R")
        await answer(driver, "address corrected")
        await told(driver, "planned again")
        await driver.idle()
        assert (await stored(driver, BOX)).generation == 2
        await push(driver, id_of(BOX))
        assert record(world).received == {BOX: 1, f"{BOX}-R2": 1}
    world.close()


async def test_a_confirmed_number_is_replaced_with_a_reason(demo: Path) -> None:
    world = small_world(demo)
    async with console() as driver:
        await driver.refresh()
        await push(driver, BOX)
        await driver.pass_time(5)
        await driver.refresh()
        await only(driver, "3", BOX)
        await driver.press("c")
        plan = await driver.dialog(PlanDialog)
        assert isinstance(plan, PlanDialog)
        assert plan.texts.e_mails == 1
        driver.app.remark = ""
        await allow(driver)
        await driver.until(lambda: "done" in driver.app.remark, "the confirmation")
        await driver.idle()
        assert record(world).emails == {id_of(BOX): 1}
        await driver.press("P")
        await driver.dialog(Question)
        await driver.press(*["backspace"] * 30)
        await answer(driver, "9400111899223856925503", "label was torn")
        await told(driver, "done")
        put = world.db.execute("SELECT tracking_number FROM puts ORDER BY id DESC").fetchone()[0]
        assert put == "9400111899223856925503"
        assert record(world).puts == {id_of(BOX): 2}
    world.close()


async def test_a_conflict_ends_by_a_persons_word(demo: Path) -> None:
    world = small_world(demo)
    with world.change():
        order = order_like_ours(world, int(id_of(BOX)))
        take_orders(world, [{**order, "lines": [{"sku": "MUG-GRN", "quantity": 3, "title": "x"}]}], planted=True)
    async with console() as driver:
        await driver.refresh()
        await push_into_conflict(driver)
        await driver.press("o")
        await choose(driver, "closed")
        await answer(driver, "the other tool sent it")
        await told(driver, "Resolved")
        assert (await stored(driver, BOX)).stage is Stage.CANCELLED
        assert record(world).received == {BOX: 1}
    world.close()


async def test_pages_that_compare_and_report_can_be_written_to_a_file(demo: Path, tmp_path: Path) -> None:
    world = small_world(demo)
    async with console() as driver:
        await driver.refresh()
        await push(driver, BOX)
        for ask, words, name in (
            (lambda: command(driver, "completeness"), "All three agree on every box", "completeness"),
            (lambda: driver.press("b"), "due from", "readiness"),
            (lambda: command(driver, "day report"), "opening + new", "report"),
        ):
            await ask()
            page = await driver.dialog(PageDialog)
            assert isinstance(page, PageDialog)
            assert words in page._text.plain
            await driver.press("e")
            await told(driver, f"cratejoy-{name}")
            [path] = written(tmp_path, name)
            assert words in path.read_text(encoding="utf-8")
            await driver.press("escape")
            await driver.until(lambda: driver.app.screen is driver.app.frame)
    world.close()


async def test_a_view_is_exported_and_a_cell_copied(demo: Path, tmp_path: Path) -> None:
    small_world(demo).close()
    async with console() as driver:
        await driver.refresh()
        await only(driver, "1", "stage:planned")
        shown = len(driver.app.frame.room.table.ids)
        await driver.press("e")
        await told(driver, f"{shown} rows written")
        [path] = written(tmp_path, "pending")
        rows = path.read_text(encoding="utf-8").splitlines()
        assert len(rows) == shown + 1
        assert rows[0].startswith("Stage,Order,Type,Ship code,Ship to")
        copied: list[str] = []
        driver.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        number = driver.app.frame.room.table.current.number
        await driver.press("y")
        await choose(driver, "order")
        assert copied == [number]


async def test_notes_filters_and_owners_are_kept(demo: Path) -> None:
    small_world(demo).close()
    async with console() as driver:
        await driver.refresh()
        await only(driver, "1", BOX)
        await driver.press("n")
        await answer(driver, "customer phoned")
        await told(driver, "Noted")
        desk = driver.app.session.desk
        assert desk is not None
        assert [note.text for note in await desk.ledger.people.notes(id_of(BOX))] == ["customer phoned"]
        await driver.press("F")
        await answer(driver, "mine")
        await driver.press("escape")
        await driver.until(lambda: not driver.app.frame.room.table.wanted.text)
        await driver.press("f")
        await choose(driver, "mine")
        await driver.until(lambda: driver.app.frame.room.table.wanted.text == BOX)


async def test_ctrl_c_stops_between_two_boxes_and_says_what_is_left(demo: Path) -> None:
    world = small_world(demo)
    async with console() as driver:
        app = driver.app
        await driver.refresh()
        await driver.press("a")
        driver.app.remark = ""
        await driver.press("p")
        await allow(driver)
        await driver.until(lambda: "done" in app.remark, "the push")
        await driver.pass_time(5)
        await driver.refresh()
        await only(driver, "3", "quality:sure")
        assert app.session.desk is not None
        source = app.session.desk.source
        confirm = source.confirm

        async def stopping(*given: Any, **more: Any) -> Any:
            app.call_from_thread(app.simulate_key, "ctrl+c")
            return await confirm(*given, **more)

        source.confirm = stopping  # type: ignore[method-assign]
        await driver.press("a", "c")
        app.remark = ""
        await allow(driver)
        await driver.until(lambda: "stopped before" in app.remark, "the stop")
        told_customers = len(record(world).emails)
        assert 1 <= told_customers <= 4  # those under way at that moment are finished
        assert app.remark.startswith(f"{told_customers} done; stopped before {15 - told_customers} more")
        await driver.idle()
    world.close()


async def test_what_is_done_to_one_box_is_done_to_the_marked_one(demo: Path) -> None:
    small_world(demo).close()
    async with console() as driver:
        await driver.refresh()
        await push(driver, BOX, OTHER)
        await only(driver, "2", "stage:warehouse")
        first = driver.app.frame.room.table.current_id
        await driver.press("space")
        assert driver.app.frame.room.table.current_id != first
        await driver.press("R")
        dialog = await driver.dialog(Question)
        assert f"Send {first} anew?" in driver.text()
        dialog.dismiss(None)
