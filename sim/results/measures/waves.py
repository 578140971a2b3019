"""Measures of waves (流量池): whether what reviews see decides reach, and whether each wave explodes."""

from typing import Any

import numpy as np
import pandas as pd

from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some


def steps(run: Evidence) -> pd.DataFrame:
    """One row a promotion of a video: the `tier` that is left, exposures `given` in the wave before and after, and
    exposures an hour (`rate`) in both.

    Promotions whose next wave has not closed by the end are left out.
    """
    rows = run.reviews[["item", "tier", "wave", "verdict", "delivered"]]
    rows = rows.assign(rate=3600.0 * rows["delivered"] / (run.reviews["at_s"] - run.reviews["opened_s"]))
    after = rows.assign(wave=rows["wave"] - 1)[["item", "wave", "delivered", "rate"]]
    found = rows[rows["verdict"] == "promote"].merge(after, on=["item", "wave"], suffixes=("", "_after"))
    return some(found, "promotion whose next wave is over")


def growth(run: Evidence, of: str) -> "pd.Series[Any]":
    """Median factor by which `given` or `rate` grows from one wave to the next, by the tier that is left."""
    found = steps(run)
    factors: pd.Series[Any] = (found[f"{of}_after"] / found[of]).groupby(found["tier"]).median()
    return factors


def growth_by_step(run: Evidence) -> "pd.Series[Any]":
    """Growth of exposures an hour."""
    return growth(run, "rate")


@number("waves.weakest_growth", unit="times", words="growth of exposures an hour at the weakest step")
def weakest_growth(run: Evidence) -> float:
    """Median growth of exposures an hour from a wave to the next, at the step where it is smallest."""
    return float(growth(run, "rate").min())


@number("waves.weakest_step", unit="times", words="growth of exposures from wave to wave at the weakest step")
def weakest_step(run: Evidence) -> float:
    """Median growth of exposures handed out from a wave to the next, at the step where it is smallest."""
    return float(growth(run, "delivered").min())


def middle(run: Evidence) -> pd.DataFrame:
    """The videos published in the middle half of the run: tags know something by then, and there is time to grow."""
    published = run.items["published_s"].between(0.25 * run.end_s, 0.75 * run.end_s)
    return some(run.items[published], "video published in the middle of the run")


def share_by_tier(run: Evidence) -> "pd.Series[Any]":
    """Share of these videos that were ever given a wave of at least each tier."""
    best = middle(run)["best_tier"]
    return pd.Series({tier: float((best >= tier).mean()) for tier in range(int(best.max()) + 1)})


def reach_by_pull(run: Evidence) -> "pd.Series[Any]":
    """Mean exposures of these videos by tenth of true quality, from the worst."""
    tenth = np.ceil(10 * middle(run)["quality"].rank(pct=True)).astype(int)
    reach: pd.Series[Any] = middle(run)["shown"].groupby(tenth).mean()
    return reach


def rank_correlation(left: "pd.Series[Any]", right: "pd.Series[Any]") -> float:
    """Spearman's rank correlation; none where all values of one are the same."""
    from scipy import stats  # late: it takes longer to load than the first simulated minute

    if left.nunique() < 2 or right.nunique() < 2:
        raise NothingToMeasureError("too few that differ to be ranked")
    return float(stats.spearmanr(left, right).statistic)


@number("waves.pull_and_reach", unit="rank correlation", words="true quality of videos and their exposures")
def pull_and_reach(run: Evidence) -> float:
    """Rank correlation of a video's true quality, unseen by the platform, and its exposures."""
    return rank_correlation(middle(run)["quality"], middle(run)["shown"])


@number("waves.skill_and_traffic", unit="rank correlation", words="true skill of hosts and their traffic")
def skill_and_traffic(run: Evidence) -> float:
    """Rank correlation of a host's true skill, unseen by the platform, and exposures an hour of the last session."""
    last = run.sessions.groupby("room").last()
    hourly = last["shown"] / (last["closed_s"] - last["opened_s"])
    return rank_correlation(last["skill"], hourly)
