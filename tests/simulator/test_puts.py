"""What a client writes to the store, over real HTTP."""

from __future__ import annotations

import base64
import json
import urllib.request
from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.proof import puts_of
from cratejoy_tui.simulator.scenarios import build
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import ids

V11 = "/v1.1/shipments/"
V1 = "/v1/shipments/"

TRACKED = {"status": "shipped", "tracking_number": "9400100000000000000001", "shipped_at": "2026-11-23T18:20:00Z"}


def test_a_confirmation_closes_the_box_and_mails_once(store: httpx.Client, world: World) -> None:
    id_ = world.case("ecom")
    extra = {"carrier_name": "USPS", "tracking_link": "https://t.test/1", "unheard_of": 1}
    answer = store.put(f"{V1}{id_}/", json=TRACKED | extra)
    assert answer.status_code == 200
    for box in (answer.json(), store.get(f"{V1}{id_}/").json()):
        assert {name: box[name] for name in TRACKED} == TRACKED
        assert {line["status"] for line in box["fulfillments"]} == {"closed"}
        assert box["fulfillments"][0]["order"]["fulfillment_status"] == "fulfilled"
        assert not {"carrier_name", "tracking_link", "unheard_of"} & set(box)
    assert id_ in ids(store.get(f"{V11}?status=shipped"))
    assert [put.mailed for put in puts_of(world, id_)] == [True]


def test_an_order_of_several_boxes_becomes_partly_and_then_wholly_fulfilled(store: httpx.Client, world: World) -> None:
    first = world.case("gift")
    words = []
    for id_ in (first, first + 1, first + 2):
        store.put(f"{V1}{id_}/", json={"status": 2})
        words.append(store.get(f"{V1}{first}/").json()["fulfillments"][0]["order"]["fulfillment_status"])
    assert words == ["partial", "partial", "fulfilled"]


def test_the_order_of_a_running_prepay_stays_fulfilled_while_boxes_are_unshipped(
    store: httpx.Client, world: World
) -> None:
    first = world.case("prepay")
    store.put(f"{V1}{first}/", json={"status": "shipped"})
    order = store.get(f"{V1}{first + 1}/").json()["fulfillments"][0]["order"]
    assert (order["status"], order["fulfillment_status"]) == ("closed", "fulfilled")


def test_shipped_at_is_now_when_it_is_left_out_and_may_be_a_plain_date(store: httpx.Client, world: World) -> None:
    one, two = world.case("ecom"), world.case("claim")
    assert store.put(f"{V1}{one}/", json={"status": "shipped"}).json()["shipped_at"] == "2026-11-23T16:00:00Z"
    put = {"status": "shipped", "shipped_at": "2017-09-15"}
    assert store.put(f"{V1}{two}/", json=put).json()["shipped_at"] == "2017-09-15T00:00:00Z"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_put_is_read_as_json_whatever_it_calls_itself(served: Served, world: World, content_type: str | None) -> None:
    id_ = world.case("ecom")
    request = urllib.request.Request(f"{served.url}{V1}{id_}", json.dumps(TRACKED).encode(), method="PUT")
    key = base64.b64encode(f"{served.client_id}:{served.client_secret}".encode()).decode()
    request.add_header("Authorization", f"Basic {key}")
    if content_type:
        request.add_header("Content-Type", content_type)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        assert json.load(answer)["status"] == "shipped"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"",
        b'{"status": "sent"}',
        b'{"status": 9}',
        b'{"shipped_at": "soon"}',
        b'{"tracking_number": 5}',
        json.dumps({"tracking_number": "x" * 256}).encode(),
    ],
)
def test_a_put_that_cannot_be_read_changes_nothing(store: httpx.Client, world: World, body: bytes) -> None:
    id_ = world.case("ecom")
    before = store.get(f"{V1}{id_}/").content
    assert store.put(f"{V1}{id_}/", content=body).status_code == 400
    assert store.get(f"{V1}{id_}/").content == before
    assert puts_of(world, id_) == []


