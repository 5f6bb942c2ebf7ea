"""What goes wrong, seen by httpx: over a real socket and through the transport without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.proof import puts_of, record
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.transport import transports
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder, an_order

BODY = {"orders": [an_order("1")]}


def inside(world: World, app: str = "warehouse", **more: Any) -> httpx.AsyncClient:
    """A client that reaches the world without a network."""
    keys = world.keys
    if app == "warehouse":
        more["headers"] = {"authorization": f"Bearer {keys.warehouse_token}"}
    else:
        more["auth"] = (keys.client_id, keys.client_secret)
    return httpx.AsyncClient(transport=transports(world)[app], base_url="http://127.0.0.1", **more)


def turn(world: World, kind: str, **more: Any) -> None:
    fault = {"kind": kind, "app": "warehouse", "method": "POST", **more}
    world.turn(faults=[fault])


@pytest.mark.parametrize(
    ("kind", "error", "arrived"),
    [
        ("refuse", httpx.ConnectError, False),
        ("drop", httpx.ReadError, False),
        ("lose_answer", httpx.ReadError, True),
        ("late_commit", httpx.ReadError, False),
        ("break_off", httpx.ReadError, True),
    ],
)
async def test_a_lost_connection_is_the_error_httpx_raises(
    small: Builder, kind: str, error: type[Exception], arrived: bool
) -> None:
    world = small()
    turn(world, kind)
    async with inside(world) as client:
        with pytest.raises(error):
            await client.post("/api/orders", json=BODY)
    assert ("1" in record(world).received) is arrived


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [("refuse", False), ("drop", False), ("lose_answer", True), ("late_commit", False), ("break_off", True)],
)
def test_a_lost_connection_is_really_lost_on_a_socket(
    floor: httpx.Client, world: World, kind: str, arrived: bool
) -> None:
    turn(world, kind, times=1)
    with pytest.raises(httpx.TransportError):
        floor.post("/api/orders", json=BODY)
    assert ("1" in record(world).received) is arrived
    assert floor.post("/api/orders", json={"orders": [an_order("2")]}).status_code == 200


@pytest.mark.parametrize("answered", [True, False])
async def test_a_late_commit_is_carried_out_later(small: Builder, answered: bool) -> None:
    world = small()
    turn(world, "late_commit", seconds=120, times=1, answered=answered)
    async with inside(world) as client:
        if answered:
            assert (await client.post("/api/orders", json=BODY)).status_code == 500
        else:
            with pytest.raises(httpx.ReadError):
                await client.post("/api/orders", json=BODY)
    world.advance(119)
    assert record(world).received == {}
    world.advance(1)
    assert record(world).received == {"1": 1}


async def test_puts_and_cancels_can_be_late_too_and_nonsense_is_forgotten(small: Builder) -> None:
    world = small()
    box = world.case("ecom")
    late = {"kind": "late_commit", "seconds": 60, "answered": True}
    async with inside(world) as client, inside(world, "cratejoy") as store:
        await client.post("/api/orders", json=BODY)
        world.turn(faults=[{**late, "app": app} for app in ("cratejoy", "warehouse")])
        assert (await client.post("/api/orders/1/cancel", json={"reason": "x"})).status_code == 500
        assert (await store.put(f"/v1/shipments/{box}/", json={"status": "shipped"})).status_code == 500
        assert (await client.post("/api/orders", content=b"\xff{")).status_code == 500
        assert (await client.post("/api/orders", content=b"[]")).status_code == 500
    assert record(world).cancels == {}
    world.advance(60)
    assert record(world).cancels == {"1": "cancelled"}
    assert len(puts_of(world, box)) == 1


async def test_a_slow_answer_moves_the_clock_and_keeps_to_the_clients_patience(small: Builder) -> None:
    world = small()
    turn(world, "slow", seconds=40)
    before = world.now
    async with inside(world, timeout=60) as patient:
        assert (await patient.post("/api/orders", json=BODY)).status_code == 200
    assert (world.now - before).total_seconds() == 40
    async with inside(world, timeout=30) as hasty:
        with pytest.raises(httpx.ReadTimeout):
            await hasty.post("/api/orders", json={"orders": [an_order("2")]})
    assert (world.now - before).total_seconds() == 70
    assert set(record(world).received) == {"1", "2"}


def test_a_slow_answer_takes_real_time_on_a_socket(floor: httpx.Client, world: World) -> None:
    turn(world, "slow", seconds=0.05)
    begun = time.monotonic()
    floor.post("/api/orders", json=BODY)
    assert time.monotonic() - begun >= 0.05


@pytest.mark.parametrize(
    ("form", "pattern"), [("seconds", r"20"), ("date", r"Mon, 23 Nov 2026 16:00:20 GMT"), ("absent", None)]
)
def test_a_throttled_client_is_told_how_long_to_wait(
    floor: httpx.Client, world: World, form: str, pattern: str | None
) -> None:
    world.turn(retry_after=form)
    turn(world, "throttle", seconds=20)
    answer = floor.post("/api/orders", json=BODY)
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == pattern
    assert record(world).received == {}


def test_requests_beyond_the_limit_wait_for_the_next_minute(store: httpx.Client, world: World) -> None:
    world.turn(requests_per_minute=3)
    codes = [store.get("/v1/products/").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    world.advance(int(store.get("/v1/products/").headers["retry-after"]))
    assert store.get("/v1/products/").status_code == 200


@pytest.mark.parametrize(("status", "body", "start"), [(502, "auto", "<html"), (500, "json", "{"), (503, "empty", "")])
def test_an_error_answer_does_nothing(floor: httpx.Client, world: World, status: int, body: str, start: str) -> None:
    turn(world, "status", status=status, body=body)
    answer = floor.post("/api/orders", json=BODY)
    assert answer.status_code == status
    assert answer.text[:5].startswith(start)
    assert record(world).received == {}


def test_a_redirect_leads_elsewhere(store: httpx.Client, world: World) -> None:
    world.turn(faults=[{"kind": "redirect", "status": 302}])
    answer = store.get("/v1.1/shipments/")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")


def test_spoilt_answers_are_spoilt(store: httpx.Client, world: World) -> None:
    whole = store.get("/v1.1/shipments/").content
    checks: dict[str, Callable[[httpx.Response], bool]] = {
        "truncate": lambda answer: whole.startswith(answer.content) and len(answer.content) == len(whole) // 2,
        "garbage": lambda answer: b"\xff{]" in answer.content,
        "empty": lambda answer: answer.content == b"",
        "gzip_bomb": lambda answer: len(answer.content) == 3_000_000 and int(answer.headers["content-length"]) < 9000,
        "huge": lambda answer: len(answer.content) > 3_000_000,
    }
    for kind, check in checks.items():
        world.turn(faults=[{"kind": kind, "size": 3_000_000}])
        answer = store.get("/v1.1/shipments/")
        assert answer.status_code == 200
        assert check(answer), kind


def _read_a_while(answer: httpx.Response) -> int:
    read = 0
    for chunk in answer.iter_raw():
        read += len(chunk)
        if read > 1_000_000:
            break
    return read


def test_an_endless_body_ends_when_the_client_goes(store: httpx.Client, world: World) -> None:
    world.turn(faults=[{"kind": "endless", "times": 1}])
    with store.stream("GET", "/v1.1/shipments/") as answer:
        assert _read_a_while(answer) > 1_000_000
    assert store.get("/v1.1/shipments/").status_code == 200


async def test_an_endless_body_ends_when_the_client_goes_without_a_network(small: Builder) -> None:
    world = small()
    world.turn(faults=[{"kind": "endless"}])
    read = 0
    async with inside(world, "cratejoy") as client, client.stream("GET", "/v1.1/shipments/") as answer:
        async for chunk in answer.aiter_raw():
            read += len(chunk)
            if read > 1_000_000:
                break
    assert read > 1_000_000


def test_a_fault_can_wait_strike_a_few_times_and_by_chance(store: httpx.Client, world: World) -> None:
    def codes(count: int) -> list[int]:
        return [store.get("/v1/products/").status_code for _ in range(count)]

    world.turn(faults=[{"kind": "status", "skip": 2, "times": 2}])
    assert codes(6) == [200, 200, 500, 500, 200, 200]
    world.turn(faults=[{"kind": "status", "chance": 0.5}])
    by_chance = codes(30)
    assert 5 < by_chance.count(500) < 25
    world.turn(faults=[])
    world.turn(faults=[{"kind": "status", "chance": 0.5}])
    assert codes(30) == by_chance


def test_faults_never_touch_the_control_paths(served: Served, world: World) -> None:
    world.turn(faults=[{"kind": "drop"}])
    assert httpx.get(served.url + "/control/clock", trust_env=False).status_code == 200


async def test_latency_passes_on_every_request(small: Builder) -> None:
    world = small()
    world.turn(latency_seconds=0.25)
    before = world.now
    async with inside(world) as client:
        for _ in range(4):
            await client.get("/api/ping")
    assert (world.now - before).total_seconds() == 1


async def test_an_error_inside_the_app_reaches_the_caller(small: Builder) -> None:
    world = small()
    transport = transports(world)["warehouse"]
    world.close()
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        with pytest.raises(Exception, match="closed database"):
            await client.get("/api/ping")
