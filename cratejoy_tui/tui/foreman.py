"""Who does what: opens the store, sends each action to the room or to the general verbs, and shows what runs tell."""

from __future__ import annotations

import inspect
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import WorkerError

from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.tui.actions import Action
from cratejoy_tui.tui.general import General
from cratejoy_tui.tui.sending import Sender
from cratejoy_tui.tui.telling import Teller

if TYPE_CHECKING:
    from cratejoy_tui.tui.app import Console
    from cratejoy_tui.tui.door import Opened

TELL_EVERY_SECONDS = 0.1
LOOK_EVERY_SECONDS = 2.0
PLAY_EVERY_SECONDS = 1.0
CLOSE = "close"


class Foreman:
    """The console's one place for work that is not drawing."""

    def __init__(self, app: Console) -> None:
        self.app = app
        self.session = app.session
        self.teller = Teller(app)
        self.sender = Sender(app)
        self.general = General(app)

    def begin(self) -> None:
        """Open the store in the background and keep an eye on it from then on."""
        logging.getLogger().addHandler(self.session.book)  # without a handler warnings would be drawn over the screen
        logging.getLogger("cratejoy_tui").setLevel(logging.INFO)
        logging.getLogger("cratejoy_tui.http").setLevel(logging.DEBUG)  # every call is shown
        self.app.set_interval(TELL_EVERY_SECONDS, self.teller.tell_news)
        self.app.set_interval(LOOK_EVERY_SECONDS, lambda: self.app.in_background("look", self.teller.look))
        self.app.in_background("open", partial(self.open, self.session.store))

    async def open(self, store: str) -> bool:
        """Open a store and let every room read it; False when it cannot be opened: the one before then stays."""
        app = self.app
        try:
            opened = await self.session.open(store)
        except CratejoyTuiError as error:
            app.frame.room.table.say(f"The store could not be opened.\n\n{error}")
            app.tell(str(error), is_warning=True)
            return False
        app.undo.clear()
        app.remark, self.session.is_offline = "", False  # both were about the store before
        self.session.book.follow(opened.log)
        if opened.theme and not app.look.theme:
            app.choose_theme(opened.theme)
        for problem in app.take_keys(dict(opened.keys)):
            app.tell(problem, is_warning=True)
        app.frame.desk_opened()
        if opened.play is not None:
            app.set_timer(PLAY_EVERY_SECONDS, self._play)
        if self.session.former:
            app.in_background(CLOSE, partial(self._close, *self.session.former))
        await self.teller.look()
        if app.look.asks_at_first and not await opened.desk.ledger.shipments.counts():
            app.do("refresh")
        return True

    async def _close(self, *former: Opened) -> None:
        """Let go of stores that were open before, once all that was under way is done."""
        for worker in [each for each in self.app.workers if each.group != CLOSE]:
            with suppress(WorkerError):  # told elsewhere
                await worker.wait()
        for opened in former:
            await self.session.close(opened)

    def _play(self) -> None:
        self.app.in_background("play", self._play_on)

    async def _play_on(self) -> None:
        opened = self.session.opened
        if opened is not None and opened.play is not None and await self.session.office.do(opened.play):
            self.app.set_timer(PLAY_EVERY_SECONDS, self._play)

    def do(self, action: Action) -> None:
        """Do this action: the room's own way of doing it comes first."""
        method = f"do_{action.id.replace('-', '_')}"
        for who in (self.app.frame.room, self.general):
            if (verb := getattr(who, method, None)) is not None:
                if inspect.iscoroutinefunction(verb):
                    self.app.in_background(action.id, verb)
                else:
                    verb()
                return
        self.app.tell(f"{action.label} cannot be done in this room.", is_warning=True)

    async def end(self) -> None:
        """Let go of the store; what is in doubt is settled by the next run."""
        logging.getLogger().removeHandler(self.session.book)
        await self.session.close_all()
        self.session.office.close()
