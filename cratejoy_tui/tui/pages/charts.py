"""Pictures where they say more than a table: bars made of the marks of states, never of colour alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from textual.content import Content

from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ports import Calls
from cratejoy_tui.tui.pages.layout import TONE_STYLES, gap, heading, page
from cratejoy_tui.tui.safe import as_it_is, joined, words
from cratejoy_tui.tui.states import stage_cell

Part = tuple[int, str, str]
"""How many, their mark, its tone."""

LEAST, MOST = 8, 60
DAYS_BACK, DAYS_AHEAD = 14, 21
MINUTES = 15
_CALL = re.compile(r"^(?:\d\d-\d\d )?(\d\d:\d\d):\d\d debug +http\.client: (.+?) (?:GET|HEAD|POST|PUT|PATCH|DELETE) ")
_ORDER = (
    Stage.CONFIRMED, Stage.CONFIRMING, Stage.SHIPPED, Stage.PARTLY_SHIPPED, Stage.AT_WAREHOUSE, Stage.SENDING,
    Stage.PLANNED, Stage.SEEN, Stage.HELD, Stage.UNKNOWN, Stage.ERROR, Stage.CONFLICT, Stage.CANCEL_REFUSED,
    Stage.CANCEL_BY_HAND, Stage.CANCELLED,
)  # fmt: skip
"""From what is over to what needs somebody."""


def bar(parts: Sequence[Part], most: int, width: int) -> Content:
    """Marks side by side, `width` of them for `most`; whatever is there gets one; more than `most` ends in `…`."""
    room, total = min(max(width, LEAST), MOST), sum(count for count, _, _ in parts)
    scale = min(room / max(most, total, 1), 1.0)
    marks = [(mark * max(round(count * scale), 1), TONE_STYLES[tone]) for count, mark, tone in parts if count]
    return joined(*marks, ("…" if total > most else "", "$muted"))


def stages_chart(counts: Mapping[Stage, int], width: int) -> list[Content]:
    """How many boxes stand at each stage."""
    most = max(counts.values(), default=0)
    rows = []
    for stage in _ORDER:
        if count := counts.get(stage, 0):
            name, tone = stage_cell(stage.value)
            line = bar([(count, name[0], tone)], most, width - 26)
            rows.append(joined((f"{name:<17}", TONE_STYLES[tone]), f"{count:>7,}  ", line))
    return rows


def days_chart(
    found: Iterable[tuple[datetime | None, Stage, int]], now: datetime, zone: tzinfo, width: int
) -> list[Content]:
    """The boxes by target day and stage, a line a day."""
    today = now.astimezone(zone).date()
    days: dict[tuple[int, str], Counter[Stage]] = defaultdict(Counter)
    days[1, _name(today)] = Counter()
    for at, stage, count in found:
        days[_line_of(at.astimezone(zone).date() if at else None, today)][stage] += count
    most = max(stages.total() for (place, _), stages in days.items() if place == 1)
    return [_day(name, days[place, name], most, width, name == _name(today)) for place, name in sorted(days)]


def _line_of(day: date | None, today: date) -> tuple[int, str]:
    """Where a day stands in the picture, and under which name; far days share a line."""
    if day is None:
        return 4, "no date"
    if day < today - timedelta(days=DAYS_BACK):
        return 0, "earlier"
    return (3, "later") if day > today + timedelta(days=DAYS_AHEAD) else (1, _name(day))


def _name(day: date) -> str:
    return f"{day:%m-%d %a}"


def _day(name: str, stages: Counter[Stage], most: int, width: int, is_today: bool) -> Content:
    parts = [(stages[stage], *_mark(stage)) for stage in _ORDER]
    head = (f"{name:<9}{'◂' if is_today else ' '}", "bold $primary" if is_today else "$muted")
    return joined(head, f"{stages.total():>6,}  ", bar(parts, most, width - 18))


def _mark(stage: Stage) -> tuple[str, str]:
    cell, tone = stage_cell(stage.value)
    return cell[0], tone


def requests_chart(sides: Sequence[tuple[str, Calls]], log: Iterable[str], width: int) -> Content:
    """What each remote system was asked, minute by minute, against what our pace allows."""
    minutes: dict[str, Counter[str]] = {name: Counter() for name, _ in sides}
    for line in log:
        if (call := _CALL.match(line)) and call[2] in minutes:
            minutes[call[2]][call[1]] += 1
    parts: list[Content] = []
    for name, calls in sides:
        allowed = round(calls.per_second * 60) if calls.per_second else 0
        pace = f"{allowed:,} a minute allowed" if allowed else "no limit of ours"
        parts += [heading(name), words(f"{pace}; {calls.requests:,} asked, {calls.writes:,} writes")]
        most = allowed or max(minutes[name].values(), default=0)
        shown = list(minutes[name].items())[-MINUTES:]
        parts += [_minute(at, count, most, allowed, width) for at, count in shown]
        parts += [] if shown else [words("Nothing was asked lately.", "$muted")]
        parts.append(gap())
    return page(parts)


def _minute(at: str, count: int, most: int, allowed: int, width: int) -> Content:
    room = min(max(width - 20, LEAST), MOST)
    used = min(max(round(room * count / max(most, 1)), 1), room)
    share = f" {100 * count // allowed:>3} %" if allowed else ""
    tone = "$warning" if allowed and count >= 0.9 * allowed else "$primary"
    return joined(
        (f"{at} ", "$muted"), f"{count:>6,}  ", ("━" * used, tone), ("─" * (room - used), "$muted"), as_it_is(share)
    )
