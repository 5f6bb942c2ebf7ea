"""The fields of one step on the screen, and what was put into them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Collapsible, Input, Static

from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.fields import Answers, Field, FieldKind
from cratejoy_tui.text import counted
from cratejoy_tui.tui.safe import as_it_is, words
from cratejoy_tui.tui.setup.one_of import OneOf
from cratejoy_tui.tui.widgets.entry import Entry


class Form(Vertical):
    """Asks for the fields of one step; those that most people leave are folded away."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__()
        self._fields = tuple(fields)

    def compose(self) -> ComposeResult:
        for field in self._fields:
            if not field.is_rare:
                yield from self._one(field)
        rare = [field for field in self._fields if field.is_rare]
        if rare:
            with Collapsible(title=f"{counted(len(rare), 'more setting')}, as usual (Enter opens them)", id="rare"):
                for field in rare:
                    yield from self._one(field)

    def answers(self) -> Answers:
        """What stands in the fields; a key is a Secret from here on."""
        return {field.name: self._answer(field) for field in self._fields}

    def clear_secrets(self) -> None:
        """Nothing that was typed unseen stays in a widget."""
        for field in self._fields:
            if field.kind is FieldKind.SECRET:
                self.query_one(f"#{_id(field)}", Input).value = ""

    def focus_first(self) -> None:
        """Put the cursor where something is to be typed."""
        for field in self._fields:
            if not field.is_rare:
                self.query_one(f"#{_id(field)}").focus()
                return

    def _one(self, field: Field) -> ComposeResult:
        kept = f"   there is one already ({field.kept}); leave it empty to keep it" if field.kept else ""
        yield Static(words(f"{field.label}{kept}", "bold"), markup=False, classes="field-label")
        if field.options:
            yield OneOf(list(field.options), field.value, field_id=_id(field))
        elif field.kind is FieldKind.SECRET:
            yield Input(password=True, id=_id(field), compact=True, placeholder="type or paste; it is not shown")
        else:
            yield Entry(field.value, entry_id=_id(field))
        if field.help:
            yield Static(words(field.help, "$muted"), markup=False, classes="field-help")
        for value, meaning in field.options.items():
            if meaning:
                yield Static(words(f"  {value}: {meaning}", "$muted"), markup=False)

    def _answer(self, field: Field) -> str | Secret:
        widget = self.query_one(f"#{_id(field)}")
        if isinstance(widget, OneOf):
            return widget.value
        assert isinstance(widget, Input)
        return Secret(widget.value.strip()) if field.kind is FieldKind.SECRET else widget.value.strip()


def _id(field: Field) -> str:
    return f"field-{field.name}"


def said(text: str) -> Static:
    """A paragraph of the step."""
    return Static(as_it_is(text) if text.isprintable() else words(text), markup=False, classes="said")
