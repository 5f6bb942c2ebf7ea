"""A line to type in; what is put or pasted into it is cleaned like everything else."""

from __future__ import annotations

from textual.widgets import Input

from cratejoy_tui.text import clean


class Entry(Input):
    """An input whose text and hint never hold anything that acts on a terminal."""

    def __init__(self, value: str = "", *, hint: str = "", entry_id: str, restrict: str | None = None) -> None:
        super().__init__(
            clean(value), placeholder=clean(hint), id=entry_id, restrict=restrict, compact=True, select_on_focus=False
        )

    def validate_value(self, value: str) -> str:
        """Whatever sets the text: typing, pasting, or the program."""
        return value if value.isprintable() else clean(value)
