"""What a person decides about single boxes. Each lands in the audit with the operator's name and the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from cratejoy_tui.cli.desks import at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Verb, chosen, shared, shared_but_as

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cratejoy_tui.sync.flows.desk import Desk

F = TypeVar("F", bound=Callable[..., Any])

ids_argument = click.argument("ids", nargs=-1, required=True, metavar="ID...")
id_argument = click.argument("shipment_id", metavar="ID")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the audit.")


def decide(
    context: click.Context, done: str, ids: tuple[str, ...], work: Callable[[Desk], Awaitable[str | None]]
) -> ExitCode:
    """Do the work at one desk and say what is so now. `work` may give a sentence of its own."""
    options = chosen(context)

    async def at_desk(desk: Desk) -> None:
        said = await work(desk)
        output = options.output()
        output.record("decision", store=desk.store, decision=done, shipment_ids=ids, by=desk.operator, text=said or "")
        output.line(said or f"{', '.join(ids)}: {done}.")

    return at_one_desk(options, done, at_desk)


@click.command("hold", cls=Verb, examples=['cratejoy-tui hold 123456 --reason "customer asked to wait"'])
@ids_argument
@reason_option
@shared
@click.pass_context
def hold_verb(context: click.Context, /, ids: tuple[str, ...], reason: str) -> ExitCode:
    """Keep boxes from being pushed or confirmed until you release them."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes

        await hold_boxes(desk, ids, reason)

    return decide(context, "held", ids, work)


@click.command("release", cls=Verb, examples=['cratejoy-tui release 123456 --reason "address confirmed by phone"'])
@ids_argument
@reason_option
@click.option("--subscription", is_flag=True, help="For all remaining paid boxes of the subscription too.")
@shared
@click.pass_context
def release_verb(context: click.Context, /, ids: tuple[str, ...], reason: str, subscription: bool) -> ExitCode:
    """Let held boxes go, whether a person or a rule held them."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import release_boxes

        await release_boxes(desk, ids, reason, subscription=subscription)

    return decide(context, "released", ids, work)


@click.command("retry", cls=Verb, examples=["cratejoy-tui retry 123456"])
@ids_argument
@shared
@click.pass_context
def retry_verb(context: click.Context, /, ids: tuple[str, ...]) -> ExitCode:
    """Let boxes that were refused be tried again in the next plan."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import retry

        await retry(desk, ids)

    return decide(context, "to be tried again", ids, work)


@click.command("settle", cls=Verb, examples=['cratejoy-tui settle 123456 --as sent --reason "seen in the warehouse"'])
@id_argument
@click.option("--as", "as_", type=click.Choice(["sent", "not-sent"]), required=True, help="What you found out.")
@reason_option
@shared_but_as
@click.pass_context
def settle_verb(context: click.Context, /, shipment_id: str, as_: str, reason: str) -> ExitCode:
    """Say whether a write in doubt was done, after you looked for it yourself."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import settle_as

        await settle_as(desk, shipment_id, sent=as_ == "sent", reason=reason)

    return decide(context, f"settled as {as_}", (shipment_id,), work)


@click.command("resolve", cls=Verb, examples=['cratejoy-tui resolve 123456 --as ours --reason "order checked"'])
@id_argument
@click.option(
    "--as", "as_", type=click.Choice(["ours", "theirs", "closed"]), required=True, help="Which side is right."
)
@reason_option
@shared_but_as
@click.pass_context
def resolve_verb(context: click.Context, /, shipment_id: str, as_: str, reason: str) -> ExitCode:
    """End a conflict: our order stands, theirs does, or the box is closed."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import resolve

        await resolve(desk, shipment_id, as_=as_, reason=reason)

    return decide(context, f"resolved as {as_}", (shipment_id,), work)


@click.command("recall", cls=Verb, examples=['cratejoy-tui recall 123456 --reason "wrong address"'])
@ids_argument
@reason_option
@click.option("--later", is_flag=True, help="Only record it; the next cycle sends it.")
@shared
@click.pass_context
def recall_verb(context: click.Context, /, ids: tuple[str, ...], reason: str, later: bool) -> ExitCode:
    """Ask the warehouse not to send these orders."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import recall, send_recalls

        for shipment_id in ids:
            await recall(desk, shipment_id, reason)
        if not later:
            await send_recalls(desk, ids)

    return decide(context, "recall recorded" if later else "recalled", ids, work)


@click.command("resend", cls=Verb, examples=['cratejoy-tui resend 123456 --reason "lost in the post"'])
@id_argument
@reason_option
@shared
@click.pass_context
def resend_verb(context: click.Context, /, shipment_id: str, reason: str) -> ExitCode:
    """Plan a box anew under the next number, once the former order is proven cancelled or closed."""

    async def work(desk: Desk) -> str:
        from cratejoy_tui.sync.flows.people import resend

        number = await resend(desk, shipment_id, reason)
        return f"{shipment_id} will be sent anew as order {number}."

    return decide(context, "to be sent anew", (shipment_id,), work)
