"""Is there enough on the label? And does it fit what this warehouse takes?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import astuple

from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.shipment import ShipTo


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI "
    "FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN "
    "IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
    "MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF "
    "PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK "
    "YE YT ZA ZM ZW"
)
"""ISO 3166-1 codes, and XK, which carriers use for Kosovo."""

WITHOUT_POSTCODE = _codes(
    "AE AG AI AN AO AW BB BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GN GQ GW GY "
    "HK HM IE JM KI KM KN KP KY LC LR LY ML MO MR MS MW NA NR NU PA PS QA RW SB SC SL SR SS ST SX SY TC TD TF "
    "TG TK TL TO TT TV TZ UG VC VG VU WS YE ZM ZW"
)
"""Countries where a parcel may go without a postcode, doubtful ones included."""

LONGEST = 250
"""Of a line on a label, a number, a SKU: what is longer is no address, and was perhaps cut when it was read."""
LONGEST_GIFT = 3999

WITH_STATE = frozenset({"US", "CA", "AU"})


def missing_parts(ship_to: ShipTo) -> tuple[str, ...]:
    """What a carrier would miss on the label, as words; () for a complete address.

    Military mail (APO, FPO) and territories count, whether as a US state or as a country of their own.
    """
    country = ship_to.country.strip().upper()
    if country in COUNTRIES and all(
        map(str.strip, (ship_to.to, ship_to.street, ship_to.city, ship_to.state, ship_to.zip))
    ):
        return ()
    wanted = [("name", ship_to.to), ("street", ship_to.street), ("city", ship_to.city), ("country", ship_to.country)]
    if country in WITH_STATE:
        wanted.append(("state", ship_to.state))
    if country not in WITHOUT_POSTCODE:
        wanted.append(("postcode", ship_to.zip))
    missing = [name for name, value in wanted if not value or value.isspace()]
    if country and country not in COUNTRIES:
        missing.append(f'country as an ISO code instead of "{ship_to.country}"')
    return tuple(missing)


def too_much(order: Order, max_lengths: Mapping[str, int], characters: str) -> str:
    """The first thing in this order that the warehouse would cut or refuse; "" when all fits. Nothing is ever cut."""
    skus = [line.sku for line in order.lines]
    texts = (*astuple(order.ship_to), order.number, order.gift_message, *skus)
    if max(map(len, texts)) > min((LONGEST, *max_lengths.values())):
        names = (*ShipTo.__struct_fields__, "number", "gift_message", *("sku" for _ in skus))
        for name, value in zip(names, texts, strict=True):
            longest = max_lengths.get(name, LONGEST_GIFT if name == "gift_message" else LONGEST)
            if len(value) > longest:
                who = "the warehouse takes" if name in max_lengths else "nothing has more than"
                return f"{name} has {len(value)} characters, {who} {longest}"
    if characters:
        taken = re.compile(characters)
        for name, value in (("number", order.number), *(("sku", sku) for sku in skus)):
            if not taken.fullmatch(value):
                return f'{name} "{value}" has characters the warehouse does not take'
    return ""
