"""What runs did: one of them as a page, the last ones as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import tzinfo

from textual.content import Content

from cratejoy_tui.sync.domain.books import Run
from cratejoy_tui.tui.pages.charts import bar
from cratejoy_tui.tui.pages.layout import TONE_STYLES, fact, moment, page, section
from cratejoy_tui.tui.safe import joined, words
from cratejoy_tui.tui.states import result_cell, run_cell
from cratejoy_tui.tui.widgets.running import duration


def summary_of(run: Run) -> dict[str, dict[str, int]]:
    """The counts kept of a run, by group; what is not a count is passed over."""
    import msgspec

    try:
        told = msgspec.json.decode(run.summary or b"{}")
    except msgspec.DecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    groups = {name: _counts(told.get(name)) for name in ("results", "counts")}
    return {**groups, "calls": _counts({name: told.get(name, 0) for name in ("requests", "writes")})}


def _counts(found: object) -> dict[str, int]:
    return {str(name): count for name, count in found.items() if type(count) is int} if isinstance(found, dict) else {}


def took(run: Run) -> str:
    """How long it ran."""
    return duration((run.ended_at - run.started_at).total_seconds()) if run.ended_at else ""


def run_page(run: Run, zone: tzinfo) -> Content:
    """One run."""
    told = summary_of(run)
    parts = [
        fact("who", run.operator),
        fact("began", moment(run.started_at, zone)),
        fact("ended", moment(run.ended_at, zone)),
        fact("took", took(run)),
        fact("good run", "yes" if run.good else "no; that is one that did all arrows"),
    ]
    titles = {"results": "What came of its plan", "counts": "News", "calls": "Calls to remote systems"}
    for group, title in titles.items():
        parts += section(title, (joined(f"{count:>7,} ", words(name)) for name, count in told[group].items() if count))
    return page(parts)


def runs_chart(runs: Sequence[Run], zone: tzinfo, width: int) -> list[Content]:
    """What came of the last runs' plans, the newest first."""
    told = [(run, _results(summary_of(run)["results"])) for run in runs if run.ended_at is not None]
    most = max((results.total() for _, results in told), default=0)
    return [_run(run, results, zone, most, width) for run, results in told]


def _results(named: Mapping[str, int]) -> Counter[str]:
    """`push done` and `confirm done` are both done."""
    results: Counter[str] = Counter()
    for name, count in named.items():
        results[name.partition(" ")[2]] += count
    return results


def _run(run: Run, results: Counter[str], zone: tzinfo, most: int, width: int) -> Content:
    mark, tone = run_cell(run.exit_code)
    cells = [(count, result_cell(name)) for name, count in results.most_common()]
    parts = [(count, cell[0], tone) for count, (cell, tone) in cells]
    head = f"{moment(run.started_at, zone)[5:]} "
    return joined(
        (head, "$muted"), (mark[:2], TONE_STYLES[tone]), f"{results.total():>6,}  ", bar(parts, most, width - 22)
    )
