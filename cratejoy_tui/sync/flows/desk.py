"""The desk a flow works at: one store, its two remotes, its ledger, its rules, and the person in charge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cratejoy_tui.sync.domain.plan import Outcome
from cratejoy_tui.sync.domain.rules import Rules, rules_hash
from cratejoy_tui.sync.ports import Clock, OrderSource, Warehouse

if TYPE_CHECKING:
    from cratejoy_tui.sync.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far one part of a run has come; `total` is None while nobody can know."""

    name: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One sentence the operator should read now."""

    text: str
    is_warning: bool = False


Told = Step | Remark | Outcome


def _say_nothing(_: Told) -> None:
    return


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a flow needs, handed over whole; flows build nothing themselves."""

    store: str
    rules: Rules
    source: OrderSource
    warehouse: Warehouse
    ledger: Ledger
    clock: Clock
    operator: str
    holder: str
    """Names this process in leases: host, process, what it does."""
    read_only: bool = False
    """Nothing is sent: no write lease is given, so no intent is ever written."""
    allow_large: bool = False
    """The operator allowed this run to do far more than usual."""
    tell: Callable[[Told], None] = _say_nothing
    key_sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name of each key in use -> where it came from, for the operator."""
    should_stop: Callable[[], bool] = _never
    """Asked between items; True ends the run cleanly after the item in hand."""

    rules_hash: str = field(init=False)
    """Fingerprint of the rules in force."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules_hash", rules_hash(self.rules))
