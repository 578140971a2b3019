"""Measures of rooms' traffic: what decides what a room is given next, and what comes of the traffic of all rooms."""

from typing import Any

import numpy as np
import pandas as pd

from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number
from sim.results.measures.run_data import DAY_S, Evidence, NothingToMeasureError

FEWEST = 10  # reviews with the next one


def successive_reviews(run: Evidence, since_s: float = 0.0) -> pd.DataFrame:
    """One row a room and review that another follows: exposures `now` and `next`, GPM over the peers' (`sold`)."""
    keys = ["item", "session", "wave"]
    rows = run.room_reviews[run.room_reviews["at_s"] > since_s][[*keys, "delivered", "conversion_term"]]
    after = rows.assign(wave=rows["wave"] - 1)[[*keys, "delivered"]]
    found = rows.merge(after, on=keys, suffixes=("_now", "_next"))
    found = found[(found["delivered_now"] > 0) & (found["delivered_next"] > 0)]
    return found.rename(columns={"delivered_now": "now", "delivered_next": "next", "conversion_term": "sold"})


def response(rows: pd.DataFrame) -> tuple[float, float]:
    """Least squares of log(next traffic) on log(traffic now) and on sales relative to the peers': both slopes."""
    if len(rows) < FEWEST or rows["sold"].nunique() < 2:
        raise NothingToMeasureError("too few reviews of rooms, or none that sold")
    given = np.column_stack([np.ones(len(rows)), np.log(rows["now"]), rows["sold"]])
    _, traffic, sales = np.linalg.lstsq(given, np.log(rows["next"]), rcond=None)[0]
    return float(traffic), float(sales)


@number("traffic.persists", unit="% for each %", words="persistence of a room's traffic")
def persists(run: Evidence) -> float:
    """By how many per cent a room's next traffic is higher for each per cent of traffic now, at equal sales."""
    return response(successive_reviews(run))[0]


@number("traffic.sales_pull", unit="log units", words="further traffic for sales above the peers'")
def sales_pull(run: Evidence, days: float = 0.0) -> float:
    """By how much (log) a room's next traffic is higher for each time the peers' GPM it sold, at equal traffic; from
    that day on.
    """
    return response(successive_reviews(run, since_s=DAY_S * days))[1]


def since(run: Evidence, days: float) -> "pd.Series[Any]":
    """Totals from a day on."""
    return run.series[run.series["at_s"] > DAY_S * days].sum(numeric_only=True)


@number("traffic.yuan_per_thousand_shown", unit="yuan", words="sales per thousand rooms shown")
def yuan_per_thousand_shown(run: Evidence, days: float = 0.0) -> float:
    """Yuan sold per thousand rooms shown, from a day on, the first if none is given."""
    total = since(run, days)
    return 10.0 * ratio(total["gmv_cents"], total["live_exposures"], "room that was shown")


@number("traffic.orders_per_thousand_shown", unit="orders", words="orders per thousand rooms shown")
def orders_per_thousand_shown(run: Evidence, days: float = 0.0) -> float:
    """Orders filled per thousand rooms shown, from a day on, the first if none is given."""
    total = since(run, days)
    return 1000.0 * ratio(total["orders"], total["live_exposures"], "room that was shown")


@number("traffic.seconds_per_entry", unit="s", words="mean stay")
def seconds_per_entry(run: Evidence, days: float = 0.0) -> float:
    """Mean stay, from a day on, the first if none is given."""
    total = since(run, days)
    return ratio(total["stay_ms"], total["entries"], "entry into a room") / 1000.0


def sales_by_hour(run: Evidence) -> "pd.Series[Any]":
    """Yuan sold so far, by hour."""
    sold = pd.Series(run.series["gmv_cents"].cumsum().to_numpy() / 100.0, run.series["at_s"] / 3600.0)
    return sold[run.series["at_s"].to_numpy() % 3600 == 0]
