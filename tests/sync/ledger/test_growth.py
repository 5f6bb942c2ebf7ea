"""What is asked of one box stays as quick as it was when the ledger has a hundred thousand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from cratejoy_tui.sync.ledger import Ledger
from cratejoy_tui.sync.ledger.sqlite import SqliteFile

QUESTIONS: dict[str, Callable[[Ledger], Awaitable[object]]] = {
    "of": lambda ledger: ledger.operations.of("1"),
    "attempts": lambda ledger: ledger.operations.attempts("1"),
    "confirmed_number": lambda ledger: ledger.operations.confirmed_number("1"),
    "never_sent": lambda ledger: ledger.operations.never_sent(["1"]),
    "operations_of": lambda ledger: ledger.questions.operations_of(["1"]),
    "get": lambda ledger: ledger.shipments.get(["1"]),
    "parcels": lambda ledger: ledger.tracking.of(["1"]),
    "notes": lambda ledger: ledger.people.notes("1"),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_about_one_box_looks_at_no_other(ledger: Ledger, question: str) -> None:
    database = ledger.operations.threads.database
    if not isinstance(database, SqliteFile):
        pytest.skip("PostgreSQL chooses its plan by what is in the tables")
    asked: list[tuple[str, Any]] = []
    event.listen(database.reader, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    await QUESTIONS[question](ledger)
    assert asked
    with database.reader.connect() as connection:
        for statement, values in list(asked):
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in steps if step.endswith("(store=?)") or step.startswith("SCAN op")], steps
