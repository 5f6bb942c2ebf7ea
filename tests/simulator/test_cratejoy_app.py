"""The store over real HTTP, path by path."""

from __future__ import annotations

import base64

import httpx
import pytest

from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import ids

V11 = "/v1.1/shipments/"
V1 = "/v1/shipments/"
WITH = "customer,fulfillments,labels,ship_address,batch,stats,subscriptions"


def walk(store: httpx.Client, path: str, query: str) -> list[list[int]]:
    """The ids of every page, following `next` as it is given."""
    pages: list[list[int]] = []
    url = f"{path}?{query}"
    while url and len(pages) < 60:
        page = store.get(url).json()
        pages.append([row["id"] for row in page["results"]])
        url = path + page["next"] if page["next"] else ""
    return pages


# signing in


@pytest.mark.parametrize("header", ["", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"a:b").decode()])
def test_a_wrong_key_is_refused(served: Served, header: str, world: World) -> None:
    headers = {"authorization": header} if header else {}
    assert httpx.get(served.url + V11, headers=headers, trust_env=False).status_code == 401
    world.turn(sign_in_status="403")
    assert httpx.get(served.url + V11, headers=headers, trust_env=False).status_code == 403


def test_a_revoked_key_stops_working_at_once(store: httpx.Client, world: World) -> None:
    assert store.get(V11).status_code == 200
    world.turn(keys_revoked=True)
    assert store.get(V11).status_code == 401


# paths


@pytest.mark.parametrize(
    "path",
    [
        "/v1.1/shipments/",
        "/v1.1/shipments",
        "/v1/shipments",
        "/v1/shipments?&",
        "/v1/shipments/?&&limit=3",
        "/v1/shipments/?page=0",
        "/v1.1/shipments/?page=0",
        "/v1/orders/",
        "/v1/subscriptions",
        "/v1/customers/",
        "/v1/shipment_batches/",
        "/v1/transactions/",
        "/v1/products/",
        "/v1/product_instances/",
    ],
)
def test_every_collection_answers_with_the_envelope(store: httpx.Client, path: str) -> None:
    page = store.get(path).json()
    assert set(page) == {"count", "next", "prev", "results"}
    assert page["count"] > 0
    assert page["results"]
    assert page["prev"] is None


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ["orders", "subscriptions", "customers", "addresses", "products", "product_instances"])
def test_every_object_is_found_by_its_id(store: httpx.Client, kind: str, slash: str) -> None:
    id_ = store.get(f"/v1/{kind}/").json()["results"][0]["id"]
    assert store.get(f"/v1/{kind}/{id_}{slash}").json()["id"] == id_


@pytest.mark.parametrize(
    "path", ["/v1/shipments/1/", "/v1/nothing/", "/v1/shipments/x/", "/v1/orders/1", "/v2/x/", "/"]
)
def test_what_is_not_there_is_404(store: httpx.Client, path: str) -> None:
    assert store.get(path).status_code == 404


def test_wrong_verbs_are_405_and_v11_has_no_elements(store: httpx.Client, world: World) -> None:
    id_ = world.case("ecom")
    assert store.post(V1).status_code == 405
    assert store.delete(f"{V1}{id_}/").status_code == 405
    assert store.put(V11, json={}).status_code == 405
    assert store.get(f"{V11}{id_}/").status_code == 404
    world.turn(lists_v11=False)
    assert store.get(V11).status_code == 404


# filters


