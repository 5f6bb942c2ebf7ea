"""A whole adapter for a warehouse with a small JSON interface. What each method promises stands in `sync.ports`."""

from datetime import UTC

from msgspec import convert, to_builtins
from msgspec.json import decode

from cratejoy_tui.http import BearerKey, PoliteClient, Remote
from cratejoy_tui.sync.domain.order import CancelOutcome, Found, Receipt, Refused
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.warehouses.called import CalledWarehouse
from cratejoy_tui.warehouses.declared import Setting, SettingKind, filled_in


class TinyWarehouse(CalledWarehouse):
    title = "Tiny WMS"
    settings = (
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where it is."),
        Setting(name="token", help="The key it gave you.", secret=True),
    )
    capabilities = Capabilities(delivery=DeliveryClass.UNIQUE, quiet_seconds=0, tells_pickup=True)

    @classmethod
    def from_settings(cls, given, place):
        remote = Remote(system=cls.title, base_url=filled_in(cls.settings, given, cls.title)["url"])
        return cls(PoliteClient(remote, BearerKey(place.key("token")), wait=place.clock.sleep))

    async def verify(self):
        return Contact(system=self.name, detail=(await self._client.read("/api/ping", decode))["warehouse"])

    async def hand_over(self, orders):
        records = [to_builtins(order) | {"order_number": order.number} for order in orders]
        answer = await self._client.write("POST", "/api/orders", decode, json={"orders": records})
        return [outcome_of(told) for told in answer["results"]]

    async def find(self, numbers):
        asked = {"order_numbers": list(numbers)}
        answer = await self._client.read("/api/orders/find", decode, method="POST", json=asked)
        told = [convert(one | {"number": one["order_number"]}, Found, strict=False) for one in answer["orders"]]
        return {number: tuple(one for one in told if one.number == number) for number in {one.number for one in told}}

    async def ask_to_cancel(self, number, reason):
        answer = await self._client.write("POST", f"/api/orders/{number}/cancel", decode, json={"reason": reason})
        return convert({"number": number, "answer": answer["answer"], "reason": answer["message"]}, CancelOutcome)

    async def shipped_since(self, since):
        arguments = {"since": since.astimezone(UTC).isoformat()}
        while arguments.get("cursor", True):
            page = await self._client.read("/api/shipments", decode, arguments=arguments)
            yield [convert({k: v for k, v in one.items() if v is not None}, Parcel) for one in page["parcels"]]
            arguments["cursor"] = page["next"]


def outcome_of(told):
    if told["status"] == "refused":
        return Refused(number=told["order_number"], reason=told["message"])
    return Receipt(number=told["order_number"], reference=told["reference"])
