"""Keeping what was set up: keys and settings together or not at all; and forgetting keys again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cratejoy_tui.errors import CratejoyTuiError, KeyringUnavailable, SetupError
from cratejoy_tui.settings import Settings, load, save
from cratejoy_tui.setup.draft import CRATEJOY_KEYS, Draft, KeysGo
from cratejoy_tui.setup.parts import Keyring, Parts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was kept, and where."""

    store: str
    path: Path
    settings: Settings
    keys: tuple[str, ...]
    """Names of the keys that went into the keyring now."""
    keyring: str
    """Its name; "" when no key went there."""
    former: Path | None = None
    """The settings as they were, kept because their comments are not in the new ones."""


def settings_in(path: Path) -> Settings:
    """The settings in this file; none yet when there is no file. Raises SettingsInvalid for a file that is wrong."""
    return load(path) if path.exists() else Settings(path=path)


def keep(keyring: Keyring, path: Path, draft: Draft, former_keys: Sequence[str] = ()) -> Saved:
    """Put the keys into the keyring, read them back, then write the settings; any failure undoes what was done.

    `former_keys` are those the store used before and needs no more. Blocks; meant to run to its end undisturbed.
    Raises KeyringUnavailable, SettingsInvalid, SetupError.
    """
    settings = settings_in(path).with_store(draft.store)
    store, wanted = draft.store.name, draft.secrets if draft.keys_go is KeysGo.KEYRING else {}
    before: dict[str, str | None] = {}
    try:
        label = keyring.label() if wanted else ""
        for name in dict.fromkeys((*wanted, *former_keys)) if wanted else ():
            before[name] = keyring.get(store, name)
            _put(keyring, store, name, None if name in former_keys else wanted[name].reveal())
        former = _write(settings, path)
    except BaseException:
        for name, value in reversed(before.items()):
            _put_back(keyring, store, name, value)
        raise
    return Saved(store=store, path=path, settings=settings, keys=tuple(wanted), keyring=label, former=former)


def forget(keyring: Keyring, store: str, names: Sequence[str]) -> tuple[str, ...]:
    """Remove these keys of a store from the keyring; gives the names that were there. Raises KeyringUnavailable."""
    there = [name for name in names if keyring.get(store, name) is not None]
    for name in there:
        keyring.forget(store, name)
    return tuple(there)


def all_key_names(parts: Parts) -> tuple[str, ...]:
    """Every name under which a store may have a key, whichever its warehouse is or was."""
    names = dict.fromkeys(CRATEJOY_KEYS)
    for kind in parts.kind_names():
        with suppress(SetupError):  # a package from elsewhere may be broken; its keys stay where they are
            names |= dict.fromkeys(parts.kind(kind).secret_names)
    return tuple(names)


def _put(keyring: Keyring, store: str, name: str, value: str | None) -> None:
    """Keep this value and read it back; None: keep none."""
    if value is None:
        keyring.forget(store, name)
        return
    keyring.set(store, name, value)
    if keyring.get(store, name) != value:
        raise KeyringUnavailable("The keyring took a key but does not give it back; nothing was kept.")


def _put_back(keyring: Keyring, store: str, name: str, value: str | None) -> None:
    try:
        _put(keyring, store, name, value)
    except CratejoyTuiError as error:
        # The first failure is the one to tell; this one is for whoever looks for left-over entries.
        log.warning("A key may be left in the keyring: %s Run `cratejoy-tui forget`.", error.message)


def _write(settings: Settings, path: Path) -> Path | None:
    try:
        before = _keep_comments(path)
        save(settings, path)
        return before
    except OSError as error:
        raise SetupError(
            f"The settings could not be written to {path}: {error.strerror}. Nothing was kept.",
            next_step="Check the folder and the disk space, then save again.",
        ) from None


def _keep_comments(path: Path) -> Path | None:
    """Comments of the operator's own do not survive a rewrite; the file as it was stays beside the new one."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not any(line.lstrip().startswith("#") for line in text.splitlines()[1:]):
        return None
    before = path.with_name(path.name + ".before")
    before.touch(mode=0o600)
    before.write_text(text, encoding="utf-8")
    return before