@pytest.mark.parametrize(
    ("query", "case", "inside"),
    [
        ("status=unshipped", "ecom", True),
        ("status=unshipped", "cancelled", False),
        ('status__in=["cancelled","shipped"]', "cancelled", True),
        ("billing_type=ecom", "ecom", True),
        ("billing_type=ecom", "gift", False),
        ('billing_type__in=["adhoc","standard"]', "gift", True),
        ("adjusted_ordered_at__le=2026-12-01T07:59:59Z", "future", False),
        ("adjusted_ordered_at__gt=2026-12-01T07:59:59Z", "future", True),
        ("sub_cycle__ge=4", "month-to-month", True),
        ("cust_cycle=4", "month-to-month", True),
        ("surprise=1", "ecom", True),
    ],
)
def test_v11_knows_its_closed_list_of_filters(
    store: httpx.Client, world: World, query: str, case: str, inside: bool
) -> None:
    found = ids(store.get(V11, params=httpx.QueryParams(query + "&limit=200")))
    assert (world.case(case) in found) is inside


def test_v11_takes_ids_of_customers_and_batches_as_a_comma_list(store: httpx.Client, world: World) -> None:
    one = store.get(f"{V1}{world.case('month-to-month')}/?with=batch,customer").json()
    customer, batch = one["customer"]["id"], one["batch"]["id"]
    assert ids(store.get(f"{V11}?customer_id__in={customer},1")) == [one["id"]]
    assert one["id"] in ids(store.get(f"{V11}?batch_id={batch}&limit=200"))


@pytest.mark.parametrize(
    "query",
    [
        "status__in=unshipped,cancelled",
        "status__like=un%25",
        "customer_id=abc",
        "adjusted_ordered_at__le=soon",
        "adjusted_ordered_at__le=2026-12-01T07:59:59+00:00",
        "limit=0",
        "limit=-1",
        "page=x",
    ],
)
def test_v11_refuses_what_it_cannot_read(store: httpx.Client, query: str) -> None:
    assert store.get(f"{V11}?{query}").status_code == 400


def test_v11_gives_at_most_200_rows(store: httpx.Client, world: World) -> None:
    from cratejoy_tui.simulator.cast import Box
    from cratejoy_tui.simulator.placing import place

    with world.change():
        for _ in range(260):
            place(world, Box())
    assert len(ids(store.get(f"{V11}?limit=500"))) == 200
    world.turn(limit_above_cap="400")
    assert store.get(f"{V11}?limit=500").status_code == 400
    pages = walk(store, V11, "status=unshipped&limit=200")
    assert len({id_ for page in pages for id_ in page}) == sum(len(page) for page in pages) > 260


@pytest.mark.parametrize(
    ("query", "case", "inside"),
    [
        ("status=1", "ecom", True),
        ("status__ne=unshipped", "cancelled", True),
        ("status__nin=unshipped,shipped", "cancelled", True),
        ("status__like=cancel%25", "cancelled", True),
        ("status__ilike=CANCEL%25", "cancelled", True),
        ("status__like=CANCEL%25", "cancelled", False),
        ("tracking_number__is_null=true", "ecom", True),
        ("tracking_number__is_null=0", "shipped", True),
        ("is_test=true", "test", True),
        ("is_test=false", "test", False),
        ("is_ecom=1", "gift", False),
        ("adjusted_ordered_at__lt=2026-12-1", "future", False),
        ("adjusted_ordered_at__ge=2026-12-01 12:30:00Z", "future", True),
        ("batch.end__lt=2026-11-20T00:00:00Z", "month-to-month", True),
        ("batch.end__lt=2026-11-20T00:00:00Z", "open-batch", False),
        ("fulfillments.cycle_number=-1", "admin-cycle", True),
        ("fulfillments.cycle_number__ne=0", "ecom", True),
        ("fulfillments.cycle_number__lt=9", "ecom", False),
        ("fulfillments.cycle_number__is_null=1", "ecom", True),
        ("fulfillments.adjusted_fulfillment_date__ge=2026-12-15T00:00:00Z", "future", True),
        ("ship_address.country=CA", "canadian", True),
        ("ship_address.country=CA", "ecom", False),
        ("customer.email__ilike=%25@EXAMPLE.test", "ecom", True),
        ("subscriptions.status=cancelled", "owed", True),
        ("stats.subscription_cycle__gt=3", "month-to-month", True),
        ("surprise__gt=1", "ecom", True),
    ],
)
def test_v1_knows_all_operators_and_one_relation(
    store: httpx.Client, world: World, query: str, case: str, inside: bool
) -> None:
    found = ids(store.get(f"{V1}?{query}&limit=500"))
    assert (world.case(case) in found) is inside
    world.turn(list_order="newest")
    assert ids(store.get(f"{V1}?{query}&limit=500")) == found[::-1]


