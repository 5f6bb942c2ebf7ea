"""What is said when set-up is done, the same on every front end."""

from __future__ import annotations

from cratejoy_tui.setup.draft import KeysGo
from cratejoy_tui.setup.saving import Saved
from cratejoy_tui.setup.wizard import Wizard
from cratejoy_tui.sync.flows.adopt import Adopted


def told_saved(wizard: Wizard, saved: Saved) -> tuple[str, ...]:
    """Where everything is now."""
    lines = [f"Store {saved.store} is set up. Settings: {saved.path}"]
    if saved.former is not None:
        lines.append(f"Comments of your own are not in it any more; the file as it was is {saved.former}.")
    if saved.keys:
        lines.append(f"Keys ({', '.join(saved.keys)}): {saved.keyring}")
    elif wizard.draft.keys_go is KeysGo.ELSEWHERE:
        names = ", ".join(wizard.variables())
        lines.append(f"No key was stored. Each run looks in the environment ({names}) and the other places.")
    return tuple(lines)


def told_adopted(adopted: Adopted | None) -> tuple[str, ...]:
    """What became of the orders that were at the warehouse already."""
    if adopted is None:
        return ()
    if adopted.none:
        return ("Noted: no order of this store is at the warehouse.",)
    left = tuple(f"! {each.number} was left out: {each.why}" for each in adopted.left_out)
    return (f"Adopted: {len(adopted.adopted)} orders; {len(adopted.already)} were ours before.", *left)
