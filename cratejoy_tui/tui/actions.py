"""Everything an operator can do here: one list that keys, palette, help and footer are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from cratejoy_tui.tui.situation import (
    WhyNot,
    always,
    at,
    decides,
    idle,
    opened,
    row,
    rows,
    sends,
    sends_rows,
    stops,
    under_cursor,
    undoes,
)

EVERYWHERE = "everywhere"
TABLE = "table"
ROOMS = ("pending", "orders", "tracking", "cancellations", "activity", "settings")
MOVES = "Move and mark"
"""The group of keys that must answer at once: the table does them itself, by methods of the same names."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing an operator can do. Keys and places are parted by spaces."""

    id: str
    """The name that the settings' key table uses."""
    spelled: str
    """Its keys, as Textual names them."""
    label: str
    """One or two words for the footer and the palette."""
    help: str
    why_not: WhyNot = always
    """Why it cannot be done now; "" when it can."""
    footer: int = 0
    """Lower comes first among the few keys of the footer; 0 is never shown there."""
    places: str = EVERYWHERE
    group: str = "Everywhere"
    is_urgent: bool = False
    """Works whatever has the focus."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that come along."""
        return tuple(self.spelled.split())


HELP, PALETTE = 90, 85
"""The places of these two in the footer, where they always stand."""
_LISTS = "pending orders tracking cancellations"
_go = partial(Action, group="Go")
_move = partial(Action, places=TABLE, group=MOVES)
_view = partial(Action, places=TABLE, group="View")
_box = partial(Action, group="Boxes")
_pending = partial(_box, places="pending")
_orders = partial(_box, places="orders")
_tracking = partial(_box, places="tracking")
_cancels = partial(_box, places="cancellations")
_activity = partial(Action, places="activity", group="Activity")
_setting = partial(Action, places="settings", group="Settings")

_MAY_HOLD = at("seen", "held", "planned", "error", "shipped", "partly shipped")
_MAY_SETTLE = under_cursor("unknown", "sending", "conflict")
_MAY_RECALL = at("at warehouse", "partly shipped", "cancel refused", "conflict")
_MAY_RESEND = under_cursor(
    "at warehouse", "shipped", "confirmed", "cancelled", "conflict", "cancel refused", "cancel by hand"
)

