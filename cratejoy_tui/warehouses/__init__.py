"""The warehouses this program can serve, by name. A new one is a file here and a line below.

A package from elsewhere joins in by an entry point of the group `cratejoy_tui.warehouses`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.text import one_line

if TYPE_CHECKING:
    from cratejoy_tui.warehouses.declared import Adapter

GROUP = "cratejoy_tui.warehouses"

BUILT_IN = {
    "extensiv": "cratejoy_tui.warehouses.extensiv:ExtensivWarehouse",
    "folder": "cratejoy_tui.warehouses.folder:FolderWarehouse",
    "simulated": "cratejoy_tui.warehouses.simulated:SimulatedWarehouse",
    "shipstation": "cratejoy_tui.warehouses.shipstation:ShipStationWarehouse",
    "odoo": "cratejoy_tui.warehouses.odoo:OdooWarehouse",
    "tryton": "cratejoy_tui.warehouses.tryton:TrytonWarehouse",
    "sftp": "cratejoy_tui.warehouses.folder_sftp:SftpWarehouse",
    "shiphero": "cratejoy_tui.warehouses.shiphero:ShipHeroWarehouse",
}


def names() -> tuple[str, ...]:
    """Every warehouse that can be chosen, ours first; nothing is loaded to tell."""
    return (*BUILT_IN, *sorted(_foreign()))


def load(name: str) -> type[Adapter]:
    """The adapter of that name, imported now. Raises SettingsInvalid for a name that no one answers to."""
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        adapter: type[Adapter] = getattr(import_module(module), attribute)
        return adapter
    foreign = _foreign()
    if name not in foreign:
        raise SettingsInvalid([f"there is no warehouse named `{one_line(name)}`; there are {', '.join(names())}"])
    return _load_foreign(foreign[name])


def _foreign() -> dict[str, EntryPoint]:
    # Ours win: no installed package may take the place of a warehouse that is already in use.
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in BUILT_IN}


def _load_foreign(point: EntryPoint) -> type[Adapter]:
    said = f"The warehouse `{point.name}` ({one_line(point.value)})"
    update = "Update or remove the package it comes from."
    try:
        adapter: type[Adapter] = point.load()
    except Exception as problem:  # foreign code may raise anything while it is imported
        raise SetupError(f"{said} cannot be loaded: {one_line(problem)}.", next_step=update) from problem
    if missing := [word for word in ("title", "settings", "from_settings") if not hasattr(adapter, word)]:
        raise SetupError(f"{said} has no {', '.join(missing)}.", next_step=update)
    return adapter
