"""Set-up on screens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options

if TYPE_CHECKING:
    from cratejoy_tui.setup.wizard import Wizard


def on_screens(options: Options, begin: Callable[[], Awaitable[Wizard]], *, may_look: bool) -> ExitCode:
    """Lead through the steps on screens; gives how it ended."""
    raise AssertionError(options, begin, may_look)
