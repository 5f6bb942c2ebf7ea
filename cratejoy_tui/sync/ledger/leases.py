"""Leases: the right to run a cycle, or to write to a store's remotes, for a while.

The fence rises each time a lease is taken. Whoever holds an older fence has lost it, whatever the clocks say.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from cratejoy_tui.errors import LockHeld
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.stage import State
from cratejoy_tui.sync.ledger.holder import Holder, is_gone
from cratejoy_tui.sync.ledger.rows import AnyRow, filled
from cratejoy_tui.sync.ledger.tables import leases, operations
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import STORE, upsert

_LEASE = select(leases).where(leases.c.store == STORE, leases.c.name == bindparam("name"))

WRITE = "write"
"""The lease under which every intent is written."""

CLOCK_SLACK_SECONDS = 10.0
"""A clock that was off by less was not set by hand or at once, but kept right little by little."""

NOTHING_MORE = "Nothing more was sent here; what was on its way is settled by the next run."


class Leases(Part):
    """Taking, keeping and giving up leases."""

    @writes
    def take(
        self,
        transaction: Transaction,
        name: str,
        holder: str,
        seconds: float,
        uptime: tuple[str, float] | None = None,
    ) -> Lease:
        """Take a lease that is free, has run out, or whose holder's process is dead on this machine.

        With the computer's uptime, it is seen whether its clock was set since the last one took this lease; what is
        measured from a moment before that is moved along, so that a quiet time lasts as long as it should.
        Raises LockHeld, which names the holder and since when it holds.
        """
        row = _row(transaction, name)
        taken_over = row is not None and row.holder != ""
        if row is not None and row.holder and row.expires_at > transaction.now and not is_gone(row.holder):
            raise LockHeld(_held_text(transaction, row))
        lease = Lease(
            store=transaction.store,
            name=name,
            holder=holder,
            fence=(row.fence if row is not None else 0) + 1,
            taken_at=transaction.now,
            expires_at=transaction.now + timedelta(seconds=seconds),
        )
        _write(transaction, lease)
        if uptime is not None and uptime[0]:
            _follow_clock(transaction, row, uptime, name)
        if taken_over and row is not None:
            transaction.record("lease taken over", name, fence=lease.fence, former=row.fence)
        return lease

    @writes
    def renew(self, transaction: Transaction, lease: Lease, seconds: float) -> Lease:
        """Keep a lease for `seconds` from now. Raises LockHeld when another has it by now."""
        check(transaction, lease, expired_too=False)
        renewed = replace(lease, expires_at=transaction.now + timedelta(seconds=seconds))
        _write(transaction, renewed)
        return renewed

    @writes
    def give_up(self, transaction: Transaction, lease: Lease) -> None:
        """Let others have it; harmless when it was lost already."""
        mine = update(leases).filter_by(store=transaction.store, name=lease.name, fence=lease.fence)
        transaction.connection.execute(mine.values(holder="", expires_at=transaction.now))

    @reads
    def held_by(self, transaction: Transaction, name: str) -> Lease | None:
        """Who holds this lease now."""
        row = _row(transaction, name)
        if row is None or not row.holder or row.expires_at <= transaction.now:
            return None
        return filled(Lease, row)


def check(transaction: Transaction, lease: Lease, *, expired_too: bool = True) -> None:
    """Raise LockHeld unless this lease is still the one in force. Part of the transaction that writes an intent."""
    row = _row(transaction, lease.name)
    if row is None or row.fence != lease.fence or not row.holder:
        who = f"; {Holder.read(row.holder).text} has it now" if row is not None and row.holder else ""
        text = f"{transaction.store}: the {lease.name} lease was lost after it ran out{who}."
        raise LockHeld(text, next_step=NOTHING_MORE)
    if expired_too and row.expires_at <= transaction.now:
        text = f"{transaction.store}: the {lease.name} lease ran out at {row.expires_at:%H:%M:%S} UTC."
        raise LockHeld(text, next_step=NOTHING_MORE)


def _follow_clock(transaction: Transaction, row: AnyRow | None, uptime: tuple[str, float], name: str) -> None:
    boot, began = uptime[0], transaction.now.timestamp() - uptime[1]
    former_boot, _, former = (row.clock or "" if row is not None else "").rpartition(" ")
    mine = update(leases).filter_by(store=transaction.store, name=name)
    transaction.connection.execute(mine.values(clock=f"{boot} {began:.1f}"))
    if name != WRITE or former_boot != boot or abs(began - float(former)) < CLOCK_SLACK_SECONDS:
        return
    by = timedelta(seconds=began - float(former))
    c = operations.c
    for moment, state in ((c.quiet_until, State.UNKNOWN), (c.sent_at, State.SENDING)):
        waiting = select(c.id, moment).filter_by(store=transaction.store, state=state).where(moment.is_not(None))
        for id_, before in transaction.connection.execute(waiting).all():
            transaction.connection.execute(update(operations).where(c.id == id_).values({moment: before + by}))
    transaction.record("clock set", seconds=round(by.total_seconds()))


def _held_text(transaction: Transaction, row: AnyRow) -> str:
    what = "Another run works on" if row.name != WRITE else "Another program writes for"
    left = max(int((row.expires_at - transaction.now).total_seconds()), 1)
    return (
        f"{what} {transaction.store}: {Holder.read(row.holder).text}, since {row.taken_at:%Y-%m-%d %H:%M:%S} UTC "
        f"(its lease ends in {left} s unless renewed)."
    )


def _row(transaction: Transaction, name: str) -> AnyRow | None:
    return transaction.connection.execute(_LEASE, {"our_store": transaction.store, "name": name}).first()


def _write(transaction: Transaction, lease: Lease) -> None:
    values = asdict(lease) | {"store": transaction.store}
    upsert(transaction.connection, leases, [values], key=("store", "name"))
