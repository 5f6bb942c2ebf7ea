"""The last look before something is sent: how many, whose, where to, what cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Input, Static

from cratejoy_tui.text import counted
from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.widgets.entry import Entry

TYPED_ABOVE = 25
"""More boxes than this ask for their number to be typed."""
NAMED = 5
LEFT_OUT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTexts:
    """What the dialog says of one plan."""

    title: str = ""
    counts: Sequence[tuple[str, int]]
    """Kind of write -> how many."""
    target: str
    numbers: Sequence[str]
    hidden: int = 0
    """How many of them the filter hides."""
    e_mails: int = 0
    left_out: Sequence[str] = ()
    """What was chosen and will not be sent, each with its reason."""
    cautions: Sequence[str] = ()
    """What cannot be undone, and what is unusual."""
    needs_number: bool = False
    """The number must be typed, however few there are."""
    command: str = ""
    """The same thing on the command line."""

    @property
    def total(self) -> int:
        """How many writes in all."""
        return sum(count for _, count in self.counts)

    @property
    def is_typed(self) -> bool:
        """The number must be typed before it can go."""
        return self.needs_number or self.total > TYPED_ABOVE


class PlanDialog(Dialog[bool]):
    """Shows a plan; True when it shall be carried out. Cancel has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "proceed", "Proceed", show=False)]

    def __init__(self, texts: PlanTexts) -> None:
        super().__init__(texts.title)
        self.texts = texts

    @property
    def around(self) -> int:
        return super().around + 4 * self.texts.is_typed

    def inside(self) -> ComposeResult:
        texts = self.texts
        yield from self.text(plan_content(texts))
        if texts.is_typed:
            yield Static(as_it_is(f"Type {texts.total} to allow it:", "bold $warning"), markup=False, id="ask-number")
            yield Entry(hint=str(texts.total), entry_id="number", restrict=r"[0-9]*")
        yield from self.buttons("Send" if texts.is_typed else "y  Send", "warning", is_disabled=texts.is_typed)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#cancel").focus()

    def on_key(self, event: events.Key) -> None:
        """A digit typed on Cancel is meant for the number."""
        typed = event.character or ""
        if self.texts.is_typed and typed.isdigit() and not isinstance(self.focused, Input):
            number = self.query_one("#number", Input)
            number.focus()
            number.insert_text_at_cursor(typed)
            event.stop()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#go", Button).disabled = not self._is_allowed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_proceed()

    def _is_allowed(self) -> bool:
        if not self.texts.total:
            return False
        return not self.texts.is_typed or self.query_one("#number", Input).value == str(self.texts.total)

    def action_proceed(self) -> None:
        """Carry it out, if the number is right."""
        if self._is_allowed():
            self.dismiss(True)
        elif self.texts.is_typed:
            self.query_one("#number").focus()


def plan_content(texts: PlanTexts) -> Content:
    """The plan as text."""
    rows: list[Content] = []
    for kind, count in texts.counts:
        rows.append(joined((f"{count:>6,} ", "bold $accent"), words(kind)))
    if not texts.counts:
        rows.append(as_it_is("Nothing of this can be sent now.", "bold"))
    if texts.hidden:
        rows.append(as_it_is(f"{texts.hidden:>6,} of them are hidden by the filter", "bold $warning"))
    rows += [as_it_is(""), joined(("to      ", "$muted"), words(texts.target))]
    if texts.numbers:
        more = len(texts.numbers) - NAMED
        named = ", ".join(texts.numbers[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        rows.append(joined(("boxes   ", "$muted"), words(named)))
    if texts.e_mails:
        rows.append(
            joined(("e-mails ", "$muted"), as_it_is(f"{counted(texts.e_mails, 'customer')} will be e-mailed", "bold"))
        )
    if texts.cautions:
        rows += [as_it_is(""), *(joined(("! ", "bold $warning"), words(caution)) for caution in texts.cautions)]
    if texts.left_out:
        rows += [as_it_is(""), as_it_is(f"Left out ({len(texts.left_out):,}):", "$warning")]
        rows += [joined("  ", words(reason, limit=200)) for reason in texts.left_out[:LEFT_OUT]]
        more = len(texts.left_out) - LEFT_OUT
        rows += [as_it_is(f"  and {more:,} more", "$muted")] if more > 0 else []
    if texts.command:
        rows += [as_it_is(""), joined(("same as ", "$muted"), words(texts.command, "$muted"))]
    return Content("\n").join(rows)
