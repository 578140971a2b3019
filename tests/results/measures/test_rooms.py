"""Measures of live rooms, against records made by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import DAY_MS, DAY_S, evidence, measured, table


def test_entering_is_counted_over_all_live_exposures() -> None:
    run = evidence(series=table("series", at_s=[30, 60], live_exposures=[60, 40], entries=[10, 5]))
    assert measured(run, "live.enter_rate") == 0.15


def test_stays_and_what_was_done_in_them() -> None:
    stays = table(
        "exposures",
        viewer=[1, 1, 2, 3],
        kind="left",
        ms=[1_000, 3_000, 5_000, 101_000],
        commented=[True, False, False, True],
        liked=[False, False, False, True],
    )
    run = evidence(exposures=stays)
    assert measured(run, "live.dwell_seconds.q50") == 4.0
    assert measured(run, "live.dwell_seconds.mean") == 27.5
    assert measured(run, "live.comment_rate") == 0.5
    assert measured(run, "live.like_rate") == 0.25


def test_reach_is_of_viewer_days() -> None:
    seen = table(
        "exposures",
        at_ms=[0, 1, 2, DAY_MS, DAY_MS + 1],
        viewer=[1, 1, 2, 1, 2],
        kind=["shown", "shown", "video", "shown", "shown"],
        entered=[True, True, False, False, True],
    )
    assert measured(evidence(exposures=seen), "live.reach_share_day") == 2 / 4


def test_entries_of_one_day() -> None:
    minutes = table(
        "rooms", at_s=[300, 600, 600, 600, DAY_S + 300], room=[0, 0, 1, 2, 1], entered=[30, 30, 20, 0, 1000]
    )
    run = evidence(rooms=minutes, series=table("series", at_s=[DAY_S + 600]))
    assert measured(run, "rooms.entry_gini") == pytest.approx(0.25)  # of 60 and 20
    assert measured(run, "rooms.entry_top_share", 0.5) == pytest.approx(0.75)


def test_a_peak_counts_in_sessions_with_a_crowd() -> None:
    run = evidence(sessions=table("sessions", acu=[10.0, 20.0, 9.9], pcu=[30, 40, 900]))
    assert measured(run, "rooms.peak_over_average.median") == 2.5
    with pytest.raises(NothingToMeasureError, match="mean concurrency of 10"):
        measured(evidence(sessions=table("sessions", acu=[1.0], pcu=[3])), "rooms.peak_over_average.median")
    with pytest.raises(NothingToMeasureError, match="no session"):
        measured(evidence(), "rooms.peak_over_average.median")


def test_merchants_are_hosts_below_the_median_following() -> None:
    sessions = table(
        "sessions",
        room=[0, 1, 2, 0],
        session=[1, 1, 1, 2],
        host=[10, 11, 12, 10],
        followers=[5, 50, 500, 5],
        entered=[100, 100, 100, 100],
        opened_s=[0, 0, 0, -60],  # the last one had begun before the record, which has not all of its orders
    )
    orders = table(
        "orders",
        viewer=[1, 1, 2, 3, 4],
        room=[0, 0, 0, 2, 0],
        session=[1, 1, 1, 1, 1],
        filled=[True, True, True, True, False],
    )
    run = evidence(sessions=sessions, orders=orders)
    assert measured(run, "rooms.view_to_buyer.merchant") == 2 / 100


def test_sales_follow_comments_within_rooms() -> None:
    # sales = scale of the room times comments ** 0.5, in ten minutes that are two reviews each
    rng, rows = np.random.default_rng(0), []
    for room, scale in enumerate([10_000, 1_000, 90_000]):
        for ten in range(12):
            comments = int(rng.integers(1, 200))
            rows.append((room, 600 * ten + 300, 0, 0))
            rows.append((room, 600 * ten + 600, comments, round(scale * comments**0.5)))
    minutes = pd.DataFrame(rows, columns=["room", "at_s", "comments", "gmv_cents"])
    assert measured(evidence(rooms=minutes), "rooms.sales_elasticity_to_comments") == pytest.approx(0.5, abs=0.01)
