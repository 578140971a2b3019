"""Measures of what rooms make of themselves, on sessions made by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.room_shows import holding_by_day
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from tests.results.measures.records import DAY_S, evidence, measured, table

# opened; holds (ms); profit and sales in cents; exposures, entries; categories
SESSIONS = [
    (-5 * 3600, 0, 900, 9_000, 90, 9, 1),
    (0, 0, 1_000, 4_000, 100, 10, 1),
    (DAY_S - 1, 60_000, -500, 2_000, 300, 30, 2),
    (DAY_S, 60_000, 300, 1_000, 200, 40, 3),
    (DAY_S + 9, 0, 2_000, 5_000, 400, 20, 1),
    (2 * DAY_S, 60_000, 700, 6_000, 600, 60, 1),
]


@pytest.fixture
def run() -> Evidence:
    names = ("opened_s", "held_ms", "profit_cents", "gmv_cents", "shown", "entered", "breadth")
    columns = dict(zip(names, (list(column) for column in zip(*SESSIONS, strict=True)), strict=True))
    return evidence(sessions=table("sessions", room=list(range(6)), **columns))


def test_the_share_of_sessions_that_held(run: Evidence) -> None:
    assert [measured(run, "shows.holding_share", day, day) for day in (0, 1, 2)] == [0.5, 0.5, 1.0]
    assert measured(run, "shows.holding_share", 0, 2) == pytest.approx(3 / 5)
    assert holding_by_day(run).to_dict() == {0: 0.5, 1: 0.5, 2: 1.0}
    with pytest.raises(NothingToMeasureError, match="no session that opened on days 3 to 4 has ended"):
        measured(run, "shows.holding_share", 3, 4)


def test_what_a_session_of_either_kind_pays(run: Evidence) -> None:
    assert measured(run, "shows.profit_yuan", "holding", 0, 2) == pytest.approx((-5 + 3 + 7) / 3)
    assert measured(run, "shows.profit_yuan", "plain", 0, 2) == pytest.approx((10 + 20) / 2)
    assert measured(run, "shows.gmv_yuan", "plain", 0, 0) == 40.0
    assert measured(run, "shows.exposures", "holding", 0, 1) == 250.0
    with pytest.raises(NothingToMeasureError, match="no plain session"):
        measured(run, "shows.profit_yuan", "plain", 2, 2)


def test_breadth(run: Evidence) -> None:
    assert measured(run, "breadth.exposures", "narrow") == pytest.approx((90 + 100 + 400 + 600) / 4)
    assert measured(run, "breadth.exposures", "wide") == 250.0
    assert measured(run, "breadth.gpm_yuan", "wide") == pytest.approx(30.0 * 1000 / 70)
    assert measured(run, "breadth.enter_rate", "narrow") == pytest.approx(99 / 1190)
    alone = evidence(sessions=pd.concat([table("sessions", room=[0], breadth=[1])]))
    with pytest.raises(NothingToMeasureError, match="no session of a wide room"):
        measured(alone, "breadth.exposures", "wide")


def test_the_advantage_of_narrow_rooms_is_at_equal_skill() -> None:
    # exposures an hour: exp(1 + skill), times 1.5 where there is one category
    skill = [0.1, -0.4, 0.3, 0.9, -0.2, 0.6]
    breadth = [1, 1, 2, 4, 1, 3]
    shown = [round(1e6 * np.exp(1 + s) * (1.5 if b == 1 else 1.0)) for s, b in zip(skill, breadth, strict=True)]
    sessions = table("sessions", opened_s=0, closed_s=3600, skill=skill, breadth=breadth, shown=shown)
    assert measured(evidence(sessions=sessions), "breadth.advantage") == pytest.approx(np.log(1.5), abs=1e-4)
    with pytest.raises(NothingToMeasureError, match="as broad as each other"):
        measured(evidence(sessions=sessions.assign(breadth=1)), "breadth.advantage")
