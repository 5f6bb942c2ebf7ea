from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.settings import (
    Settings,
    StoreSettings,
    WarehouseSettings,
    change_rule,
    default_ledger,
    find_path,
    ledger_location,
    load,
    parse,
    save,
    write,
)
from cratejoy_tui.sync.domain.rules import (
    ItemFilters,
    OnUnlistedItem,
    OpenBatch,
    OrderFilter,
    PlanLimits,
    QuietHours,
    Rules,
    ShipCodeBy,
    SkuSuffix,
    StandardTarget,
)

SMALL = '[stores.main.warehouse]\nkind = "folder"\nout = "/orders"\n'


def problems_of(text: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        parse(text)
    return list(caught.value.problems)


def with_rules(lines: str) -> str:
    return f"{SMALL}[stores.main.rules]\n{lines}\n"


def test_a_store_needs_no_more_than_its_warehouse() -> None:
    store = parse(SMALL).store("main")
    assert store.rules == Rules()
    assert store.warehouse == WarehouseSettings(kind="folder", options=MappingProxyType({"out": "/orders"}))
    assert store.api_url == "https://api.cratejoy.com"


ALL_RULES = """
time-zone = "Europe/Berlin"
pull-ecommerce-orders = false
pull_ad_hoc_orders = false
target-ship-date-within = 10
earliest-order-date = 2026-01-02
subscription-sku-suffix = "YearWeek"
order-ship-code = "Shipping Charge"
send-cancellation-to-wms = false
standard-target-date = "batch_end"
open-batch = "push"
ship-code-map = {subscription = "UPSG"}
sku-aliases = {"TEA.1" = "T1"}
kits = {BOX = {A = 1, B = 2}}
order-filters = [{field = "country", pattern = "US"}]
item-filters = {deny = ["GIFT-*"], on-unlisted = "refuse-order"}
carrier-map = {UPSN = "UPS"}
confirm-delay-minutes = 0
quiet-hours = {start = 22:00:00, end = "07:30"}
ship-days = ["mon", "Saturday"]
closed-dates = [2026-12-25]
plan-limits = {boxes = 500}
"""
AS_READ = Rules(
    time_zone="Europe/Berlin",
    pull_ecommerce=False,
    pull_adhoc=False,
    target_ship_date_within_days=10,
    earliest_order_date=date(2026, 1, 2),
    sku_suffix=SkuSuffix.YEARWEEK,
    order_ship_code=ShipCodeBy.SHIPPING_CHARGE,
    send_cancellation_to_wms=False,
    standard_target=StandardTarget.BATCH_END,
    open_batch=OpenBatch.PUSH,
    ship_codes={"SUBSCRIPTION": "UPSG"},
    aliases={"TEA.1": "T1"},
    kits={"BOX": {"A": 1, "B": 2}},
    order_filters=(OrderFilter(field="country", pattern="US"),),
    item_filters=ItemFilters(deny=("GIFT-*",), on_unlisted=OnUnlistedItem.REFUSE_ORDER),
    carriers={"upsn": "UPS"},
    confirm_delay_minutes=0,
    quiet_hours=QuietHours(start=time(22), end=time(7, 30)),
    ship_days=(0, 5),
    closed_dates=(date(2026, 12, 25),),
    plan_limits=PlanLimits(boxes=500),
)


def test_every_rule_is_read_under_the_name_an_operator_knows() -> None:
    assert parse(with_rules(ALL_RULES)).store("main").rules == AS_READ


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    found = problems_of(with_rules('target-ship-date-witin = 3\nopen-batch = "maybe"\nretention-days = 0'))
    assert len(found) == 3
    assert "did you mean target-ship-date-within? (line 5)" in found[0]
    assert "one of hold, push" in found[1]
    assert "(line 6)" in found[1]
    assert found[2].endswith("not 0 (line 7)")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pull-ecommerce-orders = 1", "true or false"),
        ("target-ship-date-within = 61", "from 0 to 60"),
        ("target-ship-date-within = true", "whole number"),
        ('time-zone = "America/Los_Angles"', "did you mean America/Los_Angeles?"),
        ('time-zone = "../../etc/passwd"', "time zone"),
        ('earliest-order-date = "2026-13-01"', "a date"),
        ("earliest-order-date = 2026-01-01T10:00:00Z", "a date"),
        ('ship-days = ["fryday"]', "weekdays"),
        ("ship-days = []", "weekdays"),
        ("ship-code-map = {ECOM = 'X'}", "SUBSCRIPTION, ORDER, CHARGED, FREE"),
        ("kits = {BOX = {A = 0}}", "1 or more"),
        ("kits = {BOX = {}}", "components"),
        ("sku-aliases = {A = 1}", "text in quotes"),
        ("order-filters = {field = 'sku'}", "list of tables"),
        ("order-filters = [{field = 'skew', pattern = 'A'}]", "one of billing"),
        ("order-filters = [{field = 'sku'}]", "pattern: is missing"),
        ("quiet-hours = 8", "must be a table"),
        ("quiet-hours = {start = '20:00+01:00', end = '21:00'}", "own clock"),
        ("financial-statuses = []", "list of statuses"),
        ("plan-limits = {times-largest = 0.5}", "from 1 to 1000"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(line: str, told: str) -> None:
    (problem,) = problems_of(with_rules(line))
    assert told in problem
    assert "(line 5)" in problem


@pytest.mark.parametrize(
    "text",
    [
        '[stores.main]\nclient-secret = "hunter2"\n' + SMALL,
        '[credentials]\napi_key = "hunter2"\n' + SMALL,
        SMALL + 'sftp = {password = "hunter2"}\n',
        '[stores.main]\napi-url = "https://me:hunter2@example.com"\n' + SMALL,
        '[stores.main]\ncredential-command = "echo hunter2"\n' + SMALL,
        'ledger = "postgresql://me:hunter2@db/x"\n' + SMALL,
        'ledger = "postgresql://db/x?password=hunter2"\n' + SMALL,
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text: str) -> None:
    (problem,) = problems_of(text)
    assert "hunter2" not in problem


@pytest.mark.parametrize("url", ["http://api.cratejoy.com", "ftp://x", "https://", "nonsense", "http://127.evil.com"])
def test_the_store_is_asked_over_https_only(url: str) -> None:
    assert "https" in problems_of(f'[stores.main]\napi-url = "{url}"\n{SMALL}')[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://[::1]:80", "http://localhost"])
def test_this_machine_itself_may_be_asked_over_http(url: str) -> None:
    assert parse(f'[stores.main]\napi-url = "{url}"\n{SMALL}').store("main").api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stores = 3", "must be tables"),
        ("[stores.main]", "warehouse: is missing"),
        ("[stores.main]\nwarehouse = 'folder'", "warehouse's kind"),
        ("[stores.'Big Shop']\nwarehouse = {kind = 'folder'}", "small letters"),
        ("[stores.all]\nwarehouse = {kind = 'folder'}", "not `all`"),
        ("[stores.a-b]\nwarehouse = {kind = 'x'}\n[stores.a_b]\nwarehouse = {kind = 'x'}", "too like a-b"),
        ("[stores.main\n", "not TOML"),
        ("ledger = 'mysql://x'", "postgresql"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(text: str, told: str) -> None:
    assert told in problems_of(text)[0]


def test_an_unknown_store_names_the_closest_one() -> None:
    with pytest.raises(SettingsInvalid, match="did you mean main"):
        parse(SMALL).store("mian")


def test_all_stores_are_chosen_unless_some_are_named() -> None:
    settings = parse(SMALL + '[stores.tea]\nwarehouse = {kind = "folder"}\n')
    assert [store.name for store in settings.chosen([])] == ["main", "tea"]
    assert [store.name for store in settings.chosen(["tea", "tea"])] == ["tea"]
    assert [store.name for store in settings.chosen(["tea", "all"])] == ["main", "tea"]


def test_risky_settings_are_warned_about() -> None:
    warnings = parse(with_rules('financial-statuses = ["paid", "pending"]\ntest-shipments = true')).warnings
    assert len(warnings) == 2


def test_what_the_file_sets_itself_is_known_apart_from_defaults() -> None:
    store = parse(with_rules("confirm-delay-minutes = 60")).store("main")
    assert store.rules == Rules()
    assert store.given_rules == {"confirm_delay_minutes"}


RULES = st.builds(
    Rules,
    pull_adhoc=st.booleans(),
    target_ship_date_within_days=st.integers(0, 60),
    earliest_order_date=st.none() | st.dates(),
    sku_suffix=st.sampled_from(SkuSuffix),
    aliases=st.dictionaries(st.text("AB.-é 'x", min_size=1).map(str.strip).filter(bool), st.text(max_size=5)),
    kits=st.dictionaries(st.just("BOX"), st.dictionaries(st.just("A"), st.integers(1, 9), min_size=1)),
    order_filters=st.lists(st.builds(OrderFilter, field=st.just("sku"), pattern=st.text(max_size=4))).map(tuple),
    quiet_hours=st.none() | st.builds(QuietHours, start=st.times(), end=st.times()),
    ship_days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    plan_limits=st.builds(PlanLimits, times_largest=st.floats(1, 1000)),
)


@given(RULES, st.sampled_from(["", "/var/ledger.sqlite", "postgresql://db/ledger"]))
def test_written_settings_read_back_the_same(rules: Rules, ledger: str) -> None:
    options = MappingProxyType(
        {"out": "/o", "done_folder": "/d", "columns": MappingProxyType({"a-b": "b"}), "list": ("x",)}
    )
    store = StoreSettings(
        name="main",
        rules=rules,
        warehouse=WarehouseSettings(kind="folder", options=options),
        credential_command=("pass", "show"),
    )
    settings = Settings(stores={"main": store}, ledger=ledger)
    again = parse(write(settings))
    assert again == settings
    assert write(again) == write(settings)


def test_the_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "conf" / "config.toml"
    settings = parse(SMALL)
    save(settings, path)
    save(settings, path)
    assert load(path) == settings
    assert [p.name for p in path.parent.iterdir()] == ["config.toml"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_settings_that_would_not_read_back_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    bad = Settings(stores={"main": replace(parse(SMALL).store("main"), api_url="http://example.com")})
    with pytest.raises(SettingsInvalid):
        save(bad, path)
    assert path.read_text() == SMALL


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cratejoy-tui setup") as caught:
        load(tmp_path / "none.toml")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("content", "told"), [(b"\xff\xfe", "UTF-8"), (b"#" * 1_100_000, "larger")])
def test_a_file_that_is_no_settings_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=told):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load(path).stores


def test_the_file_given_counts_before_the_environment(tmp_path: Path) -> None:
    environment = {"CRATEJOY_TUI_CONFIG": str(tmp_path / "env.toml")}
    assert find_path("given.toml", environment) == Path("given.toml")
    assert find_path(None, environment) == tmp_path / "env.toml"
    assert find_path(None, {}).name == "config.toml"


def test_the_ledger_lies_where_the_environment_or_the_file_says() -> None:
    settings = Settings(ledger="~/ledger.sqlite")
    assert ledger_location(settings, {"CRATEJOY_TUI_LEDGER": "postgresql://u:p@db/x"}) == "postgresql://u:p@db/x"
    assert ledger_location(settings, {}) == str(Path.home() / "ledger.sqlite")
    assert ledger_location(Settings(), {}) == str(default_ledger())


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("target-ship-date-within", "10", "target_ship_date_within_days", 10),
        ("pull_standard_orders", "no", "pull_standard", False),
        ("subscription-sku-suffix", "YYMM", "sku_suffix", SkuSuffix.YYMM),
        ("earliest-order-date", "2026-01-01", "earliest_order_date", date(2026, 1, 1)),
        ("time-zone", "UTC", "time_zone", "UTC"),
    ],
)
def test_one_rule_is_changed_by_what_an_operator_types(name: str, text: str, attribute: str, value: object) -> None:
    changed = change_rule(Rules(pull_adhoc=False), name, text)
    assert changed == replace(Rules(pull_adhoc=False), **{attribute: value})


@pytest.mark.parametrize(("name", "text"), [("pull-everything", "yes"), ("target-ship-date-within", "soon")])
def test_a_rule_that_cannot_be_changed_so_is_refused(name: str, text: str) -> None:
    with pytest.raises(SettingsInvalid):
        change_rule(Rules(), name, text)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("sku-sufix", "subscription-sku-suffix"), ("colour", "")],
)
def test_the_end_of_a_long_name_is_enough_for_a_suggestion(name: str, meant: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        change_rule(Rules(), name, "cycle")
    assert caught.value.message == f"{name}: is not a setting" + (f"; did you mean {meant}?" if meant else ".")


def test_a_suggestion_ends_its_sentence() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        change_rule(Rules(), "target-ship-date", "5")
    assert caught.value.message == "target-ship-date: is not a setting; did you mean target-ship-date-within?"
