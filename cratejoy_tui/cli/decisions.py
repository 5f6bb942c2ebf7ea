"""What a person decides about single boxes. Each lands in the audit with the operator's name and the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

import rich_click as click

from cratejoy_tui.cli.desks import at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, Verb, chosen, shared, shared_but_as
from cratejoy_tui.cli.output import fields_of
from cratejoy_tui.cli.plans import show_outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cratejoy_tui.sync.flows.desk import Desk

ids_argument = click.argument("asked", nargs=-1, required=True, metavar="ID...")
id_argument = click.argument("asked", metavar="ID")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the audit.")


Decide = Callable[["Desk", "Sequence[str]"], "Awaitable[str | None]"]


def decide(context: click.Context, done: str, asked: Sequence[str], work: Decide) -> ExitCode:
    """Do the work for these boxes at one desk and say what is so now.

    Boxes are named by shipment id or order number; `work` gets their ids, and may give a sentence of its own.
    """
    options = chosen(context)

    async def at_desk(desk: Desk) -> None:
        ids = await ids_of(desk, asked)
        _tell(options, desk, done, ids, await work(desk, ids) or "")

    return at_one_desk(options, done, at_desk)


async def ids_of(desk: Desk, asked: Sequence[str]) -> list[str]:
    """The shipment ids of these boxes, each once."""
    from cratejoy_tui.sync.flows.explain import shipment_id_of

    return list(dict.fromkeys([await shipment_id_of(desk, one) for one in asked]))


def _tell(options: Options, desk: Desk, done: str, ids: Sequence[str], said: str = "") -> None:
    output = options.output()
    output.record("decision", store=desk.store, decision=done, shipment_ids=ids, by=desk.operator, text=said)
    output.line(said or f"{', '.join(ids)}: {done}.")


@click.command("hold", cls=Verb, examples=['cratejoy-tui hold 123456 --reason "customer asked to wait"'])
@ids_argument
@reason_option
@shared
@click.pass_context
def hold_verb(context: click.Context, /, asked: tuple[str, ...], reason: str) -> ExitCode:
    """Keep boxes from being pushed or confirmed until you release them."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes

        await hold_boxes(desk, ids, reason)

    return decide(context, "held", asked, work)


@click.command("release", cls=Verb, examples=['cratejoy-tui release 123456 --reason "address confirmed by phone"'])
@ids_argument
@reason_option
@click.option("--subscription", is_flag=True, help="For all remaining paid boxes of the subscription too.")
@shared
@click.pass_context
def release_verb(context: click.Context, /, asked: tuple[str, ...], reason: str, subscription: bool) -> ExitCode:
    """Let held boxes go, whether a person or a rule held them."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import release_boxes

        await release_boxes(desk, ids, reason, subscription=subscription)

    return decide(context, "released", asked, work)


@click.command("retry", cls=Verb, examples=["cratejoy-tui retry 123456"])
@ids_argument
@shared
@click.pass_context
def retry_verb(context: click.Context, /, asked: tuple[str, ...]) -> ExitCode:
    """Let boxes that were refused be tried again in the next plan."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import retry

        await retry(desk, ids)

    return decide(context, "to be tried again", asked, work)


@click.command("settle", cls=Verb, examples=['cratejoy-tui settle 123456 --as sent --reason "seen in the warehouse"'])
@id_argument
@click.option("--as", "as_", type=click.Choice(["sent", "not-sent"]), required=True, help="What you found out.")
@reason_option
@shared_but_as
@click.pass_context
def settle_verb(context: click.Context, /, asked: str, as_: str, reason: str) -> ExitCode:
    """Say whether a write in doubt was done, after you looked for it yourself."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import settle_as

        await settle_as(desk, ids[0], sent=as_ == "sent", reason=reason)

    return decide(context, f"settled as {as_}", (asked,), work)


@click.command("resolve", cls=Verb, examples=['cratejoy-tui resolve 123456 --as ours --reason "order checked"'])
@id_argument
@click.option(
    "--as", "as_", type=click.Choice(["ours", "theirs", "closed"]), required=True, help="Which side is right."
)
@reason_option
@shared_but_as
@click.pass_context
def resolve_verb(context: click.Context, /, asked: str, as_: str, reason: str) -> ExitCode:
    """End a conflict: our order stands, theirs does, or the box is closed."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import resolve

        await resolve(desk, ids[0], as_=as_, reason=reason)

    return decide(context, f"resolved as {as_}", (asked,), work)


