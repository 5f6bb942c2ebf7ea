"""A console over a ledger of made-up boxes and no remote system; started by the console's bench, on a pty.

python -m tests.bench.big_console LEDGER
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from tests.sync.factories import NOW, ship_to, shipment

STORE = "bench"
AT_ONCE = 2000
CITIES = ("Springfield", "Portland", "Austin", "Lyon", "Kyoto")


async def fill(path: Path, count: int) -> None:
    """Make a ledger of so many open boxes, a third of them held."""
    from cratejoy_tui.clock import SystemClock
    from cratejoy_tui.sync.domain.record import Judged, Sighting
    from cratejoy_tui.sync.domain.shipment import revision
    from cratejoy_tui.sync.domain.stage import Stage
    from cratejoy_tui.sync.ledger import open_ledger

    ledger = await open_ledger(path, STORE, clock=SystemClock(), operator="bench")
    for start in range(0, count, AT_ONCE):
        boxes = [_box(number, count) for number in range(start, min(start + AT_ONCE, count))]
        await ledger.shipments.record([Sighting(shipment=box) for box in boxes])
        judged = [
            Judged(
                shipment_id=box.id,
                revision=revision(box),
                stage=Stage.PLANNED if int(box.id) % 3 else Stage.HELD,
                order_number=f"SUB-{box.id}",
                reason="" if int(box.id) % 3 else "NOT_DUE",
                target_at=box.adjusted_ordered_at,
            )
            for box in boxes
        ]
        await ledger.shipments.judged("bench", judged)
    await ledger.close()


def _box(number: int, count: int) -> Any:
    to = ship_to(to=f"Customer {number * 7919 % count} Example", city=CITIES[number % len(CITIES)])
    return shipment(id=str(100_000 + number), ship_to=to, adjusted_ordered_at=NOW + timedelta(hours=number % 500))


class Nobody:
    """Stands where a remote system would; it is never asked."""

    name = "nobody"

    def __init__(self) -> None:
        from cratejoy_tui.sync.ports import Calls, Capabilities, DeliveryClass

        self.calls = Calls()
        self.capabilities = Capabilities(delivery=DeliveryClass.UNIQUE)


async def opened(store: str, tell: Callable[[Any], None], should_stop: Callable[[], bool]) -> Any:
    """The opener that the console calls."""
    from cratejoy_tui.clock import SystemClock
    from cratejoy_tui.sync.domain.rules import Rules
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.ledger import open_ledger
    from cratejoy_tui.tui.door import Opened

    clock = SystemClock()
    ledger = await open_ledger(sys.argv[1], STORE, clock=clock, operator="bench")
    nobody = cast(Any, Nobody())
    desk = Desk(
        store=STORE,
        rules=Rules(),
        source=nobody,
        warehouse=nobody,
        ledger=ledger,
        clock=clock,
        operator="bench",
        holder="h",
    )
    return Opened(desk=replace(desk, tell=tell, should_stop=should_stop), close=ledger.close)


def main() -> None:
    """Open the console."""
    from cratejoy_tui.tui.door import run_console

    sys.exit(run_console(opened))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2])))
    else:
        main()
