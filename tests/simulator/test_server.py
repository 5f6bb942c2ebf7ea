"""The simulator as its own process, with clients that are not ours."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.errors import SetupError
from cratejoy_tui.simulator.proof import puts_of, record
from cratejoy_tui.simulator.server import serve, serving
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder, an_order

CODE = """
import sys
from cratejoy_tui.simulator.server import serve
serve(0, "calm-day", sys.argv[1], boxes=0, standing_still=len(sys.argv) > 2)
"""


@contextmanager
def process(path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    started = subprocess.Popen(
        [sys.executable, "-c", CODE, str(path), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        lines = [started.stdout.readline() for _ in range(4)]
        yield started, dict(part.split("=", 1) for line in lines for part in line.split())
    finally:
        started.kill()
        started.communicate()


def ask(url: str, sign_in: str, body: object = None, method: str = "GET") -> Any:
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    request.add_header("Authorization", sign_in)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


def basic(told: dict[str, str]) -> str:
    return "Basic " + base64.b64encode(f"{told['client_id']}:{told['client_secret']}".encode()).decode()


def test_it_says_how_to_reach_it_and_keeps_what_it_answered_when_killed(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    with process(path, "still") as (started, told):
        row = ask(told["url"] + "/v1/shipments?status=unshipped&limit=1", basic(told))["results"][0]
        ask(f"{told['url']}/v1/shipments/{row['id']}", basic(told), {"status": "shipped"}, "PUT")
        token = f"Bearer {told['warehouse_token']}"
        ask(told["warehouse_url"] + "/api/orders", token, {"orders": [an_order("SUB-1")]}, "POST")
        started.send_signal(signal.SIGKILL)
        started.wait()
    world = World(path)
    assert len(puts_of(world, row["id"])) == 1
    assert record(world).received == {"SUB-1": 1}
    world.close()
    with process(path, "still") as (_, again):
        assert again["client_id"] == told["client_id"]
        shown = ask(f"{again['url']}/v1/shipments/{row['id']}/", basic(again))
        assert shown["status"] == "shipped"


def test_it_runs_with_the_real_time_and_ends_quietly_when_asked(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    with process(tmp_path / "world.db") as (started, told):
        now = datetime.fromisoformat(ask(told["url"] + "/control/clock", "")["now"])
        assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
        started.send_signal(signal.SIGTERM)
        _, problems = started.communicate(timeout=30)
        assert problems == ""


def test_an_occupied_port_is_a_clear_error(small: Builder) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"cannot listen on port {port}.*Choose another"):
            serve(port, boxes=0)


def test_an_unknown_scenario_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no scenario 'stormy'.*calm-day"):
        serve(0, "stormy", tmp_path / "world.db")


def test_two_servers_can_share_one_world(tmp_path: Path, small: Builder) -> None:
    world = small(path=tmp_path / "world.db")
    other = World(tmp_path / "world.db")
    with serving(world) as one, serving(other) as two:
        token = f"Bearer {one.warehouse_token}"
        for place in (one, two):
            ask(place.warehouse_url + "/api/orders", token, {"orders": [an_order("1")]}, "POST")
        assert record(world).answers == {"accepted": 1, "duplicate": 1}
    other.close()
