"""What runs tell, on its way to the screen: steps to the progress line, remarks to the log, the store's standing to
the header."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.tui.widgets.bars import Standing
from cratejoy_tui.tui.widgets.running import duration

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.flows.status import Status
    from cratejoy_tui.tui.app import Console

OVERDUE_EVERY_LOOKS = 15
"""Overdue boxes are counted box by box, so not at every look."""
NOTHING = (-1, "")
"""The end of the audit chain before it was looked at."""


class Teller:
    """Brings news to the screen, ten times a second at most."""

    def __init__(self, app: Console) -> None:
        self.app = app
        self.session = app.session
        self._desk: Desk | None = None
        self._seen = NOTHING
        self._trouble = ""
        self._looks = 0
        self._is_looking = False
        self._status: Status | None = None

    def tell_news(self) -> None:
        """Show what runs have told since the last time; of many steps only the last."""
        if not self.app.screen_stack:
            return  # the console is closing
        step: Any = None
        while self.session.told:
            thing = self.session.told.popleft()
            kind = type(thing).__name__
            if kind == "Step":
                step = thing
            elif kind == "Remark":
                self._remark(thing.text, thing.is_warning)
            else:
                self.session.book.add(
                    f"{thing.kind} {thing.number}: {thing.result}" + (f": {thing.reason}" if thing.reason else "")
                )
        running = self.app.frame.running
        if step is not None and running.is_on:
            running.step(step.name, step.done, step.total)
        elif running.is_on:
            running.refresh()

    def _remark(self, text: str, is_warning: bool) -> None:
        self.session.book.add(text)
        self.app.remark = text
        self.app.frame.tell_chosen()
        if is_warning:
            self.app.tell(text, is_warning=True)

    async def look(self) -> None:
        """Has anything been written, here or by another process? Then the screen is out of date."""
        desk = self.session.desk
        if desk is None or self._is_looking or self.app.is_leaving:
            return
        if desk is not self._desk:
            self._desk, self._seen, self._status = desk, NOTHING, None
        self._is_looking = True
        try:
            await self._look(desk)
            self._trouble = ""
        except CratejoyTuiError as error:
            if str(error) != self._trouble:  # it would come again with every look
                self._trouble = str(error)
                self.app.tell(self._trouble, is_warning=True)
        finally:
            self._is_looking = False
        if desk is not self.session.desk:  # another store was opened meanwhile
            await self.look()

    async def _look(self, desk: Desk) -> None:
        seen = await desk.ledger.questions.audit_head()
        is_news = seen != self._seen
        self._looks += 1
        if is_news or self._status is None or self._looks % OVERDUE_EVERY_LOOKS == 0:
            from cratejoy_tui.sync.flows.status import status

            self._status = await status(desk)
            self._counts(self._status)
        if is_news:
            first, self._seen = self._seen == NOTHING, seen
            if not first:
                self.app.frame.ledger_changed()
        self._stand(self._status, desk)

    def _counts(self, status: Status) -> None:
        from cratejoy_tui.sync.domain.stage import Stage
        from cratejoy_tui.sync.flows.views import ORDERS, PENDING, STOPS

        stages = status.stages
        self.app.frame.tabs.show(
            counts={
                "pending": sum(stages.get(stage.value, 0) for stage in PENDING),
                "orders": sum(stages.get(stage.value, 0) for stage in ORDERS if stage is not Stage.CONFIRMED),
                "tracking": sum(stages.get(stage, 0) for stage in ("shipped", "partly shipped", "confirming")),
                "cancellations": sum(task.kind in STOPS for task in status.tasks),
            }
        )

    def _stand(self, status: Status, desk: Desk) -> None:
        look, session, now = self.app.look, self.session, desk.clock.now()
        flags = (("READ-ONLY", look.is_read_only), ("DEMO", look.is_demo), ("OFFLINE", session.is_offline))
        late: dict[str, int] = {}
        for one in status.overdue:
            late[one.late.value] = late.get(one.late.value, 0) + 1
        self.app.frame.header.show(
            Standing(
                store=status.store,
                badges=tuple(word for word, is_on in flags if is_on),
                last_good=_last_good(status, now),
                overdue=tuple(late.items()),
                holder=_holder(status, desk.holder, now),
                clock=f"{now.astimezone(desk.rules.zone):%a %H:%M} store time",
            )
        )


def _last_good(status: Status, now: datetime) -> str:
    good = status.last_good_run
    if good is None:
        return "no good run yet"
    return f"good run {duration((now - (good.ended_at or good.started_at)).total_seconds())} ago"


def _holder(status: Status, ours: str, now: datetime) -> str:
    lease = status.writing or status.running
    if lease is None or lease.holder == ours:
        return ""
    parts = lease.holder.split(":")
    who = f"{parts[-1]} on {parts[0]}" if len(parts) > 2 else lease.holder
    return f"{who} {'sends' if status.writing else 'runs'} since {duration((now - lease.taken_at).total_seconds())}"
