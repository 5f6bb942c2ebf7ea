"""The places where a store's keys are looked for.

A value is looked for in a file that something else keeps safe, in the environment, from a credential command, and in
the keyring, in this order. Each knows where it came from; none shows itself.
"""

from __future__ import annotations

import functools
import os
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.errors import CratejoyTuiError, CredentialsMissing
from cratejoy_tui.secret import Secret, without_secrets
from cratejoy_tui.text import clean

if TYPE_CHECKING:
    from cratejoy_tui.setup.parts import Keyring

CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"  # noqa: S105 - a name, not a value

DIRECTORY_VARIABLE = "CREDENTIALS_DIRECTORY"
COMMAND_WAIT_SECONDS = 30.0
LARGEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One value and where it was found."""

    value: Secret
    source: str
    """In words: "environment", "keyring (Secret Service)"."""


Place = Callable[[str], Credential | None]
"""Looks for a value by its name. Raises CredentialsMissing, KeyringUnavailable for a place that cannot be asked."""


def _found(value: str | None, source: str) -> Credential | None:
    return Credential(value=Secret(value), source=source) if value else None


def in_file(store: str, file: str) -> Place:
    """Keys in a file named in the settings, which nobody else may read."""

    def find(name: str) -> Credential | None:
        values = pairs_of(_private_text(Path(file).expanduser()))
        return _found(values.get(f"{store}.{name}", values.get(name)), "credentials file")

    return find


def in_folder(store: str, folder: str, *, alone: bool) -> Place:
    """Keys in the folder that systemd hands to a service."""

    def find(name: str) -> Credential | None:
        for file_name in (f"cratejoy-tui.{store}.{name}", f"cratejoy-tui.{name}")[: 1 + alone]:
            if (path := Path(folder) / file_name).is_file():
                return _found(_text_of(path).strip(), "credentials directory")
        return None

    return find


def in_environment(store: str, environment: Mapping[str, str], *, alone: bool) -> Place:
    """Keys in environment variables: CRATEJOY_TUI_MAIN_CLIENT_ID for store `main`.

    CRATEJOY_CLIENT_ID and CRATEJOY_CLIENT_SECRET count where only one store is set up; with several they could send one
    store's boxes twice.
    """

    def find(name: str) -> Credential | None:
        value = environment.get(variable(store, name), "")
        if not value and alone and name in (CLIENT_ID, CLIENT_SECRET):
            value = environment.get(f"CRATEJOY_{name.upper()}", "")
        return _found(value.strip(), "environment")

    return find


def by_command(store: str, command: Sequence[str]) -> Place:
    """Keys that a program of the operator's prints, as JSON or as `name=value` lines. It is run once."""

    @functools.cache
    def values() -> Mapping[str, Secret]:
        return {key: Secret(value) for key, value in pairs_of(_printed(command)).items()}

    def find(name: str) -> Credential | None:
        value = values().get(f"{store}.{name}", values().get(name))
        return Credential(value=value, source="credential command") if value else None

    return find


def in_keyring(store: str, keyring: Keyring) -> Place:
    """Keys in the keyring, which is asked for its name only when it has one."""

    def find(name: str) -> Credential | None:
        value = keyring.get(store, name)
        return _found(value, keyring.label()) if value else None

    return find


class Credentials:
    """The keys of one store, looked for in every place in order."""

    def __init__(self, store: str, places: Sequence[Place]) -> None:
        self.store = store
        self.sources: dict[str, str] = {}
        """Where each key that was asked for came from."""
        self._places = tuple(places)

    def find(self, name: str) -> Credential | None:
        """The first place that has it. Raises the first place's error when a later one would have to be asked."""
        for find in self._places:
            if found := find(name):
                self.sources[name] = found.source
                return found
        return None

    def need(self, names: Sequence[str]) -> dict[str, Credential]:
        """All of these. Raises CredentialsMissing naming every one that no place has, what kept a place from being
        asked, and where to put it.
        """
        found: dict[str, Credential] = {}
        trouble: CratejoyTuiError | None = None
        for name in names:
            try:
                if credential := self.find(name):
                    found[name] = credential
            except CratejoyTuiError as error:
                trouble = error
        missing = [name for name in names if name not in found]
        if missing:
            raise _missing(self.store, missing, trouble)
        return found


def chain(
    store: str,
    *,
    keyring: Keyring,
    file: str = "",
    command: Sequence[str] = (),
    alone: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Credentials:
    """Every place for this store, in order. `alone`: it is the only store, so names without a store in them count."""
    environment = os.environ if environment is None else environment
    folder = environment.get(DIRECTORY_VARIABLE, "")
    places = (
        in_file(store, file) if file else None,
        in_folder(store, folder, alone=alone) if folder else None,
        in_environment(store, environment, alone=alone),
        by_command(store, command) if command else None,
        in_keyring(store, keyring),
    )
    return Credentials(store, [place for place in places if place is not None])


def _printed(command: Sequence[str]) -> str:
    program = clean(command[0], 80)
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own program, without a shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_WAIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _no_keys(f"The credential command {program} did not end within {COMMAND_WAIT_SECONDS:g} s") from None
    except (OSError, ValueError) as error:
        raise _no_keys(f"The credential command {program} could not be started ({type(error).__name__})") from None
    if done.returncode:
        raise _no_keys(f"The credential command {program} ended with {done.returncode}{_hint(done.stderr)}")
    if len(done.stdout) > LARGEST_BYTES:
        raise _no_keys(f"The credential command {program} printed more than 64 KiB")
    return done.stdout.decode("utf-8", "replace")


def variable(store: str, name: str) -> str:
    """The environment variable for this value: CRATEJOY_TUI_MAIN_CLIENT_ID."""
    return f"CRATEJOY_TUI_{store}_{name}".upper().replace("-", "_")


def _missing(store: str, names: Sequence[str], trouble: CratejoyTuiError | None) -> CredentialsMissing:
    variables = ", ".join(variable(store, name) for name in names)
    said = f"Store {store} has no {' and no '.join(name.replace('_', ' ') for name in names)}."
    if trouble is not None:
        return CredentialsMissing(f"{said} {trouble.message}", next_step=f"{trouble.next_step} Or set {variables}.")
    return CredentialsMissing(said, next_step=f"Run `cratejoy-tui setup`, or set {variables}.")


def _no_keys(message: str) -> CredentialsMissing:
    return CredentialsMissing(f"{message}.", next_step="Run it by hand to see what it says, then try again.")


def _hint(stderr: bytes) -> str:
    """The start of what the program complained about; never all of it, for it may repeat a key."""
    said = clean(without_secrets(stderr[:2000].decode("utf-8", "replace")), 60)
    return f" ({said})" if said else ""


def _private_text(path: Path) -> str:
    if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise CredentialsMissing(f"Others may read the credentials file {path}.", next_step=f"Run `chmod 600 {path}`.")
    return _text_of(path)


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES).decode("utf-8-sig", "replace")
    except OSError as error:
        raise CredentialsMissing(
            f"The credentials file {path} cannot be read: {error.strerror}.", next_step="Correct its path or its owner."
        ) from None


def pairs_of(text: str) -> dict[str, str]:
    """Names and values in a JSON object, or one `name=value` a line."""
    if text.lstrip().startswith("{"):
        try:
            table = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise CredentialsMissing(
                "The keys given are not readable JSON.", next_step="Give an object of names and texts."
            ) from None
        return {str(key).lower(): value.strip() for key, value in table.items() if isinstance(value, str)}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
