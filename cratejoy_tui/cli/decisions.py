"""What a person decides about single boxes. Each lands in the audit with the operator's name and the reason."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import shared, shared_but_as
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.cli.plans import show_outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cratejoy_tui.sync.flows.desk import Desk

Decide = Callable[..., "Awaitable[str | None]"]

ids_argument = click.argument("asked", nargs=-1, required=True, metavar="ID...")
id_argument = click.argument("asked", metavar="ID")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the audit.")


def decision(
    name: str, done: str, *, examples: Sequence[str], shares: Callable[..., object] = shared
) -> Callable[[Decide], click.Command]:
    """Declares a decision about boxes, which are named by shipment id or order number; `done` says what is so then.

    The function is given the desk, the boxes' ids and its own values by name, and may give a sentence of its own.
    """

    def declare(work: Decide) -> click.Command:
        @functools.wraps(work)
        async def at_desk(desk: Desk, output: Output, asked: str | Sequence[str], **given: Any) -> None:
            from cratejoy_tui.sync.flows.judging import judge_open

            ids = await ids_of(desk, [asked] if isinstance(asked, str) else asked)
            said = await work(desk, ids, **given)
            await judge_open(desk)
            _tell(output, desk, done.format(**given), ids, said or "")

        return desk_verb(name, one=True, examples=examples, shares=shares)(at_desk)

    return declare


async def ids_of(desk: Desk, asked: Sequence[str]) -> list[str]:
    """The shipment ids of these boxes, each once."""
    from cratejoy_tui.sync.flows.explain import shipment_id_of

    return list(dict.fromkeys([await shipment_id_of(desk, one) for one in asked]))


def _tell(output: Output, desk: Desk, done: str, ids: Sequence[str], said: str = "") -> None:
    output.record("decision", store=desk.store, decision=done, shipment_ids=ids, by=desk.operator, text=said)
    output.line(said or f"{', '.join(ids)}: {done}.")


@decision("hold", "held", examples=['cratejoy-tui hold 123456 --reason "customer asked to wait"'])
@ids_argument
@reason_option
async def hold_verb(desk: Desk, ids: Sequence[str], reason: str) -> str:
    """Keep boxes from being pushed or confirmed until you release them."""
    from cratejoy_tui.sync.domain.stage import OPEN_STAGES
    from cratejoy_tui.sync.flows.people import hold_boxes

    await hold_boxes(desk, ids, reason)
    held = f"{', '.join(ids)}: held."
    for box in (await desk.ledger.shipments.get(ids)).values():
        if box.stage not in OPEN_STAGES:
            held += f"\n{box.id} is {box.stage}: this does not stop its order; `recall {box.id}` may."
    return held


@decision("release", "released", examples=['cratejoy-tui release 123456 --reason "address confirmed by phone"'])
@ids_argument
@reason_option
@click.option("--subscription", is_flag=True, help="For all remaining paid boxes of the subscription too.")
async def release_verb(desk: Desk, ids: Sequence[str], reason: str, *, subscription: bool) -> None:
    """Let held boxes go, whether a person or a rule held them."""
    from cratejoy_tui.sync.flows.people import release_boxes

    await release_boxes(desk, ids, reason, subscription=subscription)


@decision("retry", "to be tried again", examples=["cratejoy-tui retry 123456"])
@ids_argument
async def retry_verb(desk: Desk, ids: Sequence[str]) -> None:
    """Let boxes that were refused be tried again in the next plan."""
    from cratejoy_tui.sync.flows.people import retry

    await retry(desk, ids)


@decision(
    "settle",
    "settled as {as_}",
    examples=['cratejoy-tui settle 123456 --as sent --reason "seen in the warehouse"'],
    shares=shared_but_as,
)
@id_argument
@click.option("--as", "as_", type=click.Choice(["sent", "not-sent"]), required=True, help="What you found out.")
@reason_option
async def settle_verb(desk: Desk, ids: Sequence[str], as_: str, reason: str) -> None:
    """Say whether a write in doubt was done, after you looked for it yourself."""
    from cratejoy_tui.sync.flows.people import settle_as

    await settle_as(desk, ids[0], sent=as_ == "sent", reason=reason)


@decision(
    "resolve",
    "resolved as {as_}",
    examples=['cratejoy-tui resolve 123456 --as ours --reason "order checked"'],
    shares=shared_but_as,
)
@id_argument
@click.option(
    "--as", "as_", type=click.Choice(["ours", "theirs", "closed"]), required=True, help="Which side is right."
)
@reason_option
async def resolve_verb(desk: Desk, ids: Sequence[str], as_: str, reason: str) -> None:
    """End a conflict: our order stands, theirs does, or the box is closed."""
    from cratejoy_tui.sync.flows.people import resolve

    await resolve(desk, ids[0], as_=as_, reason=reason)


@desk_verb("recall", one=True, examples=['cratejoy-tui recall 123456 --reason "wrong address"'])
@ids_argument
@reason_option
@click.option("--later", is_flag=True, help="Only record it; the next cycle sends it.")
async def recall_verb(desk: Desk, output: Output, asked: tuple[str, ...], reason: str, *, later: bool) -> ExitCode:
    """Ask the warehouse not to send these orders."""
    from cratejoy_tui.sync.flows.people import recall_boxes, send_recalls

    ids = await ids_of(desk, asked)
    await recall_boxes(desk, ids, reason)
    _tell(output, desk, "recall recorded", ids)
    return ExitCode.WELL if later else show_outcomes(output, desk, await send_recalls(desk, ids))


@decision("resend", "to be sent anew", examples=['cratejoy-tui resend 123456 --reason "lost in the post"'])
@id_argument
@reason_option
async def resend_verb(desk: Desk, ids: Sequence[str], reason: str) -> str:
    """Plan a box anew under the next number, once the former order is proven cancelled or closed."""
    from cratejoy_tui.sync.flows.people import resend

    return f"{ids[0]} will be sent anew: generation {await resend(desk, ids[0], reason)}."


@desk_verb(
    "replace",
    one=True,
    examples=[
        'cratejoy-tui replace 123456 --reason "relabelled at the dock"',
        'cratejoy-tui replace 123456 --tracking 1Z999AA10123456784 --carrier UPS --reason "typed over"',
    ],
)
@id_argument
@reason_option
@click.option("--tracking", "tracking_number", metavar="NUMBER", default="", help="The number that travels.")
@click.option("--carrier", metavar="NAME", default="", help="Its carrier.")
async def replace_verb(
    desk: Desk, output: Output, asked: str, reason: str, tracking_number: str, carrier: str
) -> ExitCode:
    """Tell Cratejoy another tracking number for a confirmed box. The customer may get a second e-mail."""
    from cratejoy_tui.sync.flows.replace import replace

    outcome = await replace(desk, asked, reason, tracking_number=tracking_number, carrier=carrier)
    return show_outcomes(output, desk, [outcome])


@desk_verb(
    "adopt",
    one=True,
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
async def adopt_verb(
    desk: Desk, output: Output, numbers: tuple[str, ...], listed: TextIO | None, reason: str
) -> ExitCode:
    """Say which orders the warehouse had before this program: they are confirmed like our own, and never sent again."""
    from cratejoy_tui.sync.flows.adopt import adopt

    words = [*numbers, *(line.strip() for line in listed or ())]
    given = [word for word in words if word]
    if not given:
        raise click.UsageError("Give order numbers, a --file of them, or the word none.")

    done = await adopt(desk, None if given == ["none"] else given, reason)
    output.record("adopted", **fields_of(done))
    for left in done.left_out:
        output.warn(f"{left.number} was left out: {left.why}")
    known = f", {len(done.already)} were ours before" if done.already else ""
    output.line(f"{done.store}: {'none' if done.none else len(done.adopted)} adopted{known}.")
    return ExitCode.ATTENTION if done.left_out else ExitCode.WELL
