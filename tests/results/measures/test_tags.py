"""Measures of tags, against records made by hand."""

import pytest

from sim.results.measures import tags
from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import DAY_S, evidence, measured, table

VIEWERS = table(
    "viewers",
    viewer=[1, 2, 3, 4],
    tag=[[0.8, 0.2, 0.1], [0.0, 0.6, 0.6], [0.3, 0.0, 0.0], [0.0, 0.0, 0.0]],
    taste=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]],
)


def test_tags_of_a_viewer_are_those_a_quarter_as_strong_as_the_strongest() -> None:
    # 0.8 and 0.2; two of 0.6; one; of viewer 4 nothing is known
    assert measured(evidence(viewers=VIEWERS), "tags.per_viewer") == pytest.approx((2 + 2 + 1) / 3)


def test_precision_of_buyers_is_that_of_those_whose_order_was_filled() -> None:
    orders = table("orders", viewer=[2, 2, 3, 1], filled=[True, True, True, False])
    found = measured(evidence(viewers=VIEWERS, orders=orders), "tags.buyers_cosine")
    assert found == pytest.approx((0.5**0.5 + 0.0) / 2)


def test_without_buyers_nothing_is_known_of_them() -> None:
    orders = table("orders", viewer=[9], filled=[True])
    with pytest.raises(NothingToMeasureError, match="no buyer"):
        measured(evidence(viewers=VIEWERS, orders=orders), "tags.buyers_cosine")


def test_precision_is_that_of_the_end() -> None:
    series = table("series", at_s=[3600, 5400, DAY_S], tag_cosine=[0.1, 0.2, 0.7], tag_hits=[0.0, 0.1, 0.6])
    run = evidence(series=series)
    assert (measured(run, "tags.cosine"), measured(run, "tags.hits")) == (0.7, 0.6)
    assert tags.precision_by_day(run).to_dict() == {1 / 24: 0.1, 1.0: 0.7}


# first half: step 0 enters 1 of 4, step 1 enters 2 of 2; second half: step 1 1 of 2, step 0 none of 2, step 1 both
DOORS = table(
    "exposures",
    at_ms=[*range(8), 10, 11, 12, 13, 14, 15],
    kind=["shown"] * 12 + ["video"] * 2,
    match=[0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 5, 5],
    entered=[True, False, False, False, True, True, True, False, False, False, True, True, False, False],
)


def test_entry_by_step_of_match() -> None:
    assert tags.entry_by_match(evidence(exposures=DOORS)).to_dict() == pytest.approx({0: 1 / 6, 1: 5 / 6})


def test_foresight_is_what_match_adds_to_the_mean() -> None:
    # step 1: 1, 0 against 1; step 0: 0, 0 against 0.25; step 1: 1, 1 against 1 -> (1 + 2 / 16) / 6; the mean: 1 / 4
    found = measured(evidence(exposures=DOORS), "tags.entry_foresight")
    assert found == pytest.approx(1 - (1.125 / 6) / 0.25)


def test_entry_by_fit_holds_both_halves_against_each_other() -> None:
    # matches 0, 0, 1, 3: those above the median 0.5 enter in 2 of 2, the others in 1 of 2
    doors = table("exposures", kind="shown", match=[0, 0, 1, 3], entered=[True, False, True, True])
    assert measured(evidence(exposures=doors), "tags.entry_by_fit") == pytest.approx(2.0)
