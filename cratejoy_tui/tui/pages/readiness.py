"""What the next batches will need, and what would go wrong with them."""

from __future__ import annotations

from datetime import tzinfo

from textual.content import Content

from cratejoy_tui.sync.flows.readiness import Readiness
from cratejoy_tui.tui.pages.layout import fact, gap, heading, moment, page
from cratejoy_tui.tui.safe import joined, words


def readiness_page(found: Readiness, zone: tzinfo) -> Content:
    """One paragraph per coming batch."""
    parts = [
        fact("window ends", moment(found.window_end, zone)),
        fact("looked until", moment(found.until, zone)),
        fact("SKUs asked", "yes" if found.skus_checked else "the warehouse cannot be asked which SKUs it keeps"),
        *(words(f"~ {note}", "$warning") for note in found.notes),
        gap(),
    ]
    if not found.batches:
        parts.append(words("Nothing comes due in that time.", "bold"))
    for batch in found.batches:
        ready = "✓ all ready" if batch.ready == batch.boxes else f"{batch.ready:,} ready"
        style = "$success" if batch.ready == batch.boxes else "$warning"
        parts.append(
            joined(
                heading(f"{batch.day:%a %Y-%m-%d}  {batch.billing}"), f"  {batch.boxes:,} boxes, ", words(ready, style)
            )
        )
        parts.append(joined("  ", words(f"due from {moment(batch.due_from, zone)}", "$muted")))
        skus = ", ".join(f"{count}× {sku}" for sku, count in sorted(batch.skus.items())[:8])
        parts.append(joined("  ", words(skus + (" …" if len(batch.skus) > 8 else ""), limit=400)))
        if batch.unknown_skus:
            parts.append(
                joined("  ", words(f"! unknown at the warehouse: {', '.join(batch.unknown_skus)}", "bold $error"))
            )
        for problem in batch.problems:
            some = ", ".join(problem.shipment_ids[:5])
            parts.append(
                joined(
                    "  ",
                    words(f"! {problem.boxes:,} boxes {problem.reason}: {problem.detail} ({some})", "$warning", 300),
                )
            )
        parts.append(gap())
    return page(parts)
