"""A step of set-up, as a value: what is asked, how the answers are taken, what is tested. No screen, no prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cratejoy_tui.setup.draft import Draft
from cratejoy_tui.setup.fields import Answers, Field
from cratejoy_tui.setup.rule_texts import rule_fields, take_rules
from cratejoy_tui.setup.trials import Checked


async def _nothing_to_test(_: Draft) -> Checked:
    return Checked(ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of set-up."""

    id: str
    title: str
    text: str
    fields: Callable[[Draft], tuple[Field, ...]]
    take: Callable[[Draft, Answers], Draft]
    """Raises SettingsInvalid with every problem."""
    check: Callable[[Draft], Awaitable[Checked]] = _nothing_to_test


def rules_step() -> Step:
    """What is pulled and how orders are built."""
    return Step(
        id="rules",
        title="Rules",
        text="What goes to the warehouse, and when. All of it can be changed later.",
        fields=rule_fields,
        take=take_rules,
    )
