"""Live rooms: what decides a room's next traffic (M5)."""

import numpy as np
import pandas as pd

from sim.results import Run


def windows(run: Run) -> pd.DataFrame:
    """One row a room and review that another follows: exposures `now` and `next`, and sales over the peers' (`sold`)."""
    columns = ["kind", "item", "session", "wave", "given", "conversion_term"]
    rows = run.table("reviews", columns)
    rows = rows[rows["kind"] == "room"]
    keys = ["item", "session", "wave"]
    after = rows.assign(wave=rows["wave"] - 1)[[*keys, "given"]]
    found = rows.merge(after, on=keys, suffixes=("_now", "_next"))
    found = found[(found["given_now"] > 0) & (found["given_next"] > 0)]
    return found.rename(columns={"given_now": "now", "given_next": "next", "conversion_term": "sold"})


def response(rows: pd.DataFrame) -> tuple[float, float]:
    """Least squares of log(next traffic) on log(traffic now) and on sales relative to the peers': both slopes."""
    if len(rows) < 10 or rows["sold"].nunique() < 2:
        return float("nan"), float("nan")
    given = np.column_stack([np.ones(len(rows)), np.log(rows["now"]), rows["sold"]])
    _, traffic, sales = np.linalg.lstsq(given, np.log(rows["next"]), rcond=None)[0]
    return float(traffic), float(sales)


def traffic_persists(run: Run) -> float:
    """By how many per cent a room's next traffic is higher for each per cent of traffic now, at equal sales."""
    return response(windows(run))[0]


def sales_pull(run: Run) -> float:
    """By how much (log) a room's next traffic is higher for each time the peers' GPM it sold now, at equal traffic."""
    return response(windows(run))[1]
