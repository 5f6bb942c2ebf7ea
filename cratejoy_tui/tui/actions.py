"""Everything an operator can do here: one list that keys, palette, help and footer are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

EVERYWHERE = "everywhere"
TABLE = "table"
ROOMS = ("pending", "orders", "tracking", "cancellations", "activity", "settings")
LISTS = ROOMS[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What may be done depends on this, and on nothing else."""

    room: str = ""
    is_open: bool = True
    """The ledger is there to be read."""
    is_read_only: bool = False
    is_busy: bool = False
    """A run of ours is under way."""
    rows: int = 0
    marked: int = 0
    has_row: bool = False
    """The cursor stands on a row."""
    stage: str = ""
    """Of the row under the cursor."""
    state: str = ""
    """What else is true of that row: `accepted`, `done`, `ready` ..."""
    can_undo: bool = False

    @property
    def chosen(self) -> int:
        """How many rows a verb would act on: the marked ones only, else the one under the cursor."""
        return self.marked or int(self.has_row)


WhyNot = Callable[[Situation], str]


def _always(_: Situation) -> str:
    return ""


def _opened(now: Situation) -> str:
    return "" if now.is_open else "The ledger is not open yet."


def _row(now: Situation) -> str:
    return _opened(now) or ("" if now.chosen else "There is no box under the cursor, and none is marked.")


def _rows(now: Situation) -> str:
    return _opened(now) or ("" if now.rows else "There is nothing in this list.")


def _idle(now: Situation) -> str:
    return _opened(now) or ("A run is under way; wait for it, or stop it with ctrl+c." if now.is_busy else "")


def _sends(now: Situation) -> str:
    if now.is_read_only:
        return "The console runs read-only: nothing is sent. Start it without --read-only."
    return _idle(now)


def _sends_rows(now: Situation) -> str:
    return _sends(now) or _row(now)


def _decides(now: Situation) -> str:
    if now.is_read_only:
        return "The console runs read-only: nothing is changed. Start it without --read-only."
    return _row(now)


def _at(*stages: str) -> WhyNot:
    """Only for a box at one of these stages; marked boxes are judged one by one when it is done."""

    def why(now: Situation) -> str:
        if (reason := _decides(now)) or now.marked or now.stage in stages:
            return reason
        wanted = " or ".join(filter(None, (", ".join(stages[:-1]), stages[-1])))
        return f"This box is {now.stage or 'not ours'}; it must be {wanted}."

    return why


def _under_cursor(*stages: str) -> WhyNot:
    """As `_at`, for what is done to one box at a time."""

    def why(now: Situation) -> str:
        if now.marked > 1:
            return "This is done to one box at a time: clear the marks with Esc first."
        return _at(*stages)(now)

    return why


def _undoes(now: Situation) -> str:
    return _opened(now) or ("" if now.can_undo else "There is nothing to undo; what was sent cannot be undone.")


def _stops(now: Situation) -> str:
    return "" if now.is_busy else "Nothing is running. Press q to quit."


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
    """A method of the widget itself, for keys that must answer at once; "" goes through the list's checks."""
    is_urgent: bool = False
    """Works whatever has the focus."""
    why_not: WhyNot = _always
    """Why it cannot be done now; "" when it can."""


def _action(id_: str, keys: str, label: str, help_: str, why_not: WhyNot = _always, **more: object) -> Action:
    return Action(
        id=id_,
        keys=tuple(keys.split()),
        label=label,
        help=help_,
        why_not=why_not,
        **more,  # type: ignore[arg-type]
    )


_TITLES = ("Pending", "Orders", "Tracking", "Cancellations", "Activity", "Settings")

_GO = tuple(
    _action(f"go-{room}", str(number), title, f"Go to {title}.", group="Go")
    for number, (room, title) in enumerate(zip(ROOMS, _TITLES, strict=True), 1)
)

