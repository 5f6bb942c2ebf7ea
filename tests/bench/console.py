"""How quick the console is: first paint, key to repaint, filter, memory; on a pty, from key to last byte.

Wall time is what an operator feels; on a busy machine the time on the processor (CPU) tells more.

    python -m tests.bench.console [ROWS]

Aims: first paint at most 1.35 times a minimal Textual app; a key at most 16 ms, and the same at 1,000 and 100,000
rows; the filter of 100,000 rows at most 150 ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cratejoy_tui.tui.screens.frame import FILTER_DELAY_SECONDS
from tests.terminal.screens import LONGEST_SECONDS, Terminal, place

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("Opening the ledger")
Minimal().run()
"""
ROUNDS = 9
PRESSES = 25
NO_ANSWER_SECONDS = 1.0
"""A key that changes nothing writes nothing."""
SIZE = (120, 40)
TABLE_ONLY = (98, 40)
"""Too narrow for the pane, which follows the cursor a moment later and is no part of the repaint."""
KEYS = {"down": "\x1b[B", "up": "\x1b[A", "page down": "\x1b[6~", "mark": " "}
HOME, END = "\x1b[H", "\x1b[F"
FILTERS = 5


def processor_ms(terminal: Terminal) -> float:
    """Milliseconds that all threads of the process have had a processor; 0 where the system does not tell."""
    tasks = Path(f"/proc/{terminal.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def first_paint(command: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Milliseconds, wall and CPU, from the start of the process until its first words are drawn."""
    started = time.perf_counter()
    with Terminal([], place(folder), size=SIZE, command=command) as terminal:
        while b"Opening the ledger" not in terminal.written:
            terminal.read(0.001)
        return (time.perf_counter() - started) * 1000, processor_ms(terminal)


def paint(folder: Path) -> None:
    """Ours and the minimal app in turns."""
    commands = {"minimal": ("-c", MINIMAL), "console": ("-m", "cratejoy_tui", "--demo")}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for command in commands.values():
        first_paint(command, folder)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(first_paint(command, folder))
    for kind, title in enumerate(("wall", "CPU ")):
        bare, ours = ([each[kind] for each in times[name]] for name in commands)
        ratios = sorted(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
        print(
            f"first paint {title}  minimal {statistics.median(bare):4.0f} ms (min {min(bare):.0f}), "
            f"console {statistics.median(ours):4.0f} ms (min {min(ours):.0f}): ratio {statistics.median(ratios):.2f} "
            f"({ratios[1]:.2f} to {ratios[-2]:.2f}), of minima {min(ours) / min(bare):.2f}, bar 1.35"
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
            terminal.press(END if name == "up" else HOME)
            until_quiet(terminal, 0.2)
            times, sizes, used = [], [], processor_ms(terminal)
            for _ in range(PRESSES):
                before = len(terminal.written)
                terminal.press(key)
                times.append(until_quiet(terminal) * 1000)
                sizes.append(len(terminal.written) - before)
            used = (processor_ms(terminal) - used) / PRESSES
            found[name] = statistics.median(times)
            print(
                f"  {name:10} {found[name]:6.1f} ms (min {min(times):.1f}, max {max(times):.1f}), CPU {used:.1f} ms, "
                f"{statistics.median(sizes):.0f} bytes"
            )
        found |= narrow(terminal, count)
        status = Path(f"/proc/{terminal.process.pid}/status")
        if status.exists():
            memory = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            found["memory"] = int(memory.split()[1]) / 1024
            print(f"  {'memory':10} {found['memory']:6.1f} MiB")
    return found


def narrow(terminal: Terminal, count: int) -> dict[str, float]:
    """Milliseconds from the last letter of a filter to the new list, each time from the whole list."""
    times = []
    for turn in range(FILTERS):
        terminal.press("/")
        until_quiet(terminal)
        started, used, at = time.perf_counter(), processor_ms(terminal), len(terminal.written)
        terminal.press("lyon" if turn % 2 else "kyoto")
        told = f"of {count // 5:,} boxes".encode()
        while told not in terminal.written[at:] and time.perf_counter() - started < LONGEST_SECONDS:
            terminal.read(0.001)
        times.append(((time.perf_counter() - started) * 1000, processor_ms(terminal) - used))
        terminal.press("\x1b")
        until_quiet(terminal, 0.5)
    wall, used = (statistics.median(each[kind] for each in times) for kind in (0, 1))
    print(
        f"  filter     {wall:6.1f} ms (min {min(times)[0]:.1f}, first {times[0][0]:.1f}), CPU {used:.1f} ms, from the "
        f"letters to the new list, {FILTER_DELAY_SECONDS * 1000:.0f} of them waiting for another letter"
    )
    return {"filter": wall}


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
