"""How long the program takes to answer, against a bare interpreter in the same run.

    python tests/bench/start_up.py

Aims: `--version` at most 3 times, `--help` at most 10 times a bare interpreter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
AIMS = {"--version": 3.0, "--help": 10.0}


def seconds(*arguments: str) -> float:
    """Wall time of one fresh interpreter."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure in turns, so that a slow moment of the machine hits all alike."""
    commands = {"bare": ["-c", "pass"], **{flag: ["-m", "cratejoy_tui", flag] for flag in AIMS}}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for name, arguments in commands.items():
        seconds(*arguments)
        times[name].clear()
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            times[name].append(seconds(*arguments))
    bare = statistics.median(times["bare"])
    print(f"bare interpreter  {bare * 1000:6.1f} ms (min {min(times['bare']) * 1000:.1f})")
    for flag, aim in AIMS.items():
        ratios = sorted(t / b for t, b in zip(times[flag], times["bare"], strict=True))
        median = statistics.median(times[flag]) * 1000
        print(
            f"{flag:16}  {median:6.1f} ms  {statistics.median(ratios):.2f}x "
            f"(spread {ratios[1]:.2f}-{ratios[-2]:.2f}, aim {aim:g}x)"
        )


if __name__ == "__main__":
    main()
