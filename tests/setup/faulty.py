"""The program with a fault of ours in set-up: a test dies with the key itself in its message."""

from __future__ import annotations

import os
import sys

from cratejoy_tui.__main__ import main
from cratejoy_tui.setup.steps import Step
from cratejoy_tui.setup.wizard import Wizard


async def dies(wizard: Wizard, step: Step) -> None:
    """What a careless line could do."""
    if step.id != "keys":
        return await checked(wizard, step)  # type: ignore[return-value]
    keys = await wizard.keys(wizard.draft)
    told = ", ".join(secret.reveal() for secret in keys.values())
    raise RuntimeError(f"this fault tells {told}")


checked = Wizard.check
if __name__ == "__main__":
    os.environ.setdefault("TERM", "xterm-256color")
    Wizard.check = dies  # type: ignore[assignment,method-assign]
    sys.exit(main())
