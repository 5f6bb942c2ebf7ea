"""A sitting of set-up, answered step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.fields import Answers, FieldKind
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup.trials import Checked
from cratejoy_tui.setup.wizard import Wizard, begin
from cratejoy_tui.simulator.server import Served


@asynccontextmanager
async def sitting(parts: Parts, places: Path, store: str = "") -> AsyncIterator[Wizard]:
    wizard = await begin(parts, places / "config" / "config.toml", store)
    try:
        yield wizard
    finally:
        await wizard.close()


async def answer(wizard: Wizard, step_id: str, **given: str | Secret) -> Checked:
    """Answer one step, what is not given as it stands, and test it."""
    step = wizard.step(step_id)
    fields = {field.name: field for field in wizard.fields(step)}
    told = {name.replace("__", "-"): value for name, value in given.items()}
    plain: Answers = {
        name: told.get(name, Secret("") if field.kind is FieldKind.SECRET else field.value)
        for name, field in fields.items()
    }
    await wizard.take(step, plain)
    return await wizard.check(step)


async def filled(wizard: Wizard, served: Served, places: Path, *, name: str = "tea", secret: str = "") -> None:
    """Everything answered, nothing saved."""
    (places / "wms").mkdir(exist_ok=True)
    more = {"name": name} if wizard.draft.is_new else {}
    await answer(wizard, "store", api__url=served.url, **more)
    await answer(
        wizard, "keys", client_id=Secret(served.client_id), client_secret=Secret(secret or served.client_secret)
    )
    await answer(wizard, "warehouse", kind="folder")
    assert (await answer(wizard, "connection", root=str(places / "wms"))).ok
    await answer(wizard, "rules")
    await answer(wizard, "first-pull", earliest__order__date="none", adopt="later")
