"""Finding boxes by words: what an operator may type, and the text of a box that it is looked for in."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import Stage

NUMBER, TO, PLACE, SKU, TYPE = "\x01", "\x02", "\x03", "\x04", "\x05"
"""Each word of a search text begins with the mark of its field; nobody can type these."""

WORD_FIELDS = {"number": NUMBER, "id": NUMBER, "to": TO, "name": TO, "place": PLACE, "city": PLACE, "state": PLACE,
               "zip": PLACE, "country": PLACE, "sku": SKU, "type": TYPE}  # fmt: skip
FIELDS = (*WORD_FIELDS, "stage", "reason", "quality", "carrier", "decision", "owner")
LONGEST_TEXT = 600
_TERM = re.compile(r'(!?)(?:(\w+):)?(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a filter: some text, in one field or anywhere, wanted or not wanted."""

    text: str
    """Lower case."""
    field: str = ""
    is_not: bool = False

    @property
    def needle(self) -> str:
        """What a search text must contain; for fields that search texts have."""
        return WORD_FIELDS.get(self.field, "") + self.text


def terms_of(filter_text: str) -> tuple[Term, ...]:
    """`stage:held tea !sku:MUG "main st"` as conditions, all of which must hold. An unknown field is text."""
    terms: list[Term] = []
    for no, field, quoted, plain in _TERM.findall(filter_text):
        text = (quoted or plain).casefold()
        name = _field(field.casefold()) if field else ""
        if field and not name:
            text = f"{field}:{text}".casefold()
        if text:
            terms.append(Term(text, name, bool(no)))
    return tuple(terms)


def _field(name: str) -> str:
    if name in FIELDS:
        return name
    close = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.75)
    return close[0] if close else ""


def stages_of(terms: tuple[Term, ...], stages: frozenset[Stage]) -> frozenset[Stage]:
    """Those of the stages that the filter's stage conditions leave."""
    for term in terms:
        if term.field == "stage":
            named = frozenset(stage for stage in stages if _names(stage, term.text))
            stages = stages - named if term.is_not else named
    return stages


def _names(stage: Stage, text: str) -> bool:
    return stage.value.startswith(text) or text in stage.value.split()


def search_text(shipment: Shipment) -> str:
    """The words of a box that it can be found by, each with its field's mark; lower case."""
    to = shipment.ship_to
    words = [NUMBER + shipment.id, NUMBER + "sub-" + shipment.id]
    words += [TO + word for word in f"{to.to} {to.company}".split()]
    words += [PLACE + word for word in (to.city, to.state, to.zip, to.country) if word]
    words += [SKU + sku for sku in dict.fromkeys(line.sku for line in shipment.lines) if sku]
    if billing := billing_of(shipment):
        words.append(TYPE + billing.value)
    return " ".join(words).casefold()[:LONGEST_TEXT]
