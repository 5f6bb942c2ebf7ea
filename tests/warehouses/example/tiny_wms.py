"""A whole adapter for a warehouse with a small JSON interface. What each method promises stands in `sync.ports`."""

from __future__ import annotations

from datetime import UTC

from msgspec import convert, to_builtins
from msgspec.json import decode

from cratejoy_tui.errors import AnswerLost, NotSupported, RunStopped, SignInRefused
from cratejoy_tui.http import BearerKey, PoliteClient, Remote, RequestRefused
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Found, Lost, NotSent, Receipt, Refused
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.warehouses.declared import Setting, SettingKind, filled_in


class TinyWarehouse:
    title = "Tiny WMS"
    settings = (
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where it is."),
        Setting(name="token", help="The key it gave you.", secret=True),
    )
    capabilities = Capabilities(delivery=DeliveryClass.UNIQUE, quiet_seconds=0, tells_pickup=True)

    def __init__(self, client):
        self.name, self.calls, self._client = self.title, client.calls, client

    @classmethod
    def from_settings(cls, given, place):
        remote = Remote(system=cls.title, base_url=filled_in(cls.settings, given, cls.title)["url"])
        return cls(PoliteClient(remote, BearerKey(place.secrets["token"].reveal()), wait=place.clock.sleep))

    async def verify(self):
        return Contact(system=self.name, detail=(await self._client.read("/api/ping", decode))["warehouse"])

    async def push(self, orders, delivery):
        records = [to_builtins(order) | {"order_number": order.number} for order in orders]
        try:  # exactly one write, and every way it can end has its own word
            answer = await self._client.write("POST", "/api/orders", decode, json={"orders": records})
        except SignInRefused:
            raise
        except AnswerLost as lost:
            return [Lost(number=order.number, reason=lost.message) for order in orders]
        except RunStopped as stopped:
            return [NotSent(number=order.number, reason=stopped.message) for order in orders]
        told = {one["order_number"]: one for one in answer["results"]}
        return [self._outcome(order.number, told.get(order.number)) for order in orders]

    def _outcome(self, number, told):
        if told is None:
            return Lost(number=number, reason="it did not say what became of it")
        if told["status"] == "refused":
            return Refused(number=number, reason=told["message"])
        return Receipt(number=number, reference=told["reference"])

    async def resume(self, orders, delivery):
        raise NotSupported(f"{self.name} takes no files.")

    async def find(self, numbers):
        asked = {"order_numbers": list(numbers)}
        answer = await self._client.read("/api/orders/find", decode, method="POST", json=asked)
        found = [convert({**one, "number": one["order_number"]}, Found, strict=False) for one in answer["orders"]]
        return {number: tuple(one for one in found if one.number == number) for number in {f.number for f in found}}

    async def cancel(self, number, reason, delivery):
        try:
            asked = {"reason": reason}
            answer = await self._client.write("POST", f"/api/orders/{number}/cancel", decode, json=asked)
        except (AnswerLost, RequestRefused) as problem:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=problem.message)
        return convert({"number": number, "answer": answer["answer"], "reason": answer["message"]}, CancelOutcome)

    async def shipped_since(self, since):
        arguments = {"since": since.astimezone(UTC).isoformat()}
        while True:
            page = await self._client.read("/api/shipments", decode, arguments=arguments)
            yield [convert({k: v for k, v in one.items() if v is not None}, Parcel) for one in page["parcels"]]
            if not page["next"]:
                return
            arguments["cursor"] = page["next"]

    async def adopt(self, ledger_id, sequence):
        pass

    async def close(self):
        await self._client.close()
