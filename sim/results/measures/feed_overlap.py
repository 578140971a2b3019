"""Measures of how much two people's feeds share, and of who never met the biggest creator (去中心化)."""

from typing import Any

import numpy as np
import pandas as pd

from sim.core.clock import DAY, SECOND
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError

FEW = 20  # videos; whoever saw fewer has no feed to speak of
MOST_PAIRED = 1_000  # viewers whose pairs are formed


def feeds(run: Evidence, days: float = np.inf) -> pd.DataFrame:
    """Which sampled viewer saw which video in the first `days`: one row a viewer and video."""
    seen = run.videos[run.videos["at_ms"] < days * DAY]
    rows = seen[["viewer", "item", "creator"]].drop_duplicates()
    return rows[rows.groupby("viewer")["item"].transform("size") >= FEW]


def overlaps(rows: pd.DataFrame) -> np.ndarray:
    """The videos that both viewers of a pair saw over those that either saw (Jaccard), for all pairs of viewers."""
    from scipy import sparse  # late: it is not needed where runs are summarised

    rows = rows[["viewer", "item"]].drop_duplicates()
    who, viewer = np.unique(rows["viewer"], return_inverse=True)
    if len(who) < 2:
        raise NothingToMeasureError("no two viewers in the sample with a feed to speak of")
    what, item = np.unique(rows["item"], return_inverse=True)
    seen = sparse.csr_array((np.ones(len(rows)), (viewer, item)), shape=(len(who), len(what)))
    both, each = (seen @ seen.T).toarray(), seen.sum(axis=1)
    return np.asarray((both / (each[:, None] + each[None, :] - both))[np.triu_indices(len(who), 1)])


@number("feed.overlap", unit="share", words="overlap of two feeds of the last days, median")
def overlap_of_last_days(run: Evidence, days: float) -> float:
    """Jaccard overlap of the videos that two viewers saw in the last `days` days: median over pairs of sampled
    viewers (of the first thousand, if there are more).
    """
    since = run.end_s * SECOND - days * DAY
    if since < 0:
        raise NothingToMeasureError(f"the run has no {days:g} recorded days")
    seen = run.videos[run.videos["at_ms"] >= since]
    who = np.unique(seen["viewer"])[:MOST_PAIRED]
    return float(np.median(overlaps(seen[seen["viewer"].isin(who)])))


@number("worlds.overlap", unit="share", words="overlap of two feeds, mean")
def overlap(run: Evidence) -> float:
    """Share of the videos of two viewers that both have seen: mean over pairs, the whole recorded time."""
    return float(overlaps(feeds(run)).mean())


def overlap_by_days(run: Evidence) -> "pd.Series[Any]":
    """The same over the first half day, the first day, and so on."""
    days = np.arange(0.5, run.end_s / DAY_S + 0.01, 0.5)
    return pd.Series([overlaps(feeds(run, day)).mean() for day in days], days)


@number("worlds.never_met_biggest", unit="share", words="viewers never shown the biggest creator")
def never_met_biggest(run: Evidence) -> float:
    """Share of viewers who were never shown a video by the creator with the most exposures."""
    seen, biggest = feeds(run), run.simulated.groupby("creator")["shown"].sum().idxmax()
    return float(1.0 - (seen["creator"] == biggest).groupby(seen["viewer"]).any().mean())
