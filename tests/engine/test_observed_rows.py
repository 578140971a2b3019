"""What the records say of products and of those who come back agrees with what else they say."""

import numpy as np
import pytest

from sim.core.arrays import blank
from sim.core.event_log import ENTERED, LEFT, LOG_COLUMNS, ORDERED, SHOWN, TOTALS, note
from sim.traffic.event_filters import Trust, look_through
from tests.worlds import small, told

BUSY = ("viewers.in_room.enter=0.3", "viewers.in_room.click=200", "viewers.in_room.order=0.5", "warm_up=0")


@pytest.fixture(scope="module")
def tables() -> dict[str, dict[str, np.ndarray]]:
    rows = told(small(*BUSY))
    return {
        name: {column: np.concatenate([np.atleast_1d(one[column]) for one in parts]) for column in parts[0]}
        for name, parts in rows.items()
        if name in ("series", "orders", "products", "rooms")
    }


def test_products_add_up_to_orders_and_clicks(tables: dict[str, dict[str, np.ndarray]]) -> None:
    products, orders, series = tables["products"], tables["orders"], tables["series"]
    filled = orders["filled"]
    assert filled.sum() > 20
    assert np.bincount(orders["product"][filled], minlength=len(products["product"])).tolist() == (
        products["orders"].tolist()
    )
    assert (products["gmv_cents"] == products["orders"] * products["price_cents"]).all()
    stays = orders["paid"] & ~orders["returned"]
    assert 5 < stays.sum() < filled.sum()
    assert not (orders["paid"] & ~filled).any()
    assert not (orders["returned"] & ~orders["paid"]).any()
    assert (orders["gsv_cents"] == orders["price_cents"] * stays).all()
    for name in ("paid", "returned", "gsv_cents"):
        by_product = np.bincount(orders["product"], orders[name], minlength=len(products["product"]))
        assert by_product.tolist() == products[name].tolist()
        assert series[name].sum() == tables["rooms"][name].sum() == orders[name].sum()
    assert products["clicks"].sum() == series["clicks"].sum()
    by_room = np.bincount(products["room"], products["clicks"])
    assert by_room.tolist() == np.bincount(tables["rooms"]["room"], tables["rooms"]["clicks"]).tolist()


def test_those_who_come_back_are_some_of_all(tables: dict[str, dict[str, np.ndarray]]) -> None:
    series, orders = tables["series"], tables["orders"]
    assert 0 < series["entries_again"].sum() < series["entries"].sum()
    assert 0 <= series["buying_stays_again"].sum() < series["buying_stays"].sum() <= len(orders["viewer"])


def test_coming_back_is_told_by_trust_at_the_door() -> None:
    log, sizes, totals = blank(LOG_COLUMNS, (1, 16)), np.zeros(1, np.int64), np.zeros(len(TOTALS), np.int64)
    trusted, hosts, on_trust = np.array([-1, 70, 71]), np.array([70, 71]), np.zeros(3, np.uint8)
    n = 0
    for viewer, room, kind, did in [
        (10, 0, SHOWN, ENTERED),  # had never ordered, and does now
        (10, 0, LEFT, ENTERED | ORDERED),
        (11, 0, SHOWN, ENTERED),  # comes back and orders
        (11, 0, LEFT, ENTERED | ORDERED),
        (11, 1, SHOWN, ENTERED),  # goes on to another host
        (11, 1, LEFT, ENTERED),
        (12, 1, SHOWN, 0),  # sees the host he trusts, and scrolls on
    ]:
        n = note(log[0], n, 0, viewer, ~room, 0, did, kind, 0)
    sizes[0] = n
    look_through(log, sizes, np.zeros(3, bool), 10, Trust(trusted, hosts, on_trust), totals)
    found = {name: int(count) for name, count in zip(TOTALS, totals, strict=True) if count}
    assert found == {"entries_again": 1, "buying_stays": 2, "buying_stays_again": 1}
    assert on_trust.tolist() == [0, 0, 0]
