"""What rigs of warehouses behind a connection have alike: who talks over the wire, and one hand-over after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.warehouses.called import CalledWarehouse
from cratejoy_tui.warehouses.contract_rig import HandOver
from cratejoy_tui.warehouses.declared import Place
from tests.warehouses.folder_rig import ZONE

W = TypeVar("W", bound=CalledWarehouse)


@dataclass(kw_only=True)
class WiredRig(Generic[W]):
    """One wire and whoever talks over it."""

    url: str
    make: Callable[..., W]
    has_keys: bool = True
    sequence: int = 0
    made: list[W] = field(default_factory=list)

    def joined(self, clock: Clock, given: Mapping[str, object], **secrets: str) -> W:
        """One more client, with these settings and keys."""
        place = Place(
            store="teabox", clock=clock, zone=ZONE, secrets={name: Secret(key) for name, key in secrets.items()}
        )
        self.made.append(self.make({"url": self.url, **given}, place))
        return self.made[-1]

    async def close(self) -> None:
        for warehouse in self.made:
            await warehouse.close()

    def delivery(self, kind: str = "orders") -> HandOver:
        self.sequence += 1
        return HandOver(sequence=self.sequence, kind=kind)