def test_v1_finds_boxes_by_id_and_by_subscription(store: httpx.Client, world: World) -> None:
    wanted = [world.case("ecom"), world.case("gift")]
    assert ids(store.get(f"{V1}?id__in={wanted[0]},{wanted[1]},5")) == wanted
    subscription = store.get(f"{V1}{wanted[1]}/?with=subscriptions").json()["subscriptions"][0]["id"]
    assert len(ids(store.get(f"{V1}?subscription_id={subscription}"))) == 3


@pytest.mark.parametrize("query", ["status__after=1", "a.b.c=1", "id__in=x", "tracking_number__is_null=maybe"])
def test_v1_refuses_what_it_cannot_read(store: httpx.Client, query: str) -> None:
    assert store.get(f"{V1}?{query}").status_code == 400


def test_an_unknown_parameter_can_be_an_error_and_a_known_one_ignored(store: httpx.Client, world: World) -> None:
    world.turn(unknown_parameter="400")
    assert store.get(f"{V1}?surprise=1").status_code == 400
    assert store.get(f"{V11}?is_test=1").status_code == 400
    assert store.get("/v1/orders/?surprise=1").status_code == 400
    world.turn(ignored_filters=["billing_type", "id"])
    assert world.case("gift") in ids(store.get(f"{V11}?billing_type=ecom&limit=200"))
    assert len(ids(store.get(f"{V1}?id__in={world.case('gift')}&limit=50"))) > 20


def test_other_collections_are_filtered_too(store: httpx.Client, world: World) -> None:
    order = store.get(f"{V1}{world.case('partial-refund')}/").json()["fulfillments"][0]["order"]
    assert ids(store.get(f"/v1/transactions/?order.id={order['id']}")) != []
    assert order["id"] in ids(store.get("/v1/orders/?refunded_amount__gt=0&limit=50"))
    assert ids(store.get("/v1/orders/?customer.name__like=%25Nobody%25")) == []
    assert ids(store.get("/v1/subscriptions/?status=6")) == ids(store.get("/v1/subscriptions/?status=past_due"))
    assert len(ids(store.get("/v1/subscriptions/?autorenew__eq=false"))) >= 3


# pages


@pytest.mark.parametrize("base", ["documented", "zero", "one"])
@pytest.mark.parametrize("path", [V1, V11])
@pytest.mark.parametrize("keeps", [True, False])
def test_following_next_shows_every_row(store: httpx.Client, world: World, base: str, path: str, keeps: bool) -> None:
    world.turn(page_base=base, next_keeps_limit=keeps)
    pages = walk(store, path, "limit=12&status=unshipped")
    seen = [id_ for page in pages for id_ in page]
    assert (len(seen) == len(set(seen))) is keeps
    assert len(set(seen)) == store.get(f"{path}?status=unshipped").json()["count"]
    first = store.get(f"{path}?limit=7").json()["next"]
    number = {"documented": "1" if path == V1 else "2", "zero": "1", "one": "2"}[base]
    assert f"page={number}" in first


@pytest.mark.parametrize(("base", "prev"), [("zero", "?page=1&limit=5"), ("one", "?page=2&limit=5")])
def test_prev_leads_back(store: httpx.Client, world: World, base: str, prev: str) -> None:
    world.turn(page_base=base)
    page, following = {}, "?limit=5"
    for _ in range(3):
        page = store.get(V1 + following).json()
        following = page["next"]
    assert page["prev"] == prev


