"""Measures of creators and videos, against records made by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.creators import bursts, by_hour
from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import DAY_S, evidence, measured, table

HOUR_S = 3600
OLD_S = -10 * HOUR_S


def posts(*creators: list[int], published_s: int = OLD_S) -> pd.DataFrame:
    """Creators 0, 1, ... with the exposures of their posts, one a second."""
    shown = [one for posts in creators for one in posts]
    who = [creator for creator, posts in enumerate(creators) for _ in posts]
    return table(
        "items",
        item=list(range(len(shown))),
        creator=who,
        shown=shown,
        published_s=[published_s + n for n in range(len(shown))],
        tier=-1,
    )


def test_top_creators_are_of_those_with_any_exposure() -> None:
    run = evidence(items=posts([60], [20], [10, 5], [5], [0]))
    assert measured(run, "creators.exposure_top_share", 0.25) == 0.6
    assert measured(run, "creators.exposure_top_share", 0.5) == 0.8


def test_scatter_within_creators_of_ten_posts() -> None:
    even, uneven = [100] * 5 + [1000] * 5, [10] * 9 + [100_000]
    run = evidence(items=posts(even, uneven, [1, 1_000_000]))
    sds = [np.std([2.0] * 5 + [3.0] * 5, ddof=1), np.std([1.0] * 9 + [5.0], ddof=1)]
    assert measured(run, "creators.within_log10_sd") == pytest.approx(np.mean(sds))
    assert measured(run, "creators.best_over_median") == pytest.approx(np.mean([10**0.5, 10**4]))


def test_a_post_whose_first_wave_runs_does_not_count() -> None:
    fresh = posts([100] * 10).assign(tier=0, waves=1)
    with pytest.raises(NothingToMeasureError, match="10 posts"):
        measured(evidence(items=fresh), "creators.within_log10_sd")


def test_successive_posts_that_alternate() -> None:
    # what the mean of ten posts takes off, a ninth, is added back
    run = evidence(items=posts([10, 1000] * 5, [100, 10_000] * 5))
    assert measured(run, "creators.lag1") == pytest.approx(-1.0 + 1 / 9)
    rising = [10**k for k in range(10)]
    assert measured(evidence(items=posts(rising)), "creators.lag1") == pytest.approx(1.0 + 1 / 9)


def test_independent_posts_have_no_correlation() -> None:
    # the correction makes the mean 0: of 400 creators with 10 posts, 3,600 pairs, a standard error of 1 / 60
    log10 = np.random.default_rng(1).normal(4.0, 0.5, (400, 10))
    run = evidence(items=posts(*[[round(10**one) for one in row] for row in log10]))
    assert abs(measured(run, "creators.lag1")) < 4 / 60


def test_posts_from_before_the_run_do_not_count() -> None:
    items = pd.concat([posts([60], [40]), posts([10_000], published_s=-2 * DAY_S)], ignore_index=True)
    assert measured(evidence(items=items), "creators.exposure_top_share", 0.5) == 0.6


def test_likes_grow_as_a_power_of_exposures() -> None:
    shown = [100 * 2**k for k in range(8)]
    items = posts(shown).assign(likes=[8 * 2 ** (3 * k // 4) if k % 4 == 0 else 0 for k in range(8)])
    assert measured(evidence(items=items), "videos.likes_views_slope") == pytest.approx(0.75)


def test_growth_falls_as_a_power_of_age() -> None:
    # log exposures of a video grow by age to the power -1.2 a day: at the ages of 1 to 7 days it was seen so often
    ages = np.arange(0, 8)
    log_seen = np.concatenate([[0.0], 9.0 + np.cumsum([0.0, *(2.0 * (ages[1:-1] * ages[2:]) ** -0.6)])])
    seen = np.round(np.exp(log_seen)).astype(int)
    items = table("items", item=[0], shown=[int(seen[-1])], published_s=[0], tier=-1)
    waves = [wave(0, 24 * age, 24 * (age + 1), int(seen[age + 1] - seen[age])) for age in ages[:-1]]
    run = evidence(series=table("series", at_s=[7 * DAY_S]), **with_waves(items, *waves))
    assert measured(run, "videos.growth_age_exponent") == pytest.approx(-1.2, abs=0.01)
    four_days = evidence(series=table("series", at_s=[4 * DAY_S]), **with_waves(items, *waves))
    with pytest.raises(NothingToMeasureError, match="four days"):
        measured(four_days, "videos.growth_age_exponent")


def test_a_dead_video_got_the_rest_before_it_died() -> None:
    items = table("items", item=[0], shown=[1000], published_s=[0], tier=-2, died_s=float(30 * HOUR_S))
    run = evidence(series=table("series", at_s=[3 * DAY_S]), **with_waves(items, wave(0, 0, 24, 600)))
    assert measured(run, "videos.share_of_final", 27) == pytest.approx(0.6 + 0.4 / 2)


def test_gini_of_a_day_of_videos() -> None:
    # of the run's two days, the videos of the first are a day old at the end
    items = pd.concat([posts([0, 0, 0, 100]), posts([5, 5, 5], published_s=100)], ignore_index=True)
    assert measured(evidence(items=items), "videos.gini") == pytest.approx(0.75)


def test_cohorts_of_longer_and_shorter_runs() -> None:
    def cohort(end_s: int, warm_up: float) -> tuple[float, float]:
        return evidence({"warm_up": warm_up}, series=table("series", at_s=[end_s])).cohort_s

    assert cohort(7 * DAY_S, 0.0) == (0, DAY_S)
    assert cohort(DAY_S, 1.0) == (-DAY_S, 0)
    assert cohort(DAY_S, 0.0) == (0, DAY_S / 2)  # no video can be a day old: the older half
    assert cohort(DAY_S // 2, 1.0) == (-DAY_S, -DAY_S / 4)


def test_tail_of_a_power_law() -> None:
    n = 2000
    ranks = (np.arange(n) + 0.5) / n
    run = evidence(items=posts((1000 * ranks ** (-1 / 1.5)).astype(int).tolist()))
    assert measured(run, "videos.tail_exponent") == pytest.approx(1.5, rel=0.03)


def wave(item: int, opened_h: float, closed_h: float, given: int) -> tuple[int, int, int, int]:
    return item, round(opened_h * HOUR_S), round(closed_h * HOUR_S), given


def with_waves(items: pd.DataFrame, *waves: tuple[int, int, int, int]) -> dict[str, pd.DataFrame]:
    item, opened, at, given = zip(*waves, strict=True)
    reviews = table("reviews", kind="video", item=item, opened_s=opened, at_s=at, delivered=given)
    return {"items": items, "reviews": reviews}


def test_share_of_final_exposures_by_age() -> None:
    # both published four hours before the record; the second one's only wave was over by then
    items = table("items", item=[0, 1], shown=[1000, 300], published_s=[-4 * HOUR_S] * 2, tier=-1)
    run = evidence(**with_waves(items, wave(0, -1, 3, 400), wave(0, 3, 6, 300)))
    # at the age of 5 h it is 1 h: half of the first recorded wave and all of the second are to come
    assert measured(run, "videos.share_of_final", 5) == pytest.approx((0.5 + 1.0) / 2)
    assert measured(run, "videos.share_of_final", 8.5) == pytest.approx((0.85 + 1.0) / 2)
    with pytest.raises(NothingToMeasureError, match="2 h old"):  # that was before the record
        measured(run, "videos.share_of_final", 2)


def test_a_wave_that_is_still_open_counts_too() -> None:
    items = table("items", item=[0], shown=[1000], published_s=[0], tier=1)
    two_days = table("series", at_s=[2 * DAY_S])
    run = evidence(series=two_days, **with_waves(items, wave(0, 0, 24, 600)))
    assert measured(run, "videos.share_of_final", 36) == pytest.approx(0.6 + 0.4 / 2)


def test_bursts_are_separated_by_lulls() -> None:
    assert bursts(np.array([100, 80, 30, 90])) == 1
    assert bursts(np.array([100, 80, 20, 90])) == 2
    assert bursts(np.array([5, 100, 0, 0, 30, 0, 25.0])) == 3


def test_exposures_by_hour_are_those_of_all_waves() -> None:
    waves = pd.DataFrame({"opened_s": [0, 1800, 5400], "at_s": [1800, 5400, 9000], "delivered": [300, 600, 100]})
    assert by_hour(waves).tolist() == pytest.approx([600, 350, 50])


def test_videos_with_separated_bursts() -> None:
    items = table("items", item=[0, 1, 2], shown=[2000, 2000, 900], published_s=[0, 0, 0], tier=-1)
    once = [wave(0, 0, 2, 2000)]
    twice = [wave(1, 0, 1, 1000), wave(1, 1, 6, 100), wave(1, 6, 7, 900)]
    run = evidence(**with_waves(items, *once, *twice, wave(2, 0, 1, 900)))
    assert measured(run, "videos.multi_step_share") == 0.5
