"""The console beside another process on the same ledger, without a network, and with a broken set-up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui import wiring
from cratejoy_tui.cli.console import demo_opener
from cratejoy_tui.cli.options import Options
from cratejoy_tui.errors import LedgerError, Unreachable
from cratejoy_tui.sync.flows.cycle import cycle
from cratejoy_tui.sync.flows.leases import WRITE, hold
from cratejoy_tui.sync.flows.status import status
from cratejoy_tui.tui.app import Console
from cratejoy_tui.tui.door import Look, why_no_console
from cratejoy_tui.tui.telling import OVERDUE_EVERY_LOOKS
from tests.tui.conftest import WIDE, Driver, console


async def test_what_another_run_does_appears_by_itself(demo: Path) -> None:
    async with console() as driver:
        assert "no boxes" in driver.text()
        async with wiring.demo_desk(wiring.Manner(label="auto", operator="cron")) as desk:
            await cycle(desk)
        await driver.until(lambda: "Orders 41" in driver.text(), "the other run's orders")
        await driver.until(lambda: "good run" in driver.text())
        await driver.press("5")
        await driver.until(lambda: "cron" in driver.text())


async def test_the_header_names_who_holds_the_right_to_write_and_a_hold_does_not_wait(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        manner = wiring.Manner(label="auto", operator="cron")
        async with wiring.demo_desk(manner) as desk, hold(desk, WRITE):
            await driver.app.foreman.teller.look()
            await driver.until(lambda: "auto on" in driver.text(), "the holder's name")
            await driver.open_dialog("x")
            await driver.type("wait")
            await driver.press("enter")
            await driver.until(lambda: any("1 held" in text for text in driver.toasts()))


async def test_without_a_network_the_ledger_stays_readable_and_says_so(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        opened = driver.app.session.opened
        assert opened is not None

        def nobody(*_: object) -> Any:
            raise Unreachable("Cratejoy cannot be reached.")

        opened.desk.source.list_unshipped = nobody  # type: ignore[method-assign]
        driver.app.remark = ""
        await driver.press("r")
        await driver.until(lambda: "OFFLINE" in driver.text(), "the badge")
        assert "SUB-7093500001" in driver.text()
        await driver.press("slash")
        await driver.type("ravi")
        await driver.press("enter")
        await driver.until(lambda: driver.app.frame.room.table.wanted.text == "ravi")
        await driver.idle()
        assert len(driver.app.frame.room.table.ids) == 8


async def test_the_header_tells_overdue_boxes_the_last_good_run_offline_and_read_only(demo: Path) -> None:
    look = Look(is_demo=True, is_read_only=True)
    async with console(look=look, options=Options(demo=True, read_only=True)) as driver:
        async with wiring.demo_desk(wiring.Manner(label="auto", operator="cron")) as desk:
            await cycle(desk)
            await driver.pass_time(171)
            overdue = len((await status(desk)).overdue)
        assert overdue
        for _ in range(OVERDUE_EVERY_LOOKS):
            await driver.app.foreman.teller.look()
        await driver.until(lambda: "good run 7 d 3 h ago" in driver.header(), "the last good run's age")
        assert f"! {overdue} overdue" in driver.header()
        assert " DEMO " in driver.header()
        assert " READ-ONLY " in driver.header()
        assert "OFFLINE" not in driver.header()
        driver.app.session.is_offline = True
        await driver.app.foreman.teller.look()
        await driver.until(lambda: " OFFLINE " in driver.header(), "the badge")


async def test_a_ledger_that_cannot_be_read_is_told_once_until_that_changes(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console() as driver:
        told: list[str] = []
        monkeypatch.setattr(driver.app, "tell", lambda text, **_: told.append(text.partition(".")[0]))
        questions: Any = driver.app.session.desk.ledger.questions  # type: ignore[union-attr]
        trouble, read = ["The disk is full."], questions.audit_head

        async def audit_head() -> Any:
            if trouble:
                raise LedgerError(trouble[0])
            return await read()

        monkeypatch.setattr(questions, "audit_head", audit_head)
        teller = driver.app.foreman.teller

        async def look() -> None:
            await driver.until(lambda: not teller._is_looking)
            await teller.look()

        await look()
        await look()
        trouble[:] = ["The disk is gone."]
        await look()
        assert told == ["The disk is full", "The disk is gone"]
        trouble.clear()
        await look()
        trouble[:] = ["The disk is gone."]
        await look()
        assert told[2:] == ["The disk is gone"]


async def test_a_store_that_cannot_be_opened_says_why_and_the_console_stays(demo: Path) -> None:
    async def refused(*_: object) -> Any:
        raise LedgerError("The ledger [x] is damaged.")

    app = Console(refused, Look())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: "The ledger [x] is damaged." in driver.text())
        await driver.press("p", "r", "2", "question_mark")
        await driver.until(lambda: "not open yet" in driver.text())
        assert app.return_code is None


async def test_a_fault_of_ours_closes_with_a_report_and_no_values(demo: Path) -> None:
    opener: Callable[..., Any] = demo_opener(Options(demo=True), day_passes=False)
    app = Console(opener, Look(is_demo=True))
    secret = "hunter2" + "hunter2"

    def break_down() -> None:
        kept = secret
        raise ValueError(f"no {len(kept)}")

    try:
        async with app.run_test(size=WIDE) as pilot:
            await Driver(app, pilot).until(lambda: app.session.desk is not None)
            app.call_later(break_down)
            await pilot.pause(0.2)
    except ValueError:
        pass
    assert app.return_code == 70
    reports = list(demo.parent.rglob("crash-*.txt"))
    assert len(reports) == 1
    assert "ValueError" in reports[0].read_text()
    assert secret not in reports[0].read_text()


def test_without_a_terminal_the_reason_points_at_auto() -> None:
    class Pipe:
        def isatty(self) -> bool:
            return False

    class Tty(Pipe):
        def isatty(self) -> bool:
            return True

    assert "--auto" in why_no_console(Pipe(), Tty(), {})  # type: ignore[arg-type]
    assert "--auto" in why_no_console(Tty(), Tty(), {"TERM": "dumb"})  # type: ignore[arg-type]
    assert why_no_console(Tty(), Tty(), {"TERM": "xterm"}) == ""  # type: ignore[arg-type]


async def test_news_that_come_while_the_console_closes_are_left_untold(demo: Path) -> None:
    async with console() as driver:
        teller = driver.app.foreman.teller
    assert not driver.app.screen_stack
    teller.tell_news()  # a timer's last tick, when the screens are gone already
