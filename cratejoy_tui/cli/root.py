"""The root command: `--auto`, the options that all share, and the verbs, each loaded when it is asked for."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import rich_click as click

from cratejoy_tui import __version__
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import chosen, demo_day, sending, shared

GROUPS = {
    "Set up": {"setup": "setup forget", "doctor": "doctor"},
    "Every day": {"questions": "status list explain", "plans": "plan push confirm", "tracking": "tracking"},
    "Decide about a box": {"decisions": "hold release retry settle resolve recall resend replace adopt"},
    "Work for people": {"stops": "cancellations", "tasks": "note assign done"},
    "Look ahead and back": {
        "forecasts": "readiness whatif",
        "books": "reconcile report export",
        "questions": "history",
    },
    "Look after": {"upkeep": "verify purge simulate", "completion": "completion"},
}
"""Group of the help -> module -> the verbs that live there."""
NO_INVENTORY = "There is no inventory sync: Cratejoy's API cannot adjust inventory."
PLACES = {verb: module for places in GROUPS.values() for module, verbs in places.items() for verb in verbs.split()}
click.rich_click.COMMAND_GROUPS = {
    "cratejoy-tui": [{"name": name, "commands": " ".join(places.values()).split()} for name, places in GROUPS.items()]
}


class Verbs(click.RichGroup):
    """Finds a verb's module by its name, so that one command does not load the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the help."""
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of this name, or None."""
        if cmd_name not in PLACES:
            return None
        module = importlib.import_module(f"cratejoy_tui.cli.{PLACES[cmd_name]}")
        found = getattr(module, f"{cmd_name}_verb")
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the closest verb named when there is none of this name."""
        word = args[0]
        if word not in PLACES and not word.startswith("-") and not ctx.resilient_parsing:
            if word == "inventory":
                raise click.UsageError(NO_INVENTORY, ctx)
            close = difflib.get_close_matches(word, PLACES, n=1)
            meant = f"; did you mean `{close[0]}`?" if close else ""
            raise click.UsageError(f"There is no command `{word}`{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    epilog=NO_INVENTORY,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 110},
)
@click.option("--auto", is_flag=True, help="Run one cycle: settle, pull, cancel, push, fetch tracking, confirm.")
@click.option("--every", metavar="TIME", default="", help="With --auto: stay, and run a cycle every 15m, 2h, 90s.")
@click.option("--dry-run", is_flag=True, help="With --auto: say what would be sent; send nothing.")
@click.option("--only", metavar="ARROWS", default="", help="With --auto: only these of pull,cancel,push,confirm.")
@click.option("--limit-push", type=click.IntRange(min=0), metavar="N", help="With --auto: push at most N boxes.")
@click.option("--theme", metavar="NAME", default="", help="Colours of the console, such as blue-orange or ansi-dark.")
@click.option("--no-mouse", is_flag=True, help="The console leaves the mouse to the terminal.")
@demo_day
@sending
@shared
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context, /, auto: bool, theme: str, no_mouse: bool, **auto_options: Any) -> ExitCode:
    """Moves the boxes a Cratejoy store has sold to its warehouse, and their tracking back to Cratejoy.

    \b
    cratejoy-tui                       the console, to look and to decide
    cratejoy-tui --auto --demo         a whole day on the built-in simulator
    cratejoy-tui --auto                one cycle for every store
    cratejoy-tui --auto --every 15m    a cycle every quarter of an hour
    cratejoy-tui --auto --dry-run      what a cycle would send, and why not
    """
    given = [
        f"--{name.replace('_', '-')}"
        for name, value in auto_options.items()
        if value not in (None, "") and value is not False
    ]
    if context.invoked_subcommand is not None:
        if auto or given:
            raise click.UsageError(f"{(given or ['--auto'])[0]} does not go with a command.", context)
        return ExitCode.WELL
    if auto:
        from cratejoy_tui.cli.auto import run_auto

        return run_auto(chosen(context), **auto_options)
    if given:
        raise click.UsageError(f"{given[0]} goes with --auto.", context)
    from cratejoy_tui.cli.console import open_console

    return open_console(chosen(context), theme=theme, has_mouse=not no_mouse)
