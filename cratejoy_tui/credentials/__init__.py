"""Where the keys of a store come from, and the one place they are kept: the operating system's keyring."""

from __future__ import annotations

from cratejoy_tui.credentials.chain import CLIENT_ID, CLIENT_SECRET, Credential, Credentials, chain, variable
from cratejoy_tui.credentials.os_keyring import OsKeyring
from cratejoy_tui.secret import Secret

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Credential", "Credentials", "OsKeyring", "Secret", "chain", "variable"]
