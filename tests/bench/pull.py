"""Pull and plan of many open boxes, against a bare HTTP loop that fetches the same pages and throws them away.

Each side runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.served import Shop, shop_with

BARE_ENRICHMENT = 50
FAR_SECONDS = 0.05
RELATIONS = "customer,fulfillments,ship_address,labels,batch,stats,subscriptions"


async def bare(shop: Shop) -> dict[str, float]:
    """What any client must do: every list page, then every box by id, fifty at a time, two in flight; all discarded."""
    import httpx

    requests = 0
    async with httpx.AsyncClient(
        base_url=shop.url, auth=(shop.client_id, shop.client_secret), timeout=60, follow_redirects=False
    ) as client:
        for billing in ("ecom", "adhoc", "standard"):
            url = f"/v1.1/shipments/?status=unshipped&billing_type={billing}&limit=200"
            ids: list[int] = []
            while url:
                answer = (await client.get(url)).json()
                requests += 1
                ids += [row["id"] for row in answer["results"]]
                url = "/v1.1/shipments/" + answer["next"] if answer["next"] else ""
            requests += await _fetch_by_id(client, ids)
    return {"requests": requests}


async def _fetch_by_id(client: object, ids: list[int]) -> int:
    groups = [ids[start : start + BARE_ENRICHMENT] for start in range(0, len(ids), BARE_ENRICHMENT)]
    turn = asyncio.Semaphore(2)

    async def fetch(group: list[int]) -> None:
        async with turn:
            joined = ",".join(map(str, group))
            url = f"/v1/shipments/?id__in={joined}&limit={BARE_ENRICHMENT}&with={RELATIONS}"
            await (await client.get(url)).aread()  # type: ignore[attr-defined]

    await asyncio.gather(*(fetch(group) for group in groups))
    return len(groups)


async def ours(shop: Shop, ledger: Path, cycles: int) -> dict[str, float]:
    """Dry-run cycles: pull, judge and plan. The figures of the last one, and how memory grew over all of them."""
    from tests.bench.desks import desk_at

    cycled, cpu = None, 0.0
    first_peak = 0
    async with desk_at(shop, ledger) as desk:
        from cratejoy_tui.sync.flows.cycle import cycle

        for number in range(cycles):
            cycled = None  # two plans at once are nobody's need
            began = time.process_time()
            cycled = await cycle(desk, dry_run=True)
            cpu = time.process_time() - began
            first_peak = first_peak if number else _peak_mib()
    assert cycled is not None
    assert cycled.plan is not None
    return {
        "requests": cycled.requests,
        "writes": cycled.writes,
        "planned": len(cycled.plan.rows),
        "held": len(cycled.plan.holds),
        "cycle_cpu": cpu,
        "cycle_seconds": cycled.seconds,
        "first_peak_mib": first_peak,
    }


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """One side in this process: `python -m tests.bench.pull bare|ours SHOP LEDGER CYCLES`."""
    side, shop_text, ledger, cycles = sys.argv[1:5]
    shop = Shop(**json.loads(shop_text) | {"world": Path()})
    began, cpu = time.perf_counter(), time.process_time()
    work = bare(shop) if side == "bare" else ours(shop, Path(ledger), int(cycles))
    figures = asyncio.run(work)
    figures |= {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak_mib": _peak_mib(),
    }
    print(json.dumps(figures))


def measure(side: str, shop: Shop, ledger: Path, cycles: int = 1) -> dict[str, float]:
    """Run one side in a process of its own."""
    told = json.dumps({name: str(getattr(shop, name)) for name in Shop.__slots__})
    command = [sys.executable, "-m", "tests.bench.pull", side, told, str(ledger), str(cycles)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def bench(boxes: int = 50_000, rounds: int = 3) -> None:
    """Print the pull figures: alternating rounds of both sides, then a second cycle and ten in a row."""
    with shop_with(boxes) as shop, tempfile.TemporaryDirectory() as folder:
        ratios = []
        for number in range(rounds):
            floor = measure("bare", shop, Path(folder))
            mine = measure("ours", shop, Path(folder) / f"{number}.sqlite")
            ratios.append(mine["cycle_seconds"] / floor["seconds"])
            print(f"  bare  {_line(floor)}")
            print(f"  ours  {_line(mine)}   ratio {ratios[-1]:.2f}")
        again = measure("ours", shop, Path(folder) / "0.sqlite")
        print(f"  2nd   {_line(again)}   cpu against the first {again['cycle_cpu'] / mine['cycle_cpu']:.2f}")
        ten = measure("ours", shop, Path(folder) / "0.sqlite", 10)
        grown = ten["peak_mib"] - ten["first_peak_mib"]
        print(f"  ten more cycles: peak {ten['peak_mib']:.0f} MiB, grown by {grown:.0f} MiB since the first")
        print(f"  pull and plan of {boxes}: ratio {min(ratios):.2f} to {max(ratios):.2f}")
    _over_a_distance(boxes // 10)


def _over_a_distance(boxes: int) -> None:
    """The same where an answer takes as long as over the internet: our own work hides behind the waiting."""
    with shop_with(boxes, answers_after=FAR_SECONDS) as shop, tempfile.TemporaryDirectory() as folder:
        floor = measure("bare", shop, Path(folder))
        mine = measure("ours", shop, Path(folder) / "ledger.sqlite")
        ratio = mine["cycle_seconds"] / floor["seconds"]
        print(f"  {boxes} boxes, answers after {FAR_SECONDS * 1000:.0f} ms: ratio {ratio:.2f}")


def _line(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:,.2f}".removesuffix(".00") for name, value in figures.items())


if __name__ == "__main__":
    main()
