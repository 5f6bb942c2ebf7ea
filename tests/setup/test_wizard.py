"""The sitting itself: what is taken, tested and looked at, and what is told when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cratejoy_tui.clock import SystemClock
from cratejoy_tui.errors import KeyringUnavailable, SettingsInvalid, SignInRefused, Unreachable
from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.fields import FieldKind, as_text, as_value
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.setup.drawer import Drawer
from tests.setup.sitting import answer, filled, sitting


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


async def test_a_locked_keyring_is_told_before_the_key_is_tested(
    parts: Parts, places: Path, served: Served, drawer: Drawer
) -> None:
    drawer.is_there = False
    async with sitting(parts, places) as wizard:
        await answer(wizard, "store", api__url=served.url)
        checked = await answer(wizard, "keys", client_id=Secret("an-id"), client_secret=Secret("a-secret"))
    assert isinstance(checked.error, KeyringUnavailable)
    assert "Unlock" in checked.next_step


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
