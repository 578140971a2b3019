"""Measures of what rooms make of themselves: who holds baits back, how broad they sell, and what it pays."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError

HOLDING, NARROW = "holding", "narrow"


def sessions(run: Evidence, first_day: float, last_day: float) -> pd.DataFrame:
    """Sessions that opened from the beginning of one day to the end of another, and whether a bait was held in them."""
    found = run.sessions[run.sessions["opened_s"].between(first_day * DAY_S, (last_day + 1) * DAY_S - 1)]
    if found.empty:
        raise NothingToMeasureError(f"no session that opened on days {first_day:g} to {last_day:g} has ended")
    return found.assign(holds=found["held_ms"] > 0)


def of_kind(found: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The sessions in which a bait was held, or the others."""
    mine = found[found["holds"] == (kind == HOLDING)]
    if mine.empty:
        raise NothingToMeasureError(f"no {kind} session")
    return mine


@number("shows.holding_share", unit="share", words="sessions that held a bait back")
def holding_share(run: Evidence, first_day: float, last_day: float) -> float:
    """Share of sessions in which a bait was held back (憋单), of those that opened on some days."""
    return float(sessions(run, first_day, last_day)["holds"].mean())


@number("shows.profit_yuan", unit="yuan", words="profit of a session")
def profit_yuan(run: Evidence, kind: Literal["holding", "plain"], first_day: float, last_day: float) -> float:
    """Mean profit of a session that held, or did not (yuan): what stays of sales less cost, baits and boosts."""
    return float(of_kind(sessions(run, first_day, last_day), kind)["profit_cents"].mean()) / 100.0


@number("shows.gmv_yuan", unit="yuan", words="GMV of a session")
def gmv_yuan(run: Evidence, kind: Literal["holding", "plain"], first_day: float, last_day: float) -> float:
    """Mean sales of a session that held, or did not (yuan)."""
    return float(of_kind(sessions(run, first_day, last_day), kind)["gmv_cents"].mean()) / 100.0


@number("shows.gsv_yuan", unit="yuan", words="GSV of a session")
def gsv_yuan(run: Evidence, kind: Literal["holding", "plain"], first_day: float, last_day: float) -> float:
    """Mean sales that stayed of a session that held, or did not (yuan)."""
    return float(of_kind(sessions(run, first_day, last_day), kind)["gsv_cents"].mean()) / 100.0


@number("shows.exposures", unit="exposures", words="exposures of a session")
def exposures(run: Evidence, kind: Literal["holding", "plain"], first_day: float, last_day: float) -> float:
    """Mean exposures of a session that held, or did not."""
    return float(of_kind(sessions(run, first_day, last_day), kind)["shown"].mean())


def holding_by_day(run: Evidence) -> "pd.Series[Any]":
    """Share of sessions that held, by the day on which they opened."""
    table = run.sessions[run.sessions["opened_s"] >= 0]
    return (table["held_ms"] > 0).groupby(table["opened_s"] // DAY_S).mean()


# --- breadth of the catalogue


def of_breadth(run: Evidence, kind: str) -> pd.DataFrame:
    """The sessions of rooms with one category (垂直), or of those with several."""
    mine = run.sessions[(run.sessions["breadth"] == 1) == (kind == NARROW)]
    if mine.empty:
        raise NothingToMeasureError(f"no session of a {kind} room has ended")
    return mine


@number("breadth.exposures", unit="exposures", words="exposures of a session by breadth of catalogue")
def breadth_exposures(run: Evidence, kind: Literal["narrow", "wide"]) -> float:
    """Mean exposures of a session of rooms with one category, or with several."""
    return float(of_breadth(run, kind)["shown"].mean())


@number("breadth.gpm_yuan", unit="yuan per 1,000 entries", words="GPM by breadth of catalogue")
def breadth_gpm_yuan(run: Evidence, kind: Literal["narrow", "wide"]) -> float:
    """Sales per thousand entries (yuan) of rooms with one category, or with several."""
    mine = of_breadth(run, kind)
    return ratio(mine["gmv_cents"].sum() * 10.0, mine["entered"].sum(), f"entry into a {kind} room")


@number("breadth.enter_rate", unit="share", words="entries per live exposure by breadth of catalogue")
def breadth_enter_rate(run: Evidence, kind: Literal["narrow", "wide"]) -> float:
    """Entries per exposure of rooms with one category, or with several."""
    mine = of_breadth(run, kind)
    return ratio(mine["entered"].sum(), mine["shown"].sum(), f"exposure of a {kind} room")


@number("breadth.advantage", unit="log units", words="lead in traffic of rooms with one category")
def breadth_advantage(run: Evidence) -> float:
    """By how much (log) rooms with one category (垂直) have more exposures an hour than rooms with several.

    At equal skill of the host: least squares over sessions.
    """
    rows = run.sessions[run.sessions["shown"] > 0]
    narrow = (rows["breadth"] == 1).astype(float)
    if narrow.nunique() < 2:
        raise NothingToMeasureError("rooms are all as broad as each other")
    hourly = np.log(3600.0 * rows["shown"] / (rows["closed_s"] - rows["opened_s"]))
    given = np.column_stack([np.ones(len(rows)), narrow, rows["skill"]])
    return float(np.linalg.lstsq(given, hourly, rcond=None)[0][1])