@click.command("recall", cls=Verb, examples=['cratejoy-tui recall 123456 --reason "wrong address"'])
@ids_argument
@reason_option
@click.option("--later", is_flag=True, help="Only record it; the next cycle sends it.")
@shared
@click.pass_context
def recall_verb(context: click.Context, /, asked: tuple[str, ...], reason: str, later: bool) -> ExitCode:
    """Ask the warehouse not to send these orders."""

    options = chosen(context)

    async def at_desk(desk: Desk) -> ExitCode:
        from cratejoy_tui.sync.flows.people import recall_boxes, send_recalls

        ids = await ids_of(desk, asked)
        await recall_boxes(desk, ids, reason)
        _tell(options, desk, "recall recorded", ids)
        return ExitCode.WELL if later else show_outcomes(options, desk, await send_recalls(desk, ids))

    return at_one_desk(options, "recall", at_desk)


@click.command("resend", cls=Verb, examples=['cratejoy-tui resend 123456 --reason "lost in the post"'])
@id_argument
@reason_option
@shared
@click.pass_context
def resend_verb(context: click.Context, /, asked: str, reason: str) -> ExitCode:
    """Plan a box anew under the next number, once the former order is proven cancelled or closed."""

    async def work(desk: Desk, ids: Sequence[str]) -> str:
        from cratejoy_tui.sync.flows.people import resend

        generation = await resend(desk, ids[0], reason)
        return f"{ids[0]} will be sent anew: generation {generation}."

    return decide(context, "to be sent anew", (asked,), work)


@click.command(
    "replace",
    cls=Verb,
    examples=[
        'cratejoy-tui replace 123456 --reason "relabelled at the dock"',
        'cratejoy-tui replace 123456 --tracking 1Z999AA10123456784 --carrier UPS --reason "typed over"',
    ],
)
@id_argument
@reason_option
@click.option("--tracking", "tracking_number", metavar="NUMBER", default="", help="The number that travels.")
@click.option("--carrier", metavar="NAME", default="", help="Its carrier.")
@shared
@click.pass_context
def replace_verb(context: click.Context, /, asked: str, reason: str, tracking_number: str, carrier: str) -> ExitCode:
    """Tell Cratejoy another tracking number for a confirmed box. The customer may get a second e-mail."""

    options = chosen(context)

    async def at_desk(desk: Desk) -> ExitCode:
        from cratejoy_tui.sync.flows.replace import replace

        outcome = await replace(desk, asked, reason, tracking_number=tracking_number, carrier=carrier)
        return show_outcomes(options, desk, [outcome])

    return at_one_desk(options, "replace", at_desk)


@click.command(
    "adopt",
    cls=Verb,
    examples=[
        "cratejoy-tui adopt none",
        "cratejoy-tui adopt SUB-123456 123457",
        "cratejoy-tui adopt --file already-there.txt",
    ],
)
@click.argument("numbers", nargs=-1, metavar="none | NUMBER...")
@click.option(
    "--file", "listed", type=click.File("r", encoding="utf-8-sig"), help="A list, one number a line; - is stdin."
)
@click.option("--reason", default="", metavar="TEXT", help="Kept in the audit.")
@shared
@click.pass_context
def adopt_verb(context: click.Context, /, numbers: tuple[str, ...], listed: TextIO | None, reason: str) -> ExitCode:
    """Say which orders the warehouse had before this program: they are confirmed like our own, and never sent again."""
    options = chosen(context)
    words = [*numbers, *(line.strip() for line in listed or ())]
    given = [word for word in words if word]
    if not given:
        raise click.UsageError("Give order numbers, a --file of them, or the word none.", context)

    async def work(desk: Desk) -> ExitCode:
        from cratejoy_tui.sync.flows.adopt import adopt

        output = options.output()
        done = await adopt(desk, None if given == ["none"] else given, reason)
        output.record("adopted", **fields_of(done))
        for left in done.left_out:
            output.warn(f"{left.number} was left out: {left.why}")
        known = f", {len(done.already)} were ours before" if done.already else ""
        output.line(f"{done.store}: {'none' if done.none else len(done.adopted)} adopted{known}.")
        return ExitCode.ATTENTION if done.left_out else ExitCode.WELL

    return at_one_desk(options, "adopt", work)
