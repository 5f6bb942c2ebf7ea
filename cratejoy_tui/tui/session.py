"""What is open: the store's desk, the run under way, and what runs have told. Screens read it and own none of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from cratejoy_tui.errors import LockHeld
from cratejoy_tui.tui.log_book import LogBook
from cratejoy_tui.tui.office import Office

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk, Told
    from cratejoy_tui.tui.door import Look, Opened, Opener

T = TypeVar("T")
P = ParamSpec("P")


class Session:
    """One console's work at one store at a time."""

    def __init__(self, opener: Opener, look: Look) -> None:
        self.opener = opener
        self.look = look
        self.office = Office()
        self.opened: Opened | None = None
        self.store = look.store
        self.book = LogBook()
        self.told: deque[Any] = deque(maxlen=10_000)
        """What runs have told and the screen has not shown yet; filled from the back office."""
        self.running = ""
        """Name of the run under way; "" when there is none."""
        self.is_offline = False
        self.former: list[Opened] = []
        """Stores that were open before and may still be read."""
        self._is_opening = False
        self._stop = False

    @property
    def desk(self) -> Desk | None:
        """The open store's desk."""
        return self.opened.desk if self.opened else None

    @property
    def is_open(self) -> bool:
        """A store is open and will stay so: nothing is decided about one that is about to be changed for another."""
        return self.opened is not None and not self._is_opening

    @property
    def is_busy(self) -> bool:
        """A run of ours is under way."""
        return bool(self.running)

    def ask_to_stop(self) -> None:
        """End the run after the item in hand."""
        self._stop = True

    async def open(self, store: str) -> Opened:
        """Open a store; the one before is read until then, and is let go of with `close`."""
        self.office.open()
        self._is_opening = True
        try:
            opened = await self.office.do(lambda: self.opener(store, self._tell, self._should_stop))
        finally:
            self._is_opening = False
        if self.opened is not None:
            self.former.append(self.opened)
        self.opened, self.store = opened, opened.desk.store
        return opened

    async def close(self, opened: Opened) -> None:
        """Let go of a store that nobody reads any more."""
        if opened in self.former:
            self.former.remove(opened)
            await self.office.do(opened.close)

    async def close_all(self) -> None:
        """Let go of every store."""
        if self.opened is not None:
            self.former.append(self.opened)
            self.opened = None
        for opened in [*self.former]:
            await self.close(opened)

    async def run(self, name: str, work: Callable[[Desk], Awaitable[T]], *, allow_large: bool = False) -> T:
        """Do this at the open desk, in the back office. Raises LockHeld while another run of ours is under way."""
        assert self.opened is not None, "no store is open"
        if self.running:
            raise LockHeld(f"Still {self.running}.", next_step="Wait for it, or stop it with ctrl+c.")
        desk = replace(self.opened.desk, allow_large=True) if allow_large else self.opened.desk
        self.running, self._stop = name, False
        try:
            return await self.office.do(lambda: work(desk))
        finally:
            self.running = ""

    async def decide(self, work: Callable[Concatenate[Desk, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something short that waits for no run: hold, release, a note."""
        assert self.opened is not None, "no store is open"
        desk = self.opened.desk
        return await self.office.do(lambda: work(desk, *args, **kwargs))

    def _tell(self, thing: Told) -> None:
        self.told.append(thing)

    def _should_stop(self) -> bool:
        return self._stop
