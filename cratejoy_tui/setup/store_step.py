"""The first step: what the store is called here, and by whose clock its days are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.settings import change_rule
from cratejoy_tui.settings.store import name_problem, web_address
from cratejoy_tui.setup.draft import Draft
from cratejoy_tui.setup.fields import Answers, Field
from cratejoy_tui.setup.steps import Step


def store_step(taken: Sequence[str]) -> Step:
    """Name and time zone. `taken` are the stores that are set up already."""
    return Step(
        id="store",
        title="Store",
        text="A store of yours on Cratejoy. Several may be set up, each with a name and a warehouse of its own.",
        fields=_fields,
        take=partial(_take, taken),
    )


def _fields(draft: Draft) -> tuple[Field, ...]:
    name = Field(
        name="name",
        label="Store name",
        help="What you call this store here: small letters, digits, - and _.",
        value=draft.store.name,
        is_needed=True,
    )
    zone = Field(
        name="time-zone",
        label="Time zone",
        help="The store's own, such as America/New_York; its days decide what is due.",
        value=draft.store.rules.time_zone,
        is_needed=True,
    )
    address = Field(
        name="api-url",
        label="API address",
        help="Cratejoy's; another one only to try things out.",
        value=draft.store.api_url,
        is_needed=True,
        is_rare=True,
    )
    return (name, zone, address) if draft.is_new else (zone, address)


def _take(taken: Sequence[str], draft: Draft, answers: Answers) -> Draft:
    problems = []
    name = str(answers.get("name", draft.store.name)).strip()
    if draft.is_new and (problem := _name_problem(name, taken)):
        problems.append(problem)
    rules, url = draft.store.rules, draft.store.api_url
    try:
        rules = change_rule(rules, "time-zone", str(answers["time-zone"]))
    except SettingsInvalid as error:
        problems += error.problems
    try:
        url = web_address(str(answers.get("api-url", url)).strip())
    except ValueError as error:
        problems.append(f"API address: {error}")
    if problems:
        raise SettingsInvalid(problems, next_step="Type it again.")
    return replace(draft, store=replace(draft.store, name=name, api_url=url)).with_rules(rules, "time_zone")


def _name_problem(name: str, taken: Sequence[str]) -> str:
    if name in taken:
        return f"Store name: {name} is set up already; run `cratejoy-tui setup --store {name}` to change it"
    why = name_problem(name, taken)
    return f"Store name: {why}" if why else ""
