"""What the next batches will need, and what would go wrong with them."""

from __future__ import annotations

from datetime import tzinfo

from textual.content import Content

from cratejoy_tui.sync.flows.readiness import ComingBatch, Readiness
from cratejoy_tui.text import counted
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
        parts += [*_batch(batch, zone), gap()]
    return page(parts)


def _batch(batch: ComingBatch, zone: tzinfo) -> list[Content]:
    ready = "✓ all ready" if batch.ready == batch.boxes else f"{batch.ready:,} ready"
    style = "$success" if batch.ready == batch.boxes else "$warning"
    boxes = f"  {counted(batch.boxes, 'box')}, "
    skus = ", ".join(f"{count}× {sku}" for sku, count in sorted(batch.skus.items())[:8])
    parts = [
        joined(heading(f"{batch.day:%a %Y-%m-%d}  {batch.billing}"), boxes, words(ready, style)),
        joined("  ", words(f"due from {moment(batch.due_from, zone)}", "$muted")),
        joined("  ", words(skus + (" …" if len(batch.skus) > 8 else ""), limit=400)),
    ]
    if batch.unknown_skus:
        unknown = f"! unknown at the warehouse: {', '.join(batch.unknown_skus)}"
        parts.append(joined("  ", words(unknown, "bold $error")))
    for problem in batch.problems:
        told = f"! {counted(problem.boxes, 'box')} {problem.reason}: {problem.detail}"
        parts.append(joined("  ", words(f"{told} ({', '.join(problem.shipment_ids[:5])})", "$warning", 300)))
    return parts
