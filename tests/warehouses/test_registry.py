"""Every registered warehouse can be loaded, tells what it needs, and runs the whole contract."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from cratejoy_tui import warehouses
from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.folder_rig import place

PROMISES = {name for name in dir(WarehouseContract) if name.startswith("test_")}


def suites_of(name: str) -> Iterator[type[WarehouseContract]]:
    """The classes by which this adapter runs the contract."""
    module = importlib.import_module(f"tests.warehouses.test_{name}")
    for word, found in vars(module).items():
        if inspect.isclass(found) and issubclass(found, WarehouseContract) and word.startswith("Test"):
            yield found


@pytest.mark.parametrize("name", warehouses.names())
def test_every_registered_warehouse_runs_the_contract(name: str) -> None:
    suites = list(suites_of(name))
    assert suites, f"tests/warehouses/test_{name}.py has no class that inherits WarehouseContract"
    for suite in suites:
        assert suite.adapter == name
        assert not PROMISES & set(vars(suite)), "a promise was rewritten"
        assert not getattr(suite, "pytestmark", ()), "a promise was marked"


def test_an_adapter_without_the_contract_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(warehouses.BUILT_IN, "registry", "cratejoy_tui.warehouses.folder:FolderWarehouse")
    with pytest.raises(AssertionError, match="no class that inherits"):
        test_every_registered_warehouse_runs_the_contract("registry")


@pytest.mark.parametrize("name", warehouses.names())
def test_every_adapter_says_what_it_needs(name: str) -> None:
    adapter = warehouses.load(name)
    assert adapter.title
    assert len({setting.name for setting in adapter.settings}) == len(adapter.settings)
    for setting in adapter.settings:
        assert setting.help.endswith(".")
        assert setting.default is None or not setting.problem(setting.default)
        assert not (setting.secret and setting.default is not None), "a secret has no default"


@pytest.mark.parametrize("name", warehouses.names())
def test_every_problem_of_the_settings_is_told_at_once(name: str) -> None:
    adapter = warehouses.load(name)
    with pytest.raises(SettingsInvalid) as told:
        adapter.from_settings({"colour": "red", "name": 7}, place())
    assert len(told.value.problems) >= 3
    assert "`colour` is not a setting" in str(told.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingsInvalid, match=r"no warehouse named `foldr`; there are .*folder, .*simulated"):
        warehouses.load("foldr")


def registered(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name=name, value=value, group=warehouses.GROUP)
    monkeypatch.setattr(warehouses, "entry_points", lambda *, group: [point])


def test_a_foreign_warehouse_joins_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(monkeypatch, "elsewhere", "cratejoy_tui.warehouses.folder:FolderWarehouse")
    assert warehouses.names()[-1] == "elsewhere"
    assert warehouses.load("elsewhere").title == "Folder (files)"


def test_a_foreign_package_cannot_take_the_place_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(monkeypatch, "folder", "cratejoy_tui.warehouses.simulated:SimulatedWarehouse")
    assert warehouses.load("folder").title == "Folder (files)"


@pytest.mark.parametrize("value", ["no_such_package.at_all:Thing", "cratejoy_tui.text:clean"])
def test_a_broken_foreign_package_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    registered(monkeypatch, "broken", value)
    with pytest.raises(SetupError, match="`broken`"):
        warehouses.load("broken")


def test_telling_the_names_loads_no_adapter() -> None:
    code = (
        "import sys; from cratejoy_tui import warehouses; warehouses.names();"
        "print([m for m in ('httpx', 'filelock', 'pytest', 'cratejoy_tui.warehouses.folder') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
