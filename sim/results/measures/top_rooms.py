"""Measures of the best-selling hosts: sessions with sales of the top 1 % of hosts by GMV (at least 5 hosts)."""

import math
from typing import Literal

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.core.clock import SECOND
from sim.results.measures.elasticity import elasticities
from sim.results.measures.inequality import gini, ratio, top_count, top_share
from sim.results.measures.registry import number, values
from sim.results.measures.rooms import buyers_of, peaks
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some

TOP = 0.01
FEWEST = 5
SESSIONS, ORDERS = 5, 20  # from which a host's sessions, and a session's conversion, say something
POISSON = 0.19  # variance of log10 of a Poisson number, times its mean: 1 / ln(10)^2
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


@values("top_rooms.value_per_entry", unit="yuan", words="GMV per entry of a top session")
def value_per_entry(run: Evidence) -> Array:
    """GMV per entry in yuan, of each top session (UV 价值)."""
    return per_entry(run, "gmv_cents") / 100.0


@number("top_rooms.views_gini", unit="-", words="inequality of top sessions' entries (Gini)")
def views_gini(run: Evidence) -> float:
    """Gini coefficient of entries over the top sessions."""
    return gini(top_sessions(run)["entered"])


@number("top_rooms.gmv_top_share", unit="share", words="GMV of the best of the top sessions")
def gmv_top_share(run: Evidence, q: float) -> float:
    """Share of GMV by the top `q` of the top sessions."""
    return top_share(top_sessions(run)["gmv_cents"], q, "sales")


def within_hosts(sessions: pd.DataFrame, values: "pd.Series[float]") -> float:
    """The variance within a host, pooled over the hosts with at least 5 of these sessions."""
    count = values.groupby(sessions["host"]).transform("size")
    mine, host = values[count >= SESSIONS], sessions["host"][count >= SESSIONS]
    some(mine, f"top host with {SESSIONS} such sessions")
    squares = ((mine - mine.groupby(host).transform("mean")) ** 2).sum()
    return float(squares / (len(mine) - host.nunique()))


@number("top_rooms.views_within_sd", unit="log10 units", words="spread of views within a top host")
def views_within_sd(run: Evidence) -> float:
    """Standard deviation within a host of log10 entries per session, over the top hosts with at least 5 sessions."""
    mine = entered_sessions(run)
    return math.sqrt(within_hosts(mine, mine["entered"].transform(np.log10)))


@number("top_rooms.conversion_within_sd", unit="log10 units", words="spread of conversion within a top host")
def conversion_within_sd(run: Evidence) -> float:
    """Standard deviation within a host of log10 goods per entry, over the top hosts with at least 5 sessions of 20
    orders and more; the variance of the logarithm of a Poisson number with the mean number of orders is taken off.
    """
    mine = entered_sessions(run)
    mine = some(mine[mine["orders"] >= ORDERS], f"top session with {ORDERS} orders")
    noise = POISSON / mine["orders"].mean()
    return math.sqrt(max(within_hosts(mine, (mine["orders"] / mine["entered"]).transform(np.log10)) - noise, 0.0))


@number("top_rooms.orders_by_followers_share", unit="share", words="orders by followers at top hosts")
def orders_by_followers_share(run: Evidence) -> float:
    """Orders by viewers who followed the host / orders, over the top sessions together."""
    placed = run.orders.merge(top_sessions(run)[["room", "session"]], on=["room", "session"])
    return ratio(placed["follows_host"].sum(), len(placed), "order in a top session")


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
