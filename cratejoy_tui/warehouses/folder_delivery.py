"""Hand one file over to the warehouse exactly once, whatever breaks in between.

The steps, each safe to die after: the file is staged and on disk; the ledger records that; the mark records the
sequence; one rename delivers. A file that left the staging place was delivered, and is never written again.
"""

from __future__ import annotations

import asyncio
import errno
import re
from pathlib import PurePath

from msgspec.structs import replace

from cratejoy_tui.errors import AnswerLost, SetupError, Unreachable
from cratejoy_tui.sync.ports import Delivery
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.folder_places import ADOPT, Deliveries, Mark, Places

_OUR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,120}\.(csv|json)")


class Outbox:
    """The way out: from the staging place to the warehouse's folder."""

    def __init__(self, places: Places, store: str) -> None:
        self._places = places
        self._store = store

    async def deliver(
        self, name: str, content: bytes, delivery: Delivery, *, resumed: bool = False, cancels: str = ""
    ) -> None:
        """Deliver a file, or finish a delivery that a dead process began; nothing is ever delivered twice.

        Raises Unreachable (surely not handed over), AnswerLost (resuming tells), or SetupError where this ledger may
        not deliver here.
        """
        if not _OUR_NAME.fullmatch(name):
            raise SetupError(f"`{one_line(name)}` is not a file name of ours.", next_step="Report this as a fault.")
        if not delivery.is_staged:
            if not await asyncio.to_thread(self._stage, name, content, delivery, resumed):
                return
            await delivery.staged()
        await asyncio.to_thread(self._hand_over, name, delivery, cancels)

    def adopt(self, ledger_id: str, sequence: int) -> None:
        """Make this ledger the one that delivers here for our store, from after `sequence` on."""
        self._places.make()
        self._places.check()
        with self._places.locked():
            mark = self._places.read_mark()
            if mark is None or mark.ledger != ledger_id:
                mark = Mark(ledger=ledger_id)
            reader = mark.inbound.setdefault(self._places.names["shipments"], self._store)
            if reader != self._store:
                raise SetupError(
                    f"The ship-confirm files in {one_line(self._places.path('shipments'))} are read by the store "
                    f"{one_line(reader)}; a second store would miss what the first has taken away.",
                    next_step="Give each store a `shipments` folder of its own.",
                )
            former = mark.stores.get(self._store, Deliveries(last=0))
            self._record(mark, replace(former, last=sequence, blocked=""))

    def has_asked(self, number: str) -> bool:
        """Was the warehouse asked by file not to send this order? A file that never left does not count."""
        mark = self._places.read_mark()
        done = None if mark is None else mark.stores.get(self._store)
        name = "" if done is None else done.cancels.get(number, "")
        return bool(name) and self._places.files.look(self._places.staging / name) is None

    def check_open(self, mark: Mark) -> None:
        """Raise SetupError where deliveries for our store wait for a person to adopt the folder."""
        done = mark.stores.get(self._store)
        if done is not None and done.blocked:
            raise _older(self._places, done.blocked)

    def _stage(self, name: str, content: bytes, delivery: Delivery, resumed: bool) -> bool:
        """Stage the file; False when it was delivered already."""
        try:
            self._deliveries(delivery)
            self._places.check()
            with self._places.locked():
                if resumed and self._was_delivered(name, delivery):
                    return False
                self._check_sequence(delivery, resumed)
                self._places.files.put(self._places.staging / name, content, by_way_of=self._places.staging)
                return True
        except OSError as problem:
            raise Unreachable(f"{name} could not be staged: {_why(problem)}") from problem

    def _hand_over(self, name: str, delivery: Delivery, cancels: str) -> None:
        staged, final = self._places.staging / name, self._places.path("orders") / name
        files = self._places.files
        try:
            self._deliveries(delivery)
            with self._places.locked():
                mark, done = self._deliveries(delivery)
                if files.look(final) is not None:
                    files.remove(staged)
                elif files.look(staged) is not None:
                    self._record(mark, done.with_delivered(name, delivery.sequence, cancels))
                    files.rename(staged, final)
                    files.settle(final.parent)
                    files.settle(staged.parent)
                elif name not in done.delivered and not done.has_forgotten(delivery.sequence):
                    raise AnswerLost(f"{name} is gone from the staging place, but the mark does not show its delivery")
        except OSError as problem:
            raise self._failed(problem, name, final) from problem

    def _failed(self, problem: OSError, name: str, final: PurePath) -> Exception:
        if problem.errno == errno.EXDEV:
            return SetupError(
                f"{one_line(final.parent)} lies on another file system; {name} was not handed over.",
                next_step="Choose a `root` on the same file system as all its folders.",
            )
        return AnswerLost(f"{name} is staged, and may or may not have been handed over: {_why(problem)}")

    def _was_delivered(self, name: str, delivery: Delivery) -> bool:
        """Does the mark show a delivery that this ledger, restored from a backup, thinks it has only begun?"""
        _, done = self._deliveries(delivery)
        if done.has_forgotten(delivery.sequence):
            raise AnswerLost(f"{name} is too old; the mark no longer shows whether it was delivered")
        return name in done.delivered or self._places.files.look(self._places.path("orders") / name) is not None

    def _check_sequence(self, delivery: Delivery, resumed: bool) -> None:
        mark, done = self._deliveries(delivery)
        if delivery.sequence <= done.last and not resumed:
            # Blocked for good, not only now: an older ledger's sequence would catch up by trying again.
            why = f"a ledger at delivery {delivery.sequence} tried to deliver after delivery {done.last}"
            self._record(mark, replace(done, blocked=why))
            raise _older(self._places, why)

    def _deliveries(self, delivery: Delivery) -> tuple[Mark, Deliveries]:
        self._places.check_root()
        mark = self._places.read_mark()
        if mark is None or self._store not in mark.stores:
            raise SetupError(
                f"No ledger has adopted the folder {one_line(self._places.root)} for store {self._store} yet.",
                next_step=ADOPT,
            )
        if mark.ledger != delivery.ledger_id:
            raise SetupError(
                f"The folder {one_line(self._places.root)} belongs to another ledger ({one_line(mark.ledger)}); "
                "two ledgers would send the same order twice.",
                next_step=f"Use that ledger, or make this one the owner. {ADOPT}",
            )
        done = mark.stores[self._store]
        if done.blocked:
            raise _older(self._places, done.blocked)
        return mark, done

    def _record(self, mark: Mark, done: Deliveries) -> None:
        stores = {**mark.stores, self._store: done}
        self._places.write_mark(Mark(ledger=mark.ledger, stores=stores, inbound=mark.inbound))


def _older(places: Places, why: str) -> SetupError:
    return SetupError(
        f"The folder {one_line(places.root)} has had later deliveries than this ledger knows of: {one_line(why)}. "
        "The ledger is a copy or a restored backup, and could send orders again.",
        next_step=ADOPT,
    )


def _why(problem: OSError) -> str:
    return one_line(problem.strerror or problem)
