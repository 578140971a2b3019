"""Measures of sales, against records made by hand."""

import pytest
from sim.engine.control_variate import UNIT

from sim.results.measures.run_data import NothingToMeasureError
from sim.results.measures.sales import CENTS_PER_YUAN, LUCK_PER_YUAN
from tests.results.measures.records import evidence, measured, table

SERIES = table(
    "series",
    at_s=[30, 60],
    gmv_cents=[4_000, 1_000],
    control_variate=[300_000, -100_000],
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
        ("sales.orders", 4),
        ("sales.refused_orders", 2),
        ("sales.buyers", 2),
        ("sales.gpm_yuan", 1_250.0),
        ("sales.orders_per_entry", 0.1),
    ],
)
def test_sales_by_hand(name: str, value: float) -> None:
    run = evidence({"records": {"control_variate": True}}, series=SERIES, orders=ORDERS)
    assert measured(run, name) == pytest.approx(value)


def test_luck_is_taken_out_only_where_it_is_recorded() -> None:
    with pytest.raises(NothingToMeasureError, match="no record of the control variate"):
        measured(evidence({"records": {"control_variate": False}}, series=SERIES), "sales.expected_gmv_yuan")


def test_luck_is_counted_as_the_run_counts_it() -> None:
    assert LUCK_PER_YUAN == CENTS_PER_YUAN * UNIT
