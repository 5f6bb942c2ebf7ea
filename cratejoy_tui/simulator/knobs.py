"""How the simulated store and warehouse behave, and what goes wrong in them.

Where Cratejoy's documentation leaves a point open that matters to the sync, a knob here chooses the reading of it.
Knobs are plain data, kept in the world's file: another process may change them while the simulator runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

Before = Literal["refuse", "drop", "late_commit", "throttle", "status", "redirect"]
After = Literal["lose_answer", "slow", "truncate", "break_off", "garbage", "empty", "huge", "endless", "gzip_bomb"]
FaultKind = Literal[Before, After]
"""What can happen to one request.

refuse: no connection, nothing was done. drop: the request arrived, nothing was done, no answer.
lose_answer: done, no answer. late_commit: no answer (or the status asked for) now, done `seconds` later.
throttle: 429. status: that code, nothing was done. slow: done at once, answered `seconds` later.
redirect: the client is sent elsewhere, nothing was done.
The others spoil the answer after it was done: cut-off JSON, a connection broken in mid-body, not JSON at all, no body,
`size` bytes long, never ending, a small body that unpacks to `size` bytes.
"""

BEFORE: frozenset[str] = frozenset(get_args(Before))
"""Faults of which the request is not carried out (late_commit: not yet)."""


Share = Annotated[float, Meta(ge=0, le=1)]
Amount = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Range = tuple[Amount, Amount]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong on requests that match it."""

    kind: FaultKind
    app: Literal["cratejoy", "warehouse"] = "cratejoy"
    method: str = ""
    """GET, PUT, POST; "" is any."""
    path: str = ""
    """Text that must occur in the path, as `/v1.1/` or `/cancel`; "" is any."""
    chance: Share = 1.0
    skip: Count = 0
    """How many matching requests pass unharmed first."""
    times: Count | None = None
    """How often it strikes; None is without end."""
    seconds: Amount = 60.0
    """Of late_commit and slow; what Retry-After says of throttle."""
    status: int = 500
    """Of status, redirect and an answered late_commit."""
    body: Literal["auto", "json", "html", "empty"] = "auto"
    """auto: HTML for 5xx, as from a proxy, else JSON."""
    answered: bool = False
    """late_commit: answer `status` now instead of dropping the connection."""
    size: Count = 100_000_000

    def matches(self, app: str, method: str, path: str) -> bool:
        """Does this fault concern this request at all?"""
        return self.app == app and self.method in ("", method) and self.path in path


class Knobs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about the simulated world that is not data."""

    # Cratejoy: pages
    page_base: Literal["documented", "zero", "one"] = "documented"
    """documented: v1 counts pages from 0, v1.1 from 1."""
    next_keeps_limit: bool = True
    limit_above_cap: Literal["400", "clamp"] = "clamp"
    list_order: Literal["id", "newest", "shuffled", "reshuffled"] = "id"
    """shuffled: one mixed order for all pages; reshuffled: another order in every request."""
    count_off_by: int = 0
    extra_empty_page: bool = False
    never_ending: bool = False
    """The last page points to itself for ever."""
    repeat_page: Count = 0
    """This page (counted from 0) shows the rows of the one before it; 0 is never."""
    new_rows_between_pages: Count = 0
    rows_gone_between_pages: Count = 0
    """So many rows slip from the next page to the one already read, and are seen on neither."""
    unknown_parameter: Literal["ignore", "400"] = "ignore"
    ignored_filters: tuple[str, ...] = ()
    """Filters the server silently leaves out, as `id` or `billing_type`."""
    lists_v11: bool = True
    """False: this store has no v1.1 endpoint (404)."""
    # Cratejoy: shape of the data
    date_style: Literal["mixed", "z", "offset", "epoch_ms"] = "mixed"
    minimal_rows: bool = False
    """v1.1 rows carry only documented fields: no street, no order id."""
    batch_absent: bool = False
    """Leave the key out instead of null."""
    quantity_field: bool = False
    """Two pieces of one SKU are one line with a quantity instead of two lines."""
    relations_as_url: tuple[str, ...] = ()
    """Relations given as address text: customer, ship_address, batch, instance, order."""
    batch_key_v1: Literal["end", "end_date"] = "end"
    # Cratejoy: keys and errors
    sign_in_status: Literal["401", "403"] = "401"
    keys_revoked: bool = False
    error_body: Literal["json", "html", "empty"] = "json"
    requests_per_minute: Count = 0
    """0 is without limit."""
    retry_after: Literal["seconds", "date", "absent"] = "seconds"
    # Cratejoy: writes
    slashless_put: Literal["serve", "301", "404"] = "serve"
    put_on_closed: Literal["accept", "400", "409"] = "accept"
    mail_on: Literal["each_put", "status_change", "tracking_change"] = "each_put"
    """each_put: every PUT that says shipped mails the customer, the worst case."""
    address_edit_changes_id: bool = False
    list_lag_seconds: Amount = 0.0
    """How long v1.1 shows the old state after a change."""
    read_lag_seconds: Amount = 0.0
    """The same for v1."""
    charge_lag_seconds: Amount = 0.0
    """How long after the charge a new shipment can be seen at all."""
    # warehouse
    delivery: Literal["unique", "look-up", "blind"] = "unique"
    find_lag_seconds: Amount = 0.0
    unknown_skus: tuple[str, ...] = ()
    honours_ship_date: bool = True
    """The floor waits for the requested ship date."""
    cancel_until: Literal["pick", "ship", "never"] = "pick"
    pick_minutes: Range = (15.0, 60.0)
    ship_minutes: Range = (30.0, 120.0)
    """After the pick."""
    split_share: Share = 0.0
    """Of the orders with more than one piece: how many leave in two parcels, the second an hour later."""
    void_share: Share = 0.0
    """How many labels are voided 20 minutes after printing and replaced."""
    blank_tracking_share: Share = 0.0
    short_share: Share = 0.0
    """Of the orders with more than one piece: how many are closed with a piece missing."""
    foreign_parcels: bool = False
    """Parcels of other sellers come along."""
    tells_lines: bool = True
    parcels_per_page: Count = 100
    warehouse_requests_per_minute: Count = 0
    warehouse_token_revoked: bool = False
    # both
    latency_seconds: Amount = 0.0
    faults: tuple[Fault, ...] = ()

    @classmethod
    def kept(cls, told: Mapping[str, Any]) -> Knobs:
        """Knobs as a world's file has them, perhaps from an older version: those that are no more are left out."""
        return msgspec.convert({name: told[name] for name in cls.__struct_fields__ if name in told}, cls)

    def turned(self, changes: Mapping[str, Any]) -> Knobs:
        """The same knobs with some of them turned; raises ValueError."""
        return msgspec.convert(msgspec.to_builtins(self) | msgspec.to_builtins(dict(changes)), Knobs)
