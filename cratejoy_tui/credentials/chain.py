"""The places where a store's keys are looked for.

A value is looked for in a file that something else keeps safe, in the environment, from a credential command, and in
the keyring, in this order. Each knows where it came from; none shows itself.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from cratejoy_tui.errors import CratejoyTuiError, CredentialsMissing
from cratejoy_tui.secret import Secret, without_secrets
from cratejoy_tui.sync.ports import CredentialStore
from cratejoy_tui.text import clean

CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"  # noqa: S105 - a name, not a value

DIRECTORY_VARIABLE = "CREDENTIALS_DIRECTORY"
COMMAND_WAIT_SECONDS = 30.0
LARGEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One value and where it was found."""

    name: str
    value: Secret
    source: str
    """In words: "environment", "keyring (Secret Service)"."""


class Provider(Protocol):
    """A place where values may be found."""

    @property
    def source(self) -> str: ...

    def find(self, name: str) -> str | None: ...


class FromFiles:
    """Keys in a file named in the settings, or in the folder that systemd hands to a service."""

    def __init__(self, store: str, file: str, environment: Mapping[str, str], *, alone: bool) -> None:
        self._store, self._alone = store, alone
        self._file = Path(file).expanduser() if file else None
        folder = environment.get(DIRECTORY_VARIABLE, "")
        self._folder = Path(folder) if folder else None
        self.source = "credentials file" if self._file else "credentials directory"

    def find(self, name: str) -> str | None:
        """Raises CredentialsMissing for a file that others may read, or that cannot be read."""
        if self._file is not None:
            values = pairs_of(_private_text(self._file))
            if (found := values.get(f"{self._store}.{name}", values.get(name))) is not None:
                self.source = "credentials file"
                return found
        return self._in_folder(name)

    def _in_folder(self, name: str) -> str | None:
        shared = [f"cratejoy-tui.{name}"] if self._alone else []
        for file_name in (f"cratejoy-tui.{self._store}.{name}", *shared):
            if self._folder is not None and (self._folder / file_name).is_file():
                self.source = "credentials directory"
                return _text_of(self._folder / file_name).strip() or None
        return None


class FromEnvironment:
    """Keys in environment variables: CRATEJOY_TUI_MAIN_CLIENT_ID for store `main`.

    CRATEJOY_CLIENT_ID and CRATEJOY_CLIENT_SECRET count where only one store is set up; with several they could send one
    store's boxes twice.
    """

    source = "environment"

    def __init__(self, store: str, environment: Mapping[str, str], *, alone: bool) -> None:
        self._store, self._environment, self._alone = store, environment, alone

    def find(self, name: str) -> str | None:
        value = self._environment.get(variable(self._store, name), "")
        if not value and self._alone and name in (CLIENT_ID, CLIENT_SECRET):
            value = self._environment.get(f"CRATEJOY_{name.upper()}", "")
        return value.strip() or None


class FromCommand:
    """Keys that a program of the operator's prints, as JSON or as `name=value` lines. It is run once."""

    source = "credential command"

    def __init__(self, store: str, command: Sequence[str], *, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
        self._store, self._command, self._wait_seconds = store, tuple(command), wait_seconds
        self._values: Mapping[str, Secret] | None = None

    def find(self, name: str) -> str | None:
        """Raises CredentialsMissing when the program fails."""
        if not self._command:
            return None
        if self._values is None:
            self._values = {key: Secret(value) for key, value in pairs_of(self._printed()).items()}
        found = self._values.get(f"{self._store}.{name}", self._values.get(name))
        return found.reveal() if found else None

    def _printed(self) -> str:
        program = clean(self._command[0], 80)
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own program, without a shell
                self._command, stdin=subprocess.DEVNULL, capture_output=True, timeout=self._wait_seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise _no_keys(f"The credential command {program} did not end within {self._wait_seconds:g} s") from None
        except (OSError, ValueError) as error:
            raise _no_keys(f"The credential command {program} could not be started ({type(error).__name__})") from None
        if done.returncode:
            raise _no_keys(f"The credential command {program} ended with {done.returncode}{_hint(done.stderr)}")
        if len(done.stdout) > LARGEST_BYTES:
            raise _no_keys(f"The credential command {program} printed more than 64 KiB")
        return done.stdout.decode("utf-8", "replace")


class FromStore:
    """Keys in a credential store such as the keyring; `label` is asked for only when something was found."""

    def __init__(self, store: str, kept: CredentialStore, label: Callable[[], str]) -> None:
        self._store, self._kept, self._label = store, kept, label

    @property
    def source(self) -> str:
        return self._label()

    def find(self, name: str) -> str | None:
        return self._kept.get(self._store, name)


class Credentials:
    """The keys of one store, looked for in every place in order."""

    def __init__(self, store: str, providers: Sequence[Provider]) -> None:
        self.store = store
        self.sources: dict[str, str] = {}
        """Where each key that was asked for came from."""
        self._providers = tuple(providers)

    def find(self, name: str) -> Credential | None:
        """The first place that has it. Raises the first place's error when a later one would have to be asked."""
        for provider in self._providers:
            if value := provider.find(name):
                self.sources[name] = provider.source
                return Credential(name=name, value=Secret(value), source=provider.source)
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
    keyring: CredentialStore,
    keyring_label: Callable[[], str] = lambda: "keyring",
    file: str = "",
    command: Sequence[str] = (),
    alone: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Credentials:
    """Every place for this store, in order. `alone`: it is the only store, so names without a store in them count."""
    environment = os.environ if environment is None else environment
    return Credentials(
        store,
        [
            FromFiles(store, file, environment, alone=alone),
            FromEnvironment(store, environment, alone=alone),
            FromCommand(store, command),
            FromStore(store, keyring, keyring_label),
        ],
    )


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
