"""The last step before saving: what the first pull would bring, and what must not be sent because others did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.settings import change_rule
from cratejoy_tui.setup.draft import Adoption, Draft
from cratejoy_tui.setup.fields import Answers, Field
from cratejoy_tui.setup.first_look import UNKNOWN_MONTH, FirstLook, Looked
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.sync.flows.desk import Step as Progress
from cratejoy_tui.text import clean, counted

EARLIEST = "earliest-order-date"
ADOPT = "adopt"
_ATTRIBUTE = "earliest_order_date"
LARGEST_LIST = 5 * 1024 * 1024


def first_pull_step(look: Callable[[], FirstLook | None]) -> Step:
    """Earliest Order Date and adoption, asked with the preview at hand, if somebody has looked."""

    def fields(draft: Draft) -> tuple[Field, ...]:
        date = draft.store.rules.earliest_order_date
        was_given = _ATTRIBUTE in draft.store.given_rules or not draft.is_new
        return (
            Field(
                name=EARLIEST,
                label="Earliest Order Date",
                help="Boxes of sales before this day are never sent; boxes of a prepay count by their own target date. "
                "A day such as 2026-11-01, or none. A store that moves over from another tool gives the day it moves.",
                value=date.isoformat() if date else "none" if was_given else "",
                is_needed=True,
            ),
            Field(name=ADOPT, label="At the warehouse already", help=_adopt_help(look()), value=_adoption(draft)),
        )

    def take(draft: Draft, answers: Answers) -> Draft:
        draft = _with_earliest(draft, str(answers[EARLIEST]).strip())
        return _with_adoption(draft, str(answers.get(ADOPT) or Adoption.LATER).strip())

    async def check(draft: Draft) -> Checked:
        if (first := look()) is None:
            return Checked(ok=True)
        looked = await first.counted(draft.store.rules)
        text = f"{counted(looked.ready, 'box')} would go in the first push."
        return Checked(ok=True, text=text, notes=_behind(looked))

    return Step(
        id="first-pull",
        title="First pull",
        text="A look at what the first pull would bring, in a ledger that is thrown away. Nothing is sent to anyone.",
        fields=fields,
        take=take,
        check=check,
    )


def told_look(looked: Looked) -> tuple[str, ...]:
    """The preview in lines for a person."""
    lines = [f"Unshipped and due soon in Cratejoy: {counted(looked.listed, 'box')}."]
    lines += _list("By type", looked.types)
    lines.append(f"Would be sent in the first push: {counted(looked.ready, 'box')}.")
    lines += _list("Held, for a person to look at", looked.held)
    lines += _list("Waiting by rule", looked.waiting)
    lines += _list("By month of sale", _newest(looked.months))
    lines += [f"! {problem}" for problem in looked.problems]
    return tuple(lines)


def told_progress(progress: Progress) -> str:
    """How far the look has come: `pull standard: 1,200 of 50,000.`"""
    of = f" of {progress.total:,}" if progress.total is not None else ""
    return f"{progress.name}: {progress.done:,}{of}."


def _newest(months: dict[str, int], shown: int = 12) -> dict[str, int]:
    """The newest months, and all older ones as one."""
    known = sorted(month for month in months if month != UNKNOWN_MONTH)
    older = sum(months[month] for month in known[:-shown])
    newest = {month: months[month] for month in known[-shown:]}
    unknown = {UNKNOWN_MONTH: months[UNKNOWN_MONTH]} if UNKNOWN_MONTH in months else {}
    return ({"earlier": older} if older else {}) | newest | unknown


def _list(title: str, counts: dict[str, int]) -> list[str]:
    return [f"{title}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}."] if counts else []


def _behind(looked: Looked) -> tuple[str, ...]:
    if not looked.too_old:
        return ()
    note = (
        f"{counted(looked.too_old, 'box')} would stay behind as TOO_OLD. They are owed to their customers unless "
        "someone else has sent them; `cratejoy-tui reconcile` goes on counting them."
    )
    return (note,)


def _adopt_help(look: FirstLook | None) -> str:
    how = (
        "Orders of this store that another tool has sent to this warehouse must not be sent again: none, their order "
        "numbers, a file with one number a line, or later."
    )
    if look is not None and look.can_find:
        return (
            f"{how} This warehouse can be asked, so each box is looked up there before its first push: later is fine."
        )
    return f"{how} This warehouse cannot be asked, so nothing is pushed before you have said it."


def _adoption(draft: Draft) -> str:
    return " ".join(draft.adopted) if draft.adoption is Adoption.LIST else draft.adoption.value


def _with_earliest(draft: Draft, text: str) -> Draft:
    if text.lower() == "none":
        return draft.with_rules(replace(draft.store.rules, earliest_order_date=None), _ATTRIBUTE)
    try:
        return draft.with_rules(change_rule(draft.store.rules, EARLIEST, text), _ATTRIBUTE)
    except SettingsInvalid:
        raise SettingsInvalid(
            ["Earliest Order Date: a day such as 2026-11-01, or none"], next_step="Type it again."
        ) from None


def _with_adoption(draft: Draft, text: str) -> Draft:
    if text.lower() in (Adoption.NONE, Adoption.LATER):
        return replace(draft, adoption=Adoption(text.lower()), adopted=())
    words = text.replace(",", " ").split()
    path = Path(text).expanduser()
    if not any(character.isdigit() for character in text) or path.is_file():
        words = _numbers_in(path)
    numbers = tuple(dict.fromkeys(clean(word, 60) for word in words))
    if not numbers:
        raise SettingsInvalid(["At the warehouse already: the list holds no order number"], next_step="Or say none.")
    return replace(draft, adoption=Adoption.LIST, adopted=numbers)


def _numbers_in(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_LIST).decode("utf-8-sig", "replace").split()
    except OSError as error:
        raise SettingsInvalid(
            [f"At the warehouse already: the list {clean(str(path), 200)} cannot be read ({error.strerror})"],
            next_step="Give none, later, order numbers, or a file of them.",
        ) from None
