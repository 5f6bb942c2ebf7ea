"""Files that the operator asks for: exports, lists, reports. Private, and never over another file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

FOLDER_VARIABLE = "CRATEJOY_TUI_EXPORTS"


def export_folder() -> Path:
    """Where files are written: $CRATEJOY_TUI_EXPORTS, else the folder the console was started in."""
    return Path(os.environ.get(FOLDER_VARIABLE) or Path.cwd())


def write_file(name: str, ending: str, text: str) -> Path:
    """Write a new file, readable by this user only; its name tells what and when."""
    folder = export_folder()
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")  # noqa: DTZ005  the operator's own clock
    for number in range(1, 1000):
        path = folder / f"cratejoy-{name}-{stamp}{'' if number == 1 else f'-{number}'}.{ending}"
        try:
            with open(path, "x", encoding="utf-8", newline="", opener=_private) as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} is full of files of this name")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
