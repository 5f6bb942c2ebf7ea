"""Getting into Extensiv: tokens that end, sign-ins that are refused, settings that cannot be meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid, SetupError, SignInRefused
from cratejoy_tui.warehouses.contract_rig import HandOver
from cratejoy_tui.warehouses.extensiv import ExtensivWarehouse
from cratejoy_tui.warehouses.extensiv_faults import sign_in_words
from tests.warehouses.extensiv_fake import FakeExtensiv
from tests.warehouses.extensiv_rig import SETTINGS, TOKEN, ExtensivRig, answering, rigged
from tests.warehouses.folder_rig import place

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ExtensivRig]:
    async with rigged() as rig:
        yield rig


async def test_a_token_is_renewed_before_it_ends(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    for _ in range(8):
        await warehouse.find(["SUB-1"])
        rig.fake.clock.moment += timedelta(minutes=10)
    assert len(rig.fake.sign_ins) == 3
    assert rig.fake.asked.count("GET /orders") == 8, "no request met an ended token"


@pytest.mark.parametrize(("life", "used"), [(3600, 1800), (1800, 1500), (60, 30)])
async def test_however_short_its_life_it_is_not_used_to_the_end(life: int, used: int) -> None:
    async with rigged(FakeExtensiv(token_seconds=life)) as rig:
        warehouse = await rig.connect()
        await warehouse.find(["SUB-1"])
        rig.fake.clock.moment += timedelta(seconds=used - 1)
        await warehouse.find(["SUB-1"])
        assert len(rig.fake.sign_ins) == 1
        rig.fake.clock.moment += timedelta(seconds=1)
        await warehouse.find(["SUB-1"])
        assert len(rig.fake.sign_ins) == 2


async def test_many_requests_at_once_sign_in_once(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(8)))
    rig.fake.tokens.clear()
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(8)))
    assert len(rig.fake.sign_ins) == 2


async def test_a_token_that_is_never_taken_ends_in_a_refusal_not_in_a_loop(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answering(warehouse, lambda _: httpx.Response(401))
    with pytest.raises(SignInRefused):
        await warehouse.find(["SUB-1"])
    assert len(rig.fake.sign_ins) == 2


async def test_a_refused_sign_in_keeps_its_words(rig: ExtensivRig) -> None:
    with pytest.raises(SignInRefused, match="client not registered"):
        await (await rig.connect(wrong_key=True)).verify()
    assert not rig.fake.sign_ins


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"Message":"invalid_client: client not registered"}', "invalid_client: client not registered"),
        (b'{"error":"invalid_grant"}', "invalid_grant"),
        (b'{"error":"x","error_description":"user unknown"}', "user unknown"),
        (b"<html>", "no reason given"),
        (b"", "no reason given"),
        (b'{"Message":"\\u001b[2J"}', "\N{REPLACEMENT CHARACTER}[2J"),
    ],
)
def test_every_shape_of_a_refused_sign_in_is_read(body: bytes, words: str) -> None:
    assert sign_in_words(body) == words


@pytest.mark.parametrize(("user", "field"), [("robot", "user_login"), ("1234", "user_login_id")])
async def test_the_user_goes_by_name_or_by_number(user: str, field: str) -> None:
    async with rigged(user_login=user, tpl="guid-1") as rig:
        await (await rig.connect()).verify()
        assert rig.fake.sign_ins == [{"grant_type": "client_credentials", field: user, "tpl": "guid-1"}]


async def test_the_connection_test_only_reads_and_names_the_customer(rig: ExtensivRig) -> None:
    assert (await (await rig.connect()).verify()).detail == "Teabox Inc."
    assert rig.fake.asked == [TOKEN, "GET /customers/143", "GET /orders"]


@pytest.mark.parametrize(
    ("settings", "words"), [({"customer_id": 9}, "no customer 9"), ({"facility_id": 9}, "no facility 9; it has 10")]
)
async def test_a_wrong_customer_or_facility_is_named(settings: dict[str, object], words: str) -> None:
    async with rigged(**settings) as rig:
        with pytest.raises(SetupError, match=words):
            await (await rig.connect()).verify()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"time_zone": "Mars/Base"}, "no time zone `Mars/Base`"), ({"customer_id": 1.5}, "`customer_id` must be a whole")],
)
async def test_settings_that_cannot_be_meant_are_named(settings: dict[str, object], words: str) -> None:
    async with rigged(**settings) as rig:
        with pytest.raises(SettingsInvalid, match=words):
            await rig.connect()


def test_without_a_key_none_is_made() -> None:
    with pytest.raises(CredentialsMissing, match="teabox"):
        ExtensivWarehouse.from_settings(dict(SETTINGS), place())


async def test_the_class_follows_what_the_3pl_promises(rig: ExtensivRig) -> None:
    able = (await rig.connect()).capabilities
    assert (able.delivery.value, able.quiet_seconds, able.batch_size) == ("look-up", 300, 100)
    rig.settings = {"refuses_duplicates": True, "imports": False}
    able = (await rig.connect()).capabilities
    assert (able.delivery.value, able.quiet_seconds, able.batch_size) == ("unique", 0, 1)
