"""A store as it is being set up: nothing of it is kept anywhere until it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from cratejoy_tui.secret import Secret
from cratejoy_tui.settings import StoreSettings, WarehouseSettings
from cratejoy_tui.sync.domain.rules import Rules

CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"  # noqa: S105 - a name, not a value
CRATEJOY_KEYS = (CLIENT_ID, CLIENT_SECRET)
FIRST_NAME = "main"

Keys = Mapping[str, Secret]


class KeysGo(StrEnum):
    """Where the keys are kept once the store is set up."""

    KEYRING = "keyring"
    ELSEWHERE = "elsewhere"
    """Nowhere by us: each run finds them in the environment, a credentials directory, a file or by a command."""


class Adoption(StrEnum):
    """What the person said of orders that are at the warehouse already."""

    LATER = "later"
    NONE = "none"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known so far."""

    store: StoreSettings
    is_new: bool
    secrets: Keys = field(default_factory=lambda: MappingProxyType({}))
    """Typed in this sitting, by name."""
    found: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Keys that are at hand already -> where they come from."""
    keys_go: KeysGo = KeysGo.KEYRING
    adoption: Adoption = Adoption.LATER
    adopted: tuple[str, ...] = ()
    """Order numbers to adopt."""

    def with_rules(self, rules: Rules, *given: str) -> Draft:
        """The same with these rules; `given` are the attributes that the person decided."""
        return replace(self, store=self.store.with_rules(rules, *given))

    def with_secrets(self, typed: Keys) -> Draft:
        """The same with these keys as well."""
        return replace(self, secrets=MappingProxyType({**self.secrets, **typed}))

    def has_secret(self, name: str) -> bool:
        """The key is typed, or at hand already."""
        return name in self.secrets or name in self.found


def new_draft(name: str = FIRST_NAME) -> Draft:
    """A store of which nothing is known yet."""
    return Draft(store=StoreSettings(name=name, warehouse=WarehouseSettings(kind="")), is_new=True)
