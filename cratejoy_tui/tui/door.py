"""The way in: is there a terminal to draw on, and what must be handed over to open the console?"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from cratejoy_tui.sync.domain.rules import Rules
    from cratejoy_tui.sync.flows.desk import Desk, Told

POINTER = "Run `cratejoy-tui --auto` for a run without a screen, or `cratejoy-tui --help` for the commands."


def why_no_console(
    stdin: TextIO | None = None, screen: TextIO | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Why the console cannot be opened here, and what to do instead; "" when it can. Loads nothing heavy."""
    environment = os.environ if environment is None else environment
    if not _is_terminal(stdin or sys.stdin) or not _is_terminal(screen or sys.stderr):
        return f"The console needs a terminal to read keys from and to draw on. {POINTER}"
    if environment.get("TERM", "") == "dumb":
        return f"The terminal says that it cannot draw a screen (TERM=dumb). {POINTER}"
    return ""


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A store's desk with all that the console shows around it."""

    desk: Desk
    """Its `tell` and `should_stop` are the ones the opener was given."""
    close: Callable[[], Awaitable[None]]
    stores: tuple[str, ...] = ()
    """Every store that is set up, for the switch between them."""
    sources: tuple[tuple[str, str], ...] = ()
    """Which key comes from where: ("Cratejoy client id", "environment"). Never the key."""
    places: tuple[tuple[str, str], ...] = ()
    """Where things lie: settings file, ledger, log."""
    log: Path | None = None
    """The log file, which runs beside the console write too; None where none is written."""
    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name of an action -> the key that does it."""
    change_rule: Callable[[Rules, str, str], Rules] | None = None
    """The rules with one setting changed, as an operator writes it; raises SettingsInvalid."""
    shown_rules: Callable[[Rules], Mapping[str, Any]] | None = None
    """The rules as an operator reads and writes them: name -> value."""
    save: Callable[[Rules], Awaitable[None]] | None = None
    """Keep these rules in the settings file; None where there is none (the demo)."""
    play: Callable[[], Awaitable[bool]] | None = None
    """Let the demo's world live a little; False once its day is over. None outside the demo."""


class Opener(Protocol):
    """Opens one store; called in the back office's thread, where heavy libraries may be loaded."""

    async def __call__(self, store: str, tell: Callable[[Told], None], should_stop: Callable[[], bool]) -> Opened: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the console starts."""

    store: str = ""
    """"" is the first one."""
    is_demo: bool = False
    is_read_only: bool = False
    theme: str = ""
    has_mouse: bool = True
    asks_at_first: bool = False
    """A store that was never looked at is looked at as soon as it is open."""
    grace_seconds: float = 5.0
    """How long a write that cannot be undone waits, visibly, before its first box goes."""


def run_console(opener: Opener, look: Look | None = None) -> int:
    """Open the console and stay until the operator leaves; gives the exit code."""
    gc.disable()  # what is loaded now stays; the console looks for garbage from its first paint on
    from cratejoy_tui.tui.app import Console

    look = look or Look()
    app = Console(opener, look)
    app.run(mouse=look.has_mouse)
    return app.return_code or 0
