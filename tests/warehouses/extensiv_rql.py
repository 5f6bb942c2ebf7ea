"""The part of Extensiv's query language that its users need, over plain dictionaries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

PREDICATE = re.compile(r"([\w.]+)(==|!=|=gt=|=ge=|=lt=|=le=|=in=|=out=|=hv=)(.*)", re.DOTALL)
Doc = dict[str, Any]


class NotParsable(Exception):
    """The query is refused."""


def matching(query: str, properties: dict[str, Callable[[Doc], Any]]) -> Callable[[Doc], bool]:
    """A test for one document. `;` binds tighter than `,`; values are decoded once more than the address was."""
    branches = [[_term(term, properties) for term in _split(branch, ";")] for branch in _split(query, ",")]
    return lambda doc: any(all(term(doc) for term in branch) for branch in branches)


def _term(term: str, properties: dict[str, Callable[[Doc], Any]]) -> Callable[[Doc], bool]:
    if term.startswith("(") and term.endswith(")"):
        return matching(term[1:-1], properties)
    found = PREDICATE.fullmatch(term)
    if not found:
        raise NotParsable(f"Not understood: {term}")
    name, operator, text = found[1].lower(), found[2], found[3]
    if name not in properties:
        raise NotParsable(f"Properties not supported: {found[1]}")
    return _comparison(properties[name], operator, text)


def _comparison(get: Callable[[Doc], Any], operator: str, text: str) -> Callable[[Doc], bool]:
    values = [_plain(unquote(part)) for part in text.strip("()").split(",")]
    wanted = values[0]
    tests: dict[str, Callable[[str], bool]] = {
        "==": lambda value: value == wanted,
        "!=": lambda value: value != wanted,
        "=gt=": lambda value: value > wanted,
        "=ge=": lambda value: value >= wanted,
        "=lt=": lambda value: "" < value < wanted,
        "=le=": lambda value: "" < value <= wanted,
        "=in=": lambda value: value in values,
        "=out=": lambda value: value not in values,
        "=hv=": lambda value: bool(value) == (wanted == "true"),
    }
    return lambda doc: tests[operator](_plain(get(doc)))


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _split(text: str, mark: str) -> Iterator[str]:
    depth, begin = 0, 0
    for place, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == mark and depth == 0:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]
