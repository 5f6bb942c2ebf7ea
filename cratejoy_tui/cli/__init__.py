"""The command line. stdout is for results, stderr is for talk, and the exit code tells how it went."""

from __future__ import annotations

from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit code and raises nothing."""
    from cratejoy_tui.cli.border import guarded

    return guarded(list(arguments))
