"""The steps of set-up, as values: what is asked, how the answers are taken, what is tested. No screen, no prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cratejoy_tui.errors import KeyringUnavailable, SettingsInvalid, SetupError
from cratejoy_tui.secret import Secret
from cratejoy_tui.settings import WarehouseSettings, change_rule
from cratejoy_tui.settings.store import STORE_NAME, web_address
from cratejoy_tui.setup.draft import CLIENT_ID, CLIENT_SECRET, CRATEJOY_KEYS, Draft, Keys, KeysGo
from cratejoy_tui.setup.fields import Answers, Field, FieldKind, Option, as_text, as_value
from cratejoy_tui.setup.parts import Parts, WarehouseKind, WarehouseSetting
from cratejoy_tui.setup.rule_texts import YES_NO, rule_fields, take_rules
from cratejoy_tui.setup.trials import Checked, refused, try_keyring, try_source, try_warehouse

KeysOf = Callable[[Draft], Awaitable[Keys]]
"""All keys that are at hand, typed ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of set-up."""

    id: str
    title: str
    text: str
    fields: Callable[[Draft], tuple[Field, ...]]
    take: Callable[[Draft, Answers], Draft]
    """Raises SettingsInvalid with every problem."""
    check: Callable[[Draft], Awaitable[Checked]]


async def no_check(_: Draft) -> Checked:
    """Nothing to test here."""
    return Checked(ok=True)


def store_step(taken: Sequence[str]) -> Step:
    """Name and time zone. `taken` are the stores that are set up already."""

    def fields(draft: Draft) -> tuple[Field, ...]:
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

    def take(draft: Draft, answers: Answers) -> Draft:
        problems = []
        name = str(answers.get("name", draft.store.name)).strip()
        if draft.is_new and (problem := _name_problem(name, taken)):
            problems.append(problem)
        try:
            rules = change_rule(draft.store.rules, "time-zone", str(answers["time-zone"]))
        except SettingsInvalid as error:
            problems += error.problems
        url = draft.store.api_url
        try:
            url = web_address(str(answers.get("api-url", url)).strip())
        except ValueError as error:
            problems.append(f"API address: {error}")
        if problems:
            raise SettingsInvalid(problems, next_step="Type it again.")
        draft = replace(draft, store=replace(draft.store, name=name, api_url=url))
        return draft.with_rules(rules, "time_zone")

    return Step(
        id="store",
        title="Store",
        text="A store of yours on Cratejoy. Several may be set up, each with a name and a warehouse of its own.",
        fields=fields,
        take=take,
        check=no_check,
    )


def keys_step(parts: Parts, keys_of: KeysOf) -> Step:
    """The API key, tested by one read, and where it is to be kept."""

    def fields(draft: Draft) -> tuple[Field, ...]:
        secrets = (
            _secret(draft, CLIENT_ID, "Client ID", "The first part of the key."),
            _secret(draft, CLIENT_SECRET, "Client Secret Key", "The second part, which is shown once."),
        )
        keep = Field(
            name="keys",
            label="Keep keys in",
            kind=FieldKind.CHOICE,
            help="keyring: this computer's own, unlocked when you sign in. elsewhere: nothing is stored; each run "
            "finds them in the environment, a credentials directory, a file or by a command (servers).",
            value=draft.keys_go.value,
            options=tuple(Option(value=one.value) for one in KeysGo),
        )
        return (*secrets, keep)

    def take(draft: Draft, answers: Answers) -> Draft:
        keys_go = KeysGo(str(answers.get("keys", draft.keys_go)))
        return replace(_with_typed(draft, answers, CRATEJOY_KEYS), keys_go=keys_go)

    async def check(draft: Draft) -> Checked:
        if draft.keys_go is KeysGo.KEYRING:
            try:
                label = await try_keyring(parts, draft.store.name)
            except KeyringUnavailable as error:
                return refused(error)
        tried = await try_source(parts, draft.store, await keys_of(draft))
        kept = f"It will be kept in the {label}." if draft.keys_go is KeysGo.KEYRING and draft.secrets else ""
        return replace(tried, notes=(*tried.notes, kept) if tried.ok and kept else tried.notes)

    return Step(
        id="keys",
        title="Cratejoy key",
        text="In Cratejoy, signed in with the Admin role, open Settings > API and make a key. It has two parts; "
        "Cratejoy shows the second one once. What you type or paste here is not shown. The test reads one shipment and "
        "changes nothing.",
        fields=fields,
        take=take,
        check=check,
    )


def warehouse_step(parts: Parts) -> Step:
    """Which kind of warehouse."""

    def fields(draft: Draft) -> tuple[Field, ...]:
        names = parts.kind_names()
        return (
            Field(
                name="kind",
                label="Warehouse",
                kind=FieldKind.CHOICE,
                help="The system your boxes are sent from. folder works with any that reads and writes files.",
                value=draft.store.warehouse.kind,
                options=tuple(Option(value=name, help=_title(parts, name)) for name in names),
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
        check=no_check,
    )


def connection_step(parts: Parts, keys_of: KeysOf) -> Step:
    """What that warehouse wants to know, tested without sending anything."""

    def kind_of(draft: Draft) -> WarehouseKind:
        return parts.kind(draft.store.warehouse.kind)

    def fields(draft: Draft) -> tuple[Field, ...]:
        if not draft.has_warehouse:
            return ()
        return tuple(_setting_field(draft, setting) for setting in kind_of(draft).settings)

    def take(draft: Draft, answers: Answers) -> Draft:
        kind = kind_of(draft)
        options = _options(kind, draft.store.warehouse.options, answers)
        warehouse = replace(draft.store.warehouse, options=MappingProxyType(options))
        draft = replace(draft, store=replace(draft.store, warehouse=warehouse))
        return _with_typed(draft, answers, kind.secret_names)

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


def rules_step() -> Step:
    """What is pulled and how orders are built."""
    return Step(
        id="rules",
        title="Rules",
        text="What goes to the warehouse, and when. The names and defaults are those of the hosted product; all of it "
        "can be changed later.",
        fields=rule_fields,
        take=take_rules,
        check=no_check,
    )


def _title(parts: Parts, name: str) -> str:
    try:
        return parts.kind(name).title
    except SetupError as error:  # a package from elsewhere may be broken; the others can still be chosen
        return error.message


def _name_problem(name: str, taken: Sequence[str]) -> str:
    if not STORE_NAME.fullmatch(name) or name == "all":
        return "Store name: small letters, digits, - and _, and not `all`"
    if name in taken:
        return f"Store name: {name} is set up already; run `cratejoy-tui setup --store {name}` to change it"
    if name.replace("-", "_") in {other.replace("-", "_") for other in taken}:
        return f"Store name: {name} is too like a store that is set up already"
    return ""


def _secret(draft: Draft, name: str, label: str, help_: str) -> Field:
    kept = "typed" if name in draft.secrets else draft.found.get(name, "")
    return Field(name=name, label=label, help=help_, kind=FieldKind.SECRET, is_needed=True, kept=kept)


def _with_typed(draft: Draft, answers: Answers, names: Sequence[str]) -> Draft:
    """The draft with the keys that were typed; an empty answer keeps the one there is."""
    typed = {name: key for name in names if isinstance(key := answers.get(name), Secret) and key}
    missing = [name for name in names if name not in typed and not draft.has_secret(name)]
    if missing:
        raise SettingsInvalid([f"{name.replace('_', ' ')} is missing" for name in missing], next_step="Paste it.")
    return draft.with_secrets(typed)


def _setting_field(draft: Draft, setting: WarehouseSetting) -> Field:
    label = setting.name.replace("_", " ").capitalize()
    if setting.is_secret:
        return _secret(draft, setting.name, label, setting.help)
    options = tuple(Option(value=choice) for choice in setting.choices)
    return Field(
        name=setting.name,
        label=label,
        help=setting.help,
        kind=setting.kind,
        value=as_text(draft.store.warehouse.options.get(setting.name, setting.default)),
        options=YES_NO if setting.kind is FieldKind.YES_NO else options,
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
