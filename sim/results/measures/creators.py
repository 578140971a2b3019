"""Measures of creators and their videos: how unequally exposures are spread, and how they come over time."""

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.results.measures.inequality import gini, hill, top_share
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError

HOUR_S = 3600
SEEN_A_LOT = 1_000  # exposures from which the course of a video can be told
LULL = 0.25  # of the best hour; an hour with less separates two bursts


# --- creators


@number("creators.exposure_top_share", unit="share", words="exposures held by the top creators")
def exposure_top_share(run: Evidence, q: float) -> float:
    """Share of the exposures of all posts since the run's start held by the top `q` of creators with any of them."""
    held = run.simulated.groupby("creator")["shown"].sum()
    return top_share(held[held > 0], q, "exposure of a creator's videos")


@number("creators.within_log10_sd", unit="log10 units", words="spread of exposures over one creator's posts")
def within_log10_sd(run: Evidence) -> float:
    """Standard deviation of log10 exposures over one creator's posts (at least 10): median over creators.

    Posts whose first wave is over; one that nobody saw counts as seen once.
    """
    return float(run.prolific().groupby("creator")["log10"].std().median())


@number("creators.best_over_median", unit="times", words="best post over median post of a creator")
def best_over_median(run: Evidence) -> float:
    """Best post / median post of the same creators: median over creators."""
    posts = run.prolific().groupby("creator")["log10"]
    return float((10 ** (posts.max() - posts.median())).median())


@number("creators.lag1", unit="correlation", words="correlation of successive posts' exposures")
def lag1(run: Evidence) -> float:
    """Lag-1 correlation of log exposures of successive posts, creator mean removed, over the same creators.

    To take off the mean of n posts biases it by -1 / (n - 1), which is added back.
    """
    posts = run.prolific()
    bias = 1.0 / (posts.groupby("creator")["log10"].transform("size") - 1.0)
    centred = posts["log10"] - posts.groupby("creator")["log10"].transform("mean")
    before = centred.groupby(posts["creator"]).shift(1)
    both = before.notna()
    if not centred[both].std() > 0:
        raise NothingToMeasureError("all posts of a creator were seen alike")
    return float(np.corrcoef(before[both], centred[both])[0, 1] + bias[both].mean())


# --- videos


@number("videos.gini", unit="-", words="inequality of videos' exposures (Gini)")
def videos_gini(run: Evidence) -> float:
    """Gini coefficient of exposures per video, one publication-day cohort, flops included."""
    return gini(run.cohort["shown"])


@number("videos.tail_exponent", unit="-", words="tail exponent of videos' exposures")
def tail_exponent(run: Evidence) -> float:
    """Hill's estimate on the top 5 % of that cohort."""
    shown = run.cohort["shown"]
    if len(shown) < 40 or shown.quantile(0.9) <= 0:
        raise NothingToMeasureError("too few videos that were seen")
    return hill(shown, 0.05)


@number("videos.share_of_final", unit="share", words="exposures reached by an age, of those at the end")
def share_of_final(run: Evidence, hours: float) -> float:
    """Exposures reached `hours` after publication / exposures at the end, averaged over the cohort.

    Within a wave exposures count as spread evenly over its time. Only videos of the cohort whose exposures at that age
    fall into the recorded time, and that were seen at all.
    """
    low, high = run.cohort_s
    age_s = hours * HOUR_S
    published = run.items["published_s"]
    fit = (published >= max(low, -age_s)) & (published < min(high, run.end_s - age_s)) & (run.items["shown"] > 0)
    old = run.items[fit]
    if old.empty:
        raise NothingToMeasureError(f"no video of the cohort was {hours:g} h old in the recorded time")
    later = after(waves_of(run, old), old.set_index("item")["published_s"] + age_s)
    return float((1.0 - later.reindex(old["item"], fill_value=0.0).to_numpy() / old["shown"].to_numpy()).mean())


@number("videos.likes_views_slope", unit="-", words="slope of log likes on log exposures over videos")
def likes_views_slope(run: Evidence) -> float:
    """Slope of log likes on log exposures over videos with at least 100 exposures and one like."""
    own = run.simulated[(run.simulated["shown"] >= 100) & (run.simulated["likes"] >= 1)]
    if own["shown"].nunique() < 2:
        raise NothingToMeasureError("fewer than two videos with 100 exposures and a like")
    return float(np.polyfit(np.log(own["shown"]), np.log(own["likes"]), 1)[0])


