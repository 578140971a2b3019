"""Measures of the best-selling hosts: sessions with sales of the top 1 % of hosts by GMV (at least 5 hosts)."""

from typing import Literal

import pandas as pd

from sim.core.arrays import Array
from sim.core.clock import SECOND
from sim.results.measures.elasticity import elasticities
from sim.results.measures.inequality import gini, top_count
from sim.results.measures.registry import number, values
from sim.results.measures.rooms import buyers_of, peaks
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some

TOP = 0.01
FEWEST = 5
Driver = Literal["views", "mean_stay", "duration"]


def top_sessions(run: Evidence) -> pd.DataFrame:
    """Sessions with sales of the top 1 % of hosts by GMV, at least 5 hosts."""
    gmv = run.sessions.groupby("host")["gmv_cents"].sum().sort_values(ascending=False, kind="stable")
    hosts = gmv.index[: max(FEWEST, top_count(len(gmv), TOP))]
    chosen = run.sessions[run.sessions["host"].isin(hosts) & (run.sessions["gmv_cents"] > 0)]
    if chosen.empty:
        raise NothingToMeasureError("no session with sales has ended")
    return chosen


def entered_sessions(run: Evidence) -> pd.DataFrame:
    """The top sessions with an entry."""
    mine = top_sessions(run)
    return some(mine[mine["entered"] > 0], "top session with an entry")


def per_entry(run: Evidence, column: str) -> Array:
    """A count of each top session over its entries."""
    mine = entered_sessions(run)
    return (mine[column] / mine["entered"]).to_numpy()


@values("top_rooms.goods_per_entry", unit="orders", words="goods per entry of a top session")
def goods_per_entry(run: Evidence) -> Array:
    """Goods sold per room entry, of each top session."""
    return per_entry(run, "orders")


@values("top_rooms.mean_stay_seconds", unit="s", words="mean stay of a top session")
def mean_stay_seconds(run: Evidence) -> Array:
    """Mean stay per entry in seconds, of each top session."""
    return per_entry(run, "stay_ms") / SECOND


@values("top_rooms.follow_rate", unit="share", words="new followers per entry of a top session")
def follow_rate(run: Evidence) -> Array:
    """New followers per entry, of each top session (转粉率)."""
    return per_entry(run, "follows")


@values("top_rooms.comment_rate", unit="comments", words="comments per entry of a top session")
def comment_rate(run: Evidence) -> Array:
    """Comments per entry, of each top session."""
    return per_entry(run, "comments")


@values("top_rooms.like_rate", unit="likes", words="likes per entry of a top session")
def like_rate(run: Evidence) -> Array:
    """Likes per entry, of each top session."""
    return per_entry(run, "likes")


@values("top_rooms.order_value_yuan", unit="yuan", words="order value of a top session")
def order_value_yuan(run: Evidence) -> Array:
    """GMV per piece sold in yuan, of each top session (客单价)."""
    mine = top_sessions(run)
    return (mine["gmv_cents"] / mine["orders"] / 100.0).to_numpy()


@values("top_rooms.enter_rate", unit="share", words="entries per exposure of a top session")
def enter_rate(run: Evidence) -> Array:
    """Entries per exposure, of each top session."""
    mine = top_sessions(run)
    mine = some(mine[mine["shown"] > 0], "top session that was shown")
    return (mine["entered"] / mine["shown"]).to_numpy()


@values("top_rooms.gmv_yuan", unit="yuan", words="GMV of a top session")
def gmv_yuan(run: Evidence) -> Array:
    """GMV in yuan, of each top session."""
    return (top_sessions(run)["gmv_cents"] / 100.0).to_numpy()


@values("top_rooms.view_to_buyer", unit="share", words="buyers per entry of a top session")
def view_to_buyer(run: Evidence) -> Array:
    """Buyers / entries, of each top session that opened in the recorded time."""
    mine = entered_sessions(run)
    mine = some(mine[mine["opened_s"] >= 0], "top session opened and ended in the recorded time")
    return (buyers_of(run, mine) / mine["entered"]).to_numpy()


@values("top_rooms.peak_over_average", unit="times", words="peak over mean concurrency of a top session")
def peak_over_average(run: Evidence) -> Array:
    """Peak / mean concurrency, of each top session with a mean concurrency of at least 10."""
    return peaks(top_sessions(run))


@number("top_rooms.gmv_gini", unit="-", words="inequality of top sessions' GMV (Gini)")
def gmv_gini(run: Evidence) -> float:
    """Gini coefficient of GMV over the top sessions."""
    return gini(top_sessions(run)["gmv_cents"])


@number("top_rooms.gmv_elasticity", unit="% for each %", words="elasticity of a top session's GMV")
def gmv_elasticity(run: Evidence, x: Driver) -> float:
    """Coefficient of log `x` (views, mean_stay and duration together) in a regression of log GMV with host effects."""
    mine = entered_sessions(run)
    drivers = {
        "views": mine["entered"],
        "mean_stay": mine["stay_ms"] / mine["entered"],
        "duration": mine["closed_s"] - mine["opened_s"],
    }
    return elasticities(mine["gmv_cents"], drivers, mine["host"])[x]


@number(
    "top_rooms.conversion_elasticity_to_stay",
    unit="% for each %",
    words="elasticity of conversion to stay in top sessions",
)
def conversion_elasticity_to_stay(run: Evidence) -> float:
    """Coefficient of log mean stay in a regression of log goods per entry on log mean stay and log views, with host
    effects.
    """
    mine = entered_sessions(run)
    entered = mine["entered"]
    drivers = {"mean_stay": mine["stay_ms"] / entered, "views": mine["entered"]}
    return elasticities(mine["orders"] / entered, drivers, mine["host"])["mean_stay"]
