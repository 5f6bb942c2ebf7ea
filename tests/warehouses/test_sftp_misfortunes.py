"""The SFTP warehouse against a real SSH server: strangers, wrong keys, and connections that break at any step."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid, SetupError, Unreachable
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, Receipt
from cratejoy_tui.warehouses import folder_sftp_files as sftp_files
from cratejoy_tui.warehouses.contract_rig import SINCE, TRACKING, HandOver, Packed, an_order
from tests.warehouses.sftp_rig import CLIENT_KEY, HOST_KEY, SftpRig, rigged

ORDERS = [an_order("SUB-1"), an_order("SUB-2")]
STRANGER = asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SftpRig]:
    (tmp_path / "account").mkdir()
    async with rigged(tmp_path / "account", monkeypatch) as rig:
        yield rig


async def test_a_host_key_that_is_not_the_one_we_know_stops_everything(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    stranger = await rig.connect(host_key=STRANGER.get_fingerprint())
    shown = re.escape(HOST_KEY.get_fingerprint())
    with pytest.raises(SetupError, match=shown):
        await stranger.verify()
    with pytest.raises(SetupError, match=shown):
        await stranger.push(ORDERS, rig.delivery())
    with pytest.raises(SetupError, match=shown):
        await stranger.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
    assert rig.files("") == []
    assert (await warehouse.verify()).system == "SFTP"


async def test_a_known_hosts_file_is_believed_and_nothing_else(rig: SftpRig, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    line = f"[127.0.0.1]:{rig.server.port} "
    known.write_text(line + STRANGER.export_public_key().decode())
    with pytest.raises(SetupError, match="is not one of those"):
        await rig.connect(host_key="", known_hosts=str(known))
    known.write_text("")
    with pytest.raises(SetupError, match="is not one of those"):
        await rig.connect(host_key="", known_hosts=str(known))
    known.write_text(line + HOST_KEY.export_public_key().decode())
    warehouse = await rig.connect(host_key="", known_hosts=str(known))
    assert (await warehouse.verify()).system == "SFTP"


async def test_without_a_host_key_no_server_is_trusted(rig: SftpRig, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="an unknown server is not trusted"):
        await rig.connect(host_key="", known_hosts=str(tmp_path / "none"))
    with pytest.raises(SettingsInvalid, match="must be a fingerprint"):
        await rig.connect(host_key="MD5:00:11")


async def test_a_private_key_opens_the_door_too(rig: SftpRig) -> None:
    text = CLIENT_KEY.export_private_key().decode()
    for rig.secret in (text, text.strip().replace("\n", "\\n")):
        assert (await (await rig.connect()).verify()).system == "SFTP"
    rig.secret = text[:80] + "\n-----END OPENSSH PRIVATE KEY-----\n"
    with pytest.raises(CredentialsMissing, match="cannot be read") as told:
        await (await rig.connect()).verify()
    assert text[40:80] not in str(told.value)


async def test_one_connection_serves_all(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push(ORDERS, rig.delivery())
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    assert [page async for page in warehouse.shipped_since(SINCE)]
    assert len(rig.server.connections) == 1


async def test_after_a_cut_the_next_verb_connects_anew(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    rig.server.cut()
    assert (await warehouse.verify()).system == "SFTP"
    assert len(rig.server.connections) == 1


DRAFT = "orders_20261123T101500Z_000001.csv.part"
OPENED = [("before", f"open {name}") for name in ("lock", DRAFT, "mark.json.part")]
RENAMED = [(when, f"rename {folder}") for when in ("before", "after") for folder in ("staging", ".cratejoy-tui", "in")]
STEPS = [*OPENED, *RENAMED]


@pytest.mark.parametrize(("when", "step"), STEPS)
async def test_a_connection_cut_at_any_step_leaves_one_file(
    rig: SftpRig, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_files, "LOCK_SECONDS", 0.0)  # a lock left behind is nobody's here
    warehouse, delivery = await rig.connect(), rig.delivery()
    rig.server.fails[f"{when} {step}"] = [rig.server.cut]
    outcomes = {type(outcome) for outcome in await warehouse.push(ORDERS, delivery)}
    assert outcomes <= {Lost, NotSent}
    assert rig.server.fails == {}, "it happened"
    assert outcomes == {Lost} or not delivery.is_staged, "staged: never called unsent"
    if outcomes == {NotSent}:
        assert rig.files() == []
        outcomes = {type(outcome) for outcome in await warehouse.push(ORDERS, delivery)}
    else:
        outcomes = {
            type(outcome)
            for outcome in await (await rig.connect()).resume(
                ORDERS, HandOver(sequence=delivery.sequence, is_staged=delivery.is_staged)
            )
        }
    assert outcomes == {Receipt}
    assert len(rig.files()) == 1
    assert await rig.live("SUB-1") == 1


async def test_a_delivered_file_that_was_taken_away_is_not_sent_again(rig: SftpRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    await rig.lose_next_answer()
    assert {type(one) for one in await warehouse.push(ORDERS, delivery)} == {Lost}
    [path] = rig.files()
    path.unlink()  # the warehouse was quick
    assert {type(one) for one in await warehouse.resume(ORDERS, delivery)} == {Receipt}
    assert rig.files() == []


async def test_a_server_that_is_away_never_makes_a_staged_file_unsent(rig: SftpRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    await rig.lose_next_answer()
    await warehouse.push(ORDERS, delivery)
    port, rig.server.port = rig.server.port, 1
    away = await SftpRig.connect(rig)
    assert {type(one) for one in await away.resume(ORDERS, delivery)} == {Lost}
    assert {type(one) for one in await away.push(ORDERS, rig.delivery())} == {NotSent}
    with pytest.raises(Unreachable):
        await away.verify()
    rig.server.port = port


async def test_a_cancel_cut_off_is_unknown_and_asked_for_once(rig: SftpRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery("cancels")
    await rig.lose_next_answer()
    outcome = await warehouse.cancel("SUB-1", "changed mind", delivery)
    assert outcome.answer is CancelAnswer.UNKNOWN
    await warehouse.cancel("SUB-1", "changed mind", delivery)
    assert await rig.asked_to_cancel("SUB-1") == 1


async def test_a_lock_left_by_a_dead_one_is_taken_after_a_while(rig: SftpRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()
    lock = rig.root / ".cratejoy-tui" / "lock"
    lock.write_text("somebody else")
    monkeypatch.setattr(sftp_files, "LOCK_SECONDS", 0.0)
    monkeypatch.setattr(sftp_files, "BETWEEN_TRIES", 0.0)
    assert {type(one) for one in await warehouse.push(ORDERS, rig.delivery())} == {Receipt}
    assert not lock.exists()


async def test_a_lock_that_is_held_is_waited_for(rig: SftpRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()
    lock = rig.root / ".cratejoy-tui" / "lock"
    lock.write_text("somebody else")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            lock.unlink()

    monkeypatch.setattr(sftp_files.time, "sleep", nap)
    assert {type(one) for one in await warehouse.push(ORDERS, rig.delivery())} == {Receipt}
    assert len(naps) == 3


async def test_links_and_unfinished_files_are_left_alone(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    content = b"order_number,tracking_number\nSUB-1,9400111899223856920001\n"
    rig.drop("shp_1.csv.filepart", content)
    rig.drop("shp_2.csv", content, age_seconds=5)
    (rig.root / "secret.csv").write_bytes(content)
    (rig.root / "out" / "shp_3.csv").symlink_to("../secret.csv")
    assert [page async for page in warehouse.shipped_since(SINCE)] == []


async def test_a_server_whose_clock_is_behind_does_not_make_a_fresh_file_look_old(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    await rig.clock.sleep(3600)  # ours runs an hour ahead of the server's
    path = rig.drop("shp_1.csv", b"order_number,tracking_number\nSUB-1,9400111899223856920001\n")
    os.utime(path)
    assert [page async for page in warehouse.shipped_since(SINCE)] == []


async def test_closing_ends_the_thread_and_twice_is_harmless(rig: SftpRig) -> None:
    warehouse = await rig.connect()
    assert "sftp" in {thread.name for thread in threading.enumerate()}
    await warehouse.close()
    await warehouse.close()
    assert "sftp" not in {thread.name for thread in threading.enumerate()}
