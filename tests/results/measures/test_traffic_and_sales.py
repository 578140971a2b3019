"""Measures of rooms' traffic, against records made by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures import traffic_and_sales
from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import DAY_S, evidence, measured, table


def reviews(persists: float, sales: float, length: int = 12) -> pd.DataFrame:
    """Two rooms whose next traffic follows from traffic and sales now to the letter, and a video."""
    rows = [("video", 600, 0, 0, 2, 80, 0.0)]
    for room, first in ((0, 10_000.0), (1, 40_000.0)):
        given = first
        for wave in range(1, length + 1):
            sold = float(wave * (room + 2) % 5)
            rows.append(("room", wave * 300, room, 1, wave, int(given), sold))
            given = np.exp(1.0 + persists * np.log(given) + sales * sold)
    kind, at, item, session, wave_of, given_of, term = zip(*rows, strict=True)
    return table(
        "reviews",
        kind=kind,
        at_s=at,
        item=item,
        session=session,
        wave=wave_of,
        delivered=given_of,
        conversion_term=term,
    )


def test_a_window_is_joined_with_the_one_that_follows() -> None:
    found = traffic_and_sales.successive_reviews(evidence(reviews=reviews(0.9, 0.02, length=3)))
    assert found[["item", "wave"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    follows = np.exp(1.0) * found["now"] ** 0.9 * np.exp(0.02 * found["sold"])
    assert found["next"].tolist() == pytest.approx(follows.tolist(), rel=1e-3)


def test_both_slopes_come_out() -> None:
    run = evidence(reviews=reviews(0.9, 0.02))
    assert measured(run, "traffic.persists") == pytest.approx(0.9, abs=1e-3)
    assert measured(run, "traffic.sales_pull", 0) == pytest.approx(0.02, abs=1e-3)
    assert measured(run, "traffic.sales_pull", 0.005) == pytest.approx(0.02, abs=1e-3)  # 432 s


def test_where_nobody_sells_nothing_is_known() -> None:
    run = evidence(reviews=reviews(0.9, 0.02).assign(conversion_term=1.0))
    with pytest.raises(NothingToMeasureError):
        measured(run, "traffic.sales_pull", 0)
    with pytest.raises(NothingToMeasureError):
        measured(evidence(reviews=reviews(0.9, 0.02)), "traffic.sales_pull", 1)


SERIES = table(
    "series",
    at_s=[3600, DAY_S, DAY_S + 1800, DAY_S + 3600],
    gmv_cents=[100, 200, 300, 500],
    live_exposures=[10, 10, 20, 20],
    orders=[9, 9, 1, 3],
    stay_ms=[1, 1, 30_000, 10_000],
    entries=[1, 1, 3, 1],
)


def test_only_what_comes_after_the_day_counts() -> None:
    run = evidence(series=SERIES)
    assert measured(run, "traffic.yuan_per_thousand_shown", 1) == pytest.approx(8.0 / 40 * 1000)
    assert measured(run, "traffic.yuan_per_thousand_shown", 0) == pytest.approx(11.0 / 60 * 1000)
    assert measured(run, "traffic.orders_per_thousand_shown", 1) == pytest.approx(100.0)
    assert measured(run, "traffic.seconds_per_entry", 1) == pytest.approx(10.0)


def test_sales_so_far_by_hour() -> None:
    assert traffic_and_sales.sales_by_hour(evidence(series=SERIES)).to_dict() == pytest.approx(
        {1.0: 1.0, 24.0: 3.0, 25.0: 11.0}
    )
