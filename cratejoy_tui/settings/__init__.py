"""What an operator has set up, per store, read from `config.toml`. Never a secret.

`load` reads, `save` writes; both speak of the frozen values below.
"""

from __future__ import annotations

from cratejoy_tui.settings.file import find_path, load, parse, save, write
from cratejoy_tui.settings.rules import change_rule, rule_name, shown_rules
from cratejoy_tui.settings.store import (
    ConsoleSettings,
    Settings,
    StoreSettings,
    WarehouseSettings,
    default_ledger,
    ledger_location,
)

__all__ = [
    "ConsoleSettings",
    "Settings",
    "StoreSettings",
    "WarehouseSettings",
    "change_rule",
    "default_ledger",
    "find_path",
    "ledger_location",
    "load",
    "parse",
    "rule_name",
    "save",
    "shown_rules",
    "write",
]
