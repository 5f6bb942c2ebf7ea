"""The operator's console. Importing this package loads no Textual; `run_console` does."""

from __future__ import annotations

from cratejoy_tui.tui.door import run_console, why_no_console

__all__ = ["run_console", "why_no_console"]
