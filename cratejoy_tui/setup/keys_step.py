"""The keys: Cratejoy's own with its test, and what every key that is asked for has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from cratejoy_tui.errors import KeyringUnavailable, SettingsInvalid
from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.draft import CLIENT_ID, CLIENT_SECRET, CRATEJOY_KEYS, Draft, Keys, KeysGo
from cratejoy_tui.setup.fields import Answers, Field, FieldKind
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.trials import Checked, refused, try_keyring, try_source

KeysOf = Callable[[Draft], Awaitable[Keys]]
"""All keys that are at hand, typed ones first."""


def keys_step(parts: Parts, keys_of: KeysOf) -> Step:
    """The API key, tested by one read, and where it is to be kept."""
    return Step(
        id="keys",
        title="Cratejoy key",
        text="In Cratejoy, signed in with the Admin role, open Settings > API and make a key. It has two parts; "
        "Cratejoy shows the second one once. What you type or paste here is not shown. The test reads one shipment and "
        "changes nothing.",
        fields=_fields,
        take=_take,
        check=partial(_check, parts, keys_of),
    )


def _fields(draft: Draft) -> tuple[Field, ...]:
    keep = Field(
        name="keys",
        label="Keep keys in",
        kind=FieldKind.CHOICE,
        help="keyring: this computer's own, unlocked when you sign in. elsewhere: nothing is stored; each run "
        "finds them in the environment, a credentials directory, a file or by a command (servers).",
        value=draft.keys_go.value,
        options=dict.fromkeys(KeysGo, ""),
    )
    return (
        secret_field(draft, CLIENT_ID, "Client ID", "The first part of the key."),
        secret_field(draft, CLIENT_SECRET, "Client Secret Key", "The second part, which is shown once."),
        keep,
    )


def _take(draft: Draft, answers: Answers) -> Draft:
    keys_go = KeysGo(str(answers.get("keys", draft.keys_go)))
    return replace(with_typed(draft, answers, CRATEJOY_KEYS), keys_go=keys_go)


async def _check(parts: Parts, keys_of: KeysOf, draft: Draft) -> Checked:
    label = ""
    if draft.keys_go is KeysGo.KEYRING:
        try:
            label = await try_keyring(parts, draft.store.name)
        except KeyringUnavailable as error:
            return refused(error)
    tried = await try_source(parts, draft.store, await keys_of(draft))
    if not (tried.ok and label and draft.secrets):
        return tried
    return replace(tried, notes=(*tried.notes, f"It will be kept in the {label}."))


def secret_field(draft: Draft, name: str, label: str, help_: str) -> Field:
    """Asks for a key; one that is at hand already may stay."""
    kept = "typed" if name in draft.secrets else draft.found.get(name, "")
    return Field(name=name, label=label, help=help_, kind=FieldKind.SECRET, is_needed=True, kept=kept)


def with_typed(draft: Draft, answers: Answers, names: Sequence[str]) -> Draft:
    """The draft with the keys that were typed; an empty answer keeps the one there is."""
    typed = {name: key for name in names if isinstance(key := answers.get(name), Secret) and key}
    missing = [name for name in names if name not in typed and not draft.has_secret(name)]
    if missing:
        raise SettingsInvalid([f"{name.replace('_', ' ')} is missing" for name in missing], next_step="Paste it.")
    return draft.with_secrets(typed)
