"""Measures of viewers, against records made by hand."""

import numpy as np
import pytest

from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import evidence, measured, table, videos

ITEMS = table("items", item=[0])


def likes_of(*viewers: tuple[int, int]) -> object:
    """Evidence of viewers 0, 1, ... with so many exposures and likes each."""
    rows, liked = [], []
    for who, (exposures, likes) in enumerate(viewers):
        liked += range(len(rows), len(rows) + likes)
        rows += [(who, 0, 1)] * exposures
    return evidence(items=ITEMS, exposures=videos(*rows, liked=liked))


def test_without_thinning_never_liking_is_a_plain_share() -> None:
    run = likes_of((4, 0), (4, 1), (4, 4), (4, 0))
    assert measured(run, "viewers.never_like_share", 4) == 0.5
    assert measured(run, "viewers.never_like_share", 400) == 0.5


def test_thinning_hides_likes_and_viewers() -> None:
    # half of the exposures stay. One exposure, liked: seen half of the time, and then the like is seen as well.
    # three exposures, one liked: seen 7/8 of the time, and 3/8 of the time without the like
    run = likes_of((1, 1), (3, 1))
    assert measured(run, "viewers.never_like_share", 1) == pytest.approx((0 + 3 / 8) / (1 / 2 + 7 / 8))


def test_top_likers_without_thinning() -> None:
    run = likes_of((5, 5), (5, 3), (5, 1), (5, 1))
    assert measured(run, "viewers.like_top_share", 0.25, 5) == pytest.approx(5 / 10)
    assert measured(run, "viewers.like_top_share", 0.5, 5) == pytest.approx(8 / 10)


def test_thinned_likes_are_spread_as_binomials() -> None:
    # of 400 viewers with 8 likes in 16 exposures half of the exposures stay: the top tenth then has more than a tenth
    run = likes_of(*[(16, 8)] * 400)
    by_chance = np.sort(np.random.default_rng(1).binomial(8, 0.5, (500, 400)), axis=1)[:, -40:].sum(axis=1) / 1600
    assert measured(run, "viewers.like_top_share", 0.1, 8) == pytest.approx(by_chance.mean(), abs=0.005)


def test_nobody_likes() -> None:
    with pytest.raises(NothingToMeasureError, match="no like"):
        measured(likes_of((3, 0)), "viewers.like_top_share", 0.1, 3)


def test_exposures_of_the_most_active() -> None:
    run = likes_of((6, 0), (2, 0), (1, 0), (1, 0))
    assert measured(run, "viewers.exposure_top_share", 0.25) == 0.6


def test_those_who_bought_before_are_held_against_all_others() -> None:
    returns = {"entries": [600, 400], "entries_again": [10, 10], "buying_stays": [20, 10], "buying_stays_again": [4, 2]}
    run = evidence(series=table("series", at_s=[30, 60], **returns))
    assert measured(run, "viewers.repeat_purchase_ratio") == pytest.approx((6 / 20) / (24 / 980))
    with pytest.raises(NothingToMeasureError, match="ordered from the host before"):
        measured(evidence(), "viewers.repeat_purchase_ratio")


@pytest.mark.parametrize("end_s", [3_600, 43_200, 86_400])
def test_minutes_per_day_are_over_the_time_simulated(end_s: int) -> None:
    # 2 viewers, 30 min in all; the scenario asks for a day, whatever was simulated
    series = table("series", at_s=[end_s], session_ms=[30 * 60_000])
    run = evidence({"viewers": {"count": 2}, "days": 1.0}, series=series)
    assert measured(run, "viewers.minutes_per_day") == pytest.approx(15 * 86_400 / end_s)


def test_the_return_is_expected_from_the_mood() -> None:
    about = {"count": 2, "sessions_per_day": {"kind": "constant", "value": 2.0}, "bored_skip": 0.5}
    people = table("viewers", viewer=[1, 2], activity=[1.0, 1.0], satisfaction=[1.0, 0.0])
    run = evidence({"viewers": about}, viewers=people)
    assert measured(run, "viewers.next_day_return") == pytest.approx(1 - (np.exp(-2.0) + np.exp(-1.0)) / 2)
    unrecorded = evidence({"viewers": about, "records": {"exposures": 0.0, "viewers": 0.0}}, viewers=people)
    with pytest.raises(NothingToMeasureError, match="no record of viewers"):
        measured(unrecorded, "viewers.next_day_return")
