"""One sitting of set-up: the steps in order, the draft they fill, and what was looked at on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from cratejoy_tui.errors import CratejoyTuiError, SettingsInvalid
from cratejoy_tui.settings import Settings
from cratejoy_tui.setup.draft import CRATEJOY_KEYS, Adoption, Draft, Keys, KeysGo, new_draft
from cratejoy_tui.setup.fields import Answers, Field
from cratejoy_tui.setup.first_look import FirstLook, Looked
from cratejoy_tui.setup.first_pull_step import first_pull_step
from cratejoy_tui.setup.keys_step import keys_step
from cratejoy_tui.setup.parts import Parts, Sourced
from cratejoy_tui.setup.saving import Saved, keep, settings_in
from cratejoy_tui.setup.steps import Step, rules_step
from cratejoy_tui.setup.store_step import store_step
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.warehouse_steps import connection_step, warehouse_step
from cratejoy_tui.sync.flows.adopt import Adopted, adopt
from cratejoy_tui.sync.flows.desk import Told


class Wizard:
    """Asks nothing itself; a front end shows `steps`, hands over answers, and saves. Nothing is kept before that."""

    def __init__(self, parts: Parts, settings: Settings, path: Path, draft: Draft) -> None:
        self.parts, self.path = parts, path
        self.draft = draft
        self._settings = settings
        self._was = draft.store if not draft.is_new else None
        self._presets: dict[str, Answers] = {}
        self._said_where = False
        """The person has decided where the keys go."""
        self._look: FirstLook | None = None
        self._looked_at: tuple[object, ...] = ()
        taken = () if not draft.is_new else tuple(settings.stores)
        self.steps: tuple[Step, ...] = (
            store_step(taken),
            keys_step(parts, self.keys),
            warehouse_step(parts),
            connection_step(parts, self.keys),
            rules_step(),
            first_pull_step(lambda: self._look),
        )

    def step(self, id_: str) -> Step:
        """The step of this name."""
        return next(step for step in self.steps if step.id == id_)

    def preset(self, answers: Mapping[str, Answers]) -> None:
        """Answers known beforehand, by step; they stand in the fields as if typed before, and are taken with them."""
        self._presets = {**self._presets, **answers}

    def fields(self, step: Step) -> tuple[Field, ...]:
        """What this step asks now, with what is known filled in."""
        given = self._presets.get(step.id, {})
        return tuple(
            replace(field, value=str(given[field.name])) if field.name in given else field
            for field in step.fields(self.draft)
        )

    async def take(self, step: Step, answers: Answers) -> None:
        """Use the answers. Raises SettingsInvalid with every problem; the draft is then as before."""
        problems = [
            problem
            for field in step.fields(self.draft)
            if (problem := field.problem(answers.get(field.name, field.value)))
        ]
        if problems:
            raise SettingsInvalid(problems, next_step="Type it again.")
        before, self.draft = self.draft, step.take(self.draft, {**self._presets.get(step.id, {}), **answers})
        self._presets.pop(step.id, None)
        self._said_where = self._said_where or step.id == "keys"
        if step.id in ("store", "warehouse") and before.store != self.draft.store:
            await self.find_keys()

    async def check(self, step: Step) -> Checked:
        """Test what this step connects; reads only."""
        return await step.check(self.draft)

    async def find_keys(self) -> None:
        """Look where the keys of this store are at hand already."""
        found = await asyncio.to_thread(self._found)
        self.draft = replace(self.draft, found=found.sources)
        elsewhere = {source for name, source in found.sources.items() if name in CRATEJOY_KEYS}
        if not self._said_where and elsewhere and not any("keyring" in source for source in elsewhere):
            self.draft = replace(self.draft, keys_go=KeysGo.ELSEWHERE)

    async def keys(self, draft: Draft) -> Keys:
        """All keys at hand: those typed count before those found."""
        found = await asyncio.to_thread(self._found)
        return MappingProxyType({**found.keys, **draft.secrets})

    async def look(self, tell: Callable[[Told], None] = lambda _: None) -> Looked:
        """Pull into a temporary ledger, once for the same keys and rules, and count. Raises what a pull raises."""
        store = self.draft.store
        wanted = (store.api_url, store.warehouse, store.rules, tuple(self.draft.secrets.values()))
        if self._look is None or self._looked_at != wanted:
            await self.close()
            self._look = await FirstLook.open(self.parts, store, await self.keys(self.draft), tell)
            self._looked_at = wanted
        return await self._look.counted(store.rules)

    def save(self) -> Saved:
        """Keep the keys and the settings, all or nothing. Blocks. Raises what `keep` raises."""
        kind = self._was.warehouse.kind if self._was else ""
        former = self.parts.kind(kind).secret_names if kind and kind != self.draft.store.warehouse.kind else ()
        still = self.parts.kind(self.draft.store.warehouse.kind).secret_names
        return keep(self.parts.keyring, self.path, self.draft, [name for name in former if name not in still])

    async def adopt(self, saved: Saved) -> Adopted | None:
        """Tell the ledger what is at the warehouse already; None when that was left for later."""
        if self.draft.adoption is Adoption.LATER:
            return None
        numbers = None if self.draft.adoption is Adoption.NONE else self.draft.adopted
        keys = await self.keys(self.draft)
        async with self.parts.live_desk(saved.settings, self.draft.store, keys) as desk:
            return await adopt(desk, numbers, "said at set-up")

    async def close(self) -> None:
        """Throw away what was looked at."""
        look, self._look = self._look, None
        if look is not None:
            await look.close()

    def variables(self) -> tuple[str, ...]:
        """The environment variables in which each run looks for this store's keys."""
        return tuple(self.parts.variable(self.draft.store.name, name) for name in self._key_names())

    def keys_in_environment(self) -> Keys:
        """This store's keys as the environment has them, to be kept somewhere else."""
        return self.parts.keys_in_environment(self._settings, self.draft.store, self._key_names())

    def summary(self) -> tuple[tuple[str, str], ...]:
        """The draft in lines, for the last look before saving; step id and text, never a key."""
        store, rules = self.draft.store, self.draft.store.rules
        sources = {**self.draft.found, **dict.fromkeys(self.draft.secrets, "typed now")}
        where = ", ".join(sorted(set(sources.values()))) or "missing"
        earliest = rules.earliest_order_date or "none"
        adoption = f"{len(self.draft.adopted)} orders" if self.draft.adopted else self.draft.adoption.value
        return (
            ("store", f"{store.name}, {rules.time_zone}"),
            ("keys", f"{where}; kept in: {self.draft.keys_go}"),
            ("warehouse", store.warehouse.kind or "none"),
            ("connection", ", ".join(f"{key} {value}" for key, value in store.warehouse.options.items()) or "defaults"),
            ("rules", f"{len(store.given_rules)} set by you, the others as usual"),
            ("first-pull", f"earliest order date {earliest}; at the warehouse already: {adoption}"),
        )

    def _found(self) -> Sourced:
        return self.parts.find_keys(self._settings, self.draft.store, self._key_names())

    def _key_names(self) -> tuple[str, ...]:
        kind = self.draft.store.warehouse.kind
        return (*CRATEJOY_KEYS, *(self.parts.kind(kind).secret_names if kind else ()))


async def begin(parts: Parts, path: Path, store: str = "") -> Wizard:
    """A sitting for a new store, or for one that is set up already. Raises SettingsInvalid for a file that is wrong."""
    settings = settings_in(path)
    name = store or (next(iter(settings.stores)) if len(settings.stores) == 1 else "")
    if name in settings.stores:
        draft = Draft(store=settings.stores[name], is_new=False)
    elif not store and settings.stores:
        raise SettingsInvalid(
            [f"several stores are set up: {', '.join(settings.stores)}"],
            next_step="Say which one, or a new name: --store NAME.",
        )
    else:
        draft = new_draft(name) if name else new_draft()
    wizard = Wizard(parts, settings, path, draft)
    await wizard.find_keys()
    return wizard


def told_error(error: CratejoyTuiError) -> str:
    """An error in the middle of set-up, with what to do."""
    return f"{error.message} {error.next_step}".strip()
