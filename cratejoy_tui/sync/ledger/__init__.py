"""What we have seen, decided and done, kept so that nothing is sent twice."""

from __future__ import annotations

from cratejoy_tui.sync.ledger.holder import this_process
from cratejoy_tui.sync.ledger.open import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger", "this_process"]
