"""What all rooms with a list share: a table, a pane beside it, and how the two are filled."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer

from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.tui.actions import TABLE
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.situation import Situation
from cratejoy_tui.tui.widgets.box_table import BoxTable, RowOpened, SortChosen
from cratejoy_tui.tui.widgets.columns import Column
from cratejoy_tui.tui.widgets.detail import DetailPane
from cratejoy_tui.tui.widgets.row_source import RowSource

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.tui.app import Console

DETAIL_FROM_WIDTH = 100
DETAIL_DELAY_SECONDS = 0.06
"""So long the cursor must rest before the pane follows it: a held key must not queue up reads."""


class Room(Horizontal):
    """One room: rows on the left, the details of one of them on the right."""

    room_id: ClassVar[str] = ""
    noun = "boxes"
    columns: ClassVar[Sequence[Column]] = ()
    views: ClassVar[tuple[str, ...]] = ("Details",)
    empty: ClassVar[str] = "Nothing here."
    BINDINGS: ClassVar[list[BindingType]] = bindings_in(TABLE)

    if TYPE_CHECKING:

        @property
        def app(self) -> Console: ...  # type: ignore[override]

    def __init__(self) -> None:
        super().__init__(id=f"room-{self.room_id}", classes="room")
        self.table = BoxTable(
            self.columns, empty="Opening the ledger …", table_id=f"table-{self.room_id}", tell=self._chosen
        )
        self.pane: DetailPane | None = None
        self.hides_detail = False
        self.is_stale = True
        """What is shown is out of date; it is read again when the room is looked at."""
        self._soon: Timer | None = None
        self._is_loading = False
        self._load_again = False

    def compose(self) -> ComposeResult:
        yield self.table

    @property
    def desk(self) -> Desk:
        """The open store's desk; asked only once it is open."""
        assert self.app.session.desk is not None, "no store is open"
        return self.app.session.desk

    # What each room says for itself

    @abstractmethod
    def source(self) -> RowSource:
        """Where this room's rows come from."""

    @abstractmethod
    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        """Title and text of one view of a row."""

    async def without_row(self, view: str) -> tuple[Content, Content]:
        """What the pane shows while there is no row."""
        return as_it_is(""), as_it_is("")

    # Filling

    def desk_opened(self) -> None:
        """A store is open: read it."""
        self.table.marks.clear()
        self.table.source, self.table.loaded = self.source(), None
        self.is_stale = True

    def refresh_rows(self) -> None:
        """Read the list again, in the background; the old one stays on screen until the new one is there."""
        if self.app.session.desk is None:
            return
        if self._is_loading:
            self._load_again = True
            return
        self._is_loading = True
        self.app.in_background("load", self._load)

    async def _load(self) -> None:
        try:
            again = True
            while again:
                self._load_again = False
                self.is_stale = False
                await self.table.load()
                again = self._load_again
            if not self.table.ids:
                filtered = "Nothing matches the filter. Esc clears it." if self.table.wanted.text else ""
                self.table.say(filtered or self.empty)
        except CratejoyTuiError as error:
            self.table.say(str(error))
            raise
        finally:
            self._is_loading = False

    def set_filter(self, text: str) -> None:
        """Show only what matches."""
        self.table.wanted = replace(self.table.wanted, text=text)
        self.refresh_rows()

    def set_sort(self, column: str) -> None:
        """Sort by this column; the same again turns the order round."""
        wanted = self.table.wanted
        turned = wanted.sort == column and not wanted.is_reversed
        self.table.wanted = replace(wanted, sort=column, is_reversed=turned)
        self.refresh_rows()

    # Telling

    def situation(self) -> Situation:
        """What may be done here now depends on this."""
        session, table = self.app.session, self.table
        return Situation(
            room=self.room_id,
            is_open=session.is_open,
            is_reading=table.is_reading,
            is_read_only=session.look.is_read_only,
            is_busy=session.is_busy,
            rows=len(table.ids),
            marked=len(table.marks),
            has_row=bool(table.current_id),
            stage=str(getattr(table.current, "stage", "")),
            can_undo=table.marks.can_undo or bool(self.app.undo),
        )

    def told(self) -> Content:
        """What the status line tells of the list."""
        table, wanted, count = self.table, self.table.wanted, len(self.table.ids)
        parts = [as_it_is(f" {table.cursor + 1:,} of {count:,} {self.noun}" if count else f" no {self.noun}", "$muted")]
        if table.marks.ids:
            hidden = f" ({table.hidden_marks:,} hidden by the filter)" if table.hidden_marks else ""
            parts.append(as_it_is(f"◆ {len(table.marks):,} marked{hidden}", "bold $accent"))
        if table.marks.anchor is not None:
            parts.append(as_it_is("RANGE", "bold $warning"))
        if wanted.text:
            parts.append(joined(("filter ", "$muted"), words(wanted.text, "$warning", 60)))
        if title := next((column.title for column in self.columns if column.id == wanted.sort), ""):
            parts.append(joined(("by ", "$muted"), words(title + (" ▼" if wanted.is_reversed else " ▲"))))
        return Content("   ").join(parts)

    # The pane

    @property
    def is_reading(self) -> bool:
        """The list is being read anew."""
        return self._is_loading

    def fit(self, width: int) -> None:
        """Show the pane where there is room for it."""
        shows = width >= DETAIL_FROM_WIDTH and not self.hides_detail and len(self.views) > 0
        showed = self.pane is not None and self.pane.display
        if shows and self.pane is None and self.app.session.desk is not None:
            self.pane = DetailPane(self.views, self.show_detail)
            self.mount(self.pane)
        if self.pane is not None:
            self.pane.display = shows
            if shows and not showed:  # the cursor may have gone elsewhere meanwhile
                self.follow()

    def follow(self) -> None:
        """Let the pane follow the cursor, once it rests."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(DETAIL_DELAY_SECONDS, self.show_detail)

    def show_detail(self) -> None:
        """Fill the pane with the row under the cursor."""
        if self.pane is not None and self.pane.display and self.app.session.desk is not None:
            self.app.in_background("detail", partial(self._show_detail, self.pane), exclusive=True)

    async def _show_detail(self, pane: DetailPane) -> None:
        row = self.table.current
        if not pane.is_mounted:
            if pane.is_attached:
                self.follow()
            return
        title, body = await self.detail(row, pane.view) if row is not None else await self.without_row(pane.view)
        if pane.is_mounted and row is self.table.current:
            pane.show(title, body)
        elif pane.is_mounted:
            self.follow()

    async def detail_text(self, view: str) -> Content:
        """The present row's view as one page, for screens too narrow for a pane."""
        row = self.table.current
        if row is None:
            return as_it_is("This row is not here any more.")
        title, body = await self.detail(row, view)
        return Content("\n").join([title, Content(""), body])

    def action_table(self, name: str) -> None:
        """A key that the table answers by itself, whatever of the room has the focus."""
        getattr(self.table, f"action_{name}")()

    def _chosen(self) -> None:
        self.app.frame.tell_chosen()
        self.follow()

    def on_row_opened(self, event: RowOpened) -> None:
        event.stop()
        self.app.do("details")

    def on_sort_chosen(self, event: SortChosen) -> None:
        event.stop()
        self.set_sort(event.column)
