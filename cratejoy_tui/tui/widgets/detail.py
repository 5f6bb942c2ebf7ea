"""The pane beside the list: all about the row under the cursor, one view at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cratejoy_tui.tui.safe import words


class Views(Widget):
    """The names of the views, the present one marked."""

    DEFAULT_CSS = "Views { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self, views: Sequence[str], pick: Callable[[str], None]) -> None:
        """`pick` is told which name was clicked on."""
        super().__init__()
        self.views = tuple(views)
        self.view = self.views[0]
        self._pick = pick

    def render(self) -> Content:
        return Content(" ").join([self._tab(view) for view in self.views])

    def _tab(self, view: str) -> Content:
        return words(view, "bold $primary underline" if view == self.view else "$muted")

    def on_click(self, event: events.Click) -> None:
        at = 0
        for view in self.views:
            at += len(view) + 1
            if event.x < at:
                self._pick(view)
                return


class DetailPane(Vertical):
    """A title, the names of the views, and the text of one of them."""

    def __init__(self, views: Sequence[str], turned: Callable[[], None]) -> None:
        """`turned` is called when another view is to be filled in."""
        super().__init__(classes="detail")
        self._turned = turned
        self.heading = Static(Content(""), markup=False, classes="detail-title")
        self.names = Views(views, self._turn_to)
        self.body = Static(Content(""), markup=False, classes="detail-body")
        self.scroller = VerticalScroll(self.body, classes="detail-scroll")

    @property
    def view(self) -> str:
        """The view that is shown."""
        return self.names.view

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.names
        yield self.scroller

    def _turn_to(self, view: str) -> None:
        self.names.view = view
        self.names.refresh()
        if self.scroller.is_mounted:
            self.scroller.scroll_home(animate=False)
        self._turned()

    def turn(self) -> None:
        """Show the next view, from its top."""
        views = self.names.views
        self._turn_to(views[(views.index(self.view) + 1) % len(views)])

    def show(self, title: Content, body: Content) -> None:
        """Show this."""
        self.heading.update(title)
        self.body.update(body)
