"""A keyring in memory, that can fail like a real one."""

from __future__ import annotations

from collections.abc import Callable

from cratejoy_tui.errors import KeyringUnavailable


class Drawer:
    """Implements the keyring of set-up; `fail` may raise before anything is done."""

    def __init__(self, name: str = "drawer") -> None:
        self.name = name
        self.values: dict[tuple[str, str], str] = {}
        self.fail: Callable[[str, str], None] = lambda _action, _name: None
        self.is_there = True

    def label(self) -> str:
        if not self.is_there:
            raise KeyringUnavailable("The keyring of this computer is locked.", next_step="Unlock it.")
        return f"keyring ({self.name})"

    def get(self, store: str, name: str) -> str | None:
        self.fail("get", name)
        return self.values.get((store, name))

    def set(self, store: str, name: str, value: str) -> None:
        self.fail("set", name)
        self.values[store, name] = value

    def forget(self, store: str, name: str) -> None:
        self.fail("forget", name)
        self.values.pop((store, name), None)
