"""Set-up by plain questions: the same steps as on the screens, for ssh, dumb terminals and screen readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.setup_prompts import Back, Prompts, signals_put_off
from cratejoy_tui.errors import CratejoyTuiError, KeyringUnavailable, SettingsInvalid
from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.fields import Answers, Field
from cratejoy_tui.setup.first_pull_step import told_look, told_progress
from cratejoy_tui.setup.saving import Saved
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.telling import told_adopted, told_saved
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.wizard import Wizard, told_error
from cratejoy_tui.sync.flows.desk import Step as Progress
from cratejoy_tui.sync.flows.desk import Told

SAID_EVERY = 5000
"""Boxes."""
_FAILED = {"again": "test again", "change": "type it again", "back": "the step before", "untested": "go on untested"}


class Conversation:
    """Leads a person through the steps."""

    def __init__(self, wizard: Wizard, prompts: Prompts, *, may_look: bool = True) -> None:
        self._wizard, self._prompts, self._may_look = wizard, prompts, may_look
        self._say = prompts.say

    async def lead(self) -> ExitCode:
        """From the first step to the save; a store that is set up already begins at its summary. Raises Stopped."""
        self._say("`<` as an answer goes one step back. Ctrl-C leaves; nothing is kept before the end.")
        if self._wizard.draft.is_new:
            await self._all_steps()
        while True:
            choice = self._review()
            if choice == "leave":
                self._say("Left. Nothing was kept.")
                return ExitCode.INTERRUPTED
            if choice == "save":
                if (saved := self._save()) is not None:
                    return await self._finish(saved)
                choice = "keys"
            await self._visit(choice)

    async def _all_steps(self) -> None:
        at = 0
        while at < len(self._wizard.steps):
            try:
                await self._step(self._wizard.steps[at], f"Step {at + 1} of {len(self._wizard.steps)}: ")
                at += 1
            except Back:
                at = max(at - 1, 0)

    async def _visit(self, id_: str) -> None:
        """One step only; another warehouse brings its connection along."""
        try:
            await self._step(self._wizard.step(id_))
            if id_ == "warehouse":
                await self._step(self._wizard.step("connection"))
        except Back:
            return

    async def _step(self, step: Step, place: str = "") -> None:
        self._say(f"\n{place}{step.title}\n{step.text}")
        while True:
            if step.id == "first-pull" and self._may_look:
                await self._look()
            await self._answered(step)
            if await self._passes(step):
                return

    async def _answered(self, step: Step) -> None:
        typed: dict[str, str | Secret] = {}
        while True:
            fields = [self._again(field, typed) for field in self._wizard.fields(step)]
            typed = {field.name: self._prompts.ask_field(field) for field in fields if not field.is_rare}
            typed |= self._rare([field for field in fields if field.is_rare])
            try:
                await self._wizard.take(step, typed)
                return
            except SettingsInvalid as error:
                for problem in error.problems:
                    self._say(f"! {problem}")

    def _again(self, field: Field, typed: Answers) -> Field:
        """The field with what was typed last, so that one mistake does not cost the other answers."""
        before = typed.get(field.name)
        return replace(field, value=before) if isinstance(before, str) else field

    def _rare(self, fields: list[Field]) -> dict[str, str | Secret]:
        """Settings that most people leave: shown in one line each, changed by name."""
        answers: dict[str, str | Secret] = {field.name: field.value for field in fields}
        if not fields:
            return answers
        self._say("Also, as usual:")
        for field in fields:
            self._say(f"  {field.name} = {field.value or '(empty)'}")
        named = {field.name.replace("_", "-"): field for field in fields}
        while name := self._prompts.ask("One of these to change, or Enter to go on"):
            chosen = named.get(name.replace("_", "-"))
            if chosen is None:
                self._say(f"There is no {name} here; there are {', '.join(field.name for field in fields)}.")
                continue
            answers[chosen.name] = self._prompts.ask_field(replace(chosen, value=str(answers[chosen.name])))
        return answers

    async def _passes(self, step: Step) -> bool:
        """Test until it passes, or the person types anew (False). Raises Back."""
        while True:
            if step.id in ("keys", "connection"):
                self._say("Testing, by reading only ...")
            checked = await self._wizard.check(step)
            self._tell(checked)
            if checked.ok:
                return True
            words = [word for word in _FAILED if word != "untested" or checked.may_pass]
            self._say("; ".join(f"{word}: {_FAILED[word]}" for word in words))
            wish = self._prompts.ask_one_of("What now", words, "change")
            if wish == "back":
                raise Back
            if wish != "again":
                return wish == "untested"

    async def _look(self) -> None:
        if self._prompts.ask_one_of("Look at the first pull now? It only reads", ("yes", "no"), "yes") == "no":
            return
        self._say("Pulling into a ledger that is thrown away ...")
        try:
            for line in told_look(await self._wizard.look(self._now_and_then())):
                self._say(line)
        except CratejoyTuiError as error:
            self._say(f"! It could not be looked at: {told_error(error)}")

    def _now_and_then(self) -> Callable[[Told], None]:
        """Tells how far a long look has come, in a line for each few thousand boxes."""
        said = 0

        def tell(told: Told) -> None:
            nonlocal said
            if isinstance(told, Progress) and told.done // SAID_EVERY != said:
                said = told.done // SAID_EVERY
                self._say(told_progress(told))

        return tell

    def _review(self) -> str:
        """Save, leave, or the step to go back to."""
        self._say("\nAs it would be kept:")
        for id_, text in self._wizard.summary():
            self._say(f"  {id_}: {text}")
        words = ("save", "leave", *(step.id for step in self._wizard.steps))
        try:
            return self._prompts.ask_one_of("Save, leave, or a step to change", words, "save")
        except Back:
            return self._wizard.steps[-1].id

    def _save(self) -> Saved | None:
        try:
            with signals_put_off():
                return self._wizard.save()
        except KeyringUnavailable as error:
            self._say(f"! {told_error(error)}\nNothing was kept.")
            return None

    async def _finish(self, saved: Saved) -> ExitCode:
        for line in told_saved(self._wizard, saved):
            self._say(line)
        try:
            adopted = await self._wizard.adopt(saved)
        except CratejoyTuiError as error:
            self._say(f"! Nothing was adopted: {told_error(error)} Then run `cratejoy-tui adopt`.")
            return ExitCode.ATTENTION
        for line in told_adopted(adopted):
            self._say(line)
        self._say(f"Next: `cratejoy-tui --auto --dry-run --store {saved.store}` shows a whole run without sending.")
        return ExitCode.WELL

    def _tell(self, checked: Checked) -> None:
        if checked.text:
            self._say(f"{'OK' if checked.ok else 'Failed'}: {checked.text}")
        for note in checked.notes:
            self._say(f"Note: {note}")
        if checked.next_step:
            self._say(checked.next_step)
