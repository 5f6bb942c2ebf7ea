"""Leaving in order: signals restore the terminal, a fault of ours becomes a private report and a short text."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from textual.driver import Driver

CODES = {"SIGTERM": 143, "SIGHUP": 129}
FAULT = 70


def answer_signals(leave: Callable[[int], None]) -> None:
    """End the console on SIGTERM and SIGHUP, with the exit codes that other programs expect."""
    loop = asyncio.get_running_loop()
    for name, code in CODES.items():
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, leave, code)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread: nothing to answer
            continue


class _Window:
    """The terminal's stream, which takes what is written after its window was closed, and drops it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def outliving(driver: type[Driver]) -> type[Driver]:
    """This driver, not stopped by a window that closes while much is drawn.

    A write error would end the thread that writes; the program would then wait for it for ever instead of ending.
    """

    class Outliving(driver):  # type: ignore[misc,valid-type]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            if (stream := getattr(self, "_file", None)) is not None:
                self._file: Any = _Window(stream)

    return Outliving


def report_of(fault: BaseException) -> Text:
    """Write the private report; gives the short text for the terminal. Never raises, never shows a value."""
    from cratejoy_tui import logs

    path = logs.write_crash(fault)
    where = f"Details without keys are in {path}." if path else "The details could not be written to a file."
    lines = (
        f"This is a fault in cratejoy-tui ({type(fault).__name__}); the console had to close.",
        where,
        "What was sent is in the ledger; what is in doubt is settled by the next run.",
    )
    return Text("\n".join(lines), style="bold")
