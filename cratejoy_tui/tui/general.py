"""Verbs that are the same in every room: going about, asking for help, refreshing, reports, leaving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cratejoy_tui.tui.actions import MOVES, ROOMS
from cratejoy_tui.tui.dialogs.choice import Choice
from cratejoy_tui.tui.dialogs.help import by_group, help_content
from cratejoy_tui.tui.dialogs.page import PageDialog, page_width
from cratejoy_tui.tui.dialogs.question import Field
from cratejoy_tui.tui.keymap import keys_of, shown
from cratejoy_tui.tui.themes import OFFERED
from cratejoy_tui.tui.viewing import Viewing
from cratejoy_tui.tui.writing import write_file

if TYPE_CHECKING:
    from textual.content import Content


class General(Viewing):
    """What can be done wherever one is."""

    def __getattr__(self, name: str) -> object:
        """`do_go_orders` and its like: one verb per room."""
        room = name.removeprefix("do_go_")
        if room in ROOMS:
            return partial(self.app.frame.go, room)
        raise AttributeError(name)

    async def do_next_room(self) -> None:
        await self.app.frame.step(1)

    async def do_previous_room(self) -> None:
        await self.app.frame.step(-1)

    def do_help(self) -> None:
        page = help_content(self.room.situation(), self.app.chosen_keys, page_width(self.app))
        self.app.push_screen(PageDialog("Keys", page))

    async def do_palette(self) -> None:
        now = self.room.situation()
        choices = [
            Choice(
                id=action.id,
                label=action.label,
                hint=action.help,
                key=shown(keys_of(action, self.app.chosen_keys)),
                why_not=action.why_not(now),
            )
            for action in by_group(now)
            if action.group != MOVES and action.id != "palette"
        ]
        if chosen := await self.app.choose("Commands", choices):
            self.app.do(chosen)

    async def do_refresh(self) -> None:
        from cratejoy_tui.sync.flows.refresh import Refreshed, refresh

        done: Refreshed = await self.app.foreman.sender.run("asking for news", refresh)
        self.app.session.is_offline = bool(done.problems)
        news = ", ".join(f"{count} {what}" for what, count in done.counts.items() if count)
        self.app.remark = f"news: {news}" if news else "no news"
        self.app.frame.ledger_changed()
        for problem in done.problems:
            self.app.tell(str(problem), is_warning=True)

    async def do_run_all(self) -> None:
        await self.app.foreman.sender.send_all()

    def do_stop(self) -> None:
        self.session.ask_to_stop()
        self.app.tell("Stopping after the box in hand.")

    async def do_log(self) -> None:
        await self.app.frame.toggle_log()

    async def do_theme(self) -> None:
        choices = [
            Choice(id=name, label=name) for name in (*OFFERED, *sorted(set(self.app.available_themes) - {*OFFERED}))
        ]
        if chosen := await self.app.choose("Colours", choices):
            self.app.choose_theme(chosen)

    async def do_next_store(self) -> None:
        stores = self.session.opened.stores if self.session.opened else ()
        if len(stores) < 2:
            self.app.tell("Only one store is set up.")
            return
        await self.app.foreman.open(stores[(stores.index(self.session.store) + 1) % len(stores)])

    async def do_quit(self) -> None:
        if self.session.is_busy:
            choices = [
                Choice(id="stay", label="Stay", hint=f"{self.session.running} goes on."),
                Choice(id="leave", label="Stop it and quit", hint="It stops after the box in hand; nothing is lost."),
            ]
            title = f"{self.session.running} is still under way"
            if await self.app.choose(title, choices) != "leave":
                return
        self.app.leave()

    # Questions

    async def do_explain_id(self) -> None:
        fields = [Field(name="id", label="Shipment id or order number", hint="4124 or SUB-4124")]
        answers = await self.app.ask(
            "Explain a shipment", "Also one that was never pulled; Cratejoy is asked for it.", fields, "Explain"
        )
        if answers:
            await self.explain(answers["id"])

    async def do_completeness(self) -> None:
        from cratejoy_tui.sync.flows.complete import reconcile
        from cratejoy_tui.tui.pages.completeness import completeness_page

        found = await self.app.foreman.sender.run("comparing the three sides", reconcile)
        self.show_page("Completeness: Cratejoy, ledger, warehouse", completeness_page(found), "completeness")

    async def do_readiness(self) -> None:
        from cratejoy_tui.sync.flows.readiness import readiness
        from cratejoy_tui.tui.pages.readiness import readiness_page

        found = await self.app.foreman.sender.run("looking ahead", readiness)
        zone = self.desk.rules.zone
        self.show_page("Are the next batches ready?", readiness_page(found, zone), "readiness")

    async def do_report(self) -> None:
        from cratejoy_tui.sync.domain.dates import local_day
        from cratejoy_tui.sync.flows.report import report
        from cratejoy_tui.tui.pages.report import report_page

        today = local_day(self.desk.clock.now(), self.desk.rules.zone)
        found = await self.session.decide(lambda desk: report(desk, today, today))
        self.show_page(f"Report of {today}", report_page(found), f"report-{today}")

    async def do_adopt(self) -> None:
        from cratejoy_tui.sync.flows.adopt import adopt

        fields = [
            Field(name="numbers", label="Order numbers, or the word none", hint="SUB-4124 SUB-4125 …"),
            Field(name="reason", label="Why", hint="moved over from the old tool"),
        ]
        text = (
            "Orders that the warehouse had before this ledger's first push are taken as ours: they are never sent "
            "again, and their tracking is confirmed. Say none when it had none. This is recorded under your name."
        )
        answers = await self.app.ask("Adopt orders", text, fields, "Adopt")
        if not answers:
            return
        given = answers["numbers"].replace(",", " ").split()
        numbers = None if [word.lower() for word in given] == ["none"] else given
        done = await self.app.foreman.sender.run("adopting", lambda desk: adopt(desk, numbers, answers["reason"]))
        self.app.frame.ledger_changed()
        left = "".join(f"\n{one.number}: {one.why}" for one in done.left_out[:5])
        self.app.tell(f"{len(done.adopted)} adopted, {len(done.already)} were ours already.{left}")

    def show_page(self, title: str, page: Content, name: str) -> None:
        """Show a page that can be written to a file."""

        def write(text: str) -> None:
            self.app.tell(f"Written to {write_file(name, 'txt', text)}.")

        self.app.push_screen(PageDialog(title, page, write=write))
