"""Measures of live rooms: who enters, how long they stay, and how unequal rooms are."""

from typing import Literal

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.core.clock import SECOND
from sim.results.measures.elasticity import elasticities
from sim.results.measures.inequality import gini, ratio, top_share
from sim.results.measures.registry import number, values
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError, some

CROWD = 10  # mean concurrency from which a session's peak says something
TEN_MINUTES_S = 600
FEWEST_ENTRIES = 50  # of a session of which shares are taken
Source = Literal["recommended", "follow", "video", "share", "boosted"]
Sources = tuple[Source, ...]


@number("live.exposures", unit="exposures", words="exposures of rooms")
def exposures(run: Evidence) -> float:
    """Exposures of live rooms in the feed."""
    return float(run.totals["live_exposures"])


@number("live.entries", unit="entries", words="room entries")
def entries(run: Evidence) -> float:
    """Entries into live rooms."""
    return float(run.totals["entries"])


@number("live.enter_rate", unit="share", words="entries per live exposure")
def enter_rate(run: Evidence) -> float:
    """Entries / live exposures (进入率). Whoever tapped an avatar in a video was not shown the room before."""
    tapped = run.totals["entered_video"]
    return ratio(run.totals["entries"] - tapped, run.totals["live_exposures"] - tapped, "room that was shown")


@number("live.entries_by", unit="entries", words="room entries by source")
def entries_by(run: Evidence, source: Source) -> float:
    """Entries into live rooms by one entrance."""
    return float(run.totals[f"entered_{source}"])


@number("live.entry_share", unit="share", words="share of room entries by source")
def entry_share(run: Evidence, source: Source) -> float:
    """Entries by one entrance / all entries."""
    return ratio(run.totals[f"entered_{source}"], run.totals["entries"], "entry into a room")


@values("live.dwell_seconds", unit="s", words="stay of an entry")
def dwell_seconds(run: Evidence) -> Array:
    """Stay of each entry, in seconds (停留时长)."""
    return (run.stays["ms"] / SECOND).to_numpy()


@number("live.comment_rate", unit="share", words="entries with a comment")
def comment_rate(run: Evidence) -> float:
    """Entries with at least one comment / entries."""
    return float(run.stays["commented"].mean())


@number("live.like_rate", unit="share", words="entries with a like")
def like_rate(run: Evidence) -> float:
    """Entries with at least one like / entries."""
    return float(run.stays["liked"].mean())


@number("live.reach_share_day", unit="share", words="active viewers who entered a room on a day")
def reach_share_day(run: Evidence) -> float:
    """Viewers who entered a room on a day / viewers active on that day, over all whole days."""
    active = some(run.on_whole_days(run.shown), "exposure on a whole day")
    entered = active[active["entered"]].groupby(["viewer", "day"]).size()
    return ratio(len(entered), len(active.groupby(["viewer", "day"]).size()), "exposure among the sampled viewers")


