"""What another setting would do to the boxes that are open now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cratejoy_tui.sync.flows.whatif import Effect, WhatIf
from cratejoy_tui.tui.pages.layout import fact, gap, heading, page
from cratejoy_tui.tui.safe import joined, words


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
    for name, effects in (
        ("Become ready", found.becomes_eligible),
        ("Become held", found.becomes_held),
        ("Other SKUs", found.other_skus),
        ("Other ship code", found.other_ship_code),
    ):
        parts += _named(name, effects)
    return page(parts)


def _named(name: str, effects: Sequence[Effect]) -> list[Content]:
    if not effects:
        return []
    rows = [
        joined("  ", words(f"{one.number or one.shipment_id}  {one.before} → {one.after}  {one.detail}", limit=200))
        for one in effects[:12]
    ]
    return [gap(), heading(name), *rows] + (
        [joined("  ", words(f"and {len(effects) - 12:,} more", "$muted"))] if len(effects) > 12 else []
    )
