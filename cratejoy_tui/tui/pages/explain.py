"""Why a box is where it is, as a page: every rule, when it will go, and all that was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from textual.content import Content

from cratejoy_tui.sync.domain.verdict import Verdict
from cratejoy_tui.sync.flows.explain import Explained
from cratejoy_tui.tui.pages.box import drift_page, order_page
from cratejoy_tui.tui.pages.layout import fact, gap, heading, moment, page, section, stage
from cratejoy_tui.tui.safe import joined, words


def explain_page(found: Explained, zone: tzinfo) -> Content:
    """Everything there is to say about one box."""
    parts = [
        fact("shipment", found.shipment_id, "bold"),
        fact("order number", found.order_number or "(none yet)", "bold"),
        fact("type", found.billing or "not known"),
        joined(fact("stage", ""), stage(found.stage.value) if found.stage else words("never pulled", "$warning")),
        fact("read from", found.read_from + (f": {found.problem}" if found.problem else "")),
        fact("target", moment(found.target_at, zone)),
        gap(),
        heading("When will it go?"),
        words(found.becoming.text, "bold"),
        gap(),
        *rules(found.verdicts),
        *section("Worth a look", (words(f"~ {flag}", "$warning") for flag in found.flags)),
    ]
    if found.hold:
        parts += [gap(), words(f"‖ Held by {found.hold.by}: {found.hold.reason}", "$warning")]
    if found.drift:
        parts += [gap(), drift_page(found.drift, "see Orders")]
    order = found.sent or found.would_send
    if order is not None:
        parts += [gap(), order_page(order, is_sent=found.sent is not None)]
    return page([*parts, *_deeds(found, zone)])


def rules(verdicts: Iterable[Verdict]) -> list[Content]:
    """Every rule with the value it looked at."""
    told, verdicts = [heading("Rules")], tuple(verdicts)
    width = max((len(verdict.name) for verdict in verdicts), default=0)
    for verdict in verdicts:
        mark, style = ("✓", "$success") if verdict.passed else ("×", "bold $error")
        line = joined(
            (f"{mark} ", style),
            (f"{verdict.rule} ", "$muted"),
            (f"{verdict.name:<{width}} ", ""),
            words(verdict.value, "$muted"),
        )
        told.append(line)
        if not verdict.passed or verdict.flag:
            told.append(joined("    ", words(f"{verdict.reason} {verdict.detail} {verdict.flag}", style)))
    return told


def _deeds(found: Explained, zone: tzinfo) -> list[Content]:
    sent = (
        f"{moment(one.sent_at, zone)}  {one.kind} {one.number} try {one.nr}: "
        f"{one.settled or one.state or 'under way'} {one.error}"
        for one in found.attempts
    )
    tracking = (
        f"{one.parcel.tracking_number} {one.parcel.carrier_name}: {one.quality or 'not judged'} {one.reason}"
        for one in found.tracking
    )
    tasks = (f"{'✓' if task.done_at else '□'} {task.kind}: {task.text}" for task in found.tasks)
    notes = (f"{moment(note.at, zone)} {note.by}: {note.text}" for note in found.notes)
    told = {"What was sent": sent, "Tracking": tracking, "Tasks": tasks, "Notes": notes}
    return [part for name, lines in told.items() for part in section(name, map(words, lines))]
