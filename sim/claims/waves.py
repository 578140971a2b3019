"""M2 and M3, waves (流量池): whether what reviews measure decides reach, and whether each wave explodes."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sim.measures import ratio
from sim.results import Run


def steps(run: Run) -> pd.DataFrame:
    """One row a promotion of a video: its `tier`, and exposures an hour in the wave before (`slow`) and after (`fast`).

    Promotions whose next wave has not closed by the end are left out.
    """
    rows = run.table("reviews", ["kind", "item", "tier", "wave", "at_s", "opened_s", "given", "verdict"])
    rows = rows[rows["kind"] == "video"]
    rows = rows.assign(rate=3600.0 * rows["given"] / (rows["at_s"] - rows["opened_s"]))
    after = rows.assign(wave=rows["wave"] - 1)[["item", "wave", "rate"]]
    found = rows[rows["verdict"] == "promote"].merge(after, on=["item", "wave"], suffixes=("_slow", "_fast"))
    return found.rename(columns={"rate_slow": "slow", "rate_fast": "fast"})[["tier", "slow", "fast"]]


def growth_by_step(run: Run) -> "pd.Series[Any]":
    """Median factor by which exposures an hour grow from one wave to the next, by the tier that is left."""
    found = steps(run)
    growth: pd.Series[Any] = (found["fast"] / found["slow"]).groupby(found["tier"]).median()
    return growth


def weakest_growth(run: Run) -> float:
    """The smallest of these factors: every wave is to explode, not some."""
    return float(growth_by_step(run).min())


def share_by_tier(run: Run) -> "pd.Series[Any]":
    """Share of the videos of the run's middle half that were ever given a wave of at least each tier."""
    best = middle(run)["best_tier"]
    return pd.Series({tier: ratio(int((best >= tier).sum()), len(best)) for tier in range(int(best.max()) + 1)})


def middle(run: Run) -> pd.DataFrame:
    """The videos published in the middle half of the run: tags know something by then, and there is time to grow."""
    items = run.table("items", ["published_s", "pull", "shown", "best_tier"])
    lasts = run.table("series", ["at_s"])["at_s"].max()
    return items[items["published_s"].between(0.25 * lasts, 0.75 * lasts)]


def pull_and_reach(run: Run) -> float:
    """Rank correlation of a video's true pull, unseen by the platform, and its exposures."""
    items = middle(run)
    return float(stats.spearmanr(items["pull"], items["shown"]).statistic)


def reach_by_pull(run: Run) -> "pd.Series[Any]":
    """Mean exposures of videos by tenth of true pull, from the worst."""
    items = middle(run)
    tenth = np.ceil(10 * items["pull"].rank(pct=True)).astype(int)
    reach: pd.Series[Any] = items["shown"].groupby(tenth).mean()
    return reach


def skill_and_traffic(run: Run) -> float:
    """Rank correlation of a host's true skill, unseen by the platform, and exposures an hour of the last session."""
    last = run.table("sessions", ["room", "skill", "shown", "opened_s", "closed_s"]).groupby("room").last()
    hourly = last["shown"] / (last["closed_s"] - last["opened_s"])
    return float(stats.spearmanr(last["skill"], hourly).statistic)
