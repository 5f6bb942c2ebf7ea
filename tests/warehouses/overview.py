"""What each warehouse can and cannot do and what a push costs there: the README's table, told by the adapters.

Made anew by: python -c "from tests.warehouses.overview import capability_table as t; print(t())"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cratejoy_tui import warehouses
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Capabilities, DeliveryClass
from cratejoy_tui.warehouses.declared import Adapter, Place, SettingKind, Value

HEADINGS = (
    *("`kind`", "warehouse", "the same number twice", "can be asked for an order", "cancels", "shows pick-up"),
    *("shows voided labels", "orders per call", "requests per 1,000 orders", "quiet after a lost answer"),
)
REQUESTS: Mapping[str, int] = {
    "extensiv": 31,
    "folder": 20,
    "odoo": 143,
    "sftp": 20,
    "shiphero": 1102,
    "shipstation": 20,
    "simulated": 40,
    "tryton": 2084,
}
"""To push 1,000 orders to a warehouse that never saw this store, first look and sign-in included, as measured."""
_MADE_UP: Mapping[SettingKind, Value] = {
    SettingKind.WEB_ADDRESS: "https://warehouse.example.com",
    SettingKind.FOLDER: "/srv/warehouse",
    SettingKind.NUMBER: 1,
    SettingKind.YES_NO: True,
    SettingKind.TIME_ZONE: "UTC",
    SettingKind.COLUMNS: {},
}
_TWICE = {
    DeliveryClass.UNIQUE: "refused there",
    DeliveryClass.LOOK_UP: "taken twice; we look first",
    DeliveryClass.BLIND: "taken twice; a person decides",
}


def capability_table() -> str:
    """Every registered warehouse, as a Markdown table."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(_row(name) for name in sorted(warehouses.names()))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows) + "\n"


def usual_capabilities(adapter: type[Adapter]) -> Capabilities:
    """What this kind of warehouse can do with its usual settings; nothing is reached to tell."""
    given = {
        setting.name: setting.example or _MADE_UP.get(setting.kind, "example")
        for setting in adapter.settings
        if not setting.secret and (setting.example or setting.default is None)
    }
    secrets = {setting.name: Secret("made-up") for setting in adapter.settings if setting.secret}
    place = Place(store="example", clock=_NoClock(), zone=ZoneInfo("UTC"), secrets=secrets)
    return adapter.from_settings(given, place).capabilities


def _row(name: str) -> tuple[str, ...]:
    adapter = warehouses.load(name)
    able = usual_capabilities(adapter)
    cancels = "by file; no answer" if able.can_cancel and able.delivers_files else _yes(able.can_cancel)
    return (
        f"`{name}`",
        adapter.title,
        "one rename each; never twice" if able.delivers_files else _TWICE[able.delivery],
        _yes(able.can_find),
        cancels,
        _yes(able.tells_pickup),
        _yes(able.tells_voids),
        f"{able.batch_size} in a file" if able.delivers_files else str(able.batch_size),
        f"{REQUESTS[name]:,}" + (" files" if able.delivers_files else ""),
        f"{able.quiet_seconds / 60:g} min" if able.quiet_seconds else "none",
    )


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


class _NoClock:
    """Nothing happens while capabilities are told."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(0, UTC)

    async def sleep(self, seconds: float) -> None:
        """No time passes."""
