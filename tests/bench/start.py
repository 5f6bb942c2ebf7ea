"""How long the program takes to answer, against a bare interpreter in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BARS = {"--version": 3.0, "--help": 10.0}


def seconds(*arguments: str) -> float:
    """Wall time of one fresh interpreter."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def bench(rounds: int = 15) -> None:
    """Measure in turns, so that a slow moment of the machine hits all alike; the first round only warms up."""
    commands = {"bare": ["-c", "pass"], **{flag: ["-m", "cratejoy_tui", flag] for flag in BARS}}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, arguments in commands.items():
            times[name].append(seconds(*arguments))
    bare = times["bare"][1:]
    print(f"  bare interpreter  {statistics.median(bare) * 1000:6.1f} ms")
    for flag, bar in BARS.items():
        mine = times[flag][1:]
        ratios = sorted(own / floor for own, floor in zip(mine, bare, strict=True))
        print(
            f"  {flag:16}  {statistics.median(mine) * 1000:6.1f} ms, {statistics.median(ratios):.2f}x "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f}, bar {bar:g}x)"
        )


if __name__ == "__main__":
    bench()
