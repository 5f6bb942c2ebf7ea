"""Which warehouse, and what it needs to be reached."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.settings import WarehouseSettings
from cratejoy_tui.setup.draft import Draft
from cratejoy_tui.setup.fields import Answers, Field, FieldKind, as_text, as_value
from cratejoy_tui.setup.keys_step import KeysOf, secret_field, with_typed
from cratejoy_tui.setup.parts import Parts, WarehouseKind, WarehouseSetting
from cratejoy_tui.setup.rule_texts import YES_NO
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.trials import Checked, try_warehouse


def warehouse_step(parts: Parts) -> Step:
    """Which kind of warehouse."""

    def fields(draft: Draft) -> tuple[Field, ...]:
        return (
            Field(
                name="kind",
                label="Warehouse",
                kind=FieldKind.CHOICE,
                help="The system your boxes are sent from. folder works with any that reads and writes files.",
                value=draft.store.warehouse.kind,
                options={name: _title(parts, name) for name in parts.kind_names()},
                is_needed=True,
            ),
        )

    def take(draft: Draft, answers: Answers) -> Draft:
        kind = str(answers["kind"])
        if kind == draft.store.warehouse.kind:
            return draft
        parts.kind(kind)
        return replace(draft, store=replace(draft.store, warehouse=WarehouseSettings(kind=kind)))

    return Step(
        id="warehouse",
        title="Warehouse",
        text="Each store sends to one warehouse.",
        fields=fields,
        take=take,
    )


def connection_step(parts: Parts, keys_of: KeysOf) -> Step:
    """What that warehouse wants to know, tested without sending anything."""

    def kind_of(draft: Draft) -> WarehouseKind:
        return parts.kind(draft.store.warehouse.kind)

    def fields(draft: Draft) -> tuple[Field, ...]:
        if not draft.store.warehouse.kind:
            return ()
        return tuple(_setting_field(draft, setting) for setting in kind_of(draft).settings)

    def take(draft: Draft, answers: Answers) -> Draft:
        kind = kind_of(draft)
        options = _options(kind, draft.store.warehouse.options, answers)
        warehouse = replace(draft.store.warehouse, options=MappingProxyType(options))
        draft = replace(draft, store=replace(draft.store, warehouse=warehouse))
        return with_typed(draft, answers, kind.secret_names)

    async def check(draft: Draft) -> Checked:
        return await try_warehouse(parts, draft.store, await keys_of(draft))

    return Step(
        id="connection",
        title="Warehouse connection",
        text="What this warehouse needs. The test only looks; no order is sent.",
        fields=fields,
        take=take,
        check=check,
    )


def _title(parts: Parts, name: str) -> str:
    try:
        return parts.kind(name).title
    except SetupError as error:  # a package from elsewhere may be broken; the others can still be chosen
        return error.message


def _setting_field(draft: Draft, setting: WarehouseSetting) -> Field:
    label = setting.name.replace("_", " ").capitalize()
    if setting.is_secret:
        return secret_field(draft, setting.name, label, setting.help)
    return Field(
        name=setting.name,
        label=label,
        help=setting.help,
        kind=setting.kind,
        value=as_text(draft.store.warehouse.options.get(setting.name, setting.default)),
        options=dict.fromkeys(YES_NO if setting.kind is FieldKind.YES_NO else setting.choices, ""),
        is_needed=setting.default is None,
        is_rare=setting.default is not None,
    )


def _options(kind: WarehouseKind, before: object, answers: Answers) -> dict[str, object]:
    """The warehouse's settings that are not its defaults. Raises SettingsInvalid."""
    known = before if isinstance(before, (dict, MappingProxyType)) else {}
    options: dict[str, object] = {}
    problems = []
    for setting in kind.settings:
        if setting.is_secret:
            continue
        try:
            given = answers.get(setting.name)
            value = known.get(setting.name, setting.default) if given is None else as_value(setting.kind, str(given))
        except ValueError as error:
            problems.append(f"{setting.name} {error}")
            continue
        if value is None or (setting.default is None and value == ""):
            problems.append(f"{setting.name} is missing")
        elif value != setting.default:
            options[setting.name] = value
    if problems:
        raise SettingsInvalid(problems, next_step="Type it again.")
    return options
