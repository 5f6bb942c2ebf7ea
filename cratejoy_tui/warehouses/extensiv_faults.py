"""How Extensiv says no, in words an operator can act on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

import msgspec

from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.extensiv_records import plain

DUPLICATE = "Duplicate"
UNKNOWN = "DoesNotExist"

T = TypeVar("T")


class Property(msgspec.Struct):
    """One thing that a fault is about."""

    name: str | None = None
    value: str | int | float | bool | None = None


class Fault(msgspec.Struct, rename="camel"):
    """One reason for a no."""

    error_code: str | int | None = None
    hint: str | None = None
    message: str | None = None
    properties: list[Property] | None = None
    action_name: str | None = None
    action_name_type: str | int | None = None

    @property
    def code(self) -> str:
        """Its word for the reason; "" when there is none."""
        return one_line(self.error_code or "", 100)

    @property
    def is_about_an_action(self) -> bool:
        """What was asked for cannot be done now; nobody was denied access."""
        return self.action_name is not None or self.action_name_type is not None

    def words(self, skus: Collection[str] = ()) -> str:
        """The reason in a sentence; an unknown SKU is named."""
        about = [(one_line(one.name or "", 100), _value(one)) for one in self.properties or ()]
        signs = ("sku", "item")
        named = [value for name, value in about if value in skus or any(sign in name.lower() for sign in signs)]
        if self.code == UNKNOWN and named and named[0]:
            said = f"SKU {named[0]} is unknown there"
        else:
            said = ": ".join(filter(None, (self.code, ", ".join(f"{name} {value}".strip() for name, value in about))))
        hint = clean(self.hint or self.message or "", 500)
        return clean("; ".join(filter(None, (said, hint)))) or "no reason given"


class _Entry(msgspec.Struct, rename="camel"):
    entry_number: int
    """From 1."""
    wms_exception: Fault | None = None


class _Faults(msgspec.Struct):
    faults: list[_Entry]


class _SignInFault(msgspec.Struct):
    message: str | None = None
    error_description: str | None = None
    error: str | None = None


def fault_of(raw: bytes) -> Fault:
    """The fault in the body of a refusal; an empty one when there is none to read."""
    return _read(raw, Fault) or Fault()


def faults_of(raw: bytes) -> Mapping[int, Fault]:
    """The faults of a refused group by place, from 0; {} when the refusal is not about single orders."""
    told = _read(raw, _Faults)
    return {} if told is None else {one.entry_number - 1: one.wms_exception or Fault() for one in told.faults}


def sign_in_words(raw: bytes) -> str:
    """Why a sign-in was refused; it has several ways to say so."""
    told = _read(raw, _SignInFault) or _SignInFault()
    return one_line(told.message or told.error_description or told.error or "no reason given", 200)


def _read(raw: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(plain(msgspec.json.decode(raw)), type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _value(about: Property) -> str:
    return one_line("" if about.value is None else about.value, 200)
