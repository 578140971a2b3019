"""Measures of worlds apart, against records made by hand."""

import pytest

from sim.results.measures import feed_overlap
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from tests.results.measures.records import DAY_MS, DAY_S, evidence, measured, table


@pytest.fixture(autouse=True)
def _short_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_overlap, "FEW", 2)


# viewer 1 sees 1, 2 and 3 (3 twice) and a room; viewer 2 sees 2, 3, 4; viewer 3 sees 5 and 6; viewer 4 only 1
SEEN = [(1, 1, 0), (1, 2, 0), (1, 3, 0), (1, 3, 1), (2, 2, 0), (2, 3, 0), (2, 4, 1), (3, 5, 0), (3, 6, 0), (4, 1, 0)]
ITEMS = table("items", item=[1, 2, 3, 4, 5, 6], creator=[9, 9, 9, 8, 7, 8], shown=[20, 20, 20, 50, 5, 30])


def known(viewers: tuple[int, ...] = (1, 2, 3, 4)) -> Evidence:
    rows = [row for row in SEEN if row[0] in viewers]
    viewer, item, day = zip(*rows, strict=True)
    exposures = table(
        "exposures",
        viewer=[*viewer, 1],
        item=[*item, ~0],
        at_ms=[one * DAY_MS for one in (*day, 0)],
        kind=["video"] * len(rows) + ["shown"],
    )
    return evidence(exposures=exposures, items=ITEMS, series=table("series", at_s=[2 * DAY_S]))


def test_overlap_is_the_mean_over_pairs() -> None:
    # 1 and 2 share two of four videos, 3 shares none with either; 4 has hardly a feed
    assert measured(known(), "worlds.overlap") == pytest.approx((2 / 4 + 0 + 0) / 3)


def test_overlap_of_the_first_day_knows_nothing_of_the_second() -> None:
    found = feed_overlap.overlap_by_days(known())
    assert found.index.tolist() == [0.5, 1.0, 1.5, 2.0]
    # by then viewer 2 has seen 2 and 3 only
    assert found.tolist() == pytest.approx([2 / 3 / 3, 2 / 3 / 3, 2 / 4 / 3, 2 / 4 / 3])


def test_one_viewer_has_no_overlap() -> None:
    with pytest.raises(NothingToMeasureError, match="no two viewers"):
        measured(known((1,)), "worlds.overlap")


def test_who_never_met_the_biggest_creator() -> None:
    # creator 8 has 50 + 30 exposures, creator 9 has 60; 8 made videos 4 and 6, seen by viewers 2 and 3, not by 1
    assert measured(known(), "worlds.never_met_biggest") == pytest.approx(1 / 3)
