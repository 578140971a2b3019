"""Measures of sales, against records made by hand."""

import pytest

from sim.engine.expected_sales import UNIT
from sim.results.measures.run_data import NothingToMeasureError
from sim.results.measures.sales import PARTS
from tests.results.measures.records import evidence, measured, table

SERIES = table(
    "series",
    at_s=[30, 60],
    gmv_cents=[4_000, 1_000],
    expected_entries=[19_000, 20_500],
    expected_orders=[2_500, 1_000],
    expected_gmv=[4_100_000, 700_000],
    expected_gsv=[2_000_000, 400_000],
    entries=[20, 20],
    orders=[3, 1],
    refused=[0, 2],
)
ORDERS = table("orders", viewer=[1, 1, 2, 3], filled=[True, True, True, False])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sales.gmv_yuan", 50.0),
        ("sales.expected_gmv_yuan", 48.0),
        ("sales.expected_gsv_yuan", 24.0),
        ("sales.expected_orders", 3.5),
        ("sales.expected_entries", 39.5),
        ("sales.orders", 4),
        ("sales.refused_orders", 2),
        ("sales.buyers", 2),
        ("sales.gpm_yuan", 1_250.0),
        ("sales.orders_per_entry", 0.1),
    ],
)
def test_sales_by_hand(name: str, value: float) -> None:
    run = evidence({"records": {"expected_sales": True}}, series=SERIES, orders=ORDERS)
    assert measured(run, name) == pytest.approx(value)


def test_expectations_are_told_only_where_they_are_recorded() -> None:
    with pytest.raises(NothingToMeasureError, match="no record of expected sales"):
        measured(evidence({"records": {"expected_sales": False}}, series=SERIES), "sales.expected_gmv_yuan")


def test_expectations_are_counted_as_the_run_counts_them() -> None:
    assert PARTS == UNIT
