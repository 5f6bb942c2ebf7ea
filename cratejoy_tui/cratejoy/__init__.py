"""The order source: Cratejoy's API, and nothing of it beyond this room."""

from cratejoy_tui.cratejoy.client import ADDRESS, cratejoy
from cratejoy_tui.cratejoy.source import CratejoySource

__all__ = ["ADDRESS", "CratejoySource", "cratejoy"]
