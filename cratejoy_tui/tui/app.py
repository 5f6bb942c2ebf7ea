"""The console: a door that opens the store, sends each action to who does it, and leaves in order."""

from __future__ import annotations

import gc
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.notifications import Notify
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.tui import keymap
from cratejoy_tui.tui.actions import ACTIONS, EVERYWHERE, Action
from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.door import Look, Opener
from cratejoy_tui.tui.faults import answer_signals
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.our_app import OurApp
from cratejoy_tui.tui.screens.frame import Frame
from cratejoy_tui.tui.session import Session
from cratejoy_tui.tui.situation import READING
from cratejoy_tui.tui.toast import Literal
from cratejoy_tui.tui.undo import MOST, Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.notifications import SeverityLevel

    from cratejoy_tui.tui.dialogs.choice import Choice
    from cratejoy_tui.tui.dialogs.question import Answers, Field
    from cratejoy_tui.tui.screens.room import Room


class Console(OurApp):
    """The operator's console over one store at a time."""

    CSS_PATH = "console.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_in(EVERYWHERE)

    def __init__(self, opener: Opener, look: Look | None = None) -> None:
        self.look = look or Look()
        super().__init__(self.look.theme)
        self.session = Session(opener, self.look)
        self.animation_level = "none"  # nothing glides: it costs bytes over ssh and time everywhere
        self.undo: deque[Decision] = deque(maxlen=MOST)
        self.remark = ""
        """The last thing worth telling, at the right of the status line."""
        self.chosen_keys: dict[str, str] = {}
        self.is_leaving = False

    @property
    def frame(self) -> Frame:
        """The screen under all dialogs."""
        frame = self.screen_stack[0]
        assert isinstance(frame, Frame)
        return frame

    def get_default_screen(self) -> Screen[Any]:
        """The frame is there from the first moment; nothing is pushed over it."""
        return Frame()

    def on_mount(self) -> None:
        """Draw first; the store is opened when the frame stands."""
        answer_signals(self.leave)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from cratejoy_tui.tui.foreman import Foreman

        gc.enable()
        self.foreman = Foreman(self)
        self.foreman.begin()

    def take_keys(self, chosen: dict[str, str]) -> list[str]:
        """Use the operator's keys as far as they can be used; gives what is wrong with the others."""
        problems = keymap.problems(chosen)
        usable = keymap.usable(chosen)
        self.chosen_keys = {id_: chosen[id_] for id_ in usable}
        self.set_keymap(usable)
        self.frame.footer.show(self.frame.room.room_id, self.chosen_keys)
        return problems

    # Actions

    def action_do(self, id_: str) -> None:
        """Do what a key asks for."""
        self.do(id_)

    def do(self, id_: str) -> None:
        """Do this action, or say why it cannot be done now."""
        action, room = ACTIONS[id_], self.frame.room
        if not hasattr(self, "foreman"):
            self.call_after_refresh(self._do, action)
        elif action.why_not(room.situation()) == READING:
            self.in_background("wait", partial(self._do_when_read, action, room), exclusive=True)
        else:
            self._do(action)

    def _do(self, action: Action) -> None:
        if why := action.why_not(self.frame.room.situation()):
            self.tell(why, is_warning=True)
        else:
            self.foreman.do(action)

    async def _do_when_read(self, action: Action, room: Room) -> None:
        await room.table.pages.settled()
        if self.frame.room is room and self.screen is self.frame:
            self._do(action)

    def in_background(
        self, group: str, work: Callable[[], Coroutine[None, None, object]], *, exclusive: bool = False
    ) -> None:
        """Do this beside the drawing; a fault there closes the console with a report, like any other."""
        _: Worker[object] = self.run_worker(work, name=group, group=group, exclusive=exclusive, exit_on_error=False)

    def tell(self, text: str, *, is_warning: bool = False, title: str = "") -> None:
        """A short message for the operator; never read as markup."""
        from cratejoy_tui.text import clean

        severity: SeverityLevel = "warning" if is_warning else "information"
        self.notify(clean(text, 600), title=clean(title), severity=severity, markup=False)

    async def choose(self, title: str, choices: Sequence[Choice]) -> str | None:
        """Let the operator choose; None when nothing was."""
        from cratejoy_tui.tui.dialogs.choice import ChoiceDialog

        return await self.push_screen_wait(ChoiceDialog(title, choices))

    async def ask(self, title: str, text: str, fields: Sequence[Field], go: str = "OK") -> Answers | None:
        """Let the operator type answers; None when they left."""
        from cratejoy_tui.tui.dialogs.question import Question

        return await self.push_screen_wait(Question(title, text, fields, go))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A short message at the edge of the screen; whoever sends it, it is literal."""
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.post_message(Notify(Literal(message, title, severity, seconds, markup=False)))

    async def on_event(self, event: events.Event) -> None:
        """Keys that come too soon after a dialog opened are dropped; the operator cannot have read it."""
        if isinstance(event, events.Key) and not self._hears(event):
            return
        await super().on_event(event)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault in the background is a fault; it must not pass in silence."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, CratejoyTuiError):  # foreseen: it says what to do
            self.session.book.add(str(error))
            self.tell(str(error), is_warning=True)
        elif event.state is WorkerState.ERROR and isinstance(error, Exception):
            self._handle_exception(error)

    def _hears(self, key: events.Key) -> bool:
        if self.is_leaving or not self._screen_stack:
            return False
        is_deaf = isinstance(self.screen, Dialog) and self.screen.is_deaf_to(key)
        return key.is_forwarded or key.key == "ctrl+q" or not is_deaf

    # Leaving

    def leave(self, code: int = 0) -> None:
        """Close the console; a run under way ends after the box in hand."""
        self.is_leaving = True
        self.ask_to_stop()
        self.exit(return_code=code)

    async def on_unmount(self) -> None:
        """Let go of the store before the process ends."""
        if hasattr(self, "foreman"):
            await self.foreman.end()

    def ask_to_stop(self) -> None:
        """End the run under way after the box in hand."""
        self.session.ask_to_stop()