_EVERYWHERE = (
    _action("next-room", "right_square_bracket", "Next room", "Go to the room on the right.", group="Go"),
    _action("previous-room", "left_square_bracket", "Previous room", "Go to the room on the left.", group="Go"),
    _action(
        "help",
        "question_mark f1",
        "Help",
        "Every key that works here, and why some do not now.",
        footer=90,
        is_urgent=False,
    ),
    _action("palette", "ctrl+p colon", "Commands", "Search everything that can be done.", footer=85),
    _action("refresh", "r", "Refresh", "Ask Cratejoy and the warehouse for news. Sends nothing.", _idle, footer=60),
    _action(
        "run-all",
        "",
        "Plan everything",
        "Plan cancels, pushes and confirmations together, review, then send.",
        _sends,
        is_dangerous=True,
    ),
    _action("stop", "ctrl+c", "Stop", "Stop the run under way after the box in hand.", _stops, is_urgent=True),
    _action("explain-id", "E", "Explain an id", "Why a shipment was or was not sent, also one never pulled.", _opened),
    _action("completeness", "", "Completeness", "Compare Cratejoy, ledger and warehouse, differences by name.", _idle),
    _action("readiness", "b", "Readiness", "What the next batches will need at the warehouse.", _idle),
    _action("report", "", "Day report", "The day in numbers, open tasks with age and owner.", _opened),
    _action("adopt", "", "Adopt orders", "Say which orders the warehouse had before this ledger's first push.", _sends),
    _action("next-store", "", "Next store", "Open the next store that is set up.", _idle),
    _action("log", "l", "Log", "Show or hide what was asked of the remote systems."),
    _action("theme", "", "Theme", "Choose other colours."),
    _action("quit", "q ctrl+q", "Quit", "Leave the console; asks first while a run is under way.", footer=95),
)

_MOVES = tuple(
    _action(id_, keys, label, help_, places=(TABLE,), group="Move and mark", runs=runs)
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
    _action(
        "mark",
        "space",
        "Mark",
        "Mark or unmark this row and go down.",
        places=(TABLE,),
        group="Move and mark",
        footer=20,
        runs="mark",
    ),
    _action(
        "mark-all",
        "a",
        "Mark all",
        "Mark all rows in view; again to unmark them.",
        places=(TABLE,),
        group="Move and mark",
        runs="mark_all",
    ),
    _action(
        "details", "enter", "Details", "All that is known of this row.", _row, places=(TABLE,), group="View", footer=40
    ),
    _action(
        "next-detail",
        "d",
        "Next detail",
        "Timeline, order, record, rules: the next of them.",
        _opened,
        places=(TABLE,),
        group="View",
    ),
    _action("hide-detail", "D", "Detail pane", "Show or hide the pane on the right.", places=(TABLE,), group="View"),
    _action(
        "filter",
        "slash",
        "Filter",
        "Show only rows with these words; `field:value`, `!` for without.",
        _opened,
        places=(TABLE,),
        group="View",
        footer=30,
    ),
    _action(
        "saved-filters", "f", "Saved filters", "Choose a filter that was saved.", _opened, places=(TABLE,), group="View"
    ),
    _action(
        "save-filter",
        "F",
        "Save filter",
        "Keep the filter in force under a name.",
        _opened,
        places=(TABLE,),
        group="View",
    ),
    _action("sort", "s", "Sort", "Sort by the next column.", _opened, places=(TABLE,), group="View"),
    _action("reverse", "S", "Reverse", "Turn the sort order round.", _opened, places=(TABLE,), group="View"),
    _action(
        "copy",
        "y",
        "Copy",
        "Copy something of this row to the clipboard, also over ssh.",
        _row,
        places=(TABLE,),
        group="View",
    ),
    _action(
        "export", "e", "Export", "Write this view, or the marked rows, to a file.", _rows, places=(TABLE,), group="View"
    ),
    _action(
        "undo",
        "z",
        "Undo",
        "Take back the last marks, hold, release or choice of a match.",
        _undoes,
        places=(TABLE,),
        group="View",
    ),
    _action("escape", "escape", "Back", "Leaves range, filter or marks, in this order.", places=(TABLE,), group="View"),
)

