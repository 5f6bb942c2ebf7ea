"""Everything an operator can do here: one list that keys, palette, help and footer are made from."""

from __future__ import annotations

from cratejoy_tui.tui.action import EVERYWHERE, LISTS, ROOMS, TABLE, Action, action
from cratejoy_tui.tui.room_actions import ROOM_ACTIONS
from cratejoy_tui.tui.situation import Situation, idle, opened, row, rows, sends, stops, undoes

__all__ = ["ACTIONS", "EVERYWHERE", "LISTS", "ROOMS", "TABLE", "Action", "Situation", "actions_in", "footer_actions"]

_TITLES = ("Pending", "Orders", "Tracking", "Cancellations", "Activity", "Settings")

_GO = tuple(
    action(f"go-{room}", str(number), title, f"Go to {title}.", group="Go")
    for number, (room, title) in enumerate(zip(ROOMS, _TITLES, strict=True), 1)
)

_EVERYWHERE = (
    action("next-room", "right_square_bracket", "Next room", "Go to the room on the right.", group="Go"),
    action("previous-room", "left_square_bracket", "Previous room", "Go to the room on the left.", group="Go"),
    action(
        "help",
        "question_mark f1",
        "Help",
        "Every key that works here, and why some do not now.",
        footer=90,
        is_urgent=False,
    ),
    action("palette", "ctrl+p colon", "Commands", "Search everything that can be done.", footer=85),
    action("refresh", "r", "Refresh", "Ask Cratejoy and the warehouse for news. Sends nothing.", idle, footer=60),
    action(
        "run-all",
        "",
        "Plan everything",
        "Plan cancels, pushes and confirmations together, review, then send.",
        sends,
        is_dangerous=True,
    ),
    action("stop", "ctrl+c", "Stop", "Stop the run under way after the box in hand.", stops, is_urgent=True),
    action("explain-id", "E", "Explain an id", "Why a shipment was or was not sent, also one never pulled.", opened),
    action("completeness", "", "Completeness", "Compare Cratejoy, ledger and warehouse, differences by name.", idle),
    action("readiness", "b", "Readiness", "What the next batches will need at the warehouse.", idle),
    action("report", "", "Day report", "The day in numbers, open tasks with age and owner.", opened),
    action("adopt", "", "Adopt orders", "Say which orders the warehouse had before this ledger's first push.", sends),
    action("next-store", "", "Next store", "Open the next store that is set up.", idle),
    action("log", "l", "Log", "Show or hide what was asked of the remote systems."),
    action("theme", "", "Theme", "Choose other colours."),
    action("quit", "q ctrl+q", "Quit", "Leave the console; asks first while a run is under way.", footer=95),
)

_MOVES = tuple(
    action(id_, keys, label, help_, places=(TABLE,), group="Move and mark", runs=runs)
    for id_, keys, label, help_, runs in (
        ("down", "down j", "Down", "One row down.", "down"),
        ("up", "up k", "Up", "One row up.", "up"),
        ("page-down", "pagedown ctrl+d", "Page down", "One page down.", "page_down"),
        ("page-up", "pageup ctrl+u", "Page up", "One page up.", "page_up"),
        ("first", "home g", "First", "The first row.", "first"),
        ("last", "end G", "Last", "The last row.", "last"),
        ("columns-right", "right", "Columns right", "Show columns further right.", "columns_right"),
        ("columns-left", "left", "Columns left", "Show columns further left.", "columns_left"),
        ("extend-down", "shift+down J", "Mark down", "Mark while moving down.", "extend_down"),
        ("extend-up", "shift+up K", "Mark up", "Mark while moving up.", "extend_up"),
        ("range", "v", "Range", "Start a range; move to mark all between; again to keep it.", "range"),
    )
)

_TABLE = (
    *_MOVES,
    action(
        "mark",
        "space",
        "Mark",
        "Mark or unmark this row and go down.",
        places=(TABLE,),
        group="Move and mark",
        footer=20,
        runs="mark",
    ),
    action(
        "mark-all",
        "a",
        "Mark all",
        "Mark all rows in view; again to unmark them.",
        places=(TABLE,),
        group="Move and mark",
        runs="mark_all",
    ),
    action(
        "details", "enter", "Details", "All that is known of this row.", row, places=(TABLE,), group="View", footer=40
    ),
    action(
        "next-detail",
        "d",
        "Next detail",
        "Timeline, order, record, rules: the next of them.",
        opened,
        places=(TABLE,),
        group="View",
    ),
    action("hide-detail", "D", "Detail pane", "Show or hide the pane on the right.", places=(TABLE,), group="View"),
    action(
        "filter",
        "slash",
        "Filter",
        "Show only rows with these words; `field:value`, `!` for without.",
        opened,
        places=(TABLE,),
        group="View",
        footer=30,
    ),
    action(
        "saved-filters", "f", "Saved filters", "Choose a filter that was saved.", opened, places=(TABLE,), group="View"
    ),
    action(
        "save-filter",
        "F",
        "Save filter",
        "Keep the filter in force under a name.",
        opened,
        places=(TABLE,),
        group="View",
    ),
    action("sort", "s", "Sort", "Sort by the next column.", opened, places=(TABLE,), group="View"),
    action("reverse", "S", "Reverse", "Turn the sort order round.", opened, places=(TABLE,), group="View"),
    action(
        "copy",
        "y",
        "Copy",
        "Copy something of this row to the clipboard, also over ssh.",
        row,
        places=(TABLE,),
        group="View",
    ),
    action(
        "export", "e", "Export", "Write this view, or the marked rows, to a file.", rows, places=(TABLE,), group="View"
    ),
    action(
        "undo",
        "z",
        "Undo",
        "Take back the last marks, hold, release or choice of a match.",
        undoes,
        places=(TABLE,),
        group="View",
    ),
    action("escape", "escape", "Back", "Leaves range, filter or marks, in this order.", places=(TABLE,), group="View"),
)

ACTIONS: dict[str, Action] = {each.id: each for each in (*_GO, *_EVERYWHERE, *_TABLE, *ROOM_ACTIONS)}


def actions_in(*places: str) -> tuple[Action, ...]:
    """What can be done in these places, in the order it was listed."""
    return tuple(each for each in ACTIONS.values() if set(each.places) & set(places))


def footer_actions(places: tuple[str, ...], most: int = 7) -> tuple[Action, ...]:
    """The few that the footer has room for, the most useful first."""
    shown = sorted((each for each in actions_in(*places) if each.footer and each.keys), key=lambda each: each.footer)
    if len(shown) <= most:
        return tuple(shown)
    kept = [each for each in shown if each.footer < 85][: most - 2]
    return (*kept, *(each for each in shown if each.id in {"help", "palette"}))[:most]
