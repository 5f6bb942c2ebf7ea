"""What another setting would do to the boxes that are open now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cratejoy_tui.sync.flows.whatif import Effect, WhatIf
from cratejoy_tui.tui.pages.layout import fact, gap, page, section
from cratejoy_tui.tui.safe import joined, words

NAMED = 12
"""So many boxes of each kind are told by name."""


def whatif_page(found: WhatIf) -> Content:
    """Counts first, then the boxes by name."""
    parts = [
        *(joined(words(c.name, "bold"), "  ", words(f"{c.before} → {c.after}", "$accent")) for c in found.changes),
        gap(),
        fact("looked at", f"{found.looked_at:,} boxes"),
        fact("become ready", f"{len(found.becomes_eligible):,}", "bold $success"),
        fact("become held", f"{len(found.becomes_held):,}", "bold $warning"),
        fact("other reason", f"{len(found.other_reason):,}"),
        fact("other SKUs", f"{len(found.other_skus):,}"),
        fact("other code", f"{len(found.other_ship_code):,}"),
        fact("other date", f"{found.other_ship_date:,}"),
        *(words(f"~ {note}", "$warning") for note in found.notes),
    ]
    if found.changes_nothing:
        parts += [gap(), words("It would change nothing for the boxes of today.", "bold")]
    told = {
        "Become ready": found.becomes_eligible,
        "Become held": found.becomes_held,
        "Other SKUs": found.other_skus,
        "Other ship code": found.other_ship_code,
    }
    return page([*parts, *(part for name, effects in told.items() for part in section(name, _rows(effects)))])


def _rows(effects: Sequence[Effect]) -> list[Content]:
    texts = [f"{one.number or one.shipment_id}  {one.before} → {one.after}  {one.detail}" for one in effects[:NAMED]]
    more = [words(f"and {len(effects) - NAMED:,} more", "$muted")] if len(effects) > NAMED else []
    return [joined("  ", part) for part in (*(words(text, limit=200) for text in texts), *more)]
