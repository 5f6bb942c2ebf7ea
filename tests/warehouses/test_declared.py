"""What an adapter declares about its settings is checked in one place, whatever it leaves out."""

from __future__ import annotations

import pytest

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.warehouses.declared import Setting, SettingKind, filled_in, table_in, whole_in
from tests.warehouses.folder_rig import ZONE, place


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        (Setting(name="x", help="."), SettingKind.TEXT),
        (Setting(name="x", help=".", default=False), SettingKind.YES_NO),
        (Setting(name="x", help=".", default=300), SettingKind.NUMBER),
        (Setting(name="x", help=".", least=1), SettingKind.NUMBER),
        (Setting(name="x", help=".", default={}), SettingKind.COLUMNS),
        (Setting(name="x", help=".", choices=("a", "b"), default="a"), SettingKind.CHOICE),
        (Setting(name="x", help=".", kind=SettingKind.FOLDER, default="in"), SettingKind.FOLDER),
    ],
)
def test_a_kind_left_out_is_what_the_default_says(setting: Setting, kind: SettingKind) -> None:
    assert setting.kind is kind


@pytest.mark.parametrize(("value", "is_fine"), [(1, True), (500, True), (0, False), (501, False), (1.5, False)])
def test_a_whole_number_stays_within_its_bounds(value: float, is_fine: bool) -> None:
    told = Setting(name="orders_per_file", help=".", least=1, most=500).problem(value)
    assert told == ("" if is_fine else "`orders_per_file` must be a whole number from 1 to 500")


def test_a_whole_number_without_an_upper_bound_says_so() -> None:
    company = Setting(name="company", help=".", least=1)
    assert not company.problem(10**12)
    assert company.problem(0) == "`company` must be a whole number from 1 on"


def test_the_stores_time_zone_counts_where_none_is_named() -> None:
    assert place().zone_called("") is ZONE
    assert str(place().zone_called("Asia/Tokyo")) == "Asia/Tokyo"
    with pytest.raises(SettingsInvalid, match="no time zone `Mars/Base`"):
        place().zone_called("Mars/Base")


def test_settings_come_out_as_what_they_are() -> None:
    settings = (Setting(name="port", help=".", default=22), Setting(name="carriers", help=".", default={}))
    values = filled_in(settings, {"carriers": {"ORDER": "USPS"}}, "Acme")
    assert (whole_in(values, "port"), table_in(values, "carriers")) == (22, {"ORDER": "USPS"})
