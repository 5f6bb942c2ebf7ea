"""The part of set-up that changes from step to step: the step itself, and where it stands among the others."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cratejoy_tui.setup.steps import Step
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.setup.form import Form
from cratejoy_tui.tui.setup.texts import step_list


class Sheet(Horizontal):
    """The list of the steps, and the one that is shown."""

    def compose(self) -> ComposeResult:
        yield Static(as_it_is(""), markup=False, id="steps")
        yield VerticalScroll(id="step", can_focus=False)

    async def show(self, title: str, body: Sequence[Static | Form], came: Content | None) -> None:
        """Show this step from its top; above it, how the one before went."""
        place = self.query_one("#step", VerticalScroll)
        await place.remove_children()
        heading = Static(words(title, "bold"), markup=False, id="step-title")
        above = [Static(came, markup=False, classes="said")] if came is not None else []
        await place.mount(*above, heading, *body, Static(as_it_is(""), markup=False, id="result"))
        place.scroll_home(animate=False)

    def mark(self, steps: Sequence[Step], at: int, furthest: int) -> None:
        """Show which steps are done, and which is shown."""
        self.query_one("#steps", Static).update(joined(step_list(steps, at, furthest)))

    def tell(self, text: Content) -> None:
        """Say this below the step."""
        if self.query("#result"):
            self.query_one("#result", Static).update(joined(text))
            self.query_one("#step", VerticalScroll).scroll_end(animate=False)
