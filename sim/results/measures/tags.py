"""Measures of tags (兴趣标签): how well they fit true tastes, and whether they bring rooms to the right people."""

from typing import Any

import numpy as np
import pandas as pd

from sim.core.event_log import BUCKETS
from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, some

STRONG = 0.25  # of the strongest tag: from there on a tag counts as one


@number("tags.hits", unit="share", words="strongest tags that are true tastes")
def hits(run: Evidence) -> float:
    """Share of viewers' three strongest tags that are true tastes, at the end."""
    return float(run.series["tag_hits"].iloc[-1])


@number("tags.cosine", unit="-", words="tag precision (cosine)")
def cosine(run: Evidence) -> float:
    """Mean cosine of tags and true tastes, at the end."""
    return float(run.series["tag_cosine"].iloc[-1])


def precision_by_day(run: Evidence) -> "pd.Series[Any]":
    """The same cosine hour by hour; the index is in days."""
    hourly = run.series[run.series["at_s"] % 3600 == 0]
    return pd.Series(hourly["tag_cosine"].to_numpy(), hourly["at_s"] / DAY_S)


def tagged(run: Evidence) -> pd.DataFrame:
    """The sampled viewers of whom the platform knows anything."""
    return some(run.viewers[[np.any(tag) for tag in run.viewers["tag"]]], "viewer with a tag in the sample")


@number("tags.per_viewer", unit="tags", words="strong tags of a viewer")
def per_viewer(run: Evidence) -> float:
    """Mean number of a viewer's tags that are at least a quarter as strong as the strongest."""
    return float(np.mean([(np.asarray(tag) >= STRONG * max(tag)).sum() for tag in tagged(run)["tag"]]))


def alike(left: Any, right: Any) -> float:
    """Cosine of two lists of numbers, 0 where one is all zeros."""
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(np.dot(left, right)) / lengths if lengths else 0.0


@number("tags.buyers_cosine", unit="-", words="tag precision of buyers (cosine)")
def buyers_cosine(run: Evidence) -> float:
    """Mean cosine of tags and true tastes, at the end, of the viewers who bought something."""
    rows = tagged(run)
    bought = some(rows[rows["viewer"].isin(run.orders["viewer"])], "buyer in the sample")
    return float(np.mean([alike(*pair) for pair in zip(bought["tag"], bought["taste"], strict=True)]))


def entry_by_match(run: Evidence) -> "pd.Series[Any]":
    """Entries per room shown, by step of tag match."""
    rates: pd.Series[Any] = run.doors["entered"].groupby(run.doors["match"]).mean()
    return rates


@number("tags.entry_foresight", unit="-", words="skill of tag match in foretelling entries (Brier)")
def entry_foresight(run: Evidence) -> float:
    """How much better entries of the second half are foretold by tag match than by the mean: Brier skill score.

    Both predictions are rates of the first half.
    """
    late = run.doors["at_ms"] > run.doors["at_ms"].median()
    known, asked = run.doors[~late], some(run.doors[late], "room shown in the second half")
    mean = known["entered"].mean()
    rates = known["entered"].groupby(known["match"]).mean().reindex(range(BUCKETS), fill_value=mean)
    came = asked["entered"].astype(float)
    missed = ((asked["match"].map(rates) - came) ** 2).mean()
    return float(1.0 - missed / ((mean - came) ** 2).mean())


@number("tags.entry_by_fit", unit="times", words="entries where tags match over entries where they do not")
def entry_by_fit(run: Evidence) -> float:
    """Entries per room shown where tags match more than at the median, over those where they do not."""
    fits = run.doors["match"] > run.doors["match"].median()
    fit, other = run.doors["entered"][fits], run.doors["entered"][~fits]
    return ratio(some(fit, "room shown whose tags match").mean(), other.mean(), "entry where tags do not match")
