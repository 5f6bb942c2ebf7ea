"""How quick the console is: first paint, key to repaint, filter, memory; on a pty, from key to last byte.

    python -m tests.bench.console [ROWS]

Aims: first paint at most 1.35 times a minimal Textual app; a key at most 16 ms, and the same at 1,000 and 100,000
rows; the filter of 100,000 rows at most 150 ms (and 80 ms that the console waits for the next letter).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.terminal.screens import Terminal, place

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("Opening the ledger")
Minimal().run()
"""
ROUNDS = 9
PRESSES = 30
NO_ANSWER_SECONDS = 1.0
"""A key that changes nothing writes nothing."""
SIZE = (120, 40)
TABLE_ONLY = (98, 40)
"""Too narrow for the pane, which follows the cursor a moment later and is no part of the repaint."""
KEYS = {"down": "\x1b[B", "up": "\x1b[A", "page down": "\x1b[6~", "mark": " ", "end": "\x1b[F", "home": "\x1b[H"}


def first_paint(command: tuple[str, ...], folder: Path) -> float:
    """Seconds from the start of the process until its first words are drawn."""
    started = time.perf_counter()
    with Terminal([], place(folder), size=SIZE, command=command) as terminal:
        terminal.until("Opening the ledger")
        return time.perf_counter() - started


def paint(folder: Path) -> None:
    """Ours and the minimal app in turns."""
    commands = {"minimal": ("-c", MINIMAL), "console": ("-m", "cratejoy_tui", "--demo")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        first_paint(command, folder)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(first_paint(command, folder))
    ratios = sorted(ours / bare for ours, bare in zip(times["console"], times["minimal"], strict=True))
    for name, found in times.items():
        print(f"first paint {name:9} {statistics.median(found) * 1000:7.0f} ms (min {min(found) * 1000:.0f})")
    least = min(times["console"]) / min(times["minimal"])
    print(
        f"  ratio {statistics.median(ratios):.2f} ({ratios[1]:.2f} to {ratios[-2]:.2f}, minima {least:.2f}, bar 1.35)"
    )


def until_quiet(terminal: Terminal, quiet: float = 0.03) -> float:
    """Seconds until the last byte that this key brought about."""
    started = last = time.perf_counter()
    before = len(terminal.written)
    while time.perf_counter() - last < (quiet if last > started else NO_ANSWER_SECONDS):
        terminal.read(0.0)
        if len(terminal.written) != before:
            before, last = len(terminal.written), time.perf_counter()
        else:
            time.sleep(0.0005)
    return last - started


def keys(ledger: Path, folder: Path, count: int) -> dict[str, float]:
    """Median milliseconds of each key; prints memory and filter too."""
    found: dict[str, float] = {}
    with Terminal([str(ledger)], place(folder), size=TABLE_ONLY, command=("-m", "tests.bench.big_console")) as terminal:
        terminal.until("SUB-")
        until_quiet(terminal, 1.0)
        for name, key in KEYS.items():
            times, sizes = [], []
            for turn in range(PRESSES):
                if name in {"end", "home"} and turn % 2:
                    terminal.press(KEYS["home" if name == "end" else "end"])
                    until_quiet(terminal, 0.1)
                    continue
                before = len(terminal.written)
                terminal.press(key)
                times.append(until_quiet(terminal) * 1000)
                sizes.append(len(terminal.written) - before)
            found[name] = statistics.median(times)
            print(f"  {name:10} {found[name]:6.1f} ms (max {max(times):.1f}), {statistics.median(sizes):.0f} bytes")
        terminal.press("/")
        until_quiet(terminal)
        started, at = time.perf_counter(), len(terminal.written)
        terminal.press("lyon")
        terminal.until(f"of {count // 5:,} boxes", at)
        found["filter"] = (time.perf_counter() - started) * 1000
        print(f"  {'filter':10} {found['filter']:6.1f} ms from the letters to the new list, 80 of them waiting")
        status = Path(f"/proc/{terminal.process.pid}/status")
        if status.exists():
            memory = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            found["memory"] = int(memory.split()[1]) / 1024
            print(f"  {'memory':10} {found['memory']:6.1f} MiB")
    return found


def bench(large: int = 100_000) -> None:
    """Measure and print; judge nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paint(folder / "demo")
        results = {}
        for count in (1000, large):
            ledger = folder / f"ledger-{count}.sqlite"
            made = [sys.executable, "-m", "tests.bench.big_console", str(ledger), str(count)]
            subprocess.run(made, check=True)
            print(f"{count:,} rows")
            results[count] = keys(ledger, folder, count)
        small, big = results.values()
        print(
            "ratios large : small  " + "  ".join(f"{name} {big[name] / max(small[name], 0.001):.2f}" for name in small)
        )


if __name__ == "__main__":
    bench(*map(int, sys.argv[1:2]))
