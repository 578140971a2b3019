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
