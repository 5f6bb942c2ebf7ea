"""Journalled pushes against bare ones: the same POSTs, ten in flight, to a warehouse that takes 50 ms for each.

Ours also reads each group again from Cratejoy, asks the warehouse for numbers it may have, and writes every intent and
every ending to disk. The bare loop only posts, so the ratio is on the strict side.
Each side runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.bench.served import Shop, shop_with

IN_FLIGHT = 10
DELAY_SECONDS = 0.05


def serve(delay: float) -> None:
    """A warehouse that takes every order after the delay and has none that it is asked for."""
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def take(request: Request) -> JSONResponse:
        numbers = [order["order_number"] for order in (await request.json())["orders"]]
        await asyncio.sleep(delay)
        taken = [{"order_number": number, "status": "accepted", "reference": f"W{number}"} for number in numbers]
        return JSONResponse({"results": taken})

    async def find(_: Request) -> JSONResponse:
        return JSONResponse({"orders": []})

    routes = [Route("/api/orders", take, methods=["POST"]), Route("/api/orders/find", find, methods=["POST"])]
    # Said to be TCP: else the server's answers wait for 40 ms each, until the client's system acknowledges their head.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(Starlette(routes=routes), log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


async def bare(url: str, count: int) -> dict[str, float]:
    """Post so many orders, ten at a time, and look at nothing but the status."""
    import httpx
    import msgspec

    from cratejoy_tui.warehouses.simulated_records import order_record
    from tests.sync.factories import order

    bodies = [msgspec.json.encode({"orders": [order_record(order(number=f"SUB-{number}"))]}) for number in range(count)]
    turn = asyncio.Semaphore(IN_FLIGHT)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:

        async def post(body: bytes) -> None:
            async with turn:
                (await client.post("/api/orders", content=body)).raise_for_status()

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(post(body) for body in bodies))
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "pushed": count}


async def ours(shop: Shop, url: str, ledger: Path, count: int) -> dict[str, float]:
    """Plan a day, then push that many of its boxes; only the push is timed."""
    from cratejoy_tui.http import BearerKey, PoliteClient, Remote
    from cratejoy_tui.sync.domain.plan import Result
    from cratejoy_tui.sync.flows.cycle import cycle
    from cratejoy_tui.sync.flows.push import apply_push
    from cratejoy_tui.sync.ports import DeliveryClass
    from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
    from tests.bench.desks import desk_at

    remote = Remote(system="Slow Warehouse", base_url=url, requests_per_second=None)
    warehouse = SimulatedWarehouse(PoliteClient(remote, BearerKey("bench")), delivery=DeliveryClass.UNIQUE)
    warehouse.capabilities = replace(warehouse.capabilities, batch_size=1, in_flight=IN_FLIGHT)
    async with desk_at(shop, ledger) as opened:
        desk = replace(opened, warehouse=warehouse)
        planned = (await cycle(desk, dry_run=True)).plan
        assert planned is not None
        began, cpu = time.perf_counter(), time.process_time()
        outcomes = await apply_push(desk, planned.rows[:count])
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    await warehouse.close()
    pushed = sum(outcome.result is Result.DONE for outcome in outcomes)
    return {"seconds": seconds, "cpu": cpu, "pushed": pushed}


@contextmanager
def slow_warehouse(delay: float = DELAY_SECONDS) -> Iterator[str]:
    """Serve it while the block runs; gives its address."""
    command = [sys.executable, "-m", "tests.bench.push", "serve", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def main() -> None:
    """`python -m tests.bench.push serve DELAY`, `... bare URL COUNT` or `... ours SHOP URL LEDGER COUNT`."""
    side, *arguments = sys.argv[1:]
    if side == "serve":
        serve(float(arguments[0]))
        return
    if side == "bare":
        work = bare(arguments[0], int(arguments[1]))
    else:
        shop = Shop(**json.loads(arguments[0]) | {"world": Path()})
        work = ours(shop, arguments[1], Path(arguments[2]), int(arguments[3]))
    print(json.dumps(asyncio.run(work)))


def measure(*arguments: str) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.push", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def bench(orders: int = 2_000, rounds: int = 3) -> None:
    """Print how fast each side pushes, in turns."""
    ratios = []
    with slow_warehouse() as url, shop_with(orders) as shop, tempfile.TemporaryDirectory() as folder:
        told = json.dumps({name: str(getattr(shop, name)) for name in Shop.__slots__})
        for number in range(rounds):
            floor = measure("bare", url, str(orders))
            mine = measure("ours", told, url, str(Path(folder) / f"{number}.sqlite"), str(orders))
            speeds = [side["pushed"] / side["seconds"] for side in (floor, mine)]
            ratios.append(speeds[1] / speeds[0])
            print(
                f"  bare {speeds[0]:6.1f}/s, cpu {floor['cpu'] / orders * 1000:.1f} ms each   "
                f"ours {speeds[1]:6.1f}/s, cpu {mine['cpu'] / orders * 1000:.1f} ms each, "
                f"{mine['pushed']} of {orders}   ratio {ratios[-1]:.2f}"
            )
    print(f"  push of {orders}, {IN_FLIGHT} in flight: {min(ratios):.2f} to {max(ratios):.2f} of bare (bar 0.9)")


if __name__ == "__main__":
    main()
