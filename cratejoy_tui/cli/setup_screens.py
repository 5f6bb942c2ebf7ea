"""Set-up on screens: opened by `setup`, and by the console where no store is set up yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cratejoy_tui.cli.asked import Options
from cratejoy_tui.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cratejoy_tui.setup.wizard import Wizard

Begin = Callable[[], Awaitable["Wizard"]]
"""Begins a sitting."""


def has_no_store(options: Options) -> bool:
    """Nothing is set up here yet: there is no settings file, or no store in it. Raises SettingsInvalid."""
    from cratejoy_tui import settings
    from cratejoy_tui.setup.saving import settings_in

    return not settings_in(settings.find_path(options.config)).stores


async def sitting(options: Options) -> Wizard:
    """A sitting of set-up for the store that was asked for. Raises SettingsInvalid."""
    from cratejoy_tui import settings
    from cratejoy_tui.setup.wizard import begin
    from cratejoy_tui.setup_wiring import setup_parts

    name = options.stores[0] if options.stores else ""
    return await begin(setup_parts(options.who), settings.find_path(options.config), name)


def first_store(options: Options, *, theme: str = "") -> ExitCode:
    """Set-up for someone who opened the console without a store."""
    return on_screens(lambda: sitting(options), theme=theme)


def on_screens(begin: Begin, *, may_look: bool = True, theme: str = "") -> ExitCode:
    """Lead through the steps; gives how it ended."""
    from cratejoy_tui.tui.setup.app import SetupScreens

    app = SetupScreens(begin, may_look=may_look, theme=theme)
    app.run()
    return ExitCode(app.return_code or 0)
