"""Tracking numbers as the simulated warehouse prints them: made up, of the right form, each used once."""

from __future__ import annotations

_LETTERS = {chr(65 + place): (place + 2) % 10 for place in range(26)}


def _usps(serial: int) -> str:
    body = f"94001{serial:016d}"
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-weighted % 10)


def _ups(serial: int) -> str:
    body = f"SM0CJT03{serial:07d}"
    digits = [int(one) if one.isdigit() else _LETTERS[one] for one in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"


def _fedex(serial: int) -> str:
    body = f"7{serial:010d}"
    total = sum(int(digit) * (1, 3, 7)[place % 3] for place, digit in enumerate(reversed(body)))
    return body + str(total % 11 % 10)


_LINKS = {
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "UPS": "https://www.ups.com/track?tracknum=",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr=",
}


def print_label(chance: float, serial: int) -> dict[str, str]:
    """The label of the parcel with this serial number; `chance` in [0, 1) chooses the carrier."""
    if chance < 0.6:
        name, service, number = "USPS", "Ground Advantage", _usps(serial)
    elif chance < 0.85:
        name, service, number = "UPS", "Ground", _ups(serial)
    else:
        name, service, number = "FedEx", "Home Delivery", _fedex(serial)
    link = _LINKS[name] + number
    return {
        "carrier_code": name.lower(),
        "carrier_name": name,
        "service": service,
        "tracking_number": number,
        "tracking_link": link,
    }
