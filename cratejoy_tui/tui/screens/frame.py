"""The frame: header, rooms, and the lines below them. It knows which room is in front and nothing of what is in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from cratejoy_tui.tui.actions import ROOMS
from cratejoy_tui.tui.safe import as_it_is
from cratejoy_tui.tui.screens.box_columns import MOMENTS
from cratejoy_tui.tui.screens.pending import Pending
from cratejoy_tui.tui.screens.room import Room
from cratejoy_tui.tui.widgets.bars import FooterBar, HeaderBar, RoomTabs, StatusLine
from cratejoy_tui.tui.widgets.filter_line import FilterLine
from cratejoy_tui.tui.widgets.running import Running

if TYPE_CHECKING:
    from cratejoy_tui.tui.app import Console

LEAST_WIDTH, LEAST_HEIGHT = 60, 15
FILTER_DELAY_SECONDS = 0.02
"""Letters that come faster, as pasted ones do, are one filter; while a search runs, only the last one waits."""


class Frame(Screen[None]):
    """The one screen; rooms come and go inside it."""

    AUTO_FOCUS = None

    if TYPE_CHECKING:

        @property
        def app(self) -> Console: ...  # type: ignore[override]

    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[str, Room] = {"pending": Pending()}
        self.room: Room = self.rooms["pending"]
        self.header, self.tabs, self.footer = HeaderBar(), RoomTabs(self._tab_chosen), FooterBar()
        self.status, self.running = StatusLine(), Running()
        self.filter_line = FilterLine(self.leave_filter)
        self.small = Static(as_it_is(""), markup=False, id="small")

    def compose(self) -> ComposeResult:
        with Vertical(id="all"):
            yield self.header
            yield self.tabs
            with Container(id="rooms"):
                yield self.room
            yield self.running
            yield self.filter_line
            yield self.status
            yield self.footer
        yield self.small

    def on_mount(self) -> None:
        """Keys go to the list from the first moment."""
        self.set_focus(self.room.table)
        self.tell_chosen()

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Somebody always listens: a click beside the list or another window in front must not make keys vanish."""
        listener = widget or (self.filter_line if self.filter_line.has_class("-on") else self.room.table)
        super().set_focus(listener, scroll_visible, from_app_focus)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the room to the new size; below the least size say so instead."""
        size = event.size
        is_small = size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT
        self.set_class(is_small, "-small")
        if is_small:
            self.small.update(
                as_it_is(
                    f"{size.width}×{size.height} is too small.\nThe console needs {LEAST_WIDTH}×{LEAST_HEIGHT};\n"
                    "make the window larger.\nNothing was stopped."
                )
            )
        for room in self.rooms.values():
            room.fit(size.width)

    # Rooms

    async def go(self, room_id: str) -> None:
        """Bring this room to the front; it is built when it is first wanted."""
        if room_id not in self.rooms:
            room = _build(room_id)
            self.rooms[room_id] = room
            await self.query_one("#rooms").mount(room)
            if self.app.session.desk is not None:
                room.desk_opened()
        self.leave_filter(True)
        self.room = self.rooms[room_id]
        for each in self.rooms.values():
            each.display = each is self.room
        self.room.fit(self.size.width)
        self.set_focus(self.room.table)
        self.tabs.show(room_id)
        self.footer.show(room_id)
        if self.room.is_stale:
            self.room.refresh_rows()
        self.tell_chosen()

    async def step(self, by: int) -> None:
        """Bring the room this many further to the front."""
        await self.go(ROOMS[(ROOMS.index(self.room.room_id) + by) % len(ROOMS)])

    def _tab_chosen(self, room_id: str) -> None:
        self.app.do(f"go-{room_id}")

    def desk_opened(self) -> None:
        """A store is open: every room reads it, the one in front at once."""
        MOMENTS.zone, MOMENTS.now = self.room.desk.rules.zone, self.room.desk.clock.now
        for room in self.rooms.values():
            room.desk_opened()
        self.room.refresh_rows()
        self.room.fit(self.size.width)

    def ledger_changed(self) -> None:
        """What is shown is out of date: read the room in front again, the others when they are looked at."""
        for room in self.rooms.values():
            room.is_stale = True
            room.table.source.forget()
        self.room.refresh_rows()
        self.room.show_detail()

    def tell_chosen(self) -> None:
        """Bring the status line up to date."""
        self.status.show(self.room.told(), self.app.remark)

    # Filter and log

    def enter_filter(self) -> None:
        """Type a filter for the room in front."""
        self.filter_line.add_class("-on")
        with self.prevent(FilterLine.Changed):
            self.filter_line.value = self.room.table.wanted.text
        self.filter_line.focus()

    def leave_filter(self, is_kept: bool) -> None:
        """Back to the list, with the filter or without it."""
        if not self.filter_line.has_class("-on"):
            return
        self.filter_line.remove_class("-on")
        text = self.filter_line.value if is_kept else ""
        if text != self.room.table.wanted.text:
            self.room.set_filter(text)
        self.set_focus(self.room.table)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.filter_line.has_class("-on"):
            room, text = self.room, event.value
            self.set_timer(FILTER_DELAY_SECONDS, lambda: self._filter_rested(room, text))

    def _filter_rested(self, room: Room, text: str) -> None:
        if self.filter_line.value == text and room.table.wanted.text != text:
            room.set_filter(text)

    async def toggle_log(self) -> None:
        """Show or hide the log drawer."""
        from cratejoy_tui.tui.widgets.log_drawer import LogDrawer

        drawers = self.query(LogDrawer)
        if not drawers:
            drawer = LogDrawer(self.app.session.book)
            await self.query_one("#all").mount(drawer, before=self.running)
            drawer.add_class("-on")
            drawer.catch_up()
        else:
            drawer = drawers.first()
            drawer.toggle_class("-on")
            self.call_after_refresh(drawer.catch_up)


def _build(room_id: str) -> Room:
    module = import_module(f"cratejoy_tui.tui.screens.{room_id}")
    room: Room = getattr(module, room_id.capitalize())()
    return room
