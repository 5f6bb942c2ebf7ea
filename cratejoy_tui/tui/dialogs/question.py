"""A question with one or more answers to type: a reason, a number, a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

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


class Question(Dialog[Answers]):
    """Asks for typed answers; gives them by name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, text: Content | str, fields: Sequence[Field], go: str = "OK") -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._fields = tuple(fields)
        self._go = go

    @property
    def around(self) -> int:
        return super().around + 3 * len(self._fields)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(words(self._title, "bold"), markup=False, classes="dialog-title")
            with VerticalScroll(classes="dialog-body", can_focus=False):
                text = self._text if isinstance(self._text, Content) else words(self._text, limit=4000)
                yield Static(text, markup=False)
            for field in self._fields:
                yield Static(words(field.label, "$muted"), markup=False, classes="field-label")
                yield Entry(field.value, hint=field.hint, entry_id=f"field-{field.name}")
            yield Static(as_it_is(""), markup=False, id="missing")
            with Horizontal(classes="dialog-buttons"):
                yield Button(as_it_is("Cancel"), id="cancel", compact=True)
                yield Button(words(self._go), id="go", compact=True, variant="primary")

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
            self._answer()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "go":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        answers = {field.name: clean(self.query_one(f"#field-{field.name}", Input).value) for field in self._fields}
        for field in self._fields:
            if field.is_needed and not answers[field.name]:
                self.query_one("#missing", Static).update(words(f"{field.label}: please say it.", "$error"))
                self.query_one(f"#field-{field.name}").focus()
                return
        self.dismiss(answers)
