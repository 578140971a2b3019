"""Measures of the feed, against records made by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.run_data import NothingToMeasureError
from sim.results.run_folder import RunError
from tests.results.measures.records import DAY_MS, HOUR_MS, evidence, measured, table, videos

SERIES = table(
    "series",
    at_s=[30, 86_400],
    video_exposures=[600, 400],
    finished=[300, 100],
    likes=[6, 4],
    comments=[2, 1],
    shares=[1, 1],
    follows=[0, 1],
    live_exposures=[50, 75],
)
TWO_DAYS = table("series", at_s=[172_800])
ITEMS = table(
    "items", item=[0, 1, 2, 3], creator=[7, 7, 8, 9], topic=[0, 0, 1, 2], duration_ms=[10_000, 20_000, 30_000, 40_000]
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feed.finish_rate", 400 / 1000),
        ("feed.like_rate", 10 / 1000),
        ("feed.comment_rate", 3 / 1000),
        ("feed.share_rate", 2 / 1000),
        ("feed.follow_rate", 1 / 1000),
        ("feed.live_share", 125 / 1125),
    ],
)
def test_rates_are_sums_over_sums(name: str, value: float) -> None:
    assert measured(evidence(series=SERIES), name) == pytest.approx(value)


def test_watch_ratio_counts_loops() -> None:
    run = evidence(items=ITEMS, exposures=videos((1, 0, 25_000), (1, 1, 10_000), (2, 2, 3_000)))
    assert measured(run, "feed.watch_ratio.median") == pytest.approx(0.5)
    assert measured(run, "feed.watch_ratio.mean") == pytest.approx((2.5 + 0.5 + 0.1) / 3)
    assert measured(run, "feed.watch_ratio.q75") == pytest.approx(1.5)  # halfway from 0.5 to 2.5


def test_a_long_view_is_18_seconds_or_the_whole_of_a_shorter_video() -> None:
    seen = videos((1, 0, 10_000), (1, 0, 9_999), (1, 3, 18_000), (1, 3, 17_999))
    assert measured(evidence(items=ITEMS, exposures=seen), "feed.long_view_rate") == 0.5


def test_plays_are_counted_for_each_viewer_and_day_with_any() -> None:
    at = [0, 1, 2, DAY_MS, 5, 6]
    plays = table("exposures", at_ms=at, viewer=[1, 1, 1, 1, 2, 2], kind="video")  # 3, 1 and 2 plays
    run = evidence(items=table("items", item=[0]), exposures=plays, series=TWO_DAYS)
    assert measured(run, "feed.plays_per_viewer_day.q50") == 2
    assert measured(run, "feed.plays_per_viewer_day.q75_over_q50") == pytest.approx(2.5 / 2)


def test_minutes_are_those_of_sessions_over_days_with_any_exposure() -> None:
    facts = table(
        "exposures",
        at_ms=[0, 600_000, 700_000, 1_000_000, DAY_MS + 5],
        viewer=[1, 1, 1, 2, 2],
        kind=["video", "ended", "ended", "shown", "ended"],
        ms=[0, 600_000, 60_000, 0, 120_000],
    )
    # viewer 1: 11 min on day 0; viewer 2: saw a room on day 0, with a session of 2 min that ended on day 1
    run = evidence(exposures=facts, series=TWO_DAYS)
    assert measured(run, "feed.minutes_per_viewer_day.mean") == pytest.approx((11 + 0 + 2) / 3)


def test_distinct_creators_are_those_of_viewers_with_twenty_exposures() -> None:
    seen = videos(*[(1, n % 2, 1000) for n in range(20)], *[(2, n % 4, 1000) for n in range(20)], (3, 0, 1000))
    # items 0 and 1 are of one creator: 1 / 20 and 3 / 20; viewer 3 saw too little
    assert measured(evidence(items=ITEMS, exposures=seen), "feed.distinct_creator_ratio") == pytest.approx(2 / 20)


def test_finish_rate_by_viewer_and_by_activity() -> None:
    seen = videos(*[(1, 0, 1)] * 20, *[(2, 0, 1)] * 40, finished=[*range(10), *range(20, 24)])
    run = evidence(items=ITEMS, exposures=seen)
    assert measured(run, "feed.finish_rate_by_viewer.q50") == pytest.approx((0.5 + 0.1) / 2)
    assert measured(run, "feed.finish_rate_by_activity", 20, 39) == 0.5
    assert measured(run, "feed.finish_rate_by_activity", 0, 100) == pytest.approx(14 / 60)
    with pytest.raises(NothingToMeasureError, match="no viewer with 50 to 60 exposures"):
        measured(run, "feed.finish_rate_by_activity", 50, 60)


def test_chosen_exposures_are_held_against_random_ones() -> None:
    long, brief = (1, 0, 10_000), (1, 0, 500)
    seen = videos(long, long, brief, long, brief, brief, long)
    sources = ["ranked", "fresh", "follow", "random", "random", "random", "boosted"]
    run = evidence(items=ITEMS, exposures=seen.assign(source=sources))
    assert measured(run, "feed.random_vs_ranked_long_view") == pytest.approx((2 / 3) / (1 / 3))


def newcomers(seen: pd.DataFrame, *tastes: list[float]) -> dict[str, pd.DataFrame]:
    """Tables in which viewers 1, 2, ... have begun one session each, and viewer 9 had begun one before."""
    who = list(range(1, len(tastes) + 1))
    begun = table("exposures", at_ms=[0] * (len(who) + 1), viewer=[*who, 9], kind="visit", item=-1)
    people = table("viewers", viewer=[*who, 9], visits=[1] * len(who) + [2], taste=[*tastes, [1.0, 0.0, 0.0]])
    return {"items": ITEMS, "exposures": pd.concat([begun, seen], ignore_index=True), "viewers": people}


def test_exploitation_is_topic_or_creator_of_something_engaged_with_before() -> None:
    # video 0 is finished; 1 has its topic and creator, 2 and 3 have neither; 2 is liked, so that it counts again
    seen = videos((1, 0, 1), (1, 1, 1), (1, 3, 1), (1, 2, 1), (1, 2, 1), (9, 0, 1), finished=[0], liked=[3])
    run = evidence(**newcomers(seen, [1.0, 0.0, 0.0]))
    assert measured(run, "feed.exploit_share", 2) == 1 / 2
    assert measured(run, "feed.exploit_share", 5) == 2 / 5
    assert measured(run, "feed.exploit_share", 500) == 2 / 5


def test_a_tag_has_captured_a_viewer_when_his_topic_fills_half_of_a_page() -> None:
    # a page is 4 items; viewer 1 likes topic 0 only, which is videos 0 and 1
    own = [(1, 2, 60_000), (1, 0, 60_000), (1, 3, 60_000), (1, 1, 60_000), (1, 0, 60_000)]
    run = evidence(**newcomers(videos(*own, (2, 0, 1)), [1.0, 0.0, 0.0], [1.0, 0.5, 0.0]))
    assert measured(run, "feed.tag_capture_minutes") == pytest.approx(4.0)


def test_without_a_single_minded_viewer_the_best_liked_topic_counts() -> None:
    seen = videos((1, 2, 60_000), (1, 2, 60_000), (2, 2, 60_000))
    run = evidence(**newcomers(seen, [0.4, 1.0, 0.0]))
    assert measured(run, "feed.tag_capture_minutes") == pytest.approx(2.0)
    with pytest.raises(NothingToMeasureError, match="never fills half"):
        measured(evidence(**newcomers(seen, [1.0, 0.4, 0.0])), "feed.tag_capture_minutes")


def test_overlap_is_the_median_jaccard_of_pairs_within_the_last_days() -> None:
    seen = videos((1, 0, 1), (1, 1, 1), (2, 1, 1), (2, 2, 1), (3, 1, 1), (3, 1, 1), (1, 3, 1))
    late = seen.assign(at_ms=np.where(np.arange(len(seen)) < 6, 20 * HOUR_MS, 0))  # the last one is too long ago
    run = evidence(items=ITEMS, exposures=late)
    assert measured(run, "feed.overlap", 0.25) == pytest.approx(1 / 2)  # of 1/3, 1/2 and 1/2
    with pytest.raises(NothingToMeasureError, match="2 recorded days"):
        measured(run, "feed.overlap", 2)


def test_measures_of_single_viewers_need_a_sample() -> None:
    run = evidence({"records": {"exposures": 0.0, "viewers": 0.01}})
    with pytest.raises(RunError, match=r"no records of exposures; run it with --set records\.exposures=0\.01"):
        measured(run, "feed.watch_ratio.q50")
    with pytest.raises(NothingToMeasureError, match="no video exposure"):
        measured(evidence(), "feed.watch_ratio.q50")


@pytest.mark.parametrize(
    "name", ["feed.minutes_per_viewer_day.mean", "feed.plays_per_viewer_day.mean", "live.reach_share_day"]
)
def test_a_part_of_a_day_is_no_day(name: str) -> None:
    at = [HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, DAY_MS + 1, DAY_MS + 2, DAY_MS + 3]
    kinds = ["video", "shown", "ended"] * 2
    facts = table(
        "exposures",
        at_ms=at,
        viewer=[1] * 6,
        kind=kinds,
        ms=[60_000] * 6,
        entered=[False, True, False, False, False, False],
    )

    def of(end_s: int) -> float:
        series = table("series", at_s=[end_s])
        return measured(evidence(items=table("items", item=[0]), exposures=facts, series=series), name)

    assert of(86_400) == of(90_000) == of(172_799) == 1.0
    with pytest.raises(NothingToMeasureError, match=r"no whole recorded day, it ends after"):
        of(86_399 * 9 // 10)
