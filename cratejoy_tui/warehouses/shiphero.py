"""ShipHero, over its public GraphQL interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from cratejoy_tui.errors import RunStopped, UnexpectedAnswer
from cratejoy_tui.http import Remote, RequestRefused
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    Order,
    OrderState,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.called import CalledWarehouse, standing, unknown_if_stopped
from cratejoy_tui.warehouses.called import words_of as refusal_of
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in
from cratejoy_tui.warehouses.shiphero_questions import cancel_of, create_of, search_of, shipments_of, whole_of
from cratejoy_tui.warehouses.shiphero_records import (
    Answer,
    Edges,
    OrderChange,
    OrderNode,
    WholeOrder,
    found_of,
    order_data,
    parcels_of,
    state_of,
)
from cratejoy_tui.warehouses.shiphero_session import Session
from cratejoy_tui.warehouses.shiphero_talk import ShipHeroTalk, answer, words_of
from cratejoy_tui.warehouses.told import parcels_in, parts_of

URL = "https://public-api.shiphero.com"
LOOK_UPS = 10
"""Numbers in one question."""
WHOLE_ORDERS = 5


class ShipHeroWarehouse(CalledWarehouse):
    """Orders and tracking by ShipHero's GraphQL interface."""

    looks_first = True

    title: ClassVar[str] = "ShipHero"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="ShipHero"),
        Setting(name="user", help="E-mail address of the developer user made for this program in ShipHero."),
        Setting(name="password", help="That user's password.", secret=True),
        Setting(name="shop_name", help="The store's name that orders carry in ShipHero.", default="Cratejoy"),
        Setting(
            name="customer_account_id",
            help="The store's account id, when the user is that of a 3PL which serves several; else empty.",
            default="",
        ),
        Setting(name="warehouse_id", help="The only warehouse that may send the lines; else empty.", default=""),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, default=URL, help="Where it is."),
        Setting(name="quiet_seconds", default=300, help="How long after a lost answer an order may still appear."),
        Setting(name="requests_per_second", default=20, help="At most; 7,000 in five minutes are the limit there."),
    )

    def __init__(self, session: Session, values: Mapping[str, object]) -> None:
        """`values`: the settings, checked."""
        super().__init__(session.client, session.clock)
        # Nothing there refuses a second order with the same number.
        self.capabilities = Capabilities(
            delivery=DeliveryClass.LOOK_UP, batch_size=1, quiet_seconds=number_in(values, "quiet_seconds")
        )
        self._session, self._talk = session, ShipHeroTalk(session)
        self._owner = str(values["customer_account_id"])
        self._shop, self._warehouse = str(values["shop_name"]), str(values["warehouse_id"])

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> ShipHeroWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "ShipHero")
        remote = Remote(
            system=str(values["name"]),
            base_url=str(values["url"]),
            requests_per_second=number_in(values, "requests_per_second"),
        )
        session = Session(remote, str(values["user"]), Secret(place.key("password")), place.clock)
        return cls(session, values)

    async def verify(self) -> Contact:
        """Prove by reading the credits that it answers and takes the user. Raises SignInRefused, Unreachable."""
        quota = await self._talk.quota()
        return self.contact(f"{quota.credits_remaining:,.0f} of {quota.max_available:,.0f} credits")

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Create each order by a call of its own: the errors of a call do not say which of several they are about."""
        return [await self._create(order) for order in orders]

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers, as order number or as partner order id."""
        nodes = await self._search(numbers)
        self.absent.learn(numbers, nodes)
        found: dict[str, list[Found]] = {}
        for part in parts_of([(number, node.id) for number, of in nodes.items() for node in of], WHOLE_ORDERS):
            reply = await self._talk.read(*whole_of([id_ for _, id_ in part]))
            for place, (number, _) in enumerate(part):
                told = answer(reply, f"o{place}", Answer[WholeOrder | None])
                if told is not None and told.data is not None:
                    found.setdefault(number, []).append(found_of(number, told.data))
        return {number: tuple(orders) for number, orders in found.items()}

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Ask for one order not to be sent, and look whether it really is cancelled."""
        nodes = (await self._search([number])).get(number, [])
        before = self._standing(number, nodes)
        if before.answer is not CancelAnswer.UNKNOWN:
            return before
        refused = ""
        for node in nodes:
            if state_of(node.fulfillment_status) is OrderState.OPEN:
                refused = refused or await self._cancel(node, reason)
        return await unknown_if_stopped(number, self._read_back(number, refused))

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel of a shipment made from `since` on, page by page."""
        begin = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        after: str | None = None
        seen: set[str | None] = set()
        while after not in seen:
            seen.add(after)
            reply = await self._talk.read(*shipments_of(begin, after, self._owner))
            page = answer(reply, "shipments", Answer[Edges[msgspec.Raw]])
            if page is None:
                raise UnexpectedAnswer(f"{self.name} did not give its shipments: {words_of(reply.errors or [])}.")
            yield parcels_in(page.data.nodes, parcels_of, self.name, "shipments")
            if not page.data.page_info.has_next_page:
                return
            after = page.data.page_info.end_cursor
        raise UnexpectedAnswer(f"{self.name} gave the same page of shipments twice; the rest was not read.")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def _create(self, order: Order) -> PushOutcome:
        data = order_data(order, shop=self._shop, owner=self._owner, warehouse=self._warehouse)
        reply = await self._talk.write(*create_of(data))
        try:
            made = answer(reply, "order_create", OrderChange)
            if made is not None and made.order is not None and made.order.id:
                return Receipt(number=order.number, reference=clean(made.order.id, 200))
            # An error may also be about the answer's fields, after the order was made: look, before calling it refused.
            if not await self._search([order.number]) and reply.errors:
                return Refused(number=order.number, reason=words_of(reply.errors))
        except RunStopped as stopped:
            return Lost(number=order.number, reason=stopped.message)
        return Lost(number=order.number, reason=f"{self.name} did not say what became of it")

    async def _search(self, numbers: Sequence[str]) -> dict[str, list[OrderNode]]:
        """The orders that carry exactly these numbers; what a search gives beyond them is left out."""
        found: dict[str, list[OrderNode]] = {}
        for part in parts_of(numbers, LOOK_UPS):
            reply = await self._talk.read(*search_of(part, self._owner))
            for place, number in enumerate(part):
                told = [answer(reply, f"{letter}{place}", Answer[Edges[OrderNode]]) for letter in "op"]
                nodes = [node for one in told if one is not None for node in one.data.nodes]
                ours = {node.id: node for node in nodes if node.is_named(number)}
                if ours:
                    found[number] = list(ours.values())
        return found

    async def _cancel(self, node: OrderNode, reason: str) -> str:
        """Ask to cancel one order; its words when it says no."""
        try:
            reply = await self._talk.write(*cancel_of(node.id, clean(reason, 200), self._owner))
        except RequestRefused as refused:
            return refusal_of(refused)
        return words_of(reply.errors) if reply.errors else ""

    def _standing(self, number: str, nodes: Sequence[OrderNode], refused: str = "") -> CancelOutcome:
        there = [(state_of(node.fulfillment_status), node.fulfillment_status or "open") for node in nodes]
        return standing(self.name, number, there, refused)

    async def _read_back(self, number: str, refused: str) -> CancelOutcome:
        return self._standing(number, (await self._search([number])).get(number, []), refused)
