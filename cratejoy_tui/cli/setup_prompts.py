"""Plain questions on a terminal: one line each, no cursor movement; any terminal and any screen reader will do."""

from __future__ import annotations

import getpass
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.running import CODES
from cratejoy_tui.errors import SetupError
from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.fields import Field, FieldKind
from cratejoy_tui.text import clean

BACK = "<"


class Back(Exception):
    """The person wants the step before."""


class Stopped(KeyboardInterrupt):
    """A signal ended the sitting."""

    def __init__(self, code: ExitCode) -> None:
        self.code = code
        super().__init__()


@dataclass(slots=True)
class Prompts:
    """Asks and tells."""

    talk: TextIO = field(default_factory=lambda: sys.stderr)
    typed: TextIO = field(default_factory=lambda: sys.stdin)
    hidden: Callable[[str], str] = getpass.getpass

    def say(self, text: str = "") -> None:
        """One line or several."""
        self.talk.write(clean(text, 10_000, keep_newlines=True) + "\n")
        self.talk.flush()

    def ask(self, label: str, value: str = "") -> str:
        """A line of text; Enter takes what stands in brackets. Raises Back, Stopped at the end of input."""
        self.talk.write(f"{clean(label)}{f' [{clean(value, 200)}]' if value else ''}: ")
        self.talk.flush()
        line = self.typed.readline()
        if not line:
            self.talk.write("\n")
            raise Stopped(ExitCode.INTERRUPTED)
        if line.strip() == BACK:
            raise Back
        return line.strip() or value

    def ask_one_of(self, label: str, words: Sequence[str], value: str) -> str:
        """One of these words, or the start of one; asked again until it is."""
        while True:
            answer = self.ask(f"{label} ({', '.join(words)})", value)
            if (word := meant(answer, words)) in words:
                return word
            self.say(f"Please type one of {', '.join(words)}, or its first letters.")

    def ask_secret(self, label: str, kept: str) -> Secret:
        """A text that is not shown; empty keeps the one there is. Raises Back, Stopped, SetupError."""
        hint = f" [Enter keeps the one from: {clean(kept, 60)}]" if kept else ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                text = self.hidden(f"{clean(label)}{hint} (not shown): ").strip()
        except EOFError:
            raise Stopped(ExitCode.INTERRUPTED) from None
        except getpass.GetPassWarning:
            raise SetupError(
                "This terminal cannot hide what is typed, so no key is asked for here.",
                next_step="Give the keys by `--secrets-fd N`, or `--from-env`.",
            ) from None
        if text == BACK:
            raise Back
        if text:
            self.say(f"Taken: {len(text)} characters.")
        return Secret(text)

    def ask_field(self, field: Field) -> str | Secret:
        """The answer to one field, asked until it can be used."""
        if field.help:
            self.say(field.help)
        while True:
            answer = self._once(field)
            if not (problem := field.problem(answer)):
                return answer
            self.say(problem)

    def _once(self, field: Field) -> str | Secret:
        if field.kind is FieldKind.SECRET:
            return self.ask_secret(field.label, field.kept)
        words = list(field.options)
        answer = self.ask(f"{field.label} ({', '.join(words)})" if words else field.label, field.value)
        return meant(answer, words)


def meant(answer: str, words: Sequence[str]) -> str:
    """The word that the answer begins, where there is just one; else the answer as it is."""
    close = [word for word in words if word.startswith(answer.lower())] if answer else []
    if answer.lower() in words:
        return answer.lower()
    return close[0] if len(close) == 1 else answer


def signals_raised() -> AbstractContextManager[None]:
    """Let a signal end the sitting where it waits for an answer: as Stopped, so that everything is let go of."""

    def stop(number: int, _: FrameType | None) -> None:
        raise Stopped(CODES[number])

    return _handled(stop)


@contextmanager
def signals_put_off() -> Iterator[None]:
    """Nothing interrupts the block; a signal that came meanwhile counts afterwards."""
    came: list[int] = []
    with _handled(lambda number, _: came.append(number)):
        yield
    if came:
        raise Stopped(CODES[came[0]])


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in CODES}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
