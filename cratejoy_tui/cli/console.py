"""Opens the console: says so where there is no terminal, and hands it the stores as they are wanted."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from cratejoy_tui.cli.asked import Options
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.tui.door import Look, Opened, Opener, run_console, why_no_console

if TYPE_CHECKING:
    from collections.abc import Callable

    from cratejoy_tui.sync.domain.rules import Rules
    from cratejoy_tui.sync.flows.desk import Told
    from cratejoy_tui.wiring import Manner

DEMO_STEP_SECONDS = 120
"""Simulated time that passes with every beat of the demonstration."""


def open_console(options: Options, *, theme: str = "", has_mouse: bool = True) -> ExitCode:
    """Open the console for the chosen store, or the demonstration, and stay until the operator leaves."""
    if why := why_no_console():
        options.output().warn(why)
        return ExitCode.USAGE
    if not options.demo:
        from cratejoy_tui.cli.desks import store_names
        from cratejoy_tui.cli.setup_screens import first_store, has_no_store

        if has_no_store(options) and (code := first_store(options, theme=theme)) is not ExitCode.WELL:
            return code
        store_names(options)  # a missing or wrong settings file is told before the screen is taken
    look = Look(
        store=options.stores[0] if options.stores else "",
        is_demo=options.demo,
        is_read_only=options.read_only,
        theme=theme,
        has_mouse=has_mouse,
        asks_at_first=True,
    )
    return ExitCode(run_console(demo_opener(options) if options.demo else live_opener(options), look))


def demo_opener(options: Options, *, day_passes: bool = True) -> Opener:
    """Opens the demonstration's store."""

    async def opened(store: str, tell: Callable[[Told], None], should_stop: Callable[[], bool]) -> Opened:
        from cratejoy_tui import wiring
        from cratejoy_tui.settings import change_rule, shown_rules

        stack = AsyncExitStack()
        manner = _manner(options, tell, should_stop)
        demo = wiring.demo_desk(manner, next_day=options.demo_next_day, reset=options.demo_reset)
        desk = await stack.enter_async_context(demo)
        day = wiring.day_of(desk)

        async def play() -> bool:
            if day.ended:
                return False
            await day.sleep(DEMO_STEP_SECONDS)
            return True

        return Opened(
            desk=desk,
            close=stack.aclose,
            stores=(desk.store,),
            sources=(("Cratejoy", "the simulator's made-up key"), ("warehouse", "the simulator's made-up key")),
            places=(("demo", str(wiring.demo_folder())), ("ledger", desk.ledger.name)),
            play=play if day_passes else None,
            change_rule=change_rule,
            shown_rules=shown_rules,
        )

    return opened


def live_opener(options: Options) -> Opener:
    """Opens a store that is set up on this machine."""

    async def opened(store: str, tell: Callable[[Told], None], should_stop: Callable[[], bool]) -> Opened:
        from cratejoy_tui import logs, settings, wiring

        log = logs.set_up(talk_level=None)
        found = settings.load(settings.find_path(options.config))
        names = [each.name for each in found.chosen(options.stores)]
        name = store or names[0]
        stack = AsyncExitStack()
        desk = await stack.enter_async_context(wiring.live_desk(found, name, _manner(options, tell, should_stop)))

        async def save(rules: Rules) -> None:
            path = settings.find_path(options.config)
            now = settings.load(path)
            settings.save(now.with_store(now.store(name).with_rules(rules)), path)

        return Opened(
            desk=desk,
            close=stack.aclose,
            stores=tuple(names),
            sources=wiring.key_sources(found, name),
            places=(("settings", str(found.path)), ("ledger", desk.ledger.name), ("log", str(log or "none"))),
            log=log,
            theme=found.console.theme,
            keys=found.console.keys,
            change_rule=settings.change_rule,
            shown_rules=settings.shown_rules,
            save=save,
        )

    return opened


def _manner(options: Options, tell: Callable[[Told], None], should_stop: Callable[[], bool]) -> Manner:
    from cratejoy_tui.wiring import Manner

    return Manner(
        label="console", operator=options.who, read_only=options.read_only, tell=tell, should_stop=should_stop
    )
