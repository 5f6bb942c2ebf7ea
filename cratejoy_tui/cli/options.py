"""The options every command takes, before or after its name, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from cratejoy_tui.cli.asked import Options as Options
from cratejoy_tui.cli.exit_codes import ExitCode

F = TypeVar("F", bound=Callable[..., Any])


class Verb(click.RichCommand):
    """A command whose help ends with examples, one a line."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        if examples:
            settings["help"] = f"{settings.get('help') or ''}\n\nExamples:\n\n\b\n" + "\n".join(examples)
        super().__init__(*args, **settings)


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Remember what was given, wherever it stood; the place after the command's name counts more."""
    kept = context.ensure_object(dict)
    if parameter.name and (value or parameter.name not in kept):
        kept[parameter.name] = value


def _shared(*names: str, **settings: Any) -> Callable[[F], F]:
    return click.option(*names, callback=_keep, expose_value=False, **settings)


_SHARED = (
    _shared(
        "--store",
        "stores",
        metavar="NAME",
        multiple=True,
        help="Only this store; may be repeated. `all` is the default.",
    ),
    _shared("--json", "as_json", is_flag=True, help="Print results as JSON lines on stdout."),
    _shared("--demo", is_flag=True, help="Play on the built-in simulator; touches nothing real."),
    _shared("--read-only", is_flag=True, help="Send nothing, whatever the command says."),
    _shared("--config", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Another settings file."),
    _shared("--quiet", "-q", is_flag=True, help="Say only what went wrong."),
    _shared("--verbose", "-v", is_flag=True, help="Say more about what goes on."),
)

_OPERATOR = _shared("--as", "operator", metavar="NAME", help="The name in the audit. [default: your user name]")

sending = _shared("--allow-large-plan", is_flag=True, help="Send although it is far more than usual.")
"""Gives a command the option of those that send a whole plan."""


def demo_day(command: F) -> F:
    """Give a command the options that move the demo's days."""
    command = _shared("--demo-reset", is_flag=True, help="With --demo: begin anew.")(command)
    return _shared("--demo-next-day", is_flag=True, help="With --demo: go on to the next simulated day.")(command)


def shared(command: F) -> F:
    """Give a command the options that all commands take."""
    return shared_but_as(_OPERATOR(command))


def shared_but_as(command: F) -> F:
    """As `shared`, for the verbs whose own `--as` says something else; the operator is named before the verb."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def verb(
    name: str, *, examples: Sequence[str], shares: Callable[[Any], Any] = shared
) -> Callable[[Callable[..., ExitCode]], click.Command]:
    """Declares a command that takes its own options and the shared ones.

    The function is given what was asked for as `Options`, and its own values by name.
    """

    def declare(work: Callable[..., ExitCode]) -> click.Command:
        @click.pass_context
        def call(context: click.Context, /, **given: Any) -> ExitCode:
            try:
                return work(chosen(context), **given)
            except click.UsageError as misuse:
                misuse.ctx = misuse.ctx or context
                raise

        made = click.command(name, cls=Verb, help=work.__doc__, examples=examples)(shares(call))
        made.params = [*reversed(getattr(work, "__click_params__", ())), *made.params]
        return made

    return declare


def chosen(context: click.Context) -> Options:
    """What was asked for, before and after the command's name."""
    known = Options.__dataclass_fields__
    given = {name: value for name, value in context.ensure_object(dict).items() if name in known and value}
    return Options(**given)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str, option: str, *, least: int = 1) -> int:
    """`15m`, `2h`, `90s` or plain seconds. Raises UsageError naming the option."""
    match = re.fullmatch(r"(\d{1,6})([smhd]?)", text.strip().lower())
    seconds = int(match[1]) * _UNITS[match[2] or "s"] if match else 0
    if seconds < least:
        raise click.UsageError(f"{option} {text}: give a time of {least} s or more, such as 15m, 2h or 90s.")
    return seconds
