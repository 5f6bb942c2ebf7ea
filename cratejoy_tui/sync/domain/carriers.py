"""Which carrier is meant, and can this be one of its tracking numbers?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cratejoy_tui.sync.domain.tracking import Parcel

_ANY_NUMBER = re.compile(r"(?=[A-Z0-9]*[0-9])[A-Z0-9]{6,40}")
"""Letters and digits, at least one digit: all that can be said of a carrier we have no pattern for."""


def plain_number(tracking_number: str) -> str:
    """A tracking number as carriers compare it: upper case, without spaces and hyphens."""
    return re.sub(r"[\s-]+", "", tracking_number).upper()


def mod10_digit(body: str) -> int:
    """The check digit of USPS and GS1 numbers: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def ups_digit(body: str) -> int:
    """The check digit of a UPS number, from the 15 characters after `1Z`."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in body]
    return -(sum(values[0::2]) + 2 * sum(values[1::2])) % 10


def postal_digit(body: str) -> int:
    """The check digit of an international postal number (two letters, nine digits, country)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def fedex_digit(body: str) -> int:
    """The check digit of a twelve-digit FedEx number, from its first eleven."""
    weights = (3, 1, 7) * 4
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=False)) % 11 % 10


def _postal(number: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", number)) and postal_digit(number[2:10]) == int(number[10])


def _usps(number: str) -> bool:
    number = re.sub(r"^420(?:[0-9]{5}|[0-9]{9})(?=9[0-9]{21}$)", "", number)
    if re.fullmatch(r"(?:9[0-9]{21}|[0-9]{20})", number):
        return mod10_digit(number[:-1]) == int(number[-1])
    return _postal(number)


def _ups(number: str) -> bool:
    if re.fullmatch(r"1Z[A-Z0-9]{15}[0-9]", number):
        return ups_digit(number[2:17]) == int(number[17])
    return bool(re.fullmatch(r"T[0-9]{10}|[0-9]{9}|[0-9]{18}", number)) or _usps(number)


def _fedex(number: str) -> bool:
    if re.fullmatch(r"[0-9]{12}", number):
        return fedex_digit(number[:11]) == int(number[11])
    return bool(re.fullmatch(r"[0-9]{15}|96[0-9]{20}|[0-9]{34}", number)) or _usps(number)


def _dhl(number: str) -> bool:
    if re.fullmatch(r"[0-9]{10}", number):
        return int(number[:9]) % 7 == int(number[9])
    return bool(re.fullmatch(r"[A-Z]{2,5}[0-9]{8,30}|[0-9]{11}|[0-9]{14}", number)) or _usps(number) or _postal(number)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier as Cratejoy is told its name."""

    name: str
    is_plausible: Callable[[str], bool]
    """Takes a number in plain form."""


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda number: compiled.fullmatch(number) is not None


def _anything(number: str) -> bool:
    return _ANY_NUMBER.fullmatch(number) is not None


_USPS, _UPS = Carrier("USPS", _usps), Carrier("UPS", _ups)
_FEDEX, _DHL = Carrier("FedEx", _fedex), Carrier("DHL", _dhl)

_KNOWN: dict[str, Carrier] = {
    "usps": _USPS,
    "uspostalservice": _USPS,
    "unitedstatespostalservice": _USPS,
    "endicia": _USPS,
    "stampscom": _USPS,
    "stamps": _USPS,
    "ups": _UPS,
    "unitedparcelservice": _UPS,
    "upsmi": _UPS,
    "upsmailinnovations": _UPS,
    "upssurepost": _UPS,
    "fedex": _FEDEX,
    "federalexpress": _FEDEX,
    "fedexsmartpost": _FEDEX,
    "fedexground": _FEDEX,
    "fedexexpress": _FEDEX,
    "fedexhomedelivery": _FEDEX,
    "dhl": _DHL,
    "dhlexpress": _DHL,
    "dhlecommerce": _DHL,
    "dhlglobalmail": _DHL,
    "ontrac": Carrier("OnTrac", _like(r"[CD][0-9]{14}|1LS[A-Z0-9]{8,24}|L[A-Z][0-9]{8,12}")),
    "lasership": Carrier("LaserShip", _like(r"1LS[A-Z0-9]{8,24}|L[A-Z][0-9]{8,12}")),
    "amazon": Carrier("Amazon", _like(r"TB[ACM][0-9]{9,12}")),
    "amazonlogistics": Carrier("Amazon", _like(r"TB[ACM][0-9]{9,12}")),
    "canadapost": Carrier("Canada Post", lambda n: bool(re.fullmatch(r"[0-9]{12}|[0-9]{16}", n)) or _postal(n)),
    "royalmail": Carrier("Royal Mail", lambda n: _postal(n) or bool(re.fullmatch(r"[0-9A-Z]{16}|[0-9A-Z]{21}", n))),
    "australiapost": Carrier("Australia Post", _anything),
    "purolator": Carrier("Purolator", _anything),
    "asendia": Carrier("Asendia", _anything),
    "osmworldwide": Carrier("OSM Worldwide", _anything),
    "passport": Carrier("Passport", _anything),
    "uniuni": Carrier("UniUni", _anything),
    "veho": Carrier("Veho", _anything),
    "gls": Carrier("GLS", _anything),
    "dpd": Carrier("DPD", _anything),
    "evri": Carrier("Evri", _anything),
}


def carrier_of(parcel: Parcel, carriers: Mapping[str, str]) -> Carrier | None:
    """The carrier this parcel went with: by the store's own map first, then by the names everybody uses.

    `carriers` maps the warehouse's code or name, lower case, to the name for Cratejoy. None: nobody knows it.
    """
    for said in (parcel.carrier_code, parcel.carrier_name):
        if name := carriers.get(said.strip().lower(), ""):
            known = _KNOWN.get(_letters(name))
            return Carrier(name, known.is_plausible if known else _anything)
    return next(
        (_KNOWN[key] for said in (parcel.carrier_code, parcel.carrier_name) if (key := _letters(said)) in _KNOWN), None
    )


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold())
