"""A key or password while the program holds it: it shows itself nowhere by accident."""

from __future__ import annotations

import base64
import hmac
import weakref
from typing import NoReturn
from urllib.parse import quote

MASK = "•••••"

# A word as short as this stands in ordinary text too; masking it there would only garble the log.
_SHORTEST_MASKED = 6


class Secret:
    """A text that only `reveal` gives away."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        _LIVE.add(self)

    def reveal(self) -> str:
        """The text itself; hand it on at once and keep it nowhere."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = object.__hash__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not written anywhere")

    def spellings(self) -> tuple[str, ...]:
        """The ways it could stand in a text by mistake: plain, in a web address, in base 64."""
        if len(self._text) < _SHORTEST_MASKED:
            return ()
        in_base64 = base64.b64encode(self._text.encode()).decode().rstrip("=")
        return (self._text, quote(self._text, safe=""), in_base64)


_LIVE: weakref.WeakSet[Secret] = weakref.WeakSet()


def without_secrets(text: str) -> str:
    """The text with every secret the program holds now masked."""
    spellings = {spelling for secret in tuple(_LIVE) for spelling in secret.spellings()}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text
