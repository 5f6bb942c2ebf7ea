"""What would be done, as data, before anything is done; and what came of each row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cratejoy_tui.sync.domain.stage import Kind, Stage


@dataclass(frozen=True, slots=True)
class Row:
    """One write that would be made. `inputs` is the fingerprint of all that the decision rests on."""

    kind: Kind
    shipment_id: str
    number: str
    """Order number for push and cancel; tracking number for confirm and replace."""
    inputs: str
    note: str = ""
    """A flag a person should see: partly refunded, SKU changed since the last plan, shared number."""
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """One box that would not be acted on, and why."""

    shipment_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything one cycle, or one key press, would write. Rows stand in the order they would be sent."""

    store: str
    made_at: datetime
    rules: str
    """Fingerprint of the rules it was made under."""
    rows: tuple[Row, ...] = ()
    holds: tuple[Hold, ...] = ()

    @property
    def hash(self) -> str:
        """Names rows and rules, not the clock: the same situation gives the same hash tomorrow."""
        digest = hashlib.blake2b(self.rules.encode(), digest_size=8)
        for row in sorted(self.rows, key=lambda r: (r.kind, r.shipment_id, r.generation)):
            digest.update(f"{row.kind}\0{row.shipment_id}\0{row.number}\0{row.inputs}\0{row.generation}\n".encode())
        return digest.hexdigest()

    def only(self, kinds: Iterable[Kind]) -> tuple[Row, ...]:
        """The rows of these kinds, in order."""
        wanted = frozenset(kinds)
        return tuple(row for row in self.rows if row.kind in wanted)

    def counts(self) -> Counter[Kind]:
        """How many writes of each kind."""
        return Counter(row.kind for row in self.rows)


class Result(StrEnum):
    """What came of one row."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    """The box changed since the plan was made; it was left out."""
    NOT_SENT = "not sent"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one row, in words an operator can act on."""

    kind: Kind
    shipment_id: str
    number: str
    result: Result
    stage: Stage
    reason: str = ""
