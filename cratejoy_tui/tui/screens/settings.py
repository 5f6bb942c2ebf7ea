"""Room 6: the store's rules, where its keys come from, and what another setting would do before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from textual.content import Content

from cratejoy_tui.tui.dialogs.choice import Choice
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.question import Field
from cratejoy_tui.tui.keymap import bindings_in, keys_of, shown
from cratejoy_tui.tui.safe import words
from cratejoy_tui.tui.screens.list_source import ListSource
from cratejoy_tui.tui.screens.room import Room
from cratejoy_tui.tui.widgets.columns import Column, toned
from cratejoy_tui.tui.widgets.row_source import RowSource

_HELP = {
    "time-zone": "The store's zone; every day and window is reckoned in it.",
    "target-ship-date-within": "Boxes are pushed when their target date is at most this many days away (0 to 60).",
    "subscription-sku-suffix": "none, yymm, yearweek or cycle: what is added to SKUs of subscription lines.",
    "order-ship-code": "order-type or shipping-charge: what the ship code is made from.",
    "send-cancellation-to-wms": "Ask the warehouse not to send what Cratejoy cancels after the push.",
    "earliest-order-date": "Older orders are never pushed, only counted as owed. none: no limit.",
    "open-batch": "hold or push: a standard box whose batch still collects.",
    "inactive-subscription": "hold, release-when-paid or skip: a paid box of a subscription that has ended.",
    "confirm-delay-minutes": "How long after the label Cratejoy is told, so that a voided label e-mails nobody.",
    "partial-shipments": "when-complete, first-parcel or ask: a box that leaves in several parcels.",
    "blank-tracking": "hold or confirm: a box that left without a number.",
    "retention-days": "How long names and addresses are kept after a box is closed.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the settings."""

    id: str
    group: str
    name: str
    value: str
    is_rule: bool = False
    hint: str = ""


class Settings(Room):
    """What is set up, and how to change it safely."""

    room_id = "settings"
    noun = "settings"
    BINDINGS = bindings_in("settings")
    views = ("About",)
    columns = (
        Column(id="name", title="Setting", cell=toned("name", "strong"), width=28, most=32, priority=0, sorts=True),
        Column(id="value", title="Value", cell=attrgetter("value"), width=20, most=60, priority=0),
        Column(id="group", title="Kind", cell=toned("group", "quiet"), width=10, most=14, priority=2, sorts=True),
    )

    def source(self) -> RowSource:
        """Few rows, made from what is open."""
        return ListSource(self._read, self.columns, {})

    async def _read(self) -> dict[str, Any]:
        opened = self.app.session.opened
        assert opened is not None
        rules = opened.shown_rules(self.desk.rules) if opened.shown_rules else {}
        rows = [Line(name, "rule", name, _shown(value), True, _HELP.get(name, "")) for name, value in rules.items()]
        rows += [
            Line(f"key-{what}", "key", what, f"from {where}", hint="Never shown.") for what, where in opened.sources
        ]
        rows += [Line(f"place-{what}", "place", what, where) for what, where in opened.places]
        rows.append(Line("theme", "console", "theme", self.app.theme, hint="Change it with `theme` in the commands."))
        from cratejoy_tui.tui.actions import ACTIONS

        rows += [
            Line(f"action-{a.id}", "keys", a.id, shown(keys_of(a, self.app.chosen_keys)) or "(palette)", hint=a.help)
            for a in ACTIONS.values()
        ]
        return {row.id: row for row in rows}

    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.layout import fact, gap, page

        kinds = {
            "rule": "c or Enter changes it; you see what it would do to today's boxes before anything is saved.",
            "key": "Keys come from the first place that has them; they are never in the settings file.",
            "place": "Where it lies on this machine.",
            "console": "How this console looks.",
            "keys": "Give it other keys in the settings file, under [console.keys], by this name.",
        }
        body = page(
            [fact("value", row.value, "bold", 7), gap(), words(row.hint), gap(), words(kinds[row.group], "$muted")]
        )
        return words(row.name, "bold $primary"), body

    async def do_details(self) -> None:
        await self.do_change_setting()

    async def do_change_setting(self) -> None:
        row = self.table.current
        opened = self.app.session.opened
        if row is None or opened is None or not row.is_rule or opened.change_rule is None:
            self.app.tell("Only the store's rules are changed here; keys and places are set in the settings file.")
            return
        field = Field(name="value", label=row.name, value=row.value)
        answers = await self.app.ask("Change a setting", row.hint, [field], "What would it do?")
        if not answers or answers["value"] == row.value:
            return
        rules = opened.change_rule(self.desk.rules, row.name, answers["value"])
        await self._consider(rules)

    async def _consider(self, rules: Any) -> None:
        """Show what it would do; then save it, if that is wanted."""
        from cratejoy_tui.sync.flows.whatif import whatif
        from cratejoy_tui.tui.pages.whatif import whatif_page

        opened = self.app.session.opened
        assert opened is not None
        found = await self.app.foreman.sender.run("what would it do", lambda desk: whatif(desk, rules))
        await self.app.push_screen_wait(PageDialog("What it would do", whatif_page(found)))
        choices = [Choice(id="leave", label="Leave it as it is")]
        ready, held = len(found.becomes_eligible), len(found.becomes_held)
        save = opened.save
        why_not = "" if save else "The demonstration keeps no settings."
        hint = f"{ready:,} boxes become ready, {held:,} become held."
        choices.append(Choice(id="save", label="Save it", hint=hint, why_not=why_not))
        if await self.app.choose("Save this setting?", choices) == "save" and save is not None:
            await self.app.session.decide(lambda desk: save(rules))
            if await self.app.foreman.open(self.app.session.store):
                self.app.tell("Saved; the store was opened anew with it.")
            else:
                self.app.tell("Saved; it is in force once the store can be opened anew.")

    async def do_test_connections(self) -> None:
        from cratejoy_tui.errors import CratejoyTuiError

        async def ask(desk: Any) -> list[str]:
            told = []
            for name, side in (("Cratejoy", desk.source), (desk.warehouse.name, desk.warehouse)):
                try:
                    contact = await side.verify()
                    told.append(f"✓ {contact.system} answers and takes our key. {contact.detail}")
                except CratejoyTuiError as error:
                    told.append(f"× {name}: {error}")
            return told

        told = await self.app.foreman.sender.run("testing", ask)
        self.app.session.is_offline = any(line.startswith("×") for line in told)
        self.app.push_screen(PageDialog("Connections", Content("\n").join([words(line) for line in told])))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {inner}" for key, inner in value.items()) or "none"
    return str(value)
