"""Cratejoy, ledger and warehouse side by side; every difference by name."""

from __future__ import annotations

from itertools import groupby

from textual.content import Content

from cratejoy_tui.sync.flows.complete import Reconciled
from cratejoy_tui.sync.flows.disagreement import Disagreement
from cratejoy_tui.tui.pages.layout import fact, gap, page, section
from cratejoy_tui.tui.safe import joined, words

NAMED = 200
"""So many boxes of each kind are told by name."""


def completeness_page(found: Reconciled) -> Content:
    """What the comparison came to."""
    asked = "cannot be asked" if found.asked_there is None else f"{found.asked_there:,} order numbers asked"
    parts = [
        fact("Cratejoy", f"{found.listed:,} unshipped boxes in its lists, {found.not_wanted:,} of a type switched off"),
        fact("ledger", f"{found.open_here:,} open, {found.closed_here:,} closed"),
        fact("warehouse", asked),
        fact(
            "complete",
            "yes" if found.complete else "no: nothing was concluded from absence",
            "" if found.complete else "$warning",
        ),
        *(words(f"~ {problem}", "$warning") for problem in found.problems),
    ]
    if not found.disagreements:
        parts += [gap(), words("✓ All three agree on every box.", "bold $success")]
    for kind, group in groupby(found.disagreements, key=lambda one: one.kind):
        ones = list(group)
        parts += section(f"{len(ones):,} {kind}", (line for one in ones[:NAMED] for line in _told(one)))
    owed = [words(", ".join(found.owed[:50]))] if found.owed else []
    return page([*parts, *section(f"{len(found.owed):,} owed though too old to be sent by rule", owed)])


def _told(one: Disagreement) -> tuple[Content, Content]:
    sides = f"Cratejoy {one.cratejoy} · ledger {one.ledger} · warehouse {one.warehouse}"
    return (
        joined("  ", words(f"{one.number or one.shipment_id}  {sides}", limit=300)),
        joined("    ", words(one.next_step, "$muted", 300)),
    )
