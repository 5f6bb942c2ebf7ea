"""Room 1: the open boxes, which of them may go, and why the others may not."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import Any

from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.screens.box_columns import MOMENTS, ORDER_NUMBER, BoxSource, aged, reason_of, stage_of
from cratejoy_tui.tui.screens.box_room import BoxRoom
from cratejoy_tui.tui.widgets.columns import Cell, Column, toned
from cratejoy_tui.tui.widgets.row_source import RowSource


def _target(row: Any) -> Cell:
    return MOMENTS.day(row.target_at)


class Pending(BoxRoom):
    """What Cratejoy wants sent and the warehouse does not have."""

    room_id = "pending"
    views = ("Order", "Rules", "Timeline", "Record")
    BINDINGS = bindings_in("pending")
    empty = "No open boxes.\n\nPress r to ask Cratejoy for news."
    columns = (
        Column(id="stage", title="Stage", cell=stage_of, width=9, priority=0, sorts=True),
        replace(ORDER_NUMBER, most=16),
        Column(id="type", title="Type", cell=toned("billing", "quiet"), width=8, priority=5),
        Column(id="code", title="Ship code", cell=attrgetter("ship_code"), width=12, priority=7),
        Column(id="to", title="Ship to", cell=attrgetter("to"), width=13, most=24, priority=2),
        Column(id="place", title="Place", cell=toned("place", "quiet"), width=14, most=26, priority=8),
        Column(id="lines", title="Lines", cell=attrgetter("lines"), width=10, most=40, priority=6),
        Column(id="target", title="Target", cell=_target, width=9, priority=3, sorts=True),
        Column(id="since", title="Age", cell=aged("seen_at"), width=6, priority=4, is_right=True, sorts=True),
        Column(id="reason", title="Reason", cell=reason_of, width=16, most=60, priority=1),
    )

    def source(self) -> RowSource:
        """Boxes that are not with the warehouse."""
        from cratejoy_tui.sync.flows.views import PENDING

        return BoxSource(self.desk, PENDING, "target")

    async def do_push(self) -> None:
        from cratejoy_tui.sync.domain.stage import Kind

        await self.app.foreman.sender.send(Kind.PUSH, self.table.chosen, self.table.hidden_marks)
