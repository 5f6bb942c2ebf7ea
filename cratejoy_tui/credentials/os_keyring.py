"""The operating system's keyring as the credential store.

Only backends that the system itself protects are used: others keep plain text, drop what is written, or ask on the
terminal. Every call runs in a thread of its own with a time limit, because an unlock window that nobody sees blocks for
ever.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from cratejoy_tui.errors import KeyringUnavailable
from cratejoy_tui.text import clean

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

ALONE_WAIT_SECONDS = 5.0
PERSON_WAIT_SECONDS = 30.0
LONGEST_VALUE = 1200
"""Characters; Windows takes 2,560 bytes of UTF-16."""

TRUSTED = {
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.libsecret.Keyring": "libsecret",
}

_NEXT_STEPS = {
    "darwin": "Unlock the login keychain, or allow this program in Keychain Access.",
    "win32": "Sign in to Windows with a desktop session, so that Credential Manager can be used.",
}
_NEXT_STEP_ELSEWHERE = (
    "Start and unlock a keyring (gnome-keyring, KeePassXC or KWallet). Without a desktop, give the keys by "
    "environment, credentials directory or credential command."
)


class OsKeyring:
    """Keeps each value as an entry of its own, named `cratejoy-tui:STORE:NAME`. Implements CredentialStore."""

    def __init__(self, *, person_present: bool = False) -> None:
        self._wait_seconds = PERSON_WAIT_SECONDS if person_present else ALONE_WAIT_SECONDS
        self._backend: KeyringBackend | None = None

    def label(self) -> str:
        """How the source is named to an operator: `keyring (Secret Service)`. Raises KeyringUnavailable."""
        return f"keyring ({TRUSTED[_name(self._guarded(self._opened))]})"

    def get(self, store: str, name: str) -> str | None:
        """The value, or None. Raises KeyringUnavailable."""
        return self._guarded(lambda: self._opened().get_password(_service(store, name), name))

    def set(self, store: str, name: str, value: str) -> None:
        """Keep the value and read it back. Raises KeyringUnavailable."""
        if not value or len(value) > LONGEST_VALUE:
            raise KeyringUnavailable(f"A keyring keeps texts of 1 to {LONGEST_VALUE} characters, not {len(value)}.")
        self._guarded(lambda: self._opened().set_password(_service(store, name), name, value))
        if self.get(store, name) != value:
            raise _unavailable("took the value but does not give it back")

    def forget(self, store: str, name: str) -> None:
        """Remove the value; harmless when there is none. Raises KeyringUnavailable."""
        if self.get(store, name) is not None:
            self._guarded(lambda: self._opened().delete_password(_service(store, name), name))

    def _opened(self) -> KeyringBackend:
        if self._backend is None:
            import keyring

            self._backend = _trusted(keyring.get_keyring())
        return self._backend

    def _guarded(self, call: Callable[[], T]) -> T:
        """The call's result, or KeyringUnavailable for whatever went wrong, or after the time limit."""
        results: list[T] = []
        faults: list[BaseException] = []

        def work() -> None:
            try:
                results.append(call())
            except BaseException as fault:  # backends raise anything; the caller decides
                faults.append(fault)

        thread = threading.Thread(target=work, name="keyring", daemon=True)
        thread.start()
        thread.join(self._wait_seconds)
        if thread.is_alive():
            raise _unavailable(f"did not answer within {self._wait_seconds:g} s; an unlock window may be waiting")
        if faults:
            raise _translated(faults[0]) from None
        return results[0]


def _service(store: str, name: str) -> str:
    # One service per value: Windows moves an entry aside when a second user name appears under the same service.
    return f"cratejoy-tui:{store}:{name}"


def _name(backend: Any) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def _trusted(backend: Any) -> KeyringBackend:
    """This backend, or the first trusted one of a chain. Raises KeyringUnavailable."""
    choices = list(getattr(backend, "backends", [])) if _name(backend).startswith("keyring.backends.chainer.") else []
    for choice in [*choices, backend]:
        if _name(choice) in TRUSTED:
            return choice  # type: ignore[no-any-return]
    if _name(backend) in ("keyring.backends.fail.Keyring", "keyring.backends.null.Keyring") or choices:
        raise _unavailable("is missing or switched off")
    raise _unavailable(f"is {_name(backend)}, which does not protect what it keeps")


def _translated(fault: BaseException) -> KeyringUnavailable:
    # The text of a foreign fault may hold the value; its kind is told, and what it means where we know.
    if isinstance(fault, KeyringUnavailable):
        return fault
    meaning = {
        "NoKeyringError": "is missing or switched off",
        "KeyringLocked": "is locked",
        "InitError": "could not be started or unlocked",
        "PasswordSetError": "refused to keep the value",
        "PasswordDeleteError": "refused to remove the value",
    }
    kind = type(fault).__name__
    return _unavailable(meaning.get(kind, f"failed ({clean(kind, 40)})"))


def _unavailable(what: str) -> KeyringUnavailable:
    return KeyringUnavailable(
        f"The keyring of this computer {what}.", next_step=_NEXT_STEPS.get(sys.platform, _NEXT_STEP_ELSEWHERE)
    )
