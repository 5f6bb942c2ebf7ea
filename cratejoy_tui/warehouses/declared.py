"""What an adapter tells about itself before it is made: its title, and what an operator must fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock, Warehouse

Value = str | int | float | bool | Mapping[str, object]


class SettingKind(StrEnum):
    """How a setting is asked for and checked."""

    TEXT = "text"
    WEB_ADDRESS = "web address"
    FOLDER = "folder"
    NUMBER = "number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    TIME_ZONE = "time zone"
    COLUMNS = "columns"
    """A table of names to names."""


_TYPES: Mapping[SettingKind, tuple[type, ...]] = {
    SettingKind.YES_NO: (bool,),
    SettingKind.NUMBER: (int, float),
    SettingKind.COLUMNS: (Mapping,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing an operator fills in for a warehouse."""

    name: str
    kind: SettingKind = SettingKind.TEXT
    """Left out, it is what the choices, the default or `least` say: yes or no, a number, a table."""
    help: str
    default: Value | None = None
    """None: it must be given."""
    choices: tuple[str, ...] = ()
    example: str = ""
    """A value that would do, where any text would not; only ever shown."""
    secret: bool = False
    """Asked for unseen, kept in the credential store, never in the settings file."""
    least: int | None = None
    """With it, only whole numbers from this one on will do,"""
    most: int | None = None
    """up to this one."""

    def __post_init__(self) -> None:
        if self.kind is SettingKind.TEXT:
            told = self.least if self.default is None else self.default
            by_default = (kind for kind, types in _TYPES.items() if isinstance(told, types))
            kind = SettingKind.CHOICE if self.choices else next(by_default, SettingKind.TEXT)
            object.__setattr__(self, "kind", kind)

    def problem(self, value: object) -> str:
        """Why this value will not do; "" when it will."""
        wanted = _TYPES.get(self.kind, (str,))
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            return f"`{self.name}` must be a {self.kind}"
        if self.choices and value not in self.choices:
            return f"`{self.name}` must be one of {', '.join(self.choices)}"
        if self.least is not None and not _is_whole(value, self.least, self.most):
            return f"`{self.name}` must be a whole number from {self.least} {f'to {self.most}' if self.most else 'on'}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an adapter is put to work: the store it serves and what it gets from its surroundings."""

    store: str
    clock: Clock
    zone: ZoneInfo
    """The store's time zone, used where the warehouse's own is not given."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """The secret settings, by name."""

    def key(self, name: str) -> str:
        """One secret setting, in the clear. Raises CredentialsMissing."""
        if name not in self.secrets:
            raise CredentialsMissing(f"No place we look in holds `{name}` of the warehouse of store {self.store}.")
        return self.secrets[name].reveal()

    def zone_called(self, name: object) -> ZoneInfo:
        """The warehouse's own time zone; "" means the store's. Raises SettingsInvalid."""
        try:
            return ZoneInfo(str(name)) if name else self.zone
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise SettingsInvalid([f"`time_zone`: there is no time zone `{name}`"], where="warehouse") from problem


class Adapter(Protocol):
    """The class behind a registered name."""

    title: ClassVar[str]
    """The name an operator knows this kind of warehouse by."""
    settings: ClassVar[tuple[Setting, ...]]

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> Warehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid with every problem."""
        ...


def filled_in(settings: tuple[Setting, ...], given: Mapping[str, object], where: str) -> dict[str, object]:
    """Every setting with its value, defaults included; secrets come from the credential store and are left out.

    Raises SettingsInvalid naming all that is missing, unknown or of the wrong kind.
    """
    open_ones = {setting.name: setting for setting in settings if not setting.secret}
    problems = [f"`{name}` is not a setting of this warehouse" for name in given if name not in open_ones]
    values: dict[str, object] = {}
    for name, setting in open_ones.items():
        value = given.get(name, setting.default)
        trouble = f"`{name}` is missing" if value is None else setting.problem(value)
        if trouble:
            problems.append(trouble)
        values[name] = value
    if problems:
        raise SettingsInvalid(problems, where=where)
    return values


def number_in(values: Mapping[str, object], name: str) -> float:
    """A setting that is a number; `filled_in` saw to it that it is one."""
    value = values[name]
    return float(value) if isinstance(value, int | float) else 0.0


def table_in(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A setting that is a table."""
    value = values[name]
    return value if isinstance(value, Mapping) else {}


def whole_in(values: Mapping[str, object], name: str) -> int:
    """A setting that is a whole number."""
    return int(number_in(values, name))


def _is_whole(value: object, least: int, most: int | None) -> bool:
    return isinstance(value, int) and least <= value <= (value if most is None else most)
