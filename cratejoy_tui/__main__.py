"""The door. `--version` is answered before anything is imported."""

from __future__ import annotations

import sys

from cratejoy_tui import __version__


def main() -> int:
    """Run the program with the arguments of this process; gives the exit code."""
    if sys.argv[1:] == ["--version"]:
        print(f"cratejoy-tui {__version__}")  # noqa: T201
        return 0
    from cratejoy_tui.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
