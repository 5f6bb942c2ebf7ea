"""Opens the desks a command works at, one store after the other, so that one store's trouble never stops the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from cratejoy_tui.cli.asked import Options
from cratejoy_tui.cli.border import told
from cratejoy_tui.cli.exit_codes import ExitCode, most_serious
from cratejoy_tui.cli.output import Output
from cratejoy_tui.errors import CratejoyTuiError, SettingsInvalid

if TYPE_CHECKING:
    from cratejoy_tui.cli.running import Stop
    from cratejoy_tui.settings import Settings
    from cratejoy_tui.sync.flows.desk import Desk, Told

Work = Callable[["Desk"], Awaitable["ExitCode | None"]]
Tell = Callable[["Told"], None]
Shut = Callable[[str, CratejoyTuiError], Awaitable[None]]


def at_each_desk(options: Options, label: str, work: Work) -> ExitCode:
    """Do the work at every chosen store's desk and give the most serious code."""
    from cratejoy_tui.cli.running import run

    output = options.output()
    prepare(options, output)

    async def all_stores(stop: Stop) -> ExitCode:
        return await each_desk(options, output, label, work, stop)

    return run(all_stores, output.warn)


def at_one_desk(options: Options, label: str, work: Work) -> ExitCode:
    """As `at_each_desk`, for what makes sense at one store only. Raises SettingsInvalid when several could be meant."""
    names = store_names(options)
    if len(names) > 1:
        raise SettingsInvalid(
            [f"several stores are set up: {', '.join(names)}"], next_step=f"Say which one: --store {names[0]}."
        )
    return at_each_desk(options, label, work)


async def each_desk(
    options: Options,
    output: Output,
    label: str,
    work: Work,
    stop: Stop,
    tell: Tell | None = None,
    shut: Shut | None = None,
) -> ExitCode:
    """Do the work at every chosen store's desk; an error of one store is told and the next one has its turn.

    `shut` hears of a store whose desk could not be opened.
    """
    from cratejoy_tui.logs import RECORD

    codes: list[ExitCode] = []
    for name in store_names(options):
        if stop.is_asked:
            break
        RECORD.info("%s at %s by %s begins", label, name, options.who)
        is_open = False
        try:
            async with opened(options, name, label, stop, tell or narrator(output)) as desk:
                is_open = True
                codes.append(await work(desk) or ExitCode.WELL)
        except CratejoyTuiError as error:
            RECORD.info("%s: %s", type(error).__name__, error.message)
            codes.append(told(error, output))
            if shut is not None and not is_open:
                await shut(name, error)
        RECORD.info("%s at %s ends with %d", label, name, codes[-1])
    return most_serious(codes)


def store_names(options: Options) -> list[str]:
    """The stores this command is about."""
    if options.demo:
        return ["demo"]
    found = load_settings(options)
    chosen = [store.name for store in found.chosen(options.stores)]
    if not chosen:
        raise SettingsInvalid(["no store is set up"], where=str(found.path), next_step="Run `cratejoy-tui setup`.")
    return chosen


def opened(options: Options, name: str, label: str, stop: Stop, tell: Tell) -> AbstractAsyncContextManager[Desk]:
    """The desk of this store, closed afterwards whatever happens."""
    from cratejoy_tui import wiring

    manner = wiring.Manner(
        label=label,
        operator=options.who,
        read_only=options.read_only,
        allow_large=options.allow_large_plan,
        tell=tell,
        should_stop=lambda: stop.is_asked,
    )
    if options.demo:
        return wiring.demo_desk(manner, next_day=options.demo_next_day, reset=options.demo_reset)
    return wiring.live_desk(load_settings(options), name, manner)


def load_settings(options: Options) -> Settings:
    """The settings this command runs under."""
    from cratejoy_tui import settings

    return settings.load(settings.find_path(options.config))


def start_log(options: Options) -> None:
    """Start the log; what matters of it is said on stderr too."""
    import logging

    from cratejoy_tui import logs

    logs.set_up(talk_level=logging.INFO if options.verbose else logging.WARNING)


def prepare(options: Options, output: Output) -> None:
    """Start the log, and say what in the settings should be known."""
    start_log(options)
    if not options.demo:
        for warning in load_settings(options).warnings:
            output.say(warning)


def narrator(output: Output) -> Tell:
    """Says the remarks of a run; what became of each box is the command's own business."""

    def tell(thing: Told) -> None:
        from cratejoy_tui.logs import RECORD
        from cratejoy_tui.sync.flows.desk import Remark

        if isinstance(thing, Remark):
            RECORD.info("%s", thing.text)
            (output.warn if thing.is_warning else output.say)(thing.text)

    return tell
