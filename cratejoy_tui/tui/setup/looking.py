"""The look at the store before anything is kept: told as it goes, and stopped without leaving its step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.content import Content

from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.setup.first_pull_step import told_look, told_progress
from cratejoy_tui.setup.wizard import Wizard, told_error
from cratejoy_tui.sync.flows.desk import Step, Told
from cratejoy_tui.tui.safe import as_it_is, lines, words

LOOKING = "Pulling into a ledger that is thrown away ..."


class Looking:
    """One look, under way from the start."""

    def __init__(self, wizard: Wizard, tell: Callable[[Content], None]) -> None:
        self._tell = tell
        tell(as_it_is(f"{LOOKING} Esc stops it.", "$warning"))
        # A task of its own: stopping it must not stop the step from being shown.
        self._look = asyncio.ensure_future(wizard.look(self._tell_progress))

    def stop(self) -> None:
        """Go on without it."""
        self._look.cancel()

    async def seen(self) -> Content:
        """What was seen, once it is over; or why nothing was."""
        try:
            await asyncio.wait({self._look})
            return lines("\n".join(told_look(self._look.result())))
        except CratejoyTuiError as error:
            return words(f"It could not be looked at: {told_error(error)}", "$warning")
        except asyncio.CancelledError:
            if self._look.cancel():  # it is all of us that ends
                raise
            return words("Not looked at: stopped. Ctrl+B and Ctrl+N look again.", "$warning")

    def _tell_progress(self, told: Told) -> None:
        if isinstance(told, Step):
            self._tell(words(f"{LOOKING} {told_progress(told)} Esc stops it.", "$warning"))
