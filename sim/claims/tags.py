"""M8 and M9, tags (兴趣标签): how well they fit true tastes, and whether they bring rooms to the right people."""

from typing import Any

import numpy as np
import pandas as pd

from sim.measures import ratio
from sim.results import Run
from sim.scoring import BUCKETS

STRONG = 0.25  # of the strongest tag: from there on a tag counts as one


def tags_of(run: Run) -> pd.DataFrame:
    """The sampled viewers of whom the platform knows anything, with tags and true tastes."""
    rows = run.table("viewers", ["viewer", "tag", "taste"])
    return rows[[tag.any() for tag in rows["tag"]]]


def tag_hits(run: Run) -> float:
    """Share of viewers' three strongest tags that are true tastes, at the end."""
    return float(run.summary()["tag_hits"])


def tag_cosine(run: Run) -> float:
    """Mean cosine of tags and true tastes, at the end."""
    return float(run.summary()["tag_cosine"])


def tags_per_viewer(run: Run) -> float:
    """Mean number of a viewer's tags that are at least a quarter as strong as the strongest."""
    return float(np.mean([(tag >= STRONG * tag.max()).sum() for tag in tags_of(run)["tag"]]))


def cosine(left: Any, right: Any) -> float:
    """Cosine of two lists of numbers, 0 where one is all zeros."""
    return ratio(float(np.dot(left, right)), float(np.linalg.norm(left) * np.linalg.norm(right)))


def buyers_cosine(run: Run) -> float:
    """Mean cosine of tags and true tastes over the viewers who bought something."""
    orders, rows = run.table("orders", ["viewer", "filled"]), tags_of(run)
    bought = rows[rows["viewer"].isin(orders["viewer"][orders["filled"]])]
    return float(np.mean([cosine(*pair) for pair in zip(bought["tag"], bought["taste"], strict=True)] or [np.nan]))


def doors(run: Run) -> pd.DataFrame:
    """Rooms shown to sampled viewers: when, the step of tag match, and whether they went in."""
    rows = run.table("exposures", ["at_ms", "kind", "match", "entered"])
    return rows[rows["kind"] == "shown"]


def entry_by_match(run: Run) -> "pd.Series[Any]":
    """Entries per room shown, by step of tag match."""
    rows = doors(run)
    rates: pd.Series[Any] = rows["entered"].groupby(rows["match"]).mean()
    return rates


def entry_foresight(run: Run) -> float:
    """How much better entries of the second half are foretold by tag match than by the mean: Brier skill (1950).

    Both predictions are the rates of the first half.
    """
    rows = doors(run)
    late = rows["at_ms"] > rows["at_ms"].median()
    known, asked = rows[~late], rows[late]
    rates = known["entered"].groupby(known["match"]).mean().reindex(range(BUCKETS), fill_value=known["entered"].mean())
    came = asked["entered"].astype(float)
    missed = ((asked["match"].map(rates) - came) ** 2).mean()
    return float(1.0 - missed / ((known["entered"].mean() - came) ** 2).mean())


def entry_rate(run: Run) -> float:
    """Entries per room shown."""
    return float(run.summary()["enter_rate"])


def orders_per_thousand_shown(run: Run) -> float:
    """Orders filled per thousand rooms shown."""
    told = run.summary()
    return 1000.0 * ratio(told["orders"], told["live_exposures"])
