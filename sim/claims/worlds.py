"""M1, worlds: how much two people's feeds have in common, and who never met the biggest creator (去中心化)."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sim.clock import DAY, SECOND
from sim.results import Run

FEW = 20  # videos; whoever saw fewer has no feed to speak of


def seen(run: Run, days: float = np.inf) -> pd.DataFrame:
    """Which sampled viewer saw which video in the first `days`: one row a viewer and video."""
    rows = run.table("exposures", ["at_ms", "viewer", "kind", "item"])
    rows = rows[(rows["kind"] == "video") & (rows["at_ms"] < days * DAY)]
    rows = rows[["viewer", "item"]].drop_duplicates()
    return rows[rows.groupby("viewer")["item"].transform("size") >= FEW]


def overlap(feeds: pd.DataFrame) -> float:
    """Mean over pairs of viewers of the videos that both saw over those that either saw (Jaccard, 1901)."""
    who, viewer = np.unique(feeds["viewer"], return_inverse=True)
    if len(who) < 2:
        return float("nan")
    what, item = np.unique(feeds["item"], return_inverse=True)
    held = sparse.csr_array((np.ones(len(feeds)), (viewer, item)), shape=(len(who), len(what)))
    both, each = (held @ held.T).toarray(), held.sum(axis=1)
    pairs = np.triu_indices(len(who), 1)
    return float((both / (each[:, None] + each[None, :] - both))[pairs].mean())


def feed_overlap(run: Run) -> float:
    """Overlap of two people's feeds over the whole run."""
    return overlap(seen(run))


def overlap_by_days(run: Run) -> "pd.Series[Any]":
    """Overlap of two people's feeds over the first half day, day, and so on."""
    days = np.arange(0.5, run.table("series", ["at_s"])["at_s"].max() * SECOND / DAY + 0.01, 0.5)
    return pd.Series([overlap(seen(run, day)) for day in days], days)


def never_met_biggest(run: Run) -> float:
    """Share of viewers who were never shown a video by the creator with the most exposures."""
    items, feeds = run.table("items", ["item", "creator", "shown"]), seen(run)
    biggest = items.groupby("creator")["shown"].sum().idxmax()
    hers = feeds["item"].isin(items["item"][items["creator"] == biggest])
    return float(1.0 - hers.groupby(feeds["viewer"]).any().mean())
