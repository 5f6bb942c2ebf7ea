"""The lines above and below the room: who we are, which rooms there are, what is chosen, which keys work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widget import Widget

from cratejoy_tui.tui.actions import EVERYWHERE, ROOMS, TABLE, footer_actions
from cratejoy_tui.tui.keymap import keys_of, shown
from cratejoy_tui.tui.safe import as_it_is, joined, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the store stands: what the header tells at any time."""

    store: str = ""
    badges: tuple[str, ...] = ()
    """READ-ONLY, DEMO, OFFLINE: each a word, not a colour."""
    last_good: str = "no good run yet"
    overdue: tuple[tuple[str, int], ...] = ()
    holder: str = ""
    """Who holds the right to write, when it is not us."""
    clock: str = ""


class HeaderBar(Widget):
    """Store, badges, age of the last good run, what is overdue, who else is at work."""

    DEFAULT_CSS = "HeaderBar { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self) -> None:
        super().__init__(id="header")
        self.standing = Standing()

    def show(self, standing: Standing) -> None:
        """Tell this from now on."""
        if standing != self.standing:
            self.standing = standing
            self.refresh()

    def render(self) -> Content:
        now = self.standing
        left: list[Content] = [as_it_is(" ▣ ", "bold $accent"), as_it_is("cratejoy", "bold $primary")]
        if now.store:
            left += [as_it_is("  "), words(now.store, "bold", 30)]
        for badge in now.badges:
            left += [as_it_is("  "), as_it_is(f" {badge} ", "bold $background on $accent")]
        right = self._right(now)
        return _spread(joined(*left), right, self.size.width)

    def _right(self, now: Standing) -> list[Content]:
        """Parts in the order in which they give way when the line is narrow: last first."""
        parts: list[Content] = []
        if now.overdue:
            total = sum(count for _, count in now.overdue)
            what = ", ".join(f"{count} {late}" for late, count in now.overdue[:2])
            parts.append(
                words(f"! {total} overdue: {what}" if self.size.width >= 110 else f"! {total} overdue", "bold $error")
            )
        if now.holder:
            parts.append(words(f"» {now.holder}", "$warning", 60))
        if now.last_good:
            parts.append(words(now.last_good, "$muted"))
        if now.clock:
            parts.append(words(now.clock, "$muted"))
        return parts


def _spread(left: Content, right: list[Content], width: int) -> Content:
    """Left and right parts on one line; right parts that do not fit are left out, the last first."""
    room = width - left.cell_length - 1
    kept: list[Content] = []
    for part in right:
        if part.cell_length + 3 > room:
            continue
        room -= part.cell_length + 3
        kept.append(part)
    gap = max(room - 1, 0) if kept else 0
    line = joined(left, " " * gap)
    for part in kept:
        line = joined(line, "   ", part)
    return line


TITLES = {room: room.capitalize() for room in ROOMS}
_SHORT = {"cancellations": "Cancels", "settings": "Setup"}


class RoomTabs(Widget):
    """The six rooms with their numbers and how much waits in each."""

    DEFAULT_CSS = "RoomTabs { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self, choose: Callable[[str], None]) -> None:
        """`choose` is told which room was clicked on."""
        super().__init__(id="tabs")
        self._choose = choose
        self.room = "pending"
        self.counts: dict[str, int] = {}
        self._ends: list[tuple[int, str]] = []

    def show(self, room: str | None = None, counts: dict[str, int] | None = None) -> None:
        """Tell another room, or other counts."""
        self.room = room or self.room
        self.counts = self.counts if counts is None else counts
        self.refresh()

    def render(self) -> Content:
        for titles in (TITLES, TITLES | _SHORT, {room: TITLES[room][:4] for room in ROOMS}):
            line = self._line(titles)
            if line.cell_length <= self.size.width:
                break
        return line

    def _line(self, titles: Mapping[str, str]) -> Content:
        parts: list[Content] = [as_it_is(" ")]
        self._ends, at = [], 1
        for number, room in enumerate(ROOMS, 1):
            count = f" {self.counts[room]:,}" if self.counts.get(room) else ""
            tab = self._tab(f" {number} ", titles[room], f"{count} ", room == self.room)
            parts.append(tab)
            at += tab.cell_length
            self._ends.append((at, room))
        return joined(*parts)

    def _tab(self, number: str, title: str, count: str, is_here: bool) -> Content:
        if is_here:
            return joined(
                (number, "$background on $primary"),
                (title, "bold $background on $primary"),
                (count, "$background on $primary"),
            )
        return joined((number, "$muted"), (title, "$foreground"), (count, "$accent"))

    def on_click(self, event: events.Click) -> None:
        room = next((room for end, room in self._ends if event.x < end), None)
        if room is not None:
            self._choose(room)


class StatusLine(Widget):
    """Filter, marks, sort order and the last remark."""

    DEFAULT_CSS = "StatusLine { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self) -> None:
        super().__init__(id="status")
        self.told = Content("")
        self.remark = ""

    def show(self, told: Content, remark: str) -> None:
        """Tell this from now on."""
        self.told, self.remark = told, remark
        self.refresh()

    def render(self) -> Content:
        right = [words(self.remark, "$muted", 200)] if self.remark else []
        return _spread(self.told, right, self.size.width)


class FooterBar(Widget):
    """The few keys that matter most here; all others are in the help."""

    DEFAULT_CSS = "FooterBar { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self) -> None:
        super().__init__(id="footer")
        self.room = "pending"
        self.chosen_keys: dict[str, str] = {}

    def show(self, room: str, chosen_keys: dict[str, str] | None = None) -> None:
        """Tell the keys of this room."""
        self.room = room
        self.chosen_keys = self.chosen_keys if chosen_keys is None else chosen_keys
        self.refresh()

    def render(self) -> Content:
        places = (EVERYWHERE, self.room) if self.room in {"settings"} else (EVERYWHERE, TABLE, self.room)
        for most in (7, 6, 5, 4):
            line = self._line(places, most)
            if line.cell_length <= self.size.width:
                break
        return line

    def _line(self, places: tuple[str, ...], most: int) -> Content:
        parts = []
        for action in footer_actions(places, most):
            key = shown(keys_of(action, self.chosen_keys)[:1])
            parts.append(joined((f" {key} ", "bold $primary"), (action.label, "$muted")))
        return Content(" ").join(parts)
