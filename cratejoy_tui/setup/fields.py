"""What a person is asked for, one value at a time, and how its text becomes the value that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cratejoy_tui.secret import Secret
from cratejoy_tui.text import one_line

Answers = Mapping[str, str | Secret]
"""Name of a field -> what was typed; a secret is a Secret from the moment it was read."""


class FieldKind(StrEnum):
    """How a value is asked for."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind, not a value
    CHOICE = "choice"
    YES_NO = "yes or no"
    NUMBER = "number"
    TABLE = "table"
    """`ours = theirs, ours = theirs`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to fill in."""

    name: str
    label: str
    help: str = ""
    kind: FieldKind = FieldKind.TEXT
    value: str = ""
    """What stands there now, as a person would type it; never a secret."""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Every value there is -> what it means; "" where the word itself says it."""
    is_needed: bool = False
    is_rare: bool = False
    """Most people leave it as it is: shown, but not asked for."""
    kept: str = ""
    """Of a secret: where there is one already; an empty answer keeps that one."""

    def problem(self, answer: str | Secret) -> str:
        """Why this answer will not do; "" when it will."""
        if isinstance(answer, Secret):
            return self._secret_problem(answer.reveal())
        if self.is_needed and not answer.strip() and not self.kept:
            return f"{self.label}: please fill this in."
        if self.options and answer not in self.options:
            return f"{self.label}: one of {', '.join(self.options)}, not `{one_line(answer, 60)}`."
        return ""

    def _secret_problem(self, text: str) -> str:
        if not text:
            return "" if self.kept else f"{self.label}: please fill this in."
        if not text.isprintable() or text != text.strip():
            return f"{self.label}: it holds characters that no key has; paste it again."
        return ""


def as_text(value: object) -> str:
    """A value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {inner}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(as_text, value))
    return str(value)


def as_value(kind: FieldKind, text: str) -> object:
    """The value that a person typed. Raises ValueError saying what it must be."""
    text = text.strip()
    if kind is FieldKind.YES_NO:
        return _yes_or_no(text)
    if kind is FieldKind.NUMBER:
        return _number(text)
    return _table(text) if kind is FieldKind.TABLE else text


def _yes_or_no(text: str) -> bool:
    words = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
    if text.lower() not in words:
        raise ValueError("must be yes or no")
    return words[text.lower()]


def _number(text: str) -> int | float:
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise ValueError("must be a number") from None


def _table(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise ValueError("must be pairs such as `ours = theirs, ours = theirs`")
    return {name.strip(): value.strip() for name, _, value in pairs}
