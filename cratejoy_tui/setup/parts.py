"""What set-up and the doctor need from the rest of the program; the wiring hands it over whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cratejoy_tui.settings import Settings, StoreSettings
from cratejoy_tui.setup.draft import Keys
from cratejoy_tui.setup.fields import FieldKind
from cratejoy_tui.sync.flows.desk import Desk, Told
from cratejoy_tui.sync.ports import Clock, CredentialStore, OrderSource, Warehouse

if TYPE_CHECKING:
    from cratejoy_tui.sync.ledger import Ledger


class Keyring(CredentialStore, Protocol):
    """A credential store that can name itself."""

    def label(self) -> str:
        """`keyring (Secret Service)`. Raises KeyringUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSetting:
    """One thing a kind of warehouse wants to know."""

    name: str
    kind: FieldKind
    help: str
    default: object | None
    """None: it must be given."""
    choices: tuple[str, ...] = ()
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseKind:
    """A warehouse that can be chosen."""

    name: str
    title: str
    settings: tuple[WarehouseSetting, ...] = ()

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The keys it needs."""
        return tuple(setting.name for setting in self.settings if setting.is_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """Keys that were found, by name, with where each came from."""

    keys: Keys
    sources: Mapping[str, str]
    trouble: str = ""
    """Why a place could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything concrete, as functions."""

    clock: Clock
    keyring: Keyring
    kind_names: Callable[[], Sequence[str]]
    """Every kind of warehouse there is; loads none of them."""
    kind: Callable[[str], WarehouseKind]
    """Raises SettingsInvalid for an unknown name, SetupError for one that cannot be loaded."""
    find_keys: Callable[[Settings, StoreSettings, Sequence[str]], Sourced]
    """Looks in every place; blocks, and raises nothing."""
    variable: Callable[[str, str], str]
    """Store and name of a key -> the environment variable it may be in."""
    keys_in_environment: Callable[[Settings, StoreSettings, Sequence[str]], Keys]
    source: Callable[[StoreSettings, Keys], OrderSource]
    warehouse: Callable[[StoreSettings, Keys], Warehouse]
    """Raises SettingsInvalid, CredentialsMissing."""
    desk_on: Callable[[StoreSettings, Keys, Path, Callable[[Told], None]], AbstractAsyncContextManager[Desk]]
    """A read-only desk with a ledger of its own in this file."""
    live_desk: Callable[[Settings, StoreSettings, Keys], AbstractAsyncContextManager[Desk]]
    """The store's real desk, with these keys."""
    ledger: Callable[[Settings, str], AbstractAsyncContextManager[Ledger]]
    """Raises LedgerError."""
    damage: Callable[[Path], str]
    """What SQLite finds wrong in a ledger file; "" when it is whole. Blocks; changes nothing."""
    sqlite_version: str
    log_folder: Path