@number("videos.growth_age_exponent", unit="-", words="power of age by which the growth of log exposures falls")
def growth_age_exponent(run: Evidence) -> float:
    """Slope of the log of the growth rate of log cumulative exposures on log age, at ages of 1 to 6 days, of the top
    1 % of a cohort by exposures (at least five videos).

    Of the videos of the first recorded day, day by day of their age; it takes a run of five days at least, and of seven
    for all ages.
    """
    cohort = run.items[(run.items["published_s"] >= 0) & (run.items["published_s"] < DAY_S)]
    top = cohort.nlargest(max(5, round(0.01 * len(cohort))), "shown")
    ages = np.arange(1.0, min(6.0, run.end_s / DAY_S - 1.0) + 1e-9)
    if len(ages) < 4 or top.empty or not top["shown"].min() > 0:
        raise NothingToMeasureError("it takes videos that are followed for four days, in a run of five or more")
    waves, own = waves_of(run, top), top.set_index("item")
    so_far = np.array([own["shown"] - after(waves, own["published_s"] + age * DAY_S).reindex(own.index, fill_value=0.0)
                       for age in ages])  # fmt: skip
    rate = np.diff(np.log(np.maximum(so_far, 1.0)), axis=0).mean(axis=1)
    if not (rate > 0).all():
        raise NothingToMeasureError("the cohort's best videos were no longer shown: everybody has seen them")
    middle = np.sqrt(ages[:-1] * ages[1:])
    return float(np.polyfit(np.log(middle), np.log(rate), 1)[0])


@number("videos.multi_step_share", unit="share", words="videos with several bursts of exposures")
def multi_step_share(run: Evidence) -> float:
    """Share of videos (at least 1,000 exposures) whose exposure rate shows two or more separated bursts.

    Of the videos of the recorded time, hour by hour from publication on; a burst is a stretch of hours with at least a
    quarter of the exposures of the video's best hour.
    """
    own = run.items[(run.items["published_s"] >= 0) & (run.items["shown"] >= SEEN_A_LOT)]
    if own.empty:
        raise NothingToMeasureError(f"no recorded video has {SEEN_A_LOT:,} exposures")
    waves = waves_of(run, own)
    several = [bursts(by_hour(of_one)) >= 2 for _, of_one in waves.groupby("item")]
    return float(np.mean(several))


def waves_of(run: Evidence, videos: pd.DataFrame) -> pd.DataFrame:
    """What some videos got in the recorded time, wave by wave and review by review in the stock, with what is not in a
    review: item, opened_s, at_s, delivered.
    """
    closed = run.reviews[run.reviews["item"].isin(videos["item"])][["item", "opened_s", "at_s", "delivered"]]
    reviewed = closed.groupby("item").agg(delivered=("delivered", "sum"), opened_s=("at_s", "max"))
    columns = ["shown", "boosted", "published_s", "died_s"]
    known = videos.set_index("item")[columns].join(reviewed)
    # what is not in a review came since the last one, if the video's whole life is recorded
    open_now = known[known["published_s"] >= 0]
    left = pd.DataFrame(
        {
            "opened_s": open_now["opened_s"].fillna(open_now["published_s"]),
            "at_s": open_now["died_s"].where(open_now["died_s"] > 0, run.end_s),
            "delivered": open_now["shown"] - open_now["boosted"] - open_now["delivered"].fillna(0),
        }
    ).rename_axis("item")
    return pd.concat([closed, left[left["delivered"] > 0].reset_index()], ignore_index=True)


def after(waves: pd.DataFrame, since_s: "pd.Series[float]") -> "pd.Series[float]":
    """Exposures of each video after a time of its own."""
    since, lasts = since_s.reindex(waves["item"]).to_numpy(), (waves["at_s"] - waves["opened_s"]).clip(lower=1)
    part = ((waves["at_s"] - since) / lasts).clip(0.0, 1.0)
    return (waves["delivered"] * part).groupby(waves["item"]).sum()


def by_hour(waves: pd.DataFrame) -> Array:
    """One video's exposures in each hour from its first wave on."""
    first = waves["opened_s"].min()
    hours = int(np.ceil((waves["at_s"].max() - first) / HOUR_S))
    marks = first + HOUR_S * np.arange(hours + 1)
    lasts = (waves["at_s"] - waves["opened_s"]).clip(lower=1).to_numpy()
    opened, given = waves["opened_s"].to_numpy(), waves["delivered"].to_numpy()
    until = (given * np.clip((marks[:, None] - opened) / lasts, 0.0, 1.0)).sum(axis=1)
    return np.diff(until)


def bursts(rate: Array) -> int:
    """How many stretches of a rate reach a quarter of its greatest, with less between them."""
    high = rate >= LULL * rate.max()
    return int(high[0]) + int((~high[:-1] & high[1:]).sum())