_ALL = (
    *(
        _go(f"go-{room}", str(number), room.capitalize(), f"Go to {room.capitalize()}.")
        for number, room in enumerate(ROOMS, 1)
    ),
    _go("next-room", "right_square_bracket", "Next room", "Go to the room on the right."),
    _go("previous-room", "left_square_bracket", "Previous room", "Go to the room on the left."),
    Action("help", "question_mark f1", "Help", "Every key that works here, and why some do not now.", footer=HELP),
    Action("palette", "ctrl+p colon", "Commands", "Search everything that can be done.", footer=PALETTE),
    Action("refresh", "r", "Refresh", "Ask Cratejoy and the warehouse for news. Sends nothing.", idle, 60),
    Action(
        "run-all", "", "Plan everything", "Plan cancels, pushes and confirmations together, review, then send.", sends
    ),
    Action("stop", "ctrl+c", "Stop", "Stop the run under way after the box in hand.", stops, is_urgent=True),
    Action("explain-id", "E", "Explain an id", "Why a shipment was or was not sent, also one never pulled.", opened),
    Action("completeness", "", "Completeness", "Compare Cratejoy, ledger and warehouse, differences by name.", idle),
    Action("readiness", "b", "Readiness", "What the next batches will need at the warehouse.", idle),
    Action("report", "", "Day report", "The day in numbers, open tasks with age and owner.", opened),
    Action("adopt", "", "Adopt orders", "Say which orders the warehouse had before this ledger's first push.", sends),
    Action("next-store", "", "Next store", "Open the next store that is set up.", idle),
    Action("log", "l", "Log", "Show or hide what was asked of the remote systems."),
    Action("theme", "", "Theme", "Choose other colours."),
    Action("quit", "q ctrl+q", "Quit", "Leave the console; asks first while a run is under way.", footer=95),
    _move("down", "down j", "Down", "One row down."),
    _move("up", "up k", "Up", "One row up."),
    _move("page-down", "pagedown ctrl+d", "Page down", "One page down."),
    _move("page-up", "pageup ctrl+u", "Page up", "One page up."),
    _move("first", "home g", "First", "The first row."),
    _move("last", "end G", "Last", "The last row."),
    _move("columns-right", "right", "Columns right", "Show columns further right."),
    _move("columns-left", "left", "Columns left", "Show columns further left."),
    _move("extend-down", "shift+down J", "Mark down", "Mark while moving down."),
    _move("extend-up", "shift+up K", "Mark up", "Mark while moving up."),
    _move("range", "v", "Range", "Start a range; move to mark all between; again to keep it."),
    _move("mark", "space", "Mark", "Mark or unmark this row and go down.", footer=20),
    _move("mark-all", "a", "Mark all", "Mark all rows in view; again to unmark them."),
    _view("details", "enter", "Details", "All that is known of this row.", row, 40),
    _view("next-detail", "d", "Next detail", "Timeline, order, record, rules: the next of them.", opened),
    _view("hide-detail", "D", "Detail pane", "Show or hide the pane on the right."),
    _view("filter", "slash", "Filter", "Show only rows with these words; `field:value`, `!` for without.", opened, 30),
    _view("saved-filters", "f", "Saved filters", "Choose a filter that was saved.", opened),
    _view("save-filter", "F", "Save filter", "Keep the filter in force under a name.", opened),
    _view("sort", "s", "Sort", "Sort by the next column.", opened),
    _view("reverse", "S", "Reverse", "Turn the sort order round.", opened),
    _view("copy", "y", "Copy", "Copy something of this row to the clipboard, also over ssh.", row),
    _view("export", "e", "Export", "Write this view, or the marked rows, to a file.", rows),
    _view("undo", "z", "Undo", "Take back the last marks, hold, release or choice of a match.", undoes),
    _view("escape", "escape", "Back", "Leaves range, filter or marks, in this order."),
    _pending("push", "p", "Push", "Send the marked boxes to the warehouse, after a review.", sends_rows, 10),
    _pending("hold", "x", "Hold", "Hold these boxes with a reason, or release a hold.", _MAY_HOLD, 15),
    _box("explain", "i", "Explain", "Every rule, what it looked at and what it said.", row, 25, places=_LISTS),
    _box("note", "n", "Note", "Leave a note on this box.", decides, places=_LISTS),
    _box(
        "retry",
        "t",
        "Retry failed",
        "Let refused boxes be tried again in the next plan.",
        at("error"),
        16,
        places="pending orders",
    ),
    _orders("settle", "w", "Settle", "Say what became of a write whose answer was lost.", _MAY_SETTLE, 12),
    _box(
        "resolve",
        "o",
        "Resolve",
        "End a conflict: ours stands, leave theirs, or closed.",
        under_cursor("conflict"),
        places="orders cancellations tracking",
    ),
    _orders("recall", "u", "Recall", "Ask the warehouse not to send this order.", _MAY_RECALL, 14),
    _box(
        "resend",
        "R",
        "Resend",
        "Send the box anew under the next number, once the former order is dead.",
        _MAY_RESEND,
        places="orders cancellations",
    ),
    _tracking(
        "confirm",
        "c",
        "Confirm",
        "Tell Cratejoy that the marked boxes have left; customers are e-mailed.",
        sends_rows,
        10,
    ),
    _tracking("accept", "m", "Accept match", "This tracking belongs to this box.", decides, 12),
    _tracking("reject", "x", "Reject match", "This tracking does not belong to this box.", decides, 14),
    _tracking(
        "replace",
        "P",
        "Replace",
        "Give Cratejoy a new number for a box already confirmed; a second e-mail may go out.",
        under_cursor("confirmed"),
    ),
    _cancels("send-cancels", "c", "Send cancels", "Ask the warehouse not to send these orders.", sends, 10),
    _cancels("tick", "t", "Tick off", "This task is done.", decides, 12),
    _cancels("assign", "w", "Assign", "Give this task to somebody.", decides, 14),
    _cancels("stop-ship", "P", "Stop-ship list", "Write the list of boxes to stop by hand, to print.", opened, 16),
    _activity(
        "next-view", "n", "Show", "Runs, audit or calls as a list; boxes, runs or requests as a picture.", opened, 10
    ),
    _activity("verify", "V", "Verify audit", "Check that no audit record was changed or lost.", opened, 12),
    _setting("change-setting", "c", "Change", "Change this setting; see what it would do before saving.", decides, 10),
    _setting("test-connections", "T", "Test", "Ask both remote systems whether our keys are good.", idle, 12),
)

ACTIONS: dict[str, Action] = {each.id: each for each in _ALL}


def actions_in(*places: str) -> tuple[Action, ...]:
    """What can be done in these places, in the order it was listed."""
    return tuple(each for each in ACTIONS.values() if set(each.places.split()) & set(places))


def footer_actions(places: tuple[str, ...], most: int = 7) -> tuple[Action, ...]:
    """The few that the footer has room for, the most useful first."""
    shown = sorted((each for each in actions_in(*places) if each.footer and each.keys), key=lambda each: each.footer)
    if len(shown) <= most:
        return tuple(shown)
    kept = [each for each in shown if each.footer < PALETTE][: most - 2]
    return (*kept, *(each for each in shown if each.footer in {HELP, PALETTE}))
