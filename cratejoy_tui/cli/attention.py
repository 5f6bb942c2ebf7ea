"""Calls the operator's own command when a store's state turns bad, or good again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.output import Output, json_line

WAIT_SECONDS = 30.0
GOOD = frozenset({ExitCode.WELL, ExitCode.ATTENTION})

log = logging.getLogger(__name__)


def has_turned(before: int | None, now: int) -> bool:
    """Did the state change between these two exit codes? A first run that is good is no news.

    Good is what counts as a good run: all well, or new refusals and holds (1). These stand in `status`, and a box
    that waits for a person must not hide that a remote cannot be reached, nor call "good" while it still waits.
    """
    was_good = before is None or before in GOOD
    return was_good is not (now in GOOD)


async def tell_if_turned(
    command: Sequence[str], before: int | None, summary: Mapping[str, Any], output: Output
) -> None:
    """Call the operator's command, if there is one, when the summary's exit code differs in kind from the last one."""
    if command and has_turned(before, summary["exit_code"]) and (problem := await call(command, summary)):
        output.warn(problem)


async def call(command: Sequence[str], summary: Mapping[str, Any], *, wait_seconds: float = WAIT_SECONDS) -> str:
    """Run the command with the summary as one JSON line on its stdin; gives what went wrong, "" when nothing did."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        return f"The attention command could not be started ({type(error).__name__})."
    try:
        await asyncio.wait_for(process.communicate(json_line(summary).encode() + b"\n"), wait_seconds)
    except TimeoutError:
        return f"The attention command did not end within {wait_seconds:g} s and was stopped."
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return f"The attention command ended with {process.returncode}." if process.returncode else ""
