"""What the screens of set-up say beside the steps' own words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.tui.safe import as_it_is, joined, words

REVIEW = "Save"


def step_list(steps: Sequence[Step], at: int, furthest: int) -> Content:
    """All steps with marks: done, here, to come."""
    titles = [*(step.title for step in steps), REVIEW]
    parts = [as_it_is("Connect a store\n", "bold")]
    for place, title in enumerate(titles):
        mark, style = (
            ("▸", "bold $primary") if place == at else ("✓", "$success") if place < furthest else ("·", "$muted")
        )
        parts.append(as_it_is(f"{mark} {place + 1} {title}", style))
    return Content("\n").join(parts)


def result_of(checked: Checked) -> Content:
    """How a test went: a word, a sentence, notes, and what to do."""
    parts = []
    if checked.text:
        mark = ("OK  ", "bold $success") if checked.ok else ("Failed  ", "bold $error")
        parts.append(joined(mark, words(checked.text)))
    parts += [joined(("Note  ", "bold $warning"), words(note)) for note in checked.notes]
    if checked.next_step:
        parts.append(words(checked.next_step, "$warning"))
    if checked.may_pass:
        parts.append(as_it_is("Ctrl+U goes on without the test.", "$muted"))
    return Content("\n").join(parts)


def problems_of(problems: Sequence[str]) -> Content:
    """What was filled in and cannot be used."""
    return Content("\n").join(joined(("! ", "bold $error"), words(problem)) for problem in problems)


def summary_of(summary: Sequence[tuple[str, str]]) -> Content:
    """The draft as it would be kept."""
    return Content("\n").join(joined((f"{name:<12}", "bold $primary"), words(text)) for name, text in summary)
