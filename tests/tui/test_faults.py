"""Leaving in order, whatever became of the window."""

from __future__ import annotations

import errno
import threading
from typing import Any

from textual.drivers._writer_thread import WriterThread

from cratejoy_tui.tui.faults import outliving

MORE_THAN_WAITS = 100
"""Writes; thirty wait at most for the thread that writes."""


class ClosedWindow:
    def write(self, text: str = "") -> None:
        raise OSError(errno.EIO, "the window was closed")

    flush = write


class Plain:
    """What a driver is to us: it has the stream it writes to."""

    def __init__(self) -> None:
        self._file: Any = ClosedWindow()


def test_what_is_drawn_after_the_window_was_closed_does_not_keep_the_program_from_ending() -> None:
    kind: Any = outliving(Plain)  # type: ignore[arg-type]
    writer = WriterThread(kind()._file)

    def draw() -> None:
        writer.start()
        for _ in range(MORE_THAN_WAITS):
            writer.write("drawn")
        writer.stop()

    drawing = threading.Thread(target=draw, daemon=True)
    drawing.start()
    drawing.join(20)
    assert not drawing.is_alive()
    assert not writer.is_alive()
