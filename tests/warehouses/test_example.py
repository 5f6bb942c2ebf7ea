"""The example of a foreign adapter, installed beside us as any package would be, keeps the whole contract."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cratejoy_tui import warehouses
from cratejoy_tui.secret import Secret
from cratejoy_tui.simulator.warehouse_app import warehouse_app
from cratejoy_tui.simulator.world import World
from cratejoy_tui.warehouses.contract import WarehouseContract
from cratejoy_tui.warehouses.declared import Place
from tests.warehouses.folder_rig import ZONE, StoppedClock
from tests.warehouses.loopback import served
from tests.warehouses.simulated_rig import SimulatedRig

EXAMPLE = Path(__file__).with_name("example")


class ExampleRig(SimulatedRig):
    """The simulated warehouse, met by the example."""

    async def connect(self, *, wrong_key: bool = False) -> object:
        token = "wrong" if wrong_key else self.world.keys.warehouse_token
        at = Place(store="teabox", clock=StoppedClock(), zone=ZONE, secrets={"token": Secret(token)})
        self.made.append(warehouses.load("tiny").from_settings({"url": self.url}, at))
        return self.made[-1]


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer leaves behind: the module on the path, and its entry points beside it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"][warehouses.GROUP]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"[{warehouses.GROUP}]", *(f"{name} = {value}" for name, value in points.items())]
    info.joinpath("entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delitem(sys.modules, "tiny_wms", raising=False)


@pytest.mark.usefixtures("_installed")
class TestExample(WarehouseContract):
    adapter = "tiny"

    @pytest.fixture
    async def rig(self, _installed: None) -> AsyncIterator[ExampleRig]:
        world, bodies = World(), []
        async with served(warehouse_app(world), bodies) as url:
            rig = ExampleRig(world=world, url=url, bodies=bodies)
            yield rig
            await rig.close()
        world.close()


@pytest.mark.usefixtures("_installed")
def test_it_can_be_chosen_like_ours() -> None:
    assert warehouses.names()[-1] == "tiny"
    assert warehouses.load("tiny").title == "Tiny WMS"


def test_the_readme_shows_it_on_less_than_a_page() -> None:
    code = (EXAMPLE / "tiny_wms.py").read_text("utf-8")
    assert f"```python\n{code}```" in (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert len(code.splitlines()) <= 60
