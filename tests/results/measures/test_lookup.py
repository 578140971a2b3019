"""Names of measures, and the statistics that several measures share."""

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.elasticity import elasticities
from sim.results.measures.inequality import gini, hill, top_share
from sim.results.measures.lookup import UnknownMeasureError, forms, measure, reduction, split
from sim.results.measures.registry import MEASURES
from sim.results.measures.run_data import NothingToMeasureError

SUBJECTS = ("feed", "viewers", "creators", "videos", "live", "rooms", "top_rooms", "products")


def test_every_measure_has_a_definition_and_a_name_with_a_subject() -> None:
    assert len(MEASURES) > 50
    for name, one in MEASURES.items():
        assert one.of.__doc__, name
        assert name.partition(".")[0] in (
            "feed",
            "viewers",
            "creators",
            "videos",
            "live",
            "rooms",
            "top_rooms",
            "products",
            "worlds",
            "waves",
            "traffic",
            "tags",
            "paid",
            "shows",
            "breadth",
        )


def test_forms_show_how_a_name_is_written() -> None:
    assert {"feed.finish_rate", "feed.watch_ratio.qNN", "viewers.like_top_share(q, mean_exposures)"} <= set(forms())


def test_reductions() -> None:
    many = np.arange(101.0)
    for text, value in {"mean": 50, "median": 50, "q05": 5, "q99": 99, "q75_over_q50": 1.5, "q995": 99.5}.items():
        reduce = reduction(text)
        assert reduce
        assert reduce(many) == pytest.approx(value)
    assert [reduction(text) for text in ("q", "q5", "max", "q75_over", "over_q50")] == [None] * 5


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("feed.finnish_rate", [], "there is no measure 'feed.finnish_rate'; the nearest are feed.finish_rate"),
        ("nonsense", [], "there is no measure 'nonsense'; the first are breadth"),
        ("feed.watch_ratio", [], "ask for feed.watch_ratio.mean"),
        ("feed.watch_ratio.max", [], "no part 'max'"),
        ("feed.like_rate.q50", [], "feed.like_rate is one number, without .q50"),
        ("feed.like_rate", [3], "takes no arguments"),
        ("feed.overlap", [], r"takes the arguments \(days\), found \[\]"),
        ("feed.overlap", [1, 2], r"takes the arguments \(days\)"),
        ("feed.overlap", {"hours": 1}, r"takes the arguments \(days\)"),
        ("feed.overlap", ["a day"], "days must be a number"),
        ("feed.overlap", [-1], "days must be a number from 0 up"),
        ("creators.exposure_top_share", [10], "q is a share, above 0 and below 1"),
    ],
)
def test_names_and_arguments_that_do_not_fit(name: str, args: list[object] | dict[str, object], message: str) -> None:
    with pytest.raises(UnknownMeasureError, match=message):
        measure(name, args)


def test_names_written_as_calls() -> None:
    assert split("feed.like_rate") == ("feed.like_rate", [])
    assert split("viewers.like_top_share(0.1, 29)") == ("viewers.like_top_share", [0.1, 29])
    assert split("top_rooms.gmv_elasticity(x=views)") == ("top_rooms.gmv_elasticity", ["views"])


def test_inequality() -> None:
    assert gini([1, 1, 1, 1]) == pytest.approx(0.0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 3]) == pytest.approx(0.25)
    assert gini([0, 0]) == 0.0
    assert top_share(pd.Series([1, 2, 3, 4]), 0.25) == 0.4
    assert top_share(pd.Series([1, 2, 3, 4]), 0.01) == 0.4  # at least one
    assert hill([np.e**2, np.e, 1.0, 1.0], 0.5) == pytest.approx(1 / 1.5)
    assert hill([1.0, 1.0, 1.0], 0.3) == float("inf")


def test_rows_without_a_logarithm_are_left_out() -> None:
    x, y = pd.Series([1.0, 2.0, 4.0, 0.0, 8.0]), pd.Series([1.0, 4.0, 16.0, 9.0, 0.0])
    assert elasticities(y, {"x": x}, pd.Series([0] * 5))["x"] == pytest.approx(2.0)
    with pytest.raises(NothingToMeasureError):
        elasticities(y, {"x": x, "same": x}, pd.Series([0] * 5))
