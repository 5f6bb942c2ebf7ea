"""How Extensiv says no, in words an operator can act on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.extensiv_records import plain

DUPLICATE = "Duplicate"
UNKNOWN = "DoesNotExist"

T = TypeVar("T")


class _Property(msgspec.Struct):
    name: str | None = None
    value: str | int | float | bool | None = None


class _Exception(msgspec.Struct, rename="camel"):
    error_code: str | int | None = None
    hint: str | None = None
    message: str | None = None
    properties: list[_Property] | None = None
    action_name: str | None = None
    action_name_type: str | int | None = None


class _Entry(msgspec.Struct, rename="camel"):
    entry_number: int
    """From 1."""
    wms_exception: _Exception | None = None


class _Faults(msgspec.Struct):
    faults: list[_Entry]


class _SignInFault(msgspec.Struct):
    message: str | None = None
    error_description: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason for a no."""

    code: str = ""
    hint: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    is_about_an_action: bool = False
    """What was asked for cannot be done now; nobody was denied access."""

    def words(self, skus: Collection[str] = ()) -> str:
        """The reason in a sentence; an unknown SKU is named."""
        unknown = self._unknown_sku(skus) if self.code == UNKNOWN else ""
        if unknown:
            said = f"SKU {unknown} is unknown there"
        else:
            told = ", ".join(f"{name} {value}".strip() for name, value in self.properties)
            said = ": ".join(filter(None, (self.code, told)))
        return clean("; ".join(filter(None, (said, self.hint)))) or "no reason given"

    def _unknown_sku(self, skus: Collection[str]) -> str:
        for name, value in self.properties:
            if value in skus or "sku" in name.lower() or "item" in name.lower():
                return value
        return ""


def fault_of(raw: bytes) -> Fault:
    """The fault in the body of a refusal; an empty one when there is none to read."""
    told = _read(raw, _Exception)
    return Fault() if told is None else _fault(told)


def faults_of(raw: bytes) -> Mapping[int, Fault]:
    """The faults of a refused group by place, from 0; {} when the refusal is not about single orders."""
    told = _read(raw, _Faults)
    if told is None:
        return {}
    return {entry.entry_number - 1: _fault(entry.wms_exception or _Exception()) for entry in told.faults}


def sign_in_words(raw: bytes) -> str:
    """Why a sign-in was refused; it has several ways to say so."""
    told = _read(raw, _SignInFault) or _SignInFault()
    return one_line(told.message or told.error_description or told.error or "no reason given", 200)


def _read(raw: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(plain(msgspec.json.decode(raw)), type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _fault(told: _Exception) -> Fault:
    return Fault(
        code=one_line(told.error_code or "", 100),
        hint=clean(told.hint or told.message or "", 500),
        properties=tuple(
            (one_line(one.name or "", 100), one_line("" if one.value is None else one.value, 200))
            for one in told.properties or ()
        ),
        is_about_an_action=told.action_name is not None or told.action_name_type is not None,
    )
