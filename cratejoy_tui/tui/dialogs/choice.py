"""A list to choose from; typing narrows it. The command palette is one of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.widgets.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen."""

    id: str
    label: str
    hint: str = ""
    key: str = ""
    why_not: str = ""
    """Why it cannot be chosen now; it is shown, greyed, with this."""

    def has(self, wanted: Sequence[str]) -> bool:
        """All of these words are in it somewhere."""
        text = f"{self.label} {self.hint} {self.id} {self.key}".casefold()
        return all(word in text for word in wanted)

    def content(self, width: int) -> Content:
        """It as one or two lines."""
        tone = "$muted" if self.why_not else ""
        head = joined(
            words(self.label, f"bold {tone}".strip()), ("  " if self.key else ""), words(self.key, "$primary")
        )
        below = self.why_not or self.hint
        return joined(head, "\n", words(below, "$warning" if self.why_not else "$muted", 300)) if below else head


class ChoiceDialog(Dialog[str]):
    """Gives the id of what was chosen, or None."""

    kind = "choice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(8)", show=False, priority=True),
        Binding("pageup", "step(-8)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, hint: str = "type to search") -> None:
        super().__init__(title)
        self._choices = tuple(choices)
        self._hint = hint

    def inside(self) -> ComposeResult:
        yield Entry(hint=self._hint, entry_id="search")
        yield OptionList(*self._options(""), id="choices", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Input).focus()
        self._list.highlighted = 0 if self._choices else None

    def is_deaf_to(self, key: events.Key) -> bool:
        """Letters only narrow the list: who knows what to search need not wait."""
        return self.is_deaf and not key.is_printable

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _options(self, text: str) -> list[Option]:
        wanted = text.casefold().split()
        found = [choice for choice in self._choices if choice.has(wanted)]
        found.sort(key=lambda choice: bool(choice.why_not))
        if not found:
            return [Option(as_it_is("Nothing of this name.", "$muted"), disabled=True)]
        return [Option(choice.content(60), id=choice.id) for choice in found]

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list.clear_options()
        self._list.add_options(self._options(event.value))
        self._list.highlighted = 0

    def action_step(self, by: int) -> None:
        """Move the highlight."""
        count = self._list.option_count
        if count:
            self._list.highlighted = max(0, min((self._list.highlighted or 0) + by, count - 1))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._list.highlighted is not None:
            self._choose(self._list.get_option_at_index(self._list.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_id)

    def _choose(self, id_: str | None) -> None:
        choice = next((choice for choice in self._choices if choice.id == id_), None)
        if choice is None:
            return
        if choice.why_not:
            self.app.bell()
            self.notify(choice.why_not, markup=False, severity="warning")
            return
        self.dismiss(choice.id)
