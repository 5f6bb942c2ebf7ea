"""One module per revision of the ledger's tables after the first, each with `upgrade(op)`.

They are read only when a ledger is behind; a new one is made from the tables as they are now.
"""

from __future__ import annotations

REVISION = 3
"""How the tables look in this program."""
