"""Measures of waves, against records made by hand."""

import pytest

from sim.results.measures import waves
from tests.results.measures.records import evidence, measured, table

HOUR_S = 3600
REVIEWS = table(
    "reviews",
    # video 0: 80 in an hour, then 400 in half an hour: five times as many, ten times as fast; then 1,600 in eight hours
    # video 1: 80 in an hour, then 320 in two hours: four times as many, twice as fast
    # video 2: promoted, and its next wave is open still; video 3 faded; a room
    kind=["video"] * 7 + ["room"],
    item=[0, 0, 0, 1, 1, 2, 3, 0],
    tier=[0, 1, 2, 0, 1, 0, 0, 1],
    wave=[1, 2, 3, 1, 2, 1, 1, 1],
    opened_s=[0, HOUR_S, 2 * HOUR_S, 0, HOUR_S, 0, 0, 0],
    at_s=[HOUR_S, HOUR_S * 3 // 2, 10 * HOUR_S, HOUR_S, 3 * HOUR_S, HOUR_S, HOUR_S, 300],
    delivered=[80, 400, 1600, 80, 320, 80, 80, 50],
    verdict=["promote", "promote", "repeat", "promote", "fade", "promote", "fade", "up"],
)


def test_growth_from_wave_to_wave() -> None:
    run = evidence(reviews=REVIEWS)
    assert waves.growth_by_step(run).to_dict() == pytest.approx({0: (10 + 2) / 2, 1: 200 / 800})
    assert measured(run, "waves.weakest_growth") == pytest.approx(0.25)
    assert measured(run, "waves.weakest_step") == pytest.approx(4.0)  # 4.5 between 5 and 4, then 1,600 over 400


ITEMS = table(
    "items",
    published_s=[10, 30, 40, 50, 60, 90],
    quality=[9.0, 0.1, 0.2, 0.3, 0.4, -9.0],
    shown=[1, 100, 400, 300, 900, 999],
    best_tier=[0, 0, 1, 1, 2, 2],
)


def test_only_the_middle_of_a_run_is_asked_how_far_its_videos_went() -> None:
    run = evidence(items=ITEMS, series=table("series", at_s=[50, 100]))
    # ranks of pull 1 2 3 4 and of exposures 1 3 2 4: 1 - 6 * 2 / (4 * 15)
    assert measured(run, "waves.pull_and_reach") == pytest.approx(0.8)
    assert waves.share_by_tier(run).to_dict() == pytest.approx({0: 1.0, 1: 0.75, 2: 0.25})
    assert waves.reach_by_pull(run).to_dict() == pytest.approx({3: 100, 5: 400, 8: 300, 10: 900})


def test_traffic_of_a_host_is_that_of_the_last_session() -> None:
    sessions = table(
        "sessions",
        room=[0, 1, 2, 0],
        skill=[0.5, 0.1, -0.3, 0.5],
        opened_s=[0, 0, 0, 1000],
        closed_s=[10, 20, 10, 1010],
        shown=[1, 80, 30, 100],  # a second: 0.1 and then 10; 4; 3
    )
    assert measured(evidence(sessions=sessions), "waves.skill_and_traffic") == pytest.approx(1.0)
