"""A question with one or more answers to type: a reason, a number, a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from cratejoy_tui.text import clean
from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.safe import as_it_is, words
from cratejoy_tui.tui.widgets.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One answer to type."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    is_needed: bool = True


Answers = dict[str, str]


def reason_field() -> Field:
    """Why something is decided."""
    return Field(name="reason", label="Reason", hint="goes into the audit under your name")


class Question(Dialog[Answers]):
    """Asks for typed answers; gives them by name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, text: str, fields: Sequence[Field], go: str = "OK") -> None:
        super().__init__(title)
        self._text = text
        self._fields = tuple(fields)
        self._go = go

    @property
    def around(self) -> int:
        return super().around + 3 * len(self._fields)

    def inside(self) -> ComposeResult:
        yield from self.text(words(self._text, limit=4000))
        for field in self._fields:
            yield Static(words(field.label, "$muted"), markup=False, classes="field-label")
            yield Entry(field.value, hint=field.hint, entry_id=f"field-{field.name}")
        yield Static(as_it_is(""), markup=False, id="missing")
        yield from self.buttons(self._go, "primary")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(f"#field-{self._fields[0].name}" if self._fields else "#cancel").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
        else:
            self.action_proceed()

    def action_proceed(self) -> None:
        """Give the answers, once all that are needed are there."""
        answers = {field.name: clean(self.query_one(f"#field-{field.name}", Input).value) for field in self._fields}
        for field in self._fields:
            if field.is_needed and not answers[field.name]:
                self.query_one("#missing", Static).update(words(f"{field.label}: please say it.", "$error"))
                self.query_one(f"#field-{field.name}").focus()
                return
        self.dismiss(answers)
