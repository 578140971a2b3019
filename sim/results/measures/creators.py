"""Measures of creators and their videos: how unequally exposures are spread, and how they come over time."""

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.results.measures.inequality import gini, hill, top_share
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError

HOUR_S = 3600
SEEN_A_LOT = 1_000  # exposures from which the course of a video can be told
LULL = 0.25  # of the best hour; an hour with less separates two bursts


# --- creators


@number("creators.exposure_top_share", unit="share", words="exposures held by the top creators")
def exposure_top_share(run: Evidence, q: float) -> float:
    """Share of all exposures held by the top `q` of creators with any exposure."""
    held = run.items.groupby("creator")["shown"].sum()
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
    """Lag-1 correlation of log exposures of successive posts, creator mean removed, over the same creators."""
    posts = run.prolific()
    centred = posts["log10"] - posts.groupby("creator")["log10"].transform("mean")
    before = centred.groupby(posts["creator"]).shift(1)
    both = before.notna()
    if not centred[both].std() > 0:
        raise NothingToMeasureError("all posts of a creator were seen alike")
    return float(np.corrcoef(before[both], centred[both])[0, 1])


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
    """The waves of some videos in the recorded time, with the one still open: item, opened_s, at_s, delivered."""
    closed = run.reviews[run.reviews["item"].isin(videos["item"])][["item", "opened_s", "at_s", "delivered"]]
    reviewed = closed.groupby("item").agg(delivered=("delivered", "sum"), opened_s=("at_s", "max"))
    known = videos.set_index("item")[["shown", "boosted", "published_s", "tier"]].join(reviewed)
    # what is not in a review came in the wave that is open, if the video's whole life is recorded
    open_now = known[(known["tier"] >= 0) & (known["published_s"] >= 0)]
    left = pd.DataFrame(
        {
            "opened_s": open_now["opened_s"].fillna(open_now["published_s"]),
            "at_s": run.end_s,
            "delivered": open_now["shown"] - open_now["boosted"] - open_now["delivered"].fillna(0),
        }
    ).rename_axis("item")
    return pd.concat([closed, left.reset_index()], ignore_index=True)


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
