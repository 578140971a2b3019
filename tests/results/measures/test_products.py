"""Measures of products, against records made by hand."""

import pytest

from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import evidence, measured, table

PRODUCTS = table(
    "products",
    product=[0, 1, 2, 3, 4],
    price_cents=[1_000, 5_000, 30_000, 30_001, 500],
    clicks=[100, 100, 50, 10, 0],
    orders=[20, 10, 2, 1, 0],
    gmv_cents=[20_000, 50_000, 60_000, 30_001, 0],
)


def test_clicks_become_orders_by_price() -> None:
    run = evidence(products=PRODUCTS)
    assert measured(run, "products.click_to_order", 0, 300) == pytest.approx(32 / 250)
    assert measured(run, "products.click_to_order", 300.01, 1e6) == pytest.approx(0.1)
    with pytest.raises(NothingToMeasureError, match="no click on a product for 0 to 5 yuan"):
        measured(run, "products.click_to_order", 0, 5)


def test_a_few_of_the_products_on_show_bring_the_sales() -> None:
    run = evidence(products=PRODUCTS)
    assert measured(run, "products.gmv_top_share", 0.25) == pytest.approx(60_000 / 160_001)
    assert measured(run, "products.gmv_top_share", 0.5) == pytest.approx(110_000 / 160_001)


def test_returns_by_category() -> None:
    goods = table("products", topic=[0, 1, 1], paid=[10, 4, 6], returned=[1, 3, 2])
    run = evidence({"categories": [{"name": "food"}, {"name": "womenswear"}]}, products=goods)
    assert measured(run, "products.return_rate", "womenswear") == pytest.approx(0.5)
    assert measured(run, "products.return_rate", "food") == pytest.approx(0.1)
    with pytest.raises(NothingToMeasureError, match="no category 'cars'"):
        measured(run, "products.return_rate", "cars")


def test_click_to_order_of_products_with_clicks_enough() -> None:
    run = evidence(products=table("products", clicks=[19, 20, 40], orders=[19, 4, 4]))
    assert measured(run, "products.click_to_order_by_product.q50") == pytest.approx(0.15)
    assert measured(run, "products.click_to_order_by_product.q100") == pytest.approx(0.2)


def test_listed_prices_without_baits() -> None:
    goods = table("products", price_cents=[5_000, 5_001, 30_000, 990], bait=[False, False, False, True])
    run = evidence(products=goods)
    assert [measured(run, "rooms.price_share_below", yuan) for yuan in (49, 50, 300)] == pytest.approx([0, 1 / 3, 1])


def test_the_share_of_orders_that_are_paid() -> None:
    run = evidence(series=table("series", at_s=[1, 2], orders=[6, 4], paid=[5, 3], gsv_cents=[100, 150]))
    assert measured(run, "rooms.payment_rate") == pytest.approx(0.8)
    assert measured(run, "sales.gsv_yuan") == pytest.approx(2.5)
