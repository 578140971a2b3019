"""Measures of room reviews, on reviews made by hand."""

import pytest

from sim.results.measures.run_data import Evidence, NothingToMeasureError
from tests.results.measures.records import evidence, measured, table

HOUR_S = 3600


@pytest.fixture
def run() -> Evidence:
    compared = ["class and level", "class", "all open rooms", "class and level"]
    reviews = table("reviews", kind=["room", "room", "room", "room", "video"], goods=[0.0, 1.0, 2.0, 7.0, 99.0],
                    compared=[*compared, ""])  # fmt: skip
    # 100 exposures an hour, then 50, 400 in two hours, 10 and 70
    sessions = table(
        "sessions",
        room=[0, 1, 2, 3, 0],
        opened_s=[0, 0, 0, 0, 2 * HOUR_S],
        closed_s=[HOUR_S, HOUR_S, 2 * HOUR_S, HOUR_S, 3 * HOUR_S],
        shown=[100, 50, 400, 10, 70],
        skill=[0.3, 0.1, 0.2, -0.2, 0.3],
        form=[0.0, 0.0, 0.7, 0.0, -0.4],
    )
    return evidence(reviews=reviews, sessions=sessions, rooms=table("rooms", level=[0, 0, 0, 1, 2]))


def test_goods_remembered(run: Evidence) -> None:
    assert measured(run, "reviews.goods_remembered.mean") == 2.5
    assert measured(run, "reviews.goods_remembered.q50") == 1.5
    # (1 + 4 + 49) / 10
    assert measured(run, "reviews.goods_remembered_weighted") == pytest.approx(5.4)


def test_reviews_that_merged_and_levels(run: Evidence) -> None:
    assert measured(run, "reviews.merged_share") == 0.5
    assert [measured(run, "rooms.level_share", step) for step in (1, 2, 3, 4)] == [0.6, 0.2, 0.2, 0.0]


def test_skill_and_traffic(run: Evidence) -> None:
    # exposures an hour: 100, 50, 200, 10, 70; by skill and form the order is 4, 3, 5, 1, 2, by traffic 4, 2, 5, 1, 3:
    # 1 - 6 * (1 + 1) / (5 * 24)
    assert measured(run, "rooms.skill_traffic_correlation") == pytest.approx(0.9)


def test_a_rank_correlation_takes_sessions_that_differ() -> None:
    alike = table("sessions", room=list(range(6)), opened_s=0, closed_s=HOUR_S, shown=5, skill=0.1)
    with pytest.raises(NothingToMeasureError, match="takes 5 sessions that differ"):
        measured(evidence(sessions=alike), "rooms.skill_traffic_correlation")
