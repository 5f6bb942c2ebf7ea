"""One thing an operator can do, and where."""

from __future__ import annotations

from dataclasses import dataclass

from cratejoy_tui.tui.situation import WhyNot, always

EVERYWHERE = "everywhere"
TABLE = "table"
ROOMS = ("pending", "orders", "tracking", "cancellations", "activity", "settings")
LISTS = ROOMS[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing an operator can do."""

    id: str
    """The name that the settings' key table uses."""
    keys: tuple[str, ...]
    label: str
    """One or two words for the footer and the palette."""
    help: str
    places: tuple[str, ...] = (EVERYWHERE,)
    group: str = "Everywhere"
    is_dangerous: bool = False
    """It ends in a write to a remote system."""
    footer: int = 0
    """Lower comes first among the few keys of the footer; 0 is never shown there."""
    runs: str = ""
    """A method of the table, for keys that must answer at once; "" goes through the list's checks."""
    is_urgent: bool = False
    """Works whatever has the focus."""
    why_not: WhyNot = always
    """Why it cannot be done now; "" when it can."""


def action(id_: str, keys: str, label: str, help_: str, why_not: WhyNot = always, **more: object) -> Action:
    """One line of the list of actions; `keys` are parted by spaces."""
    return Action(
        id=id_,
        keys=tuple(keys.split()),
        label=label,
        help=help_,
        why_not=why_not,
        **more,  # type: ignore[arg-type]
    )
