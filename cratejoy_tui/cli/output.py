"""What a command prints: results on stdout, as JSON lines or as a table; talk on stderr.

A reader that goes away (`| head`) does not stop a run: the rest is simply not printed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO

from cratejoy_tui.errors import SetupError
from cratejoy_tui.text import MARK, clean

if TYPE_CHECKING:
    from rich.console import Console

# JSON escapes only what it must; these would still act on the terminal of someone who looks at it.
_ACTING = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")

_STEERING = re.compile(f"[\x00-\x08\x0b-\x1f]|{_ACTING.pattern}")

LONGEST_NAME = 24
LONGEST_CELL = 200
WIDE = 10_000


@dataclass(slots=True)
class Output:
    """One command's two voices."""

    as_json: bool = False
    quiet: bool = False
    results: TextIO = field(default_factory=lambda: sys.stdout or StringIO())
    talk: TextIO = field(default_factory=lambda: sys.stderr or StringIO())

    def record(self, type_: str, **fields: Any) -> None:
        """One JSON line; nothing where JSON was not asked for."""
        if self.as_json:
            self._write(self.results, json_line({"type": type_, **fields}))

    def table(
        self,
        type_: str,
        rows: Iterable[Any],
        columns: Sequence[str],
        *,
        spare: Sequence[str] = (),
        empty: str = "",
        title: str = "",
    ) -> None:
        """Rows as JSON lines of this type ("": none), each with all its fields, or as a table of the columns named.

        A row is a mapping or a flat value. Columns that are empty in every row are left out, and the `spare` ones,
        first to last, where there is no room; where there are no rows, `empty` is said.
        """
        listed = [row if isinstance(row, Mapping) else fields_of(row) for row in rows]
        if self.as_json:
            for row in listed if type_ else ():
                self.record(type_, **row)
        elif listed:
            self._write(self.results, self._drawn(listed, columns, spare, title))
        elif empty:
            self.say(empty)

    def line(self, text: str) -> None:
        """A line of result for a person; nothing where JSON was asked for."""
        if not self.as_json:
            self._write(self.results, clean(text, 10_000, keep_newlines=True))

    def document(self, text: str) -> None:
        """A whole text with its line breaks and indents, however long; nothing where JSON was asked for."""
        if not self.as_json:
            self._write(self.results, _STEERING.sub(MARK, text.replace("\r\n", "\n")).rstrip("\n"))

    def say(self, text: str) -> None:
        """A sentence beside the results."""
        if not self.quiet:
            self._write(self.talk, clean(text, 10_000, keep_newlines=True))

    def warn(self, text: str) -> None:
        """A sentence that is said even in a quiet run."""
        self._write(self.talk, clean(text, 10_000, keep_newlines=True))

    def _drawn(
        self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], spare: Sequence[str], title: str
    ) -> str:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        console = self._console()
        cells = {name: [cell(row.get(name, "")) for row in rows] for name in columns}
        widths = {name: max(map(len, (name, *told))) for name, told in cells.items() if any(told)}
        for name in spare:
            if not _has_room(widths, console.width):
                widths.pop(name, None)
        has_room = _has_room(widths, console.width)
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name, width in widths.items():
            # Numbers and names are read and copied whole, where there is room; sentences may always be broken.
            drawn.add_column(name.replace("_", " "), overflow="fold", no_wrap=has_room and width <= LONGEST_NAME)
        for line in zip(*(cells[name] for name in widths), strict=True):
            drawn.add_row(*map(Text, line))
        with console.capture() as captured:
            console.print(drawn)
        table = "\n".join(line.rstrip() for line in captured.get().split("\n")).strip("\n")
        return f"{clean(title)}\n{table}\n" if title else f"{table}\n"

    def _console(self) -> Console:
        from rich.console import Console

        on_terminal = self.results.isatty()
        return Console(
            file=self.results, width=None if on_terminal else WIDE, highlight=False, markup=False, emoji=False
        )

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(text + "\n")
            stream.flush()
        except UnicodeEncodeError:
            self._write(stream, text.encode("ascii", "backslashreplace").decode())
        except (BrokenPipeError, ValueError):  # ValueError: the stream is closed
            _to_nowhere(stream)
        except OSError as error:
            _to_nowhere(stream)
            if stream is self.results:
                raise unwritten(error) from None


def _has_room(widths: Mapping[str, int], most: int) -> bool:
    """Do all columns fit side by side, with the longest sentences broken?"""
    return sum(min(width, LONGEST_NAME) + 3 for width in widths.values()) <= most


def unwritten(error: OSError) -> SetupError:
    """Results that find no room are told; they are not lost in silence."""
    text = f"The results could not be written: {error.strerror}."
    return SetupError(text, next_step="Make room, or write them elsewhere; what was done is in the ledger.")


def cell(value: Any) -> str:
    """A value as one clean table cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(cell, value))
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    return clean(str(value), LONGEST_CELL)


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a flat value, for a JSON line or a table row."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def json_line(fields: Mapping[str, Any]) -> str:
    """One JSON object on one line, safe to look at in a terminal."""
    import msgspec

    text = msgspec.json.encode(fields, enc_hook=str).decode()
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _to_nowhere(stream: TextIO) -> None:
    """Point the stream at nothing, so that neither this run nor the interpreter's last flush trips over it."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