def test_next_repeats_the_filters_encoded(store: httpx.Client) -> None:
    query = 'status__in=["unshipped"]&adjusted_ordered_at__ge=2026-01-01T00:00:00Z&limit=2'
    following = store.get(f"{V11}?{query}").json()["next"]
    assert following.startswith("?page=2&")
    assert "adjusted_ordered_at__ge=2026-01-01T00%3A00%3A00Z" in following
    assert "status__in=%5B%22unshipped%22%5D" in following


def test_lists_can_lie_in_every_listed_way(store: httpx.Client, world: World) -> None:
    honest = walk(store, V1, "limit=10")
    world.turn(count_off_by=-3)
    assert store.get(V1).json()["count"] == sum(map(len, honest)) - 3
    world.turn(count_off_by=0, extra_empty_page=True)
    assert walk(store, V1, "limit=10") == [*honest, []]
    world.turn(extra_empty_page=False, repeat_page=1)
    lying = walk(store, V1, "limit=10")
    assert lying[1] == lying[0]
    world.turn(repeat_page=0, rows_gone_between_pages=2)
    assert sum(map(len, walk(store, V1, "limit=10"))) < sum(map(len, honest))
    world.turn(rows_gone_between_pages=0, new_rows_between_pages=1, list_order="newest")
    seen = [id_ for page in walk(store, V1, "limit=10") for id_ in page]
    assert len(seen) > len(set(seen))
    world.turn(new_rows_between_pages=0, never_ending=True)
    assert len(walk(store, V1, "limit=10")) == 60


def test_rows_can_be_shuffled_once_or_in_every_request(store: httpx.Client, world: World) -> None:
    plain = ids(store.get(f"{V1}?limit=100"))
    world.turn(list_order="shuffled")
    mixed = ids(store.get(f"{V1}?limit=100"))
    assert mixed != plain
    assert ids(store.get(f"{V1}?limit=100")) == mixed
    world.turn(list_order="reshuffled")
    again = ids(store.get(f"{V1}?limit=100"))
    assert ids(store.get(f"{V1}?limit=100")) != again
    assert sorted(mixed) == sorted(again) == plain


# relations


def test_with_replaces_the_default_relations(store: httpx.Client, world: World) -> None:
    path = f"{V1}{world.case('gift')}/"
    relations = {"customer", "fulfillments", "labels", "ship_address", "batch", "stats", "subscriptions", "_md"}
    assert relations & set(store.get(path).json()) == {"customer", "fulfillments", "labels", "ship_address"}
    assert relations & set(store.get(path + "?with=").json()) == set()
    assert relations & set(store.get(path + "?with=batch,stats").json()) == {"batch", "stats"}
    assert relations & set(store.get(path + "?with=all").json()) == relations
    row = store.get(f"{V1}?limit=1&with=stats").json()["results"][0]
    assert relations & set(row) == {"stats"}


def test_relations_of_other_objects_can_be_asked_for(store: httpx.Client, world: World) -> None:
    gift = store.get(f"{V1}{world.case('gift')}/?with={WITH}").json()
    order_id, subscription_id = gift["fulfillments"][0]["order"]["id"], gift["subscriptions"][0]["id"]
    order = store.get(f"/v1/orders/{order_id}/?with=all").json()
    assert {line["shipment_id"] for line in order["fulfillments"]} == {gift["id"], gift["id"] + 1, gift["id"] + 2}
    assert order["ship_address"]["to"] == "Grandpa Ørsted"
    assert order["transactions"][0]["total"] == 9650
    subscription = store.get(f"/v1/subscriptions/{subscription_id}/?with=all").json()
    assert subscription["term"]["num_cycles"] == 3
    assert subscription["product_instance"]["sku"] == "SQ0093801"
    assert len(subscription["shipments"]) == 3
    assert store.get("/v1/products/?with=instances&limit=1").json()["results"][0]["instances"][0]["sku"] == "TEABOX-STD"