_OPEN = ("seen", "held", "planned", "error")
_BOXES = (
    _action(
        "push",
        "p",
        "Push",
        "Send the marked boxes to the warehouse, after a review.",
        _sends_rows,
        places=("pending",),
        group="Boxes",
        is_dangerous=True,
        footer=10,
    ),
    _action(
        "hold",
        "x",
        "Hold",
        "Hold these boxes with a reason, or release a hold.",
        _at(*_OPEN, "shipped", "partly shipped"),
        places=("pending",),
        group="Boxes",
        footer=15,
    ),
    _action(
        "explain",
        "i",
        "Explain",
        "Every rule, what it looked at and what it said.",
        _row,
        places=("pending", "orders", "tracking", "cancellations"),
        group="Boxes",
        footer=25,
    ),
    _action("note", "n", "Note", "Leave a note on this box.", _decides, places=LISTS, group="Boxes"),
    _action(
        "retry",
        "t",
        "Retry failed",
        "Let refused boxes be tried again in the next plan.",
        _at("error"),
        places=("pending", "orders"),
        group="Boxes",
        footer=16,
    ),
    _action(
        "settle",
        "w",
        "Settle",
        "Say what became of a write whose answer was lost.",
        _under_cursor("unknown", "sending", "conflict"),
        places=("orders",),
        group="Boxes",
        footer=12,
    ),
    _action(
        "resolve",
        "o",
        "Resolve",
        "End a conflict: ours stands, leave theirs, or closed.",
        _under_cursor("conflict"),
        places=("orders", "cancellations", "tracking"),
        group="Boxes",
    ),
    _action(
        "recall",
        "u",
        "Recall",
        "Ask the warehouse not to send this order.",
        _at("at warehouse", "partly shipped", "cancel refused", "conflict"),
        places=("orders",),
        group="Boxes",
        is_dangerous=True,
        footer=14,
    ),
    _action(
        "resend",
        "R",
        "Resend",
        "Send the box anew under the next number, once the former order is dead.",
        _under_cursor(
            "at warehouse", "shipped", "confirmed", "cancelled", "conflict", "cancel refused", "cancel by hand"
        ),
        places=("orders",),
        group="Boxes",
    ),
    _action(
        "confirm",
        "c",
        "Confirm",
        "Tell Cratejoy that the marked boxes have left; customers are e-mailed.",
        _sends_rows,
        places=("tracking",),
        group="Boxes",
        is_dangerous=True,
        footer=10,
    ),
    _action(
        "accept",
        "m",
        "Accept match",
        "This tracking belongs to this box.",
        _decides,
        places=("tracking",),
        group="Boxes",
        footer=12,
    ),
    _action(
        "reject",
        "x",
        "Reject match",
        "This tracking does not belong to this box.",
        _decides,
        places=("tracking",),
        group="Boxes",
        footer=14,
    ),
    _action(
        "replace",
        "P",
        "Replace",
        "Give Cratejoy a new number for a box already confirmed; a second e-mail may go out.",
        _under_cursor("confirmed"),
        places=("tracking",),
        group="Boxes",
        is_dangerous=True,
    ),
    _action(
        "send-cancels",
        "c",
        "Send cancels",
        "Ask the warehouse not to send these orders.",
        _sends,
        places=("cancellations",),
        group="Boxes",
        is_dangerous=True,
        footer=10,
    ),
    _action(
        "tick", "t", "Tick off", "This task is done.", _decides, places=("cancellations",), group="Boxes", footer=12
    ),
    _action(
        "assign",
        "w",
        "Assign",
        "Give this task to somebody.",
        _decides,
        places=("cancellations",),
        group="Boxes",
        footer=14,
    ),
    _action(
        "stop-ship",
        "P",
        "Stop-ship list",
        "Write the list of boxes to stop by hand, to print.",
        _opened,
        places=("cancellations",),
        group="Boxes",
        footer=16,
    ),
    _action(
        "next-view",
        "n",
        "Next view",
        "Runs, calls, audit, charts: the next of them.",
        _opened,
        places=("activity",),
        group="Activity",
        footer=10,
    ),
    _action(
        "verify",
        "V",
        "Verify audit",
        "Check that no audit record was changed or lost.",
        _opened,
        places=("activity",),
        group="Activity",
        footer=12,
    ),
    _action(
        "change-setting",
        "c",
        "Change",
        "Change this setting; see what it would do before saving.",
        _decides,
        places=("settings",),
        group="Settings",
        footer=10,
    ),
    _action(
        "test-connections",
        "T",
        "Test",
        "Ask both remote systems whether our keys are good.",
        _idle,
        places=("settings",),
        group="Settings",
        footer=12,
    ),
)

ACTIONS: dict[str, Action] = {action.id: action for action in (*_GO, *_EVERYWHERE, *_TABLE, *_BOXES)}


def actions_in(*places: str) -> tuple[Action, ...]:
    """What can be done in these places, in the order it was listed."""
    return tuple(action for action in ACTIONS.values() if set(action.places) & set(places))


def footer_actions(places: tuple[str, ...], most: int = 7) -> tuple[Action, ...]:
    """The few that the footer has room for, the most useful first."""
    shown = sorted((action for action in actions_in(*places) if action.footer and action.keys), key=lambda a: a.footer)
    if len(shown) <= most:
        return tuple(shown)
    kept = [action for action in shown if action.footer < 85][: most - 2]
    return (*kept, *(action for action in shown if action.id in {"help", "palette"}))[:most]
