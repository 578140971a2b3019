"""Measures of paid waves, against records made by hand, and against a small world."""

from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.results.measures import paid
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from tests.results.measures.records import evidence, measured, table
from tests.worlds import small, told

HOUR_S = 3600


def boosts(lift: int = 0) -> pd.DataFrame:
    """Video 7 from 08:00 and video 9 from 08:30, a room, and an order that waits; `lift` is added to the last natural
    exposures of both videos.
    """
    rows = [
        # boost, kind, item, state, opened, at, natural, exposures, likes, budget and spent yuan
        (0, "video", 7, "open", 8, 8, 0, 0, 0, 10, 0),
        (0, "video", 7, "open", 8, 9, 100, 50, 2, 10, 1),
        (0, "video", 7, "over", 8, 12, 400 + lift, 500, 9, 10, 10),
        (1, "video", 9, "open", 8.5, 9, 10, 20, 1, 10, 0.4),
        (1, "video", 9, "over", 8.5, 12, 80 + lift, 90, 1, 10, 1.8),
        (2, "room", 3, "over", 8, 8, 0, 0, 0, 20, 0),
        (2, "room", 3, "over", 8, 12, 60, 25, 4, 20, 20),
        (3, "video", -1, "waiting", 20, 12, 0, 0, 0, 10, 0),
    ]
    names = ("boost", "kind", "item", "state", "opened_s", "at_s", "natural", "exposures", "likes", "budget_yuan")
    columns = dict(zip((*names, "spent_yuan"), map(list, zip(*rows, strict=True)), strict=True))
    for name in ("opened_s", "at_s"):
        columns[name] = [int(hour * HOUR_S) for hour in columns[name]]
    return table("campaigns", **columns)


def test_exposures_are_read_by_time_since_the_boost() -> None:
    # video 7 after 1, 2.5 and 9 h; video 9 half an hour after its boost and later
    found = paid.curves(boosts(), [1, 2.5, 9])
    assert found[found["boost"] == 0]["natural"].tolist() == [100, 250, 400]
    assert found[found["boost"] == 0]["paid"].tolist() == [50, 275, 500]
    assert found[found["boost"] == 1]["natural"].tolist() == pytest.approx([10 + 70 / 6, 10 + 140 / 3, 80])


def test_exposures_before_the_first_record_are_straight_from_none() -> None:
    found = paid.curves(boosts(), [0, 0.25])
    assert found[found["boost"] == 1]["natural"].tolist() == [0, 5]


def test_videos_and_rooms_are_told_apart() -> None:
    run = evidence(campaigns=boosts())
    assert measured(run, "paid.natural_of_videos", 0, 9) == 480
    assert measured(run, "paid.natural_of_videos", 1, 2.5) == pytest.approx(150 + 35)
    assert measured(run, "paid.natural_of_rooms", 0, 9) == 60
    assert measured(run, "paid.exposures_of_videos", 0, 9) == 590
    assert measured(run, "paid.like_rate") == pytest.approx(10 / 590)
    assert measured(run, "paid.unspent") == pytest.approx(1 - 31.8 / 50)


def test_the_curve_of_a_run_is_of_all_that_has_begun() -> None:
    found = paid.natural_by_hour(evidence(campaigns=boosts()))
    assert found.index.tolist() == [0, 1, 2, 3, 4]
    assert found.iloc[[0, 4]].tolist() == [0, 540]


def test_without_orders_there_is_nothing_to_measure() -> None:
    for name, args in (("paid.natural_of_videos", (0, 1)), ("paid.like_rate", ()), ("paid.unspent", ())):
        with pytest.raises(NothingToMeasureError):
            measured(evidence(), name, *args)


def test_what_is_pulled_is_a_paired_difference() -> None:
    # lifts of 40 and 80 at the end; an item has 180 by itself then, and 205 are paid for
    unpaid = [evidence(campaigns=boosts()) for _ in range(2)]
    found = paid.pulled([evidence(campaigns=boosts(40)), evidence(campaigns=boosts(80))], unpaid, hours=(1, 9))
    last = found.iloc[1]
    assert last["before"] == pytest.approx(540 / 3)
    assert last["absolute"] == pytest.approx((2 * 40 + 2 * 80) / 3 / 2)
    assert last["relative"] == pytest.approx(last["absolute"] / 180)
    assert last["paid"] == pytest.approx(615 / 3)
    assert last["pull"] == pytest.approx(last["absolute"] / 205)
    assert last["low"] < last["absolute"] < last["high"]
    assert found.iloc[0]["absolute"] == pytest.approx((40 + 80) / 2 / 6 / 3)  # 1 h is a sixth of the way of video 9


# --- a small world


@cache
def run(**rules: Any) -> Evidence:
    sets = [f"platform.boosts.{name}={str(value).lower()}" for name, value in rules.items()]
    order = "{at: day 0 00:30, boosts: {kind: newest, count: 8}, budget_yuan: 2, hours: 2}"
    rhythm = f"viewers.rhythm={[1] * 24}"
    scenario = small(rhythm, "viewers.count=400", *sets, f"campaigns=[{order}]")
    tables: dict[str, pd.DataFrame] = defaultdict(pd.DataFrame)
    for name, rows in told(scenario).items():
        # a row of single numbers, or columns
        parts = [pd.DataFrame(some if any(map(np.ndim, some.values())) else [some]) for some in rows]
        tables[name] = pd.concat(parts, ignore_index=True)
    return Evidence(tables.__getitem__, scenario.model_dump(mode="json"))


def test_unpaid_and_paid_follow_the_same_items() -> None:
    one, other = run(), run(share=0.0)
    assert one.paid.groupby("boost")["item"].last().tolist() == other.paid.groupby("boost")["item"].last().tolist()
    found = paid.pulled([one, one], [other, other], hours=(1, 3))
    assert found["paid"].between(1, 100).all()
    assert np.isfinite(found["absolute"]).all()
    assert (found["before"] > 0).all()
