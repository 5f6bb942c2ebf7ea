"""Set-up on a screen: one step at a time, tested before the next, saved at the end or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Static
from textual.worker import Worker, WorkerState

from cratejoy_tui.errors import CratejoyTuiError, SettingsInvalid
from cratejoy_tui.setup.saving import Saved
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.telling import told_adopted, told_saved
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.wizard import Wizard, told_error
from cratejoy_tui.tui.faults import answer_signals
from cratejoy_tui.tui.our_app import OurApp
from cratejoy_tui.tui.safe import as_it_is, words
from cratejoy_tui.tui.setup.form import Form, said
from cratejoy_tui.tui.setup.looking import Looking
from cratejoy_tui.tui.setup.sheet import Sheet
from cratejoy_tui.tui.setup.texts import REVIEW, problems_of, result_of, summary_of

NARROW = 90
LEFT = 130
"""The exit code of someone who leaves without saving."""


class SetupScreens(OurApp):
    """Leads through the steps of a Wizard. `saved` tells whether something was kept."""

    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f10", "go_on", show=False, priority=True),
        Binding("ctrl+b,f9", "go_back", show=False, priority=True),
        Binding("ctrl+u", "untested", show=False, priority=True),
        Binding("escape,ctrl+q,ctrl+c", "leave", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, begin: Callable[[], Awaitable[Wizard]], *, may_look: bool = True, theme: str = "") -> None:
        super().__init__(theme)
        self._begin, self._may_look = begin, may_look
        self.sheet = Sheet(id="middle")
        self.wizard: Wizard | None = None
        self.at = 0
        """Which step is shown; the one after the last is the summary."""
        self.saved: Saved | None = None
        self.is_busy = False
        self._furthest = 0
        self._came: Content | None = None
        """How the test of the step before went; shown above the next one."""
        self._may_pass = False
        self._is_saving = False
        self._leave_asked = False
        self._look: Looking | None = None

    def compose(self) -> ComposeResult:
        yield Static(as_it_is("cratejoy-tui · connect a store", "bold"), markup=False, id="title")
        yield self.sheet
        with Horizontal(id="buttons"):
            yield Button(as_it_is("Back"), id="back", compact=True)
            yield Button(as_it_is("Next"), id="next", compact=True, variant="primary")
        yield Static(as_it_is("enter next field   ctrl+n next   ctrl+b back   esc leave; nothing is kept"), id="hints")

    def on_mount(self) -> None:
        """Draw first, then look what is there already."""
        answer_signals(self._end)
        self._work(self._open())

    def on_resize(self) -> None:
        """A narrow terminal shows the step alone."""
        self.screen.set_class(self.size.width < NARROW, "-narrow")

    async def _open(self) -> None:
        try:
            self.wizard = await self._begin()
        except CratejoyTuiError as error:
            await self._show("Set-up cannot begin", [said(told_error(error))])
            self.query_one("#next", Button).disabled = True
            return
        self.at = 0 if self.wizard.draft.is_new else len(self.wizard.steps)
        self._furthest = self.at
        await self._show_step()

    # showing

    @property
    def step(self) -> Step | None:
        """The step that is shown; None at the summary."""
        assert self.wizard is not None
        return self.wizard.steps[self.at] if self.at < len(self.wizard.steps) else None

    async def _show_step(self) -> None:
        assert self.wizard is not None
        step, self._may_pass, self._leave_asked = self.step, False, False
        if step is None:
            await self._show_summary()
            return
        above = [said(step.text)]
        if step.id == "first-pull" and self._may_look:
            self._look = Looking(self.wizard, self.sheet.tell)
            try:
                above.append(Static(await self._look.seen(), markup=False, classes="said"))
            finally:
                self._look = None
        form = Form(self.wizard.fields(step))
        await self._show(step.title, [*above, form])
        form.focus_first()

    async def _show_summary(self) -> None:
        assert self.wizard is not None
        text = "Save keeps the keys and the settings. Ctrl+B goes back; a number of the list goes to that step."
        await self._show(REVIEW, [said(text), Static(summary_of(self.wizard.summary()), markup=False)])
        self.query_one("#next", Button).label = as_it_is("Save")
        self.query_one("#next").focus()

    async def _show(self, title: str, body: Sequence[Static | Form]) -> None:
        came, self._came = self._came, None
        await self.sheet.show(title, body, came)
        if self.wizard is not None:
            self.sheet.mark(self.wizard.steps, self.at, self._furthest)
            self.query_one("#back", Button).disabled = self.at == 0
        self.query_one("#next", Button).label = as_it_is("Next")

    # acting

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and from the last one on."""
        event.stop()
        inputs = [widget for widget in self.query("Input, OneOf") if widget.display and widget.focusable]
        after = inputs[inputs.index(event.input) + 1 :]
        if after:
            after[0].focus()
        else:
            self.action_go_on()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The two buttons."""
        event.stop()
        if event.button.id == "back":
            self.action_go_back()
        else:
            self.action_go_on()

    def on_key(self, event: events.Key) -> None:
        """At the summary, a digit goes to that step."""
        if self.wizard is None or self.is_busy or self.saved is not None or self.step is not None:
            return
        if event.key.isdigit() and 1 <= int(event.key) <= len(self.wizard.steps):
            self.at = int(event.key) - 1
            self._work(self._show_step())

    def action_go_on(self) -> None:
        """Take the answers, test, and show what comes next; at the summary, save."""
        if self.saved is not None:
            self._end(0)
        elif self.wizard is not None and not self.is_busy:
            self._work(self._save() if self.step is None else self._pass(self.step))

    def action_go_back(self) -> None:
        """The step before; what was typed here and not taken is dropped."""
        if self.wizard is not None and not self.is_busy and self.saved is None and self.at > 0:
            self.at -= 1
            self._work(self._show_step())

    def action_untested(self) -> None:
        """Go on although the other side could not be asked."""
        if self._may_pass and not self.is_busy:
            self._work(self._next())

    def action_leave(self) -> None:
        """Stop what is under way; else leave, asked twice."""
        if self._is_saving:
            return
        if self._look is not None:
            self._look.stop()
        elif self.is_busy:
            self.workers.cancel_all()
        elif self.saved is not None:
            self._end(0)
        elif self._leave_asked or self.wizard is None:
            self._end(LEFT)
        else:
            self._leave_asked = True
            self.sheet.tell(as_it_is("Esc again leaves. Nothing was kept.", "bold $warning"))

    async def _pass(self, step: Step) -> None:
        assert self.wizard is not None
        form = self.query_one(Form)
        try:
            await self.wizard.take(step, form.answers())
        except SettingsInvalid as error:
            self.sheet.tell(problems_of(error.problems))
            return
        form.clear_secrets()
        self.sheet.tell(as_it_is("Testing, by reading only ...", "$warning"))
        checked = await self.wizard.check(step)
        self.sheet.tell(result_of(checked))
        self._may_pass = checked.may_pass
        if checked.ok:
            await self._next(checked)

    async def _next(self, checked: Checked | None = None) -> None:
        assert self.wizard is not None
        # Whoever came back to change one thing is done with it; another warehouse brings its connection along.
        came_back = self._furthest == len(self.wizard.steps) and self.step is not self.wizard.step("warehouse")
        self.at = len(self.wizard.steps) if came_back else self.at + 1
        self._furthest = max(self._furthest, self.at)
        if checked is not None and checked.text:
            self._came = result_of(replace(checked, next_step=""))
        await self._show_step()

    async def _save(self) -> None:
        assert self.wizard is not None
        self._is_saving = True
        try:
            saved = await asyncio.to_thread(self.wizard.save)
        except CratejoyTuiError as error:
            self.sheet.tell(words(f"Nothing was kept. {told_error(error)}", "bold $error"))
            return
        finally:
            self._is_saving = False
        self.saved = saved
        told = [*told_saved(self.wizard, saved), *await self._adopted(self.wizard, saved)]
        await self._show("Connected", [said(line) for line in told])
        self.query_one("#next", Button).label = as_it_is("Done")
        self.query_one("#back", Button).disabled = True
        self.query_one("#next").focus()

    async def _adopted(self, wizard: Wizard, saved: Saved) -> tuple[str, ...]:
        try:
            return told_adopted(await wizard.adopt(saved))
        except CratejoyTuiError as error:
            return (f"Nothing was adopted: {told_error(error)} Then run `cratejoy-tui adopt`.",)

    # working and leaving

    def _work(self, work: Awaitable[None]) -> None:
        self.is_busy = True
        self.run_worker(work, exclusive=True, exit_on_error=True)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Free again, however it ended."""
        if event.state in (WorkerState.SUCCESS, WorkerState.CANCELLED, WorkerState.ERROR):
            self.is_busy = False
        if event.state is WorkerState.CANCELLED:
            self.sheet.tell(as_it_is("Stopped.", "$warning"))

    def _end(self, code: int) -> None:
        self.exit(return_code=code)

    async def on_unmount(self) -> None:
        """Throw away what was looked at."""
        if self.wizard is not None:
            await self.wizard.close()
