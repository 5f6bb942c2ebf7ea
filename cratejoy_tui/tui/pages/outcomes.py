"""What came of each row of a plan: what failed first."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cratejoy_tui.sync.domain.plan import Outcome
from cratejoy_tui.tui.pages.layout import page, state
from cratejoy_tui.tui.safe import joined, words
from cratejoy_tui.tui.states import result_cell


def outcomes_page(outcomes: Sequence[Outcome]) -> Content:
    """One line per box."""
    ordered = sorted(outcomes, key=lambda outcome: (outcome.result.value == "done", outcome.number))
    return page(
        joined(
            state(result_cell(one.result.value)),
            "  ",
            words(f"{one.kind} {one.number}", "bold"),
            "  ",
            words(one.reason),
        )
        for one in ordered
    )
