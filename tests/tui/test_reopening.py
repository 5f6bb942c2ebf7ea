"""The store is opened anew, or another one, while the old one is still being read."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.tui.door import Look
from tests.tui.conftest import LONGEST_SECONDS, Driver, console


def open_anew(driver: Driver) -> None:
    driver.app.in_background("open", partial(driver.app.foreman.open, ""))


def is_opening(driver: Driver) -> bool:
    return any(worker.group in {"open", "close"} for worker in driver.app.workers if not worker.is_finished)


async def test_the_store_may_be_opened_anew_while_list_and_pane_are_read(demo: Path) -> None:
    async with console() as driver:
        open_anew(driver)
        await driver.until(lambda: not is_opening(driver), "the store")
        await driver.refresh()
        for _ in range(3):
            open_anew(driver)
            driver.app.frame.ledger_changed()
            await driver.press("down")
            await driver.until(lambda: not is_opening(driver), "the store")
        await driver.idle()
        assert driver.app.return_code is None
        assert len(driver.app.frame.room.table.ids) > 0


async def test_the_old_store_is_read_until_the_new_one_stands_and_closed_then(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        session: Any = driver.app.session
        opener, gate = session.opener, threading.Event()

        async def slowly(*asked: Any) -> Any:
            await asyncio.to_thread(gate.wait, LONGEST_SECONDS)
            return await opener(*asked)

        session.opener = slowly
        old = session.desk
        assert old is not None
        open_anew(driver)
        await driver.press("end")
        last = driver.app.frame.room.table.current.number
        pane = driver.app.frame.room.pane
        assert pane is not None
        await driver.until(lambda: last in str(pane.heading.content), "the pane")
        await driver.press("r")
        await driver.until(lambda: "not open yet" in driver.text(), "the word that nothing is done meanwhile")
        gate.set()
        await driver.until(lambda: not is_opening(driver), "the store")
        assert session.desk is not old
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):  # its clock lies in the world's file
            old.clock.now()


async def test_a_store_that_cannot_be_opened_leaves_the_former_one_open(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        session: Any = driver.app.session
        old = session.desk

        async def refused(*_: object) -> Any:
            raise LedgerError("The ledger of mug is damaged.")

        session.opener = refused
        open_anew(driver)
        await driver.until(lambda: "of mug is damaged" in driver.text())
        assert session.desk is old
        await driver.press("r")
        await driver.until(lambda: driver.app.remark.startswith("no news"))


async def test_a_store_nobody_has_looked_at_is_looked_at_as_soon_as_it_is_open(demo: Path) -> None:
    look = Look(is_demo=True, grace_seconds=0.0, asks_at_first=True)
    async with console(look=look) as driver:
        await driver.until(lambda: len(driver.app.frame.room.table.ids) > 0, "the first boxes")
        await driver.idle()
    async with console(look=look) as driver:  # known now: only `r` asks again
        await driver.idle()
        assert driver.app.session.desk is not None
        assert driver.app.session.desk.source.calls.requests == 0
