"""Every state as a mark, a word and a tone: colour alone never tells anything."""

from __future__ import annotations

from collections.abc import Mapping

TONES = ("good", "warn", "bad", "busy", "quiet", "strong", "accent")

_STAGES = {
    "seen": ("○", "quiet"),
    "held": ("‖", "warn"),
    "planned": ("●", "accent"),
    "sending": ("»", "busy"),
    "unknown": ("?", "bad"),
    "at warehouse": ("→", "busy"),
    "partly shipped": ("◐", "busy"),
    "shipped": ("▸", "good"),
    "confirming": ("»", "busy"),
    "confirmed": ("✓", "good"),
    "cancelled": ("×", "quiet"),
    "cancel refused": ("■", "bad"),
    "cancel by hand": ("■", "bad"),
    "conflict": ("!", "bad"),
    "error": ("!", "bad"),
}
_QUALITIES = {"sure": ("✓", "good"), "check": ("?", "warn"), "refused": ("×", "bad"), "": ("○", "quiet")}
_RESULTS = {
    "done": ("✓", "good"),
    "refused": ("!", "bad"),
    "unknown": ("?", "bad"),
    "changed": ("~", "warn"),
    "not sent": ("○", "warn"),
    "conflict": ("!", "bad"),
}


def _cell(states: Mapping[str, tuple[str, str]], state: str, word: str = "") -> tuple[str, str]:
    mark, tone = states.get(state, ("·", "quiet"))
    return f"{mark} {word or state}", tone


def stage_cell(stage: str) -> tuple[str, str]:
    """A stage as a table cell: mark and word, with its tone."""
    return _cell(_STAGES, stage)


def quality_cell(quality: str) -> tuple[str, str]:
    """How sure a tracking number belongs to its box."""
    return _cell(_QUALITIES, quality, quality or "not judged")


def result_cell(result: str) -> tuple[str, str]:
    """What came of one row of a plan."""
    return _cell(_RESULTS, result)


def run_cell(exit_code: int | None) -> tuple[str, str]:
    """How a run ended."""
    if exit_code is None:
        return "» under way", "busy"
    if exit_code == 0:
        return "✓ all well", "good"
    return ("! needs a look", "warn") if exit_code == 1 else (f"× stopped, code {exit_code}", "bad")
