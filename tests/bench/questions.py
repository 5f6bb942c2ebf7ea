"""The questions a person asks of a full ledger: status, overdue, reconcile, report; in CPU seconds of our own.

Both remotes live in memory, so that nothing but our own work is measured.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from cratejoy_tui.sync.flows.complete import reconcile
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.late import overdue
from cratejoy_tui.sync.flows.pull import pull
from cratejoy_tui.sync.flows.push import apply_push, preview_push
from cratejoy_tui.sync.flows.report import report
from cratejoy_tui.sync.flows.status import status
from tests.sync.factories import shipment
from tests.sync.flows.rig import Rig

Question = Callable[[], Awaitable[object]]


async def full_rig(folder: Path, boxes: int) -> Rig:
    """A ledger of so many boxes, three days after half of them were pushed and a tenth was shipped."""
    rig = await Rig.make(folder, *(shipment(id=str(nr)) for nr in range(100_000, 100_000 + boxes)), tells_pickup=True)
    await pull(rig.desk)
    await judge_open(rig.desk)
    rows = (await preview_push(rig.desk))[: boxes // 2]
    await apply_push(rig.desk, rows)
    for row in rows[: boxes // 10]:
        rig.warehouse.ship(row.number, tracking_number=f"94001118992238{row.shipment_id}00")
    await fetch_tracking(rig.desk)
    rig.clock.pass_by(days=3)
    return rig


async def ask(boxes: int) -> dict[str, float]:
    """CPU seconds that each question takes."""
    with tempfile.TemporaryDirectory() as folder:
        rig = await full_rig(Path(folder), boxes)
        today = rig.clock.now().date()
        questions: dict[str, Question] = {
            "status": lambda: status(rig.desk),
            "overdue": lambda: overdue(rig.desk, ask_warehouse=True),
            "reconcile": lambda: reconcile(rig.desk),
            "report": lambda: report(rig.desk, today - timedelta(days=6), today),
        }
        taken = {}
        for name, question in questions.items():
            began = time.process_time()
            await question()
            taken[name] = time.process_time() - began
        await rig.ledger.close()
    return taken


def bench(boxes: int = 50_000) -> None:
    """Print what each question takes, and whether it grows faster than the ledger does."""
    few, many = (asyncio.run(ask(count)) for count in (boxes // 5, boxes))
    for name, cpu in many.items():
        growth = cpu / few[name] / 5
        print(f"  {name} of {boxes}: {cpu:.2f} s of CPU, {growth:.2f} times what a fifth of the boxes lets expect")
