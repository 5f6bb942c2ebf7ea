"""The border of the command line: every error becomes a text with a next step and an exit code, in this one place."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.output import Output, unwritten
from cratejoy_tui.errors import CratejoyTuiError, SettingsInvalid

if TYPE_CHECKING:
    import click

_COMPLETES = "_CRATEJOY_TUI_COMPLETE"
"""Set by the shell where it asks, without arguments, what may come next."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def guarded(arguments: Sequence[str]) -> int:
    """Run the command that was asked for; gives the exit code and raises nothing."""
    output = Output(as_json="--json" in arguments)
    try:
        is_plain = list(arguments) in ([], ["--demo"]) and _COMPLETES not in os.environ
        return _console(arguments) if is_plain else _root(arguments, output)
    except CratejoyTuiError as error:
        return told(error, output)
    except KeyboardInterrupt:
        output.warn("Interrupted.")
        return ExitCode.INTERRUPTED
    except SystemExit:  # what click makes of a pipe whose reader left
        return ExitCode.WELL
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno in _NO_ROOM:
            return told(unwritten(fault), output)
        return _told_fault(fault, output)


def _console(arguments: Sequence[str]) -> int:
    """The console without further wishes: it is there sooner when nothing of the command line is loaded."""
    from cratejoy_tui.cli.asked import Options
    from cratejoy_tui.cli.console import open_console

    return open_console(Options(demo="--demo" in arguments))


def _root(arguments: Sequence[str], output: Output) -> int:
    import click

    from cratejoy_tui.cli.root import root

    try:
        done = root.main(args=list(arguments), prog_name="cratejoy-tui", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as misuse:
        return _told_misuse(misuse, output)
    except click.Abort:
        raise KeyboardInterrupt from None
    return int(done) if isinstance(done, int) else int(ExitCode.WELL)


def told(error: CratejoyTuiError, output: Output) -> ExitCode:
    """Say what went wrong and what to do; gives the exit code."""
    code = ExitCode(error.exit_code)
    output.record(
        "error", error=type(error).__name__, message=error.message or str(error), exit_code=code, **_more(error)
    )
    problems = error.problems if isinstance(error, SettingsInvalid) else ()
    if len(problems) > 1:
        output.warn("\n".join(f"- {problem}" for problem in problems))
        output.warn(error.next_step)
    else:
        output.warn(str(error))
    return code


def _more(error: CratejoyTuiError) -> dict[str, object]:
    more: dict[str, object] = {"next_step": error.next_step}
    if isinstance(error, SettingsInvalid):
        more["problems"] = error.problems
    return more


def _told_misuse(misuse: click.ClickException, output: Output) -> ExitCode:
    message = misuse.format_message()
    context = getattr(misuse, "ctx", None)
    next_step = f"Try `{context.command_path} --help`." if context else "Try `cratejoy-tui --help`."
    output.record("error", error="Usage", message=message, exit_code=ExitCode.USAGE, next_step=next_step)
    output.warn(f"{message}\n{next_step}")
    return ExitCode.USAGE


def _told_fault(fault: Exception, output: Output) -> ExitCode:
    """A fault of ours: the details go to a private file without keys, the terminal gets three lines."""
    from cratejoy_tui import logs

    path = logs.write_crash(fault)
    where = f"Details without keys are in {path}." if path else "The details could not be written to a file."
    output.record("error", error="Fault", message=type(fault).__name__, exit_code=ExitCode.FAULT, next_step=where)
    output.warn(f"This is a fault in cratejoy-tui ({type(fault).__name__}). {where}")
    output.warn("What was sent is in the ledger; what is in doubt is settled by the next run.")
    if "--verbose" in sys.argv:
        output.warn(logs.redacted_traceback(fault))
    return ExitCode.FAULT