def entries_of_a_day(run: Evidence) -> "pd.Series[int]":
    """Entries of each room with any on the last whole day, or in the whole time of a shorter run; a room is its
    host's.
    """
    last = max(run.end_s // DAY_S * DAY_S, min(run.end_s, DAY_S))
    day = run.rooms[(run.rooms["at_s"] > last - DAY_S) & (run.rooms["at_s"] <= last)]
    entries = day.groupby("room")["entered"].sum()
    if not entries.any():
        raise NothingToMeasureError("no entry into a room")
    return entries[entries > 0]


@number("rooms.source_share", unit="share", words="entries of a session by source")
def source_share(run: Evidence, sources: Sources) -> float:
    """Share of a session's entries that came by any of these sources, joined by `+`; median over sessions with at
    least 50 entries.
    """
    mine = run.sessions[run.sessions["entered"] >= FEWEST_ENTRIES]
    came = sum(mine[f"entered_{source}"] for source in sources)
    return float((came / some(mine["entered"], f"session with {FEWEST_ENTRIES} entries")).median())


@number("rooms.exposure_gini", unit="-", words="inequality of rooms' exposures (Gini)")
def exposure_gini(run: Evidence) -> float:
    """Gini coefficient of exposures over all rooms, those without any included."""
    sums = run.rooms.groupby("room")["shown"].sum().reindex(range(int(run.scenario["rooms"]["count"])), fill_value=0)
    return gini(some(sums, "live room"))


@number("rooms.entry_gini", unit="-", words="inequality of hosts' entries (Gini)")
def entry_gini(run: Evidence) -> float:
    """Gini coefficient of entries over hosts with at least one entry, one day."""
    return gini(entries_of_a_day(run))


@number("rooms.entry_top_share", unit="share", words="entries held by the top hosts")
def entry_top_share(run: Evidence, q: float) -> float:
    """Share of entries held by the top `q` of hosts with at least one entry, one day."""
    return top_share(entries_of_a_day(run), q, "entry into a room")


def peaks(sessions: pd.DataFrame) -> Array:
    """Peak / mean concurrency of the sessions with a mean concurrency of at least 10."""
    crowded = sessions[sessions["acu"] >= CROWD]
    if crowded.empty:
        raise NothingToMeasureError(f"no session with a mean concurrency of {CROWD}")
    return (crowded["pcu"] / crowded["acu"]).to_numpy()


@values("rooms.peak_over_average", unit="times", words="peak over mean concurrency of a session")
def peak_over_average(run: Evidence) -> Array:
    """Peak / mean concurrency of a session, over sessions with mean concurrency of at least 10."""
    return peaks(run.sessions)


def buyers_of(run: Evidence, sessions: pd.DataFrame) -> "pd.Series[int]":
    """Different viewers who bought in each of these sessions, with the sessions' index."""
    bought = run.orders.groupby(["room", "session"])["viewer"].nunique().rename("buyers")
    return sessions.join(bought, on=["room", "session"])["buyers"].fillna(0)


@number("rooms.view_to_buyer.merchant", unit="share", words="buyers per entry at small hosts")
def view_to_buyer_merchant(run: Evidence) -> float:
    """Buyers / entries, rooms of hosts below the median following; sessions that opened in the recorded time."""
    hosts = run.sessions.groupby("host")["followers"].last()
    small = hosts.index[hosts < hosts.median()]
    mine = run.sessions[run.sessions["host"].isin(small) & (run.sessions["opened_s"] >= 0)]
    if not mine["entered"].sum():
        raise NothingToMeasureError("no session with entries at a host below the median following")
    return ratio(buyers_of(run, mine).sum(), mine["entered"].sum(), "entry at a small host")


@number("rooms.payment_rate", unit="share", words="orders that were paid")
def payment_rate(run: Evidence) -> float:
    """Orders paid / orders filled (支付率)."""
    return ratio(run.totals["paid"], run.totals["orders"], "order")


@number("rooms.price_share_below", unit="share", words="listed products up to a price")
def price_share_below(run: Evidence, yuan: float) -> float:
    """Share of listed products, baits left out, priced at `yuan` or below."""
    listed = some(run.products[~run.products["bait"].astype(bool)], "product that is no bait")
    return float((listed["price_cents"] <= 100 * yuan).mean())


@number("rooms.sales_elasticity_to_comments", unit="% for each %", words="elasticity of sales to comments")
def sales_elasticity_to_comments(run: Evidence) -> float:
    """Coefficient of log comments in a regression of log sales per 10 minutes with room effects."""
    tens = run.rooms.assign(ten=np.ceil(run.rooms["at_s"] / TEN_MINUTES_S))
    sums = tens.groupby(["room", "ten"], as_index=False)[["comments", "gmv_cents"]].sum()
    return elasticities(sums["gmv_cents"], {"comments": sums["comments"]}, sums["room"])["comments"]
