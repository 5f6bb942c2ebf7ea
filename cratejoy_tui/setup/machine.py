"""What the doctor looks at on this machine: disk, permissions, SQLite."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from cratejoy_tui.setup.findings import Finding, failing, warned, well

MEBIBYTE = 1024 * 1024
SPACE_WARNED = 1024 * MEBIBYTE
SPACE_FAILED = 100 * MEBIBYTE
SAFE_SQLITE = (3, 51, 3)
"""Older ones may damage a write-ahead ledger when a checkpoint meets a commit."""


def sqlite(version: str) -> Finding:
    """Which SQLite, and what that means here."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    text = f"SQLite {version}."
    if numbers < SAFE_SQLITE:
        text += (
            " Before 3.51.3 a checkpoint that meets a commit can damage a ledger; this program keeps the two apart by "
            "a lock of its own. Open the ledger with no other tool while it runs."
        )
    return well("SQLite", text)


def disk(folder: Path, what: str) -> Finding:
    """Room for the ledger, the log."""
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    text = f"{free // MEBIBYTE:,} MiB free for the {what} at {place}."
    if free >= SPACE_WARNED:
        return well("disk", text)
    next_step = "Make room; a run stops when the ledger cannot be written."
    return failing("disk", text, next_step, code=7) if free < SPACE_FAILED else warned("disk", text, next_step)


def permissions(settings: Path, ledger: Path | None, log_folder: Path) -> Finding:
    """May others change what we run by, or read what we keep?"""
    problems = [f"others may change {path}" for path in (settings, settings.parent) if _mode(path) & 0o022]
    is_open_to_change = bool(problems)
    kept = [path for path in (ledger, log_folder) if path is not None]
    problems += [f"others may read {path}" for path in kept if path.exists() and _mode(path) & 0o077]
    problems += [f"we may not write {path}" for path in kept if path.exists() and not os.access(path, os.W_OK)]
    if not problems:
        return well("permissions", "Settings, ledger and log are yours alone.")
    text = f"{'; '.join(problems)[:1].upper()}{'; '.join(problems)[1:]}."
    next_step = "Run `chmod go-w` on what others may change, `chmod go=` on what others may read."
    return (failing if is_open_to_change else warned)("permissions", text, next_step)


def _mode(path: Path) -> int:
    """Permission bits; 0 where the system has none or the file is not there."""
    if os.name != "posix" or not path.exists():
        return 0
    return stat.S_IMODE(path.stat().st_mode)
