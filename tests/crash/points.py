"""Every point at which a run may die, by name: which call of the product, and whether before it, after it or inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class When(StrEnum):
    """How the process dies, seen from the named call."""

    BEFORE = "before"
    AFTER = "after"
    AT_COMMIT = "its transaction is written, not committed"
    IN_COMMIT = "while its transaction is being committed"
    HALF_SENT = "half of this request's body is out"
    SENT = "this request is out whole, no answer yet"


@dataclass(frozen=True)
class Point:
    """One point."""

    what: str
    call: str
    """`module:Class.method`; for the two on the wire `METHOD path`, where the path need only begin so."""
    when: When
    only: str = ""
    """Calls without this text in their arguments do not count."""
    nth: int = 1
    delay_seconds: float = 0.0
    """Of IN_COMMIT: how long after the commit began."""


OPERATIONS = "cratejoy_tui.sync.ledger.operations:Operations"
SHIPMENTS = "cratejoy_tui.sync.ledger.shipments:Shipments"
SIMULATED = "cratejoy_tui.warehouses.simulated:SimulatedWarehouse"
SOURCE = "cratejoy_tui.cratejoy.source:CratejoySource"
ORDERS = "POST /warehouse/api/orders"
SHIPMENT = "PUT /v1/shipments/"

PUSH: Mapping[str, Point] = {
    "A0": Point("before the intent", f"{OPERATIONS}.intend_push", When.BEFORE),
    "A1": Point("intent committed, no byte sent", f"{OPERATIONS}.intend_push", When.AFTER),
    "A2": Point("request half sent", ORDERS, When.HALF_SENT),
    "A3": Point("request sent, no answer yet", ORDERS, When.SENT),
    "A4": Point("answer read, not written down", f"{SIMULATED}.push", When.AFTER),
    "A5-intent": Point("intent written, not committed", f"{OPERATIONS}.intend_push", When.AT_COMMIT),
    "A5-outcome": Point("outcome written, not committed", f"{OPERATIONS}.end", When.AT_COMMIT),
    "A5-after": Point("outcome committed, nothing after it", f"{OPERATIONS}.end", When.AFTER),
}

LOOK_UP: Mapping[str, Point] = {
    "A6-before": Point("about to look up", f"{SIMULATED}.find", When.BEFORE),
    "A6-after": Point("looked up, not written down", f"{SIMULATED}.find", When.AFTER),
    "A6-doubt": Point("found in doubt, not looked up", f"{OPERATIONS}.doubt", When.AFTER),
    "A6-outcome": Point("look-up written, not committed", f"{OPERATIONS}.end", When.AT_COMMIT),
}

CONFIRM: Mapping[str, Point] = {
    "B0": Point("before the intent", f"{OPERATIONS}.intend_confirm", When.BEFORE),
    "B1": Point("intent committed, no byte sent", f"{OPERATIONS}.intend_confirm", When.AFTER),
    "B2": Point("request half sent", SHIPMENT, When.HALF_SENT),
    "B3": Point("request sent, no answer yet", SHIPMENT, When.SENT),
    "B4": Point("answer read, not written down", f"{SOURCE}.confirm", When.AFTER),
    "B4-read-back": Point("read back, not written down", f"{OPERATIONS}.end", When.BEFORE),
    "B4-commit": Point("outcome written, not committed", f"{OPERATIONS}.end", When.AT_COMMIT),
    "B4-after": Point("outcome committed, nothing after it", f"{OPERATIONS}.end", When.AFTER),
}

CANCEL: Mapping[str, Point] = {
    "C0": Point("before the tombstone", f"{SHIPMENTS}.record", When.BEFORE),
    "C0-commit": Point("tombstone written, not committed", f"{SHIPMENTS}.record", When.AT_COMMIT),
    "C1": Point("tombstone, no intent", f"{OPERATIONS}.intend_cancel", When.BEFORE),
    "C1-intent": Point("intent committed, no byte sent", f"{OPERATIONS}.intend_cancel", When.AFTER),
    "C2": Point("request half sent", f"{ORDERS}/", When.HALF_SENT),
    "C2-sent": Point("request sent, no answer yet", f"{ORDERS}/", When.SENT),
    "C3": Point("answer read, not written down", f"{SIMULATED}.cancel", When.AFTER),
    "C3-commit": Point("outcome written, not committed", f"{OPERATIONS}.end", When.AT_COMMIT),
}

DELIVERY = "cratejoy_tui.warehouses.folder_delivery"
OUTBOX = f"{DELIVERY}:Outbox"


def hand_over(prefix: str, intend: str) -> Mapping[str, Point]:
    """Every step of handing one file over; `prefix` begins the name of the file."""
    return {
        "F0": Point("before the intent", f"{OPERATIONS}.{intend}", When.BEFORE),
        "F1": Point("intent committed, no file", f"{OPERATIONS}.{intend}", When.AFTER),
        "F2-part": Point("written under a draft's name", "pathlib:Path.replace", When.BEFORE, prefix),
        "F2": Point("staged, names not on disk", "pathlib:Path.replace", When.AFTER, prefix),
        "F3": Point("staged, the ledger does not know", f"{OPERATIONS}.staged", When.BEFORE),
        "F3-commit": Point("staged, written, not committed", f"{OPERATIONS}.staged", When.AT_COMMIT),
        "F4": Point("the ledger knows that it is staged", f"{OPERATIONS}.staged", When.AFTER),
        "F5": Point("before the mark", "pathlib:Path.replace", When.BEFORE, "mark.json"),
        "F6": Point("mark written, not handed over", "pathlib:Path.rename", When.BEFORE, prefix),
        "F7": Point("handed over, names not on disk", "pathlib:Path.rename", When.AFTER, prefix),
        "F8": Point("handed over, not written down", f"{OUTBOX}.deliver", When.AFTER),
        "F9": Point("outcome written, not committed", f"{OPERATIONS}.end", When.AT_COMMIT),
        "F10": Point("outcome committed, nothing after it", f"{OPERATIONS}.end", When.AFTER),
    }


FOLDER_PUSH = hand_over("orders_", "intend_push")
FOLDER_CANCEL = hand_over("cancels_", "intend_cancel")

INBOX = "cratejoy_tui.warehouses.folder_inbox:Inbox"
TRACKING = "cratejoy_tui.sync.ledger.tracking_book:TrackingBook"
FOLDER_IN: Mapping[str, Point] = {
    "G0": Point("file read, nothing recorded", f"{TRACKING}.add", When.BEFORE),
    "G1": Point("rows written, not committed", f"{TRACKING}.add", When.AT_COMMIT),
    "G2": Point("rows recorded, file not put away", f"{INBOX}.put_away", When.BEFORE),
    "G3": Point("file put away, nothing after it", f"{INBOX}.put_away", When.AFTER),
}

FAMILIES = {
    "push": PUSH,
    "look-up": LOOK_UP,
    "confirm": CONFIRM,
    "cancel": CANCEL,
    "folder-push": FOLDER_PUSH,
    "folder-cancel": FOLDER_CANCEL,
    "folder-in": FOLDER_IN,
}


def point(name: str) -> Point:
    """`push/A1`, `confirm/B2` ..."""
    family, _, code = name.partition("/")
    return FAMILIES[family][code]


def names(*families: str) -> list[str]:
    """The names of all points of these families."""
    return [f"{family}/{code}" for family in families for code in FAMILIES[family]]
