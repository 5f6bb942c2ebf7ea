"""The settings as frozen values, and how each is spelled in the file."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.settings.rules import RULES_SHAPE, number
from cratejoy_tui.settings.tables import Shape, Unshown, convert, near, plain_key, written
from cratejoy_tui.sync.domain.rules import Rules

LEDGER_VARIABLE = "CRATEJOY_TUI_LEDGER"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSettings:
    """Which warehouse a store sends to, and that warehouse's own settings as its adapter will read them."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Names with underscores, whichever way the file spells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """One Cratejoy store and its warehouse."""

    name: str
    warehouse: WarehouseSettings
    rules: Rules = field(default_factory=Rules)
    api_url: str = "https://api.cratejoy.com"
    requests_per_second: float = 2.0
    credentials_file: str = ""
    """Where the keys are read from, when they are in a file that something else keeps safe."""
    credential_command: tuple[str, ...] = ()
    """Program and arguments that print the keys; run without a shell."""
    on_attention: tuple[str, ...] = ()
    """Program and arguments run when the store's state turns bad, or good again; gets a summary on stdin."""
    given_rules: frozenset[str] = field(default=frozenset(), compare=False)
    """The rules (attribute names) that the file sets itself; a warehouse's own defaults stand behind these."""

    def with_rules(self, rules: Rules, *decided: str) -> StoreSettings:
        """The same with these rules. The file will set those that differ, and what was `decided` (attribute names)."""
        differing = {name for name in Rules.__dataclass_fields__ if getattr(rules, name) != getattr(self.rules, name)}
        return replace(self, rules=rules, given_rules=self.given_rules | differing | {*decided})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """How the console looks and which keys it takes."""

    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name of an action -> the key that does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is set up on this machine."""

    stores: Mapping[str, StoreSettings] = field(default_factory=lambda: MappingProxyType({}))
    ledger: str = ""
    """A file, or `postgresql://host/name`; "" is the usual place."""
    console: ConsoleSettings = ConsoleSettings()
    path: Path | None = field(default=None, compare=False)
    """The file these were read from."""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """Settings that are allowed but should be known: unpaid boxes pulled, and the like."""

    def store(self, name: str) -> StoreSettings:
        """The store of this name. Raises SettingsInvalid, naming the closest one."""
        if name in self.stores:
            return self.stores[name]
        known = f"the stores are {', '.join(self.stores)}" if self.stores else "no store is set up"
        raise SettingsInvalid(
            [f"there is no store {name}{near(name, list(self.stores))}"],
            next_step=f"{known[:1].upper()}{known[1:]}. Give one of them, or run `cratejoy-tui setup`.",
        )

    def with_store(self, store: StoreSettings) -> Settings:
        """The same with this store added, or in the place of the one of its name."""
        return replace(self, stores=MappingProxyType({**self.stores, store.name: store}))

    def chosen(self, names: Iterable[str]) -> tuple[StoreSettings, ...]:
        """The stores of these names; none, or `all`, means every store."""
        wanted = list(dict.fromkeys(names))
        return tuple(self.stores.values()) if not wanted or "all" in wanted else tuple(map(self.store, wanted))


def name_problem(name: str, others: Iterable[str]) -> str:
    """Why a store cannot be called so beside these others; "" when it can.

    Two names that differ in - and _ only would have their keys under the same environment variables.
    """
    if not _NAME.fullmatch(name) or name == "all":
        return "must be a name of small letters, digits, - and _, and not `all`"
    alike = [other for other in others if other.replace("-", "_") == name.replace("-", "_")]
    return f"is too like {alike[0]}; choose another name" if alike else ""


def default_ledger() -> Path:
    """Where the ledger lies when nothing else is set."""
    from platformdirs import user_data_path

    return user_data_path("cratejoy-tui", appauthor=False) / "ledger.sqlite"


def ledger_location(settings: Settings, environment: Mapping[str, str] | None = None) -> str:
    """File or URL of the ledger: $CRATEJOY_TUI_LEDGER (which may hold a database password), the settings, the usual
    place."""
    environment = os.environ if environment is None else environment
    where = environment.get(LEDGER_VARIABLE, "") or settings.ledger or str(default_ledger())
    return where if "://" in where else str(Path(where).expanduser())


def web_address(value: Any) -> str:
    """An https address without user name or password; plain http only to this machine itself."""
    parts = urlsplit(value) if isinstance(value, str) else None
    host = (parts.hostname or "") if parts else ""
    if not parts or not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise Unshown("must be an https address (http only for this machine itself)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Unshown("must be a plain address without user name, password or `?`")
    return str(value).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ledger_address(value: Any) -> str:
    """A file path, or a PostgreSQL address without a password."""
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("none:")
    if ("://" in str(value) or not value) and not parts.scheme.startswith("postgresql"):
        raise Unshown("must be a file or a postgresql:// address")
    if parts.password or "password=" in parts.query:
        raise Unshown(f"must not hold a password; give the whole address in ${LEDGER_VARIABLE} instead")
    return convert(value, str)  # type: ignore[no-any-return]


def program(value: Any) -> list[str]:
    """Program and arguments, each its own text."""
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word for word in value):
        raise Unshown("must be a list of program and arguments such as ['pass', 'show', 'cratejoy']")
    return value


def _warehouse(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise Unshown("must be a table with the warehouse's kind")
    own = {key.replace("-", "_"): inner for key, inner in value.items() if key != "kind"}
    return {"kind": value["kind"], "options": own} if "kind" in value else {}


def _warehouse_written(warehouse: WarehouseSettings) -> dict[str, Any]:
    return {"kind": warehouse.kind, **{plain_key(key): written(inner) for key, inner in warehouse.options.items()}}


STORE_SHAPE = Shape(
    names={
        **RULES_SHAPE.names,
        StoreSettings: {"name": "", "given_rules": ""},
        Settings: {"stores": "", "path": "", "warnings": ""},
    },
    writers={**RULES_SHAPE.writers, StoreSettings: {"warehouse": _warehouse_written}},
    checks={
        **RULES_SHAPE.checks,
        StoreSettings: {
            "warehouse": _warehouse,
            "api_url": web_address,
            "requests_per_second": number(0.01, 50, whole=False),
            "credential_command": program,
            "on_attention": program,
        },
        Settings: {"ledger": ledger_address},
    },
)
