"""Measures of worlds apart: how much two people's feeds share, and who never met the biggest creator (去中心化)."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sim.core.clock import DAY
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError

FEW = 20  # videos; whoever saw fewer has no feed to speak of


def feeds(run: Evidence, days: float = np.inf) -> pd.DataFrame:
    """Which sampled viewer saw which video in the first `days`: one row a viewer and video."""
    seen = run.videos[run.videos["at_ms"] < days * DAY]
    rows = seen[["viewer", "item", "creator"]].drop_duplicates()
    return rows[rows.groupby("viewer")["item"].transform("size") >= FEW]


def overlap_of(rows: pd.DataFrame) -> float:
    """Mean over pairs of viewers of the videos that both saw over those that either saw (Jaccard)."""
    who, viewer = np.unique(rows["viewer"], return_inverse=True)
    if len(who) < 2:
        raise NothingToMeasureError("no two viewers in the sample with a feed to speak of")
    what, item = np.unique(rows["item"], return_inverse=True)
    held = sparse.csr_array((np.ones(len(rows)), (viewer, item)), shape=(len(who), len(what)))
    both, each = (held @ held.T).toarray(), held.sum(axis=1)
    pairs = np.triu_indices(len(who), 1)
    return float((both / (each[:, None] + each[None, :] - both))[pairs].mean())


@number("worlds.overlap")
def overlap(run: Evidence) -> float:
    """Share of the videos of two viewers that both have seen: mean over pairs, the whole recorded time."""
    return overlap_of(feeds(run))


def overlap_by_days(run: Evidence) -> "pd.Series[Any]":
    """The same over the first half day, the first day, and so on."""
    days = np.arange(0.5, run.end_s / DAY_S + 0.01, 0.5)
    return pd.Series([overlap_of(feeds(run, day)) for day in days], days)


@number("worlds.never_met_biggest")
def never_met_biggest(run: Evidence) -> float:
    """Share of viewers who were never shown a video by the creator with the most exposures."""
    seen, biggest = feeds(run), run.items.groupby("creator")["shown"].sum().idxmax()
    return float(1.0 - (seen["creator"] == biggest).groupby(seen["viewer"]).any().mean())
