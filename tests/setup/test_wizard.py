"""The sitting itself: what is taken, tested, looked at, kept, and what happens when it goes wrong."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cratejoy_tui.clock import SystemClock
from cratejoy_tui.errors import KeyringUnavailable, SettingsInvalid, SignInRefused, Unreachable
from cratejoy_tui.secret import Secret
from cratejoy_tui.settings import load
from cratejoy_tui.setup.draft import Adoption, KeysGo
from cratejoy_tui.setup.fields import Answers, FieldKind, as_text, as_value
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup.telling import told_saved
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.wizard import Wizard, begin
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.setup.drawer import Drawer


@asynccontextmanager
async def sitting(parts: Parts, places: Path, store: str = "") -> AsyncIterator[Wizard]:
    wizard = await begin(parts, places / "config" / "config.toml", store)
    try:
        yield wizard
    finally:
        await wizard.close()


async def answer(wizard: Wizard, step_id: str, **given: str | Secret) -> Checked:
    """Answer one step, what is not given as it stands, and test it."""
    step = wizard.step(step_id)
    fields = {field.name: field for field in wizard.fields(step)}
    told = {name.replace("__", "-"): value for name, value in given.items()}
    plain: Answers = {
        name: told.get(name, Secret("") if field.kind is FieldKind.SECRET else field.value)
        for name, field in fields.items()
    }
    await wizard.take(step, plain)
    return await wizard.check(step)


async def filled(wizard: Wizard, served: Served, places: Path, *, name: str = "tea", secret: str = "") -> None:
    """Everything answered, nothing saved."""
    (places / "wms").mkdir(exist_ok=True)
    more = {"name": name} if wizard.draft.is_new else {}
    await answer(wizard, "store", api__url=served.url, **more)
    await answer(
        wizard, "keys", client_id=Secret(served.client_id), client_secret=Secret(secret or served.client_secret)
    )
    await answer(wizard, "warehouse", kind="folder")
    assert (await answer(wizard, "connection", root=str(places / "wms"))).ok
    await answer(wizard, "rules")
    await answer(wizard, "first-pull", earliest__order__date="none", adopt="later")


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


async def test_a_wrong_key_is_told_and_may_not_be_passed_over(parts: Parts, places: Path, served: Served) -> None:
    async with sitting(parts, places) as wizard:
        await answer(wizard, "store", api__url=served.url)
        checked = await answer(wizard, "keys", client_id=Secret(served.client_id), client_secret=Secret("wrong-secret"))
    assert not checked.ok
    assert not checked.may_pass
    assert isinstance(checked.error, SignInRefused)
    assert "refused the key" in checked.text
    assert "paste it once more" in checked.next_step


async def test_a_host_that_cannot_be_reached_is_told_and_may_be_passed_over(
    parts: Parts, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cratejoy_tui.http.client._LONGEST_BACKOFF", 0.0)
    async with sitting(parts, places) as wizard:
        await answer(wizard, "store", api__url="http://127.0.0.1:9")
        checked = await answer(wizard, "keys", client_id=Secret("an-id"), client_secret=Secret("a-secret"))
    assert isinstance(checked.error, Unreachable)
    assert checked.may_pass


async def test_a_store_without_the_lean_listing_is_connected_with_a_note(
    parts: Parts, places: Path, served: Served, world: World
) -> None:
    world.turn(lists_v11=False)
    async with sitting(parts, places) as wizard:
        await answer(wizard, "store", api__url=served.url)
        keys = {"client_id": Secret(served.client_id), "client_secret": Secret(served.client_secret)}
        checked = await answer(wizard, "keys", **keys)
    assert checked.ok
    assert any("v1.1" in note for note in checked.notes)


async def test_a_key_revoked_in_the_middle_ends_the_look_and_keeps_nothing(
    parts: Parts, places: Path, served: Served, world: World, drawer: Drawer
) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        world.turn(keys_revoked=True)
        with pytest.raises(SignInRefused):
            await wizard.look()
    assert not drawer.values
    assert not (places / "config").exists()


async def test_the_first_look_counts_everything_and_sends_nothing(
    parts: Parts, places: Path, served: Served, world: World
) -> None:
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        looked = await wizard.look()
        assert looked.listed == sum(looked.types.values())
        assert looked.listed == looked.ready + sum(looked.held.values()) + sum(looked.waiting.values())
        assert sum(looked.months.values()) == looked.listed
        assert looked.ready
        assert looked.held["BAD_ADDRESS"] == 1
        checked = await answer(wizard, "first-pull", earliest__order__date="2099-01-01")
        assert f"{looked.listed} boxes would stay behind" in checked.notes[0]
    assert not list((places / "wms").iterdir())
    assert not (places / "data").exists(), "the real ledger was not touched"


async def test_the_temporary_ledger_is_gone_afterwards(
    parts: Parts, places: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(places / "run"))
    async with sitting(parts, places) as wizard:
        await filled(wizard, served, places)
        await wizard.look()
        assert list((places / "run").glob("*/ledger.sqlite"))
    assert not list((places / "run").iterdir())


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


async def test_a_locked_keyring_is_told_before_the_key_is_tested(
    parts: Parts, places: Path, served: Served, drawer: Drawer
) -> None:
    drawer.is_there = False
    async with sitting(parts, places) as wizard:
        await answer(wizard, "store", api__url=served.url)
        checked = await answer(wizard, "keys", client_id=Secret("an-id"), client_secret=Secret("a-secret"))
    assert isinstance(checked.error, KeyringUnavailable)
    assert "Unlock" in checked.next_step


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


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", ""])
async def test_a_day_that_is_none_is_not_taken(parts: Parts, places: Path, served: Served, text: str) -> None:
    async with sitting(parts, places) as wizard:
        with pytest.raises(SettingsInvalid):
            await answer(wizard, "first-pull", earliest__order__date=text)


async def test_all_problems_of_a_step_are_told_at_once_and_change_nothing(parts: Parts, places: Path) -> None:
    async with sitting(parts, places) as wizard:
        before = wizard.draft
        with pytest.raises(SettingsInvalid) as caught:
            await answer(wizard, "store", name="Tea!", time__zone="Mars", api__url="http://example.com")
        assert len(caught.value.problems) == 3
        with pytest.raises(SettingsInvalid, match="61"):
            await answer(wizard, "rules", target__ship__date__within="61")
        assert wizard.draft == before


async def test_a_key_with_a_stray_character_is_not_taken(parts: Parts, places: Path) -> None:
    async with sitting(parts, places) as wizard:
        with pytest.raises(SettingsInvalid, match="characters that no key has"):
            await answer(wizard, "keys", client_id=Secret("abc\x1bdef"), client_secret=Secret("a-secret"))


class _Ahead(SystemClock):
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=400)


async def test_a_clock_that_is_off_is_noted(parts: Parts, places: Path, served: Served) -> None:
    async with sitting(replace(parts, clock=_Ahead()), places) as wizard:
        await answer(wizard, "store", api__url=served.url)
        keys = {"client_id": Secret(served.client_id), "client_secret": Secret(served.client_secret)}
        checked = await answer(wizard, "keys", **keys)
    assert any("clock" in note and "ahead" in note for note in checked.notes)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.NUMBER, 50),
        (FieldKind.NUMBER, 0.5),
        (FieldKind.YES_NO, True),
        (FieldKind.YES_NO, False),
        (FieldKind.TABLE, {"sku": "Item No", "to": "Name"}),
        (FieldKind.TABLE, {}),
        (FieldKind.TEXT, "%d.%m.%Y"),
    ],
)
def test_a_value_reads_back_as_it_was_shown(kind: FieldKind, value: object) -> None:
    assert as_value(kind, as_text(value)) == value


@pytest.mark.parametrize(("kind", "text"), [("number", "ten"), ("yes or no", "perhaps"), ("table", "sku")])
def test_a_value_of_another_kind_is_not_taken(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        as_value(FieldKind(kind), text)
