"""Pictures where they say more than a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from cratejoy_tui.sync.domain.books import Run
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.tui.pages.layout import TONE_STYLES, gap, page
from cratejoy_tui.tui.safe import joined, words
from cratejoy_tui.tui.states import stage_cell

WIDTH = 12
_PARTS = " ▏▎▍▌▋▊▉█"


def bar(value: float, most: float, width: int = WIDTH) -> str:
    """A bar in eighths of a cell."""
    eighths = round(8 * width * value / most) if most else 0
    return "█" * (eighths // 8) + (_PARTS[eighths % 8] if eighths % 8 else "")


def stages_chart(counts: Mapping[Stage, int]) -> Content:
    """How many boxes stand at each stage."""
    most = max(counts.values(), default=0)
    rows = []
    for stage in Stage:
        if count := counts.get(stage, 0):
            name, tone = stage_cell(stage.value)
            rows.append(
                joined(
                    (f"{name:<17}", TONE_STYLES[tone]),
                    f"{count:>7,} ",
                    (bar(count, most), TONE_STYLES[tone] or "$primary"),
                )
            )
    return page(rows) if rows else words("There are no boxes yet.", "$muted")


def runs_chart(runs: Sequence[Run]) -> Content:
    """How long the last runs took, the newest last."""
    import msgspec

    ended = [run for run in runs if run.ended_at is not None][::-1]
    writes = []
    for run in ended:
        try:
            writes.append(int(msgspec.json.decode(run.summary or b"{}").get("writes", 0)))
        except (msgspec.DecodeError, AttributeError, ValueError):
            writes.append(0)
    most = max(writes, default=0)
    rows = [
        joined(
            (f"{run.started_at:%m-%d %H:%M} ", "$muted"),
            ("✓ " if run.good else "! ", "$success" if run.good else "$warning"),
            f"{count:>6,} ",
            (bar(count, most), "$primary"),
        )
        for run, count in zip(ended, writes, strict=True)
    ]
    return page([words("Writes to remote systems per run", "$muted"), gap(), *rows]) if rows else words("No run yet.")
