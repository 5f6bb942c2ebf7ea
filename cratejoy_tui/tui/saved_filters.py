"""Filters the operator has saved, per room, in a small private file; they may name customers."""

from __future__ import annotations

import os
from pathlib import Path

BUILT_IN = {
    "pending": {
        "Holds that ask for a person": "stage:held !reason:NOT_DUE !reason:BATCH_OPEN",
        "Ready": "stage:planned",
        "Errors": "stage:error",
    },
    "orders": {"In doubt": "stage:unknown", "Conflicts": "stage:conflict", "At the warehouse": "stage:at"},
    "tracking": {"To check": "quality:check", "Sure": "quality:sure"},
}


def filters_of(room: str) -> dict[str, str]:
    """Name -> filter: the ones that come along, then the operator's own."""
    return {**BUILT_IN.get(room, {}), **_read().get(room, {})}


def save_filter(room: str, name: str, text: str) -> None:
    """Keep a filter under this name."""
    import msgspec

    saved = _read()
    saved.setdefault(room, {})[name] = text
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(".new")
    with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(msgspec.json.format(msgspec.json.encode(saved)))
    beside.replace(path)


def _read() -> dict[str, dict[str, str]]:
    import msgspec

    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.MsgspecError):
        return {}


def _path() -> Path:
    from platformdirs import user_state_path

    folder = os.environ.get("CRATEJOY_TUI_STATE") or user_state_path("cratejoy-tui", appauthor=False)
    return Path(folder) / "filters.json"
