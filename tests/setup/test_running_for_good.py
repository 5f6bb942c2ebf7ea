"""The README's examples for systemd and cron: systemd takes the units, and the lines do what the text says."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("## Running for good\n")[2].partition("\n## ")[0]
UNITS = re.findall(r"```ini\n(.*?)```", SECTION, re.DOTALL)
CRON = [line.split(maxsplit=5)[5] for line in re.findall(r"^\*/\d+ \* \* \* \*.*$", SECTION, re.MULTILINE)]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Stands for the program: writes down how it was called, and ends as it is told."""
    path = tmp_path / "cratejoy-tui"
    path.write_text('#!/bin/sh\necho "$@" >> "$0.calls"\nexit "${CODE:-0}"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def ran(line: str, program: Path, code: int) -> int:
    typed = re.sub(r"\S*bin/cratejoy-tui", str(program), line)
    curl = program.with_name("curl")
    curl.write_text(f"#!/bin/sh\necho pinged >> {program}.calls\n")
    curl.chmod(0o700)
    told = {"PATH": f"{program.parent}:{os.defpath}", "CODE": str(code)}
    return subprocess.run(["/bin/sh", "-c", typed], env=told, timeout=30, check=False).returncode


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_units(program: Path, tmp_path: Path) -> None:
    assert len(UNITS) == 4
    for place, unit in enumerate(UNITS):
        named = re.match(r"# \S*/(\S+)\n", unit)
        name = named.group(1) if named else f"system-{place}.service"
        text = re.sub(r"(?<=ExecStart=)\S*/(?:cratejoy-tui|logger)", str(program), unit)
        (tmp_path / name).write_text(text.replace("User=cratejoy", "User=root"))
    units = sorted(str(path) for path in tmp_path.iterdir() if path.suffix in (".service", ".timer"))
    told = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_LEVEL": "warning"}
    verify = ["systemd-analyze", "verify", "--recursive-errors=no", *units]
    done = subprocess.run(verify, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (8, 0), (2, 1), (3, 1), (7, 1), (130, 1)])
def test_the_cron_line_fails_only_when_somebody_must_look(program: Path, code: int, ends: int) -> None:
    assert ran(CRON[0], program, code) == ends
    assert Path(f"{program}.calls").read_text() == "--auto --quiet\n"


@pytest.mark.parametrize(("code", "pings"), [(0, 1), (1, 0), (2, 0)])
def test_the_monitor_is_pinged_only_after_a_good_run(program: Path, code: int, pings: int) -> None:
    ran(CRON[1], program, code)
    calls = Path(f"{program}.calls").read_text().splitlines()
    assert calls == ["status --max-age 30m --quiet", *["pinged"] * pings]
