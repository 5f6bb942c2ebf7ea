"""Set-up without questions: flags for what is not secret; keys from the environment, stdin or a file descriptor."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid, SetupError
from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.draft import Keys, KeysGo
from cratejoy_tui.setup.fields import FieldKind
from cratejoy_tui.setup.first_pull_step import told_look
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.telling import told_adopted, told_saved
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.wizard import Wizard
from cratejoy_tui.text import clean

LARGEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line said."""

    answers: Mapping[str, Mapping[str, str]]
    """Step -> field -> answer."""
    keys: Keys = field(default_factory=lambda: MappingProxyType({}))
    """From stdin or a file descriptor."""
    from_environment: bool = False
    is_tested: bool = True
    is_looked_at: bool = True


async def set_up(wizard: Wizard, given: Given, output: Output) -> ExitCode:
    """Take everything, test it, look at the first pull, save. Raises SettingsInvalid with every problem, and what the
    tests raise; nothing is kept then."""
    await _take_all(wizard, given)
    if given.is_tested:
        for id_ in ("keys", "connection"):
            _told_or_raised(await wizard.check(wizard.step(id_)), output)
    if given.is_tested and given.is_looked_at:
        looked = await wizard.look()
        output.record("first_pull", store=wizard.draft.store.name, **fields_of(looked))
        for line in told_look(looked):
            output.say(line)
        _told_or_raised(await wizard.check(wizard.step("first-pull")), output)
    saved = wizard.save()
    output.record("saved", store=saved.store, settings=str(saved.path), keys=saved.keys, keyring=saved.keyring)
    adopted = await wizard.adopt(saved)
    if adopted is not None:
        output.record("adopted", **fields_of(adopted))
    for line in (*told_saved(wizard, saved), *told_adopted(adopted)):
        output.say(line)
    return ExitCode.ATTENTION if adopted is not None and adopted.left_out else ExitCode.WELL


async def _take_all(wizard: Wizard, given: Given) -> None:
    problems: list[str] = []
    keys = dict(given.keys)
    for step in wizard.steps:
        if step.id in ("keys", "connection") and given.from_environment:
            keys = {**wizard.keys_in_environment(), **keys}
        try:
            await wizard.take(step, _answers(wizard, step, given, keys))
        except SettingsInvalid as error:
            problems += error.problems
    if problems:
        raise SettingsInvalid(problems, where="Set-up", next_step="Nothing was kept. Correct the command.")


def _answers(wizard: Wizard, step: Step, given: Given, keys: Keys) -> dict[str, str | Secret]:
    told = given.answers.get(step.id, {})
    answers: dict[str, str | Secret] = {
        one.name: keys.get(one.name, Secret("")) if one.kind is FieldKind.SECRET else one.value
        for one in wizard.fields(step)
    }
    if step.id == "keys" and wizard.draft.is_new:
        # Keys in the environment of one command are not there for the runs to come, unless the operator says so.
        answers["keys"] = told.get("keys", KeysGo.KEYRING)
    if step.id == "connection" and (unknown := [name for name in told if name not in answers]):
        raise SettingsInvalid([f"there is no setting {clean(name, 60)} in step {step.id}" for name in unknown])
    return answers


def _told_or_raised(checked: Checked, output: Output) -> None:
    if checked.error is not None:
        raise checked.error
    for line in (checked.text, *(f"Note: {note}" for note in checked.notes)):
        if line:
            output.say(line)


def keys_from(descriptor: int | None, store: str) -> Keys:
    """Keys as JSON or `name=value` lines from a file descriptor, or from stdin.

    Raises SetupError, CredentialsMissing.
    """
    from cratejoy_tui.setup_wiring import pairs_in

    try:
        if descriptor is None:
            content = sys.stdin.buffer.read(LARGEST_BYTES)
        else:
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(LARGEST_BYTES)
    except OSError as error:
        raise SetupError(
            f"File descriptor {descriptor} cannot be read: {error.strerror}.", next_step="Open it for the command."
        ) from None
    pairs = pairs_in(content.decode("utf-8-sig", "replace"))
    found = {name.removeprefix(f"{store}."): Secret(value) for name, value in pairs.items() if value}
    if not found:
        raise CredentialsMissing(
            "No key came in.", next_step="Give `client_id=...` and `client_secret=...`, one a line, or a JSON object."
        )
    return found