@pytest.mark.parametrize(
    ("mail_on", "bodies", "mails"),
    [
        ("each_put", [TRACKED, TRACKED], 2),
        ("each_put", [TRACKED, {"tracking_number": "2"}], 1),
        ("status_change", [TRACKED, TRACKED], 1),
        ("tracking_change", [{"tracking_number": "1"}, {"status": "shipped"}], 2),
    ],
)
def test_when_the_customer_is_mailed_is_a_knob(
    store: httpx.Client, world: World, mail_on: str, bodies: list[dict[str, Any]], mails: int
) -> None:
    world.turn(mail_on=mail_on)
    id_ = world.case("ecom")
    for body in bodies:
        assert store.put(f"{V1}{id_}/", json=body).status_code == 200
    assert sum(put.mailed for put in puts_of(world, id_)) == mails


@pytest.mark.parametrize(("knob", "code"), [("accept", 200), ("400", 400), ("409", 409)])
def test_a_put_on_a_closed_box_is_taken_or_refused(store: httpx.Client, world: World, knob: str, code: int) -> None:
    world.turn(put_on_closed=knob)
    assert store.put(f"{V1}{world.case('cancelled')}/", json=TRACKED).status_code == code


@pytest.mark.parametrize(("knob", "code"), [("serve", 200), ("301", 301), ("404", 404)])
def test_a_put_without_the_last_slash(store: httpx.Client, world: World, knob: str, code: int) -> None:
    world.turn(slashless_put=knob)
    id_ = world.case("ecom")
    assert store.put(f"{V1}{id_}", json=TRACKED).status_code == code
    assert len(puts_of(world, id_)) == (code == 200)


def test_moving_a_date_moves_its_lines(store: httpx.Client, world: World) -> None:
    id_ = world.case("gift")
    box = store.put(f"{V1}{id_}/", json={"adjusted_ordered_at": "2026-12-21"}).json()
    assert box["adjusted_ordered_at"] == "2026-12-21T00:00:00Z"
    assert box["fulfillments"][0]["adjusted_fulfillment_date"] == "2026-12-21T00:00:00Z"
    assert box["target_at"] != box["adjusted_ordered_at"]


@pytest.mark.parametrize("new_id", [False, True])
def test_an_address_is_edited_under_its_own_or_a_new_id(store: httpx.Client, world: World, new_id: bool) -> None:
    world.turn(address_edit_changes_id=new_id)
    path = f"{V1}{world.case('ecom')}/"
    old = store.get(path).json()["ship_address"]
    answer = store.put(f"/v1/addresses/{old['id']}/", json={"street": "5 Moved Rd", "id": 1, "nonsense": 2})
    assert answer.json()["street"] == "5 Moved Rd"
    new = store.get(path).json()["ship_address"]
    assert new["street"] == "5 Moved Rd"
    assert (new["id"] != old["id"]) is new_id
    assert "nonsense" not in new
    store.put(f"/v1/addresses/{old['id']}/", json={"street": "6 Elsewhere"})
    assert store.get(path).json()["ship_address"]["street"] == ("5 Moved Rd" if new_id else "6 Elsewhere")


def test_a_new_box_can_be_seen_late(store: httpx.Client, world: World) -> None:
    world.turn(charge_lag_seconds=60)
    id_ = place(world, Box())
    assert store.get(f"{V1}{id_}/").status_code == 404
    world.advance(60)
    assert store.get(f"{V1}{id_}/").status_code == 200
    assert id_ in ids(store.get(f"{V11}?limit=200"))


def test_a_list_is_not_remembered_across_a_reset(store: httpx.Client, world: World) -> None:
    place(world, Box(status="shipped"))
    before = ids(store.get(f"{V11}?status=unshipped&limit=200"))
    other = World(world.path)
    other.wipe()
    build(other, "calm-day", boxes=0)
    last = place(other, Box(status="unshipped"))
    other.close()
    assert ids(store.get(f"{V11}?status=unshipped&limit=200")) == [*before, last]


def test_what_was_written_can_be_seen_late(store: httpx.Client, world: World) -> None:
    world.turn(read_lag_seconds=60, list_lag_seconds=300)
    id_ = world.case("ecom")
    assert store.put(f"{V1}{id_}/", json=TRACKED).json()["status"] == "shipped"
    assert store.get(f"{V1}{id_}/").json()["status"] == "unshipped"
    world.advance(61)
    assert store.get(f"{V1}{id_}/").json()["status"] == "shipped"
    assert id_ not in ids(store.get(f"{V11}?status=shipped"))
    world.advance(300)
    assert id_ in ids(store.get(f"{V11}?status=shipped"))
