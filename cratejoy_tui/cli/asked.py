"""What an operator asked for; apart from the command line's library, which the console does without."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path

from cratejoy_tui.cli.output import Output
from cratejoy_tui.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an operator asked for besides the command itself."""

    config: Path | None = None
    stores: tuple[str, ...] = ()
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    demo: bool = False
    demo_next_day: bool = False
    demo_reset: bool = False
    read_only: bool = False
    allow_large_plan: bool = False
    operator: str = ""

    def output(self) -> Output:
        """Where this command speaks."""
        return Output(as_json=self.as_json, quiet=self.quiet)

    @property
    def who(self) -> str:
        """The person named in the audit: `--as`, else the user of this computer."""
        return clean(self.operator, 80) or _user()


def _user() -> str:
    try:
        return clean(getpass.getuser(), 80)
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"
