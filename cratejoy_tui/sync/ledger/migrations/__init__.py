"""One module per revision of the ledger's tables, each with `upgrade(op)`; read only when a ledger is behind."""

from __future__ import annotations

REVISION = 3
"""How the tables look in this program."""
