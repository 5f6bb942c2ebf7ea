"""What a sitting keeps in the end: keys, settings and adopted orders, all of it or nothing."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from cratejoy_tui.errors import KeyringUnavailable, SettingsInvalid
from cratejoy_tui.secret import Secret
from cratejoy_tui.settings import load
from cratejoy_tui.setup.draft import Adoption, KeysGo
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup.telling import told_saved
from cratejoy_tui.setup.wizard import begin
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.setup.drawer import Drawer
from tests.setup.sitting import answer, filled, sitting


async def test_what_was_saved_reads_back_and_nothing_secret_is_in_it(
    parts: Parts, places: Path, served: Served, drawer: Drawer
) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        saved = wizard.save()
    text = saved.path.read_text()
    assert served.client_secret not in text
    assert served.client_id not in text
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600
    assert drawer.values == {("tea", "client_id"): served.client_id, ("tea", "client_secret"): served.client_secret}


@pytest.mark.parametrize("failing", ["client_id", "client_secret"])
async def test_a_keyring_that_fails_leaves_nothing_half_stored(
    parts: Parts, places: Path, served: Served, drawer: Drawer, failing: str
) -> None:
    def fail(action: str, name: str) -> None:
        if (action, name) == ("set", failing):
            raise KeyringUnavailable("The keyring of this computer is locked.")

    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        drawer.fail = fail
        with pytest.raises(KeyringUnavailable):
            wizard.save()
    assert not drawer.values
    assert not (places / "config" / "config.toml").exists()


async def test_a_keyring_that_forgets_at_once_is_found_out(
    parts: Parts, places: Path, served: Served, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawer, "set", lambda *_: None)
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        with pytest.raises(KeyringUnavailable, match="does not give it back"):
            wizard.save()
    assert not (places / "config" / "config.toml").exists()


async def test_settings_that_cannot_be_written_give_the_former_keys_back(
    parts: Parts, places: Path, served: Served, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer.values = {("tea", "client_id"): "former"}

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        monkeypatch.setattr("cratejoy_tui.setup.saving.save", no_room)
        with pytest.raises(Exception, match="No space left"):
            wizard.save()
    assert drawer.values == {("tea", "client_id"): "former"}


async def test_an_interrupt_in_the_middle_of_saving_undoes_it(
    parts: Parts, places: Path, served: Served, drawer: Drawer
) -> None:
    def interrupt(action: str, name: str) -> None:
        if (action, name) == ("set", "client_secret"):
            raise KeyboardInterrupt

    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        drawer.fail = interrupt
        with pytest.raises(KeyboardInterrupt):
            wizard.save()
    assert not drawer.values


async def test_a_second_store_joins_the_first(parts: Parts, places: Path, served: Served, drawer: Drawer) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        wizard.save()
    path = places / "config" / "config.toml"
    path.write_text(path.read_text() + "\n# mine\n")
    async with sitting(parts, places, "coffee") as wizard:
        assert wizard.draft.is_new
        assert not wizard.draft.found, "the first store's keys are not the second one's"
        with pytest.raises(SettingsInvalid, match="set up already"):
            await answer(wizard, "store", name="tea")
        await filled(wizard, served, places, name="coffee")
        saved = wizard.save()
        told = " ".join(told_saved(wizard, saved))
    assert sorted(load(path).stores) == ["coffee", "tea"]
    assert len(drawer.values) == 4
    before = path.with_name("config.toml.before")
    assert "# mine" in before.read_text()
    assert f"the file as it was is {before}" in told
    with pytest.raises(SettingsInvalid, match="several stores"):
        await begin(parts, path)


async def test_another_warehouse_takes_the_old_ones_key_away(
    parts: Parts, places: Path, served: Served, drawer: Drawer
) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        await answer(wizard, "warehouse", kind="simulated")
        checked = await answer(wizard, "connection", url=served.warehouse_url, token=Secret(served.warehouse_token))
        assert checked.ok
        wizard.save()
    assert drawer.values["tea", "token"] == served.warehouse_token
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        wizard.save()
    assert ("tea", "token") not in drawer.values


async def test_keys_kept_elsewhere_are_stored_nowhere(
    parts: Parts, places: Path, served: Served, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRATEJOY_CLIENT_ID", served.client_id)
    monkeypatch.setenv("CRATEJOY_CLIENT_SECRET", served.client_secret)
    drawer.is_there = False
    (places / "wms").mkdir()
    async with sitting(parts, places) as wizard:
        assert wizard.draft.keys_go is KeysGo.ELSEWHERE
        await answer(wizard, "store", api__url=served.url)
        assert (await answer(wizard, "keys")).ok
        await answer(wizard, "warehouse", kind="folder")
        await answer(wizard, "connection", root=str(places / "wms"))
        wizard.save()
        assert wizard.variables() == ("CRATEJOY_TUI_MAIN_CLIENT_ID", "CRATEJOY_TUI_MAIN_CLIENT_SECRET")
    assert not drawer.values


async def test_a_list_of_orders_is_adopted_once_everything_is_kept(
    parts: Parts, places: Path, served: Served, world: World
) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        listed = places / "already.txt"
        await asyncio.to_thread(listed.write_text, "SUB-900000001\n4711\n")
        await answer(wizard, "first-pull", earliest__order__date="none", adopt=str(listed))
        assert wizard.draft.adoption is Adoption.LIST
        assert wizard.draft.adopted == ("SUB-900000001", "4711")
        adopted = await wizard.adopt(wizard.save())
    assert adopted is not None
    assert {left.number for left in adopted.left_out} == {"SUB-900000001", "4711"}
