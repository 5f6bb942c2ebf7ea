"""What a person decides about single boxes. Each lands in the audit with the operator's name and the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

import rich_click as click

from cratejoy_tui.cli.desks import at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, shared_but_as, verb
from cratejoy_tui.cli.output import fields_of
from cratejoy_tui.cli.plans import show_outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cratejoy_tui.sync.flows.desk import Desk

ids_argument = click.argument("asked", nargs=-1, required=True, metavar="ID...")
id_argument = click.argument("asked", metavar="ID")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the audit.")


Decide = Callable[["Desk", "Sequence[str]"], "Awaitable[str | None]"]


def decide(options: Options, done: str, asked: Sequence[str], work: Decide) -> ExitCode:
    """Do the work for these boxes at one desk and say what is so now.

    Boxes are named by shipment id or order number; `work` gets their ids, and may give a sentence of its own.
    """

    async def at_desk(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.judging import judge_open

        ids = await ids_of(desk, asked)
        said = await work(desk, ids) or ""
        await judge_open(desk)
        _tell(options, desk, done, ids, said)

    return at_one_desk(options, done, at_desk)


async def ids_of(desk: Desk, asked: Sequence[str]) -> list[str]:
    """The shipment ids of these boxes, each once."""
    from cratejoy_tui.sync.flows.explain import shipment_id_of

    return list(dict.fromkeys([await shipment_id_of(desk, one) for one in asked]))


def _tell(options: Options, desk: Desk, done: str, ids: Sequence[str], said: str = "") -> None:
    output = options.output()
    output.record("decision", store=desk.store, decision=done, shipment_ids=ids, by=desk.operator, text=said)
    output.line(said or f"{', '.join(ids)}: {done}.")


@verb("hold", examples=['cratejoy-tui hold 123456 --reason "customer asked to wait"'])
@ids_argument
@reason_option
def hold_verb(options: Options, asked: tuple[str, ...], reason: str) -> ExitCode:
    """Keep boxes from being pushed or confirmed until you release them."""

    async def work(desk: Desk, ids: Sequence[str]) -> str:
        from cratejoy_tui.sync.domain.stage import OPEN_STAGES
        from cratejoy_tui.sync.flows.people import hold_boxes

        await hold_boxes(desk, ids, reason)
        held = f"{', '.join(ids)}: held."
        for box in (await desk.ledger.shipments.get(ids)).values():
            if box.stage not in OPEN_STAGES:
                held += f"\n{box.id} is {box.stage}: this does not stop its order; `recall {box.id}` may."
        return held

    return decide(options, "held", asked, work)


@verb("release", examples=['cratejoy-tui release 123456 --reason "address confirmed by phone"'])
@ids_argument
@reason_option
@click.option("--subscription", is_flag=True, help="For all remaining paid boxes of the subscription too.")
def release_verb(options: Options, asked: tuple[str, ...], reason: str, subscription: bool) -> ExitCode:
    """Let held boxes go, whether a person or a rule held them."""
    from cratejoy_tui.sync.flows.people import release_boxes

    return decide(
        options, "released", asked, lambda desk, ids: release_boxes(desk, ids, reason, subscription=subscription)
    )


@verb("retry", examples=["cratejoy-tui retry 123456"])
@ids_argument
def retry_verb(options: Options, asked: tuple[str, ...]) -> ExitCode:
    """Let boxes that were refused be tried again in the next plan."""
    from cratejoy_tui.sync.flows.people import retry

    return decide(options, "to be tried again", asked, retry)


@verb(
    "settle", examples=['cratejoy-tui settle 123456 --as sent --reason "seen in the warehouse"'], shares=shared_but_as
)
@id_argument
@click.option("--as", "as_", type=click.Choice(["sent", "not-sent"]), required=True, help="What you found out.")
@reason_option
def settle_verb(options: Options, asked: str, as_: str, reason: str) -> ExitCode:
    """Say whether a write in doubt was done, after you looked for it yourself."""
    from cratejoy_tui.sync.flows.people import settle_as

    sent = as_ == "sent"
    return decide(
        options, f"settled as {as_}", (asked,), lambda desk, ids: settle_as(desk, ids[0], sent=sent, reason=reason)
    )


@verb("resolve", examples=['cratejoy-tui resolve 123456 --as ours --reason "order checked"'], shares=shared_but_as)
@id_argument
@click.option(
    "--as", "as_", type=click.Choice(["ours", "theirs", "closed"]), required=True, help="Which side is right."
)
@reason_option
def resolve_verb(options: Options, asked: str, as_: str, reason: str) -> ExitCode:
    """End a conflict: our order stands, theirs does, or the box is closed."""
    from cratejoy_tui.sync.flows.people import resolve

    return decide(
        options, f"resolved as {as_}", (asked,), lambda desk, ids: resolve(desk, ids[0], as_=as_, reason=reason)
    )


@verb("recall", examples=['cratejoy-tui recall 123456 --reason "wrong address"'])
@ids_argument
@reason_option
@click.option("--later", is_flag=True, help="Only record it; the next cycle sends it.")
def recall_verb(options: Options, asked: tuple[str, ...], reason: str, later: bool) -> ExitCode:
    """Ask the warehouse not to send these orders."""

    async def at_desk(desk: Desk) -> ExitCode:
        from cratejoy_tui.sync.flows.people import recall_boxes, send_recalls

        ids = await ids_of(desk, asked)
        await recall_boxes(desk, ids, reason)
        _tell(options, desk, "recall recorded", ids)
        return ExitCode.WELL if later else show_outcomes(options, desk, await send_recalls(desk, ids))

    return at_one_desk(options, "recall", at_desk)


@verb("resend", examples=['cratejoy-tui resend 123456 --reason "lost in the post"'])
@id_argument
@reason_option
def resend_verb(options: Options, asked: str, reason: str) -> ExitCode:
    """Plan a box anew under the next number, once the former order is proven cancelled or closed."""

    async def work(desk: Desk, ids: Sequence[str]) -> str:
        from cratejoy_tui.sync.flows.people import resend

        generation = await resend(desk, ids[0], reason)
        return f"{ids[0]} will be sent anew: generation {generation}."

    return decide(options, "to be sent anew", (asked,), work)


@verb(
    "replace",
    examples=[
        'cratejoy-tui replace 123456 --reason "relabelled at the dock"',
        'cratejoy-tui replace 123456 --tracking 1Z999AA10123456784 --carrier UPS --reason "typed over"',
    ],
)
@id_argument
@reason_option
@click.option("--tracking", "tracking_number", metavar="NUMBER", default="", help="The number that travels.")
@click.option("--carrier", metavar="NAME", default="", help="Its carrier.")
def replace_verb(options: Options, asked: str, reason: str, tracking_number: str, carrier: str) -> ExitCode:
    """Tell Cratejoy another tracking number for a confirmed box. The customer may get a second e-mail."""

    async def at_desk(desk: Desk) -> ExitCode:
        from cratejoy_tui.sync.flows.replace import replace

        outcome = await replace(desk, asked, reason, tracking_number=tracking_number, carrier=carrier)
        return show_outcomes(options, desk, [outcome])

    return at_one_desk(options, "replace", at_desk)


@verb(
    "adopt",
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
def adopt_verb(options: Options, numbers: tuple[str, ...], listed: TextIO | None, reason: str) -> ExitCode:
    """Say which orders the warehouse had before this program: they are confirmed like our own, and never sent again."""
    words = [*numbers, *(line.strip() for line in listed or ())]
    given = [word for word in words if word]
    if not given:
        raise click.UsageError("Give order numbers, a --file of them, or the word none.")

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
