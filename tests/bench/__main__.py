"""All benches, or those named: `python -m tests.bench [pull] [push] [start] [console] [questions]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

NAMES = ("start", "pull", "push", "console", "questions")


def benches() -> Mapping[str, Callable[[], None]]:
    """Every bench there is, by name."""
    there = [name for name in NAMES if find_spec(f"tests.bench.{name}") is not None]
    return {name: import_module(f"tests.bench.{name}").bench for name in there}


def main(wanted: list[str]) -> int:
    """Run them one after the other: beside each other they would measure each other."""
    known = benches()
    if unknown := [name for name in wanted if name not in known]:
        print(f"There is no bench called {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(name, flush=True)
        known[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
