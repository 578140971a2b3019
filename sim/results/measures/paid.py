"""Measures of paid waves: what boosted items got by themselves, before, while and after somebody paid for them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from sim.results.paired_statistics import effect

HOUR_S = 3600


def curves(rows: pd.DataFrame, hours: Sequence[float]) -> pd.DataFrame:
    """Natural and paid exposures so far of each boost's item at so many hours since its boost began.

    Straight between two records, which are an hour apart; beyond the end of the run what they were at its end.
    Columns `boost`, `hours`, `natural`, `paid`.
    """
    found = []
    for boost, mine in rows.sort_values("at_s").groupby("boost"):
        since = (mine["at_s"] - mine["opened_s"]).to_numpy() / HOUR_S
        so_far = {
            name: np.interp(hours, [0.0, *since], [0.0, *mine[column]])
            for name, column in (("natural", "natural"), ("paid", "exposures"))
        }
        found.append(pd.DataFrame({"boost": boost, "hours": hours, **so_far}))
    return pd.concat(found, ignore_index=True)


def boosted(run: Evidence, kind: str) -> pd.DataFrame:
    """Records of the boosts of videos or rooms that have begun."""
    rows = run.paid[(run.paid["kind"] == kind) & (run.paid["state"] != "waiting")]
    if rows.empty:
        raise NothingToMeasureError(f"no paid wave of a {kind}")
    return rows


def between(run: Evidence, kind: str, lo: float, hi: float) -> "pd.Series[Any]":
    """Natural and paid exposures of all boosted items from hour `lo` to hour `hi` since their boosts began."""
    table = curves(boosted(run, kind), [lo, hi])
    sums = [table[table["hours"] == hour][["natural", "paid"]].sum() for hour in (lo, hi)]
    return sums[1] - sums[0]


@number("paid.natural", unit="exposures", words="natural exposures of boosted items")
def natural(run: Evidence, hours: float = math.inf) -> float:
    """Natural exposures that boosted videos and rooms got within so many hours since their boosts began."""
    rows = run.paid[run.paid["state"] != "waiting"]
    if rows.empty:
        raise NothingToMeasureError("no paid wave that has begun")
    longest = float((rows["at_s"] - rows["opened_s"]).max()) / HOUR_S
    return float(curves(rows, [min(hours, longest)])["natural"].sum())


@number("paid.natural_of_videos", unit="exposures", words="natural exposures of boosted videos")
def natural_of_videos(run: Evidence, lo: float, hi: float) -> float:
    """Natural exposures of boosted videos from hour `lo` to hour `hi` since their boosts began."""
    return float(between(run, "video", lo, hi)["natural"])


@number("paid.natural_of_rooms", unit="exposures", words="natural exposures of boosted rooms")
def natural_of_rooms(run: Evidence, lo: float, hi: float) -> float:
    """Natural exposures of boosted rooms from hour `lo` to hour `hi` since their boosts began."""
    return float(between(run, "room", lo, hi)["natural"])


@number("paid.exposures_of_videos", unit="exposures", words="paid exposures of boosted videos")
def exposures_of_videos(run: Evidence, lo: float, hi: float) -> float:
    """Paid exposures of boosted videos from hour `lo` to hour `hi` since their boosts began."""
    return float(between(run, "video", lo, hi)["paid"])


@number("paid.like_rate", unit="share", words="like rate of paid exposures")
def like_rate(run: Evidence) -> float:
    """Likes per paid exposure of videos."""
    last = boosted(run, "video").groupby("boost").last()
    return ratio(last["likes"].sum(), last["exposures"].sum(), "paid exposure of a video")


@number("paid.unspent", unit="share", words="paid budgets not spent")
def unspent(run: Evidence) -> float:
    """Share of all paid budgets (yuan) that was not spent."""
    last = run.paid.sort_values("at_s").groupby("boost").last()
    if last.empty:
        raise NothingToMeasureError("no paid wave")
    return 1.0 - ratio(last["spent_yuan"].sum(), last["budget_yuan"].sum(), "budget of a paid wave")


def natural_by_hour(run: Evidence) -> "pd.Series[Any]":
    """Natural exposures so far of all boosted items, by hours since their boosts began."""
    rows = run.paid[run.paid["state"] != "waiting"]
    longest = int((rows["at_s"] - rows["opened_s"]).max()) // HOUR_S
    table = curves(rows, list(range(longest + 1)))
    return table.groupby("hours")["natural"].sum()


def pulled(
    paid: Sequence[Evidence], unpaid: Sequence[Evidence], hours: Sequence[float] = (2, 6, 12, 24)
) -> pd.DataFrame:
    """How many natural exposures paid ones pulled: boosted items against the same items in the same worlds unboosted.

    Parameters
    ----------
    paid, unpaid
        Runs of the same seeds in the same order; the second with `platform.boosts.share` 0, so that the same items are
        followed and get nothing.
    hours
        Times since a boost began.

    Returns
    -------
    DataFrame
        One row a time: `before` and `after` are the mean natural exposures so far of an item unboosted and boosted;
        `absolute`, `low`, `high` their difference with its 95 % interval over seeds (Student's t), `relative` the
        same; `paid` the paid exposures of an item; `pull` natural exposures pulled by each paid one.
    """
    tables = [[curves(run.paid[run.paid["state"] != "waiting"], hours) for run in runs] for runs in (paid, unpaid)]
    rows = []
    for hour in hours:
        after, before = ([one[one["hours"] == hour]["natural"].mean() for one in some] for some in tables)
        spent = float(np.mean([one[one["hours"] == hour]["paid"].mean() for one in tables[0]]))
        gap = effect(np.array(before), np.array(after))
        rows.append({"hours": hour, **gap, "paid": spent, "pull": gap["absolute"] / spent if spent else math.nan})
    return pd.DataFrame(rows)
