"""Names of measures, and the statistics that several measures share."""

import inspect
import math
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from sim.results.measures import lookup
from sim.results.measures.elasticity import elasticities
from sim.results.measures.lookup import UnknownMeasureError, called, forms, measure, named, numbers, reduction, split
from sim.results.measures.registry import MEASURES, RENAMED, number
from sim.results.measures.run_data import NothingToMeasureError
from tests.results.measures.records import DAY_S, evidence, table


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
            "reviews",
            "sales",
        )


def test_every_measure_has_a_unit_and_words_that_fit_a_table() -> None:
    for name, one in MEASURES.items():
        assert one.unit.strip() == one.unit != "", name
        assert one.words.strip() == one.words != "", name
        assert len(one.words) <= 60, name
        assert all(key.isidentifier() and kind is not inspect.Parameter.empty for key, kind in one.takes.items()), name
    assert len({one.words for one in MEASURES.values()}) == len(MEASURES)


def test_a_measure_without_unit_or_words_or_with_a_name_twice_is_no_measure() -> None:
    with pytest.raises(TypeError):
        number("feed.new", unit="share")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        number("feed.new", words="new")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="registered twice"):
        number("feed.like_rate", unit="share", words="once more")(lambda _run: 0.0)


def test_every_file_of_measures_is_in_the_registry() -> None:
    written = {
        name
        for file in Path(lookup.__file__).parent.glob("*.py")
        for name in re.findall(r'^@(?:number|values)\(\s*"([\w.]+)"', file.read_text("utf-8"), re.MULTILINE)
    }
    assert written == set(MEASURES)


# --- names that have changed


def test_an_old_name_is_told_with_its_new_one() -> None:
    for old, new in RENAMED.items():
        assert named(new).name == new
        with pytest.raises(UnknownMeasureError, match=f"^the measure {old} is now called {re.escape(new)}$"):
            named(old)


def test_the_changelog_has_every_old_name() -> None:
    text = Path("CHANGELOG.md").read_text("utf-8")
    assert [old for old, new in RENAMED.items() if f"| `{old}` | `{new}` |" not in text] == []


def test_a_measure_as_it_is_asked_for_has_name_unit_and_words() -> None:
    assert named("live.dwell_seconds.median")[:3] == ("live.dwell_seconds.median", "s", "stay of an entry (median)")
    assert named("live.dwell_seconds.q75_over_q50").unit == "-"
    assert named("paid.natural( hours=6 )")[:2] == ("paid.natural(6)", "exposures")
    assert named("traffic.seconds_per_entry").words == "mean stay"
    assert named("traffic.seconds_per_entry(1)").words == "mean stay (days 1)"


def test_what_a_run_holds_nothing_of_is_not_a_number() -> None:
    run = evidence(series=table("series", at_s=[DAY_S], video_exposures=[4], likes=[1]))
    found = numbers(run, ["feed.like_rate", "live.enter_rate", "sales.orders"])
    assert (found["feed.like_rate"], found["sales.orders"]) == (0.25, 0.0)
    assert math.isnan(found["live.enter_rate"])


ARGUMENTS = {
    "category": "womenswear",
    "yuan": 50,
    "q": 0.1,
    "days": 0,
    "hours": 2,
    "lo": 0,
    "hi": 10,
    "n": 5,
    "mean_exposures": 29,
    "first_day": 0,
    "last_day": 0,
    "step": 1,
}
COUNTS = {
    *(
        "feed.exposures",
        "feed.video_exposures",
        "feed.empty_pages",
        "live.exposures",
        "live.entries",
        "live.entries_by",
        "viewers.sessions",
    ),
    *("sales.gmv_yuan", "sales.expected_gmv_yuan", "sales.orders", "sales.refused_orders", "sales.buyers"),
    *("sales.gsv_yuan", "sales.expected_gsv_yuan", "sales.expected_orders", "sales.expected_entries"),
}


def choice_of(kind: Any) -> Any:
    """The first thing that an argument of this kind may be, if there are choices."""
    return choice_of(get_args(kind)[0]) if get_args(kind) else kind if isinstance(kind, str) else None


def test_several_choices_are_written_with_a_plus_between_them() -> None:
    one = called("rooms.source_share", {"sources": ["recommended", "share"]})
    assert one.name == "rooms.source_share(recommended+share)"
    assert called("rooms.source_share", ["recommended+share+share"]).name == one.name
    with pytest.raises(UnknownMeasureError, match="must be one of recommended, follow, video, share, boosted"):
        named("rooms.source_share(recommended+queue)")


def test_a_rate_of_nothing_is_missing_and_a_count_of_nothing_is_zero() -> None:
    nobody = {"count": 0, "sessions_per_day": {"kind": "constant", "value": 1}, "bored_skip": 0.5}
    records = {"exposures": 0.01, "viewers": 0.01, "expected_sales": True}
    empty = evidence({"rooms": {"count": 0}, "viewers": nobody, "records": records})
    for name, one in MEASURES.items():
        if name in ("tags.hits", "tags.cosine"):  # are recorded as they are
            continue
        given = [choice_of(kind) or ARGUMENTS[key] for key, kind in one.takes.items()]
        written = f"{name}({', '.join(map(str, given))})" if given else f"{name}.mean" if one.many else name
        value = numbers(empty, [written])[written]
        assert value == 0.0 if name in COUNTS else math.isnan(value), name


def test_forms_show_how_a_name_is_written() -> None:
    assert {"feed.finish_rate", "feed.watch_ratio.qNN", "viewers.like_top_share(q, mean_exposures)"} <= set(forms())


def test_reductions() -> None:
    many = np.arange(101.0)
    for text, value in {"mean": 50, "median": 50, "q05": 5, "q99": 99, "q75_over_q50": 1.5, "q995": 99.5}.items():
        reduce = reduction(text)
        assert reduce
        assert reduce(many) == pytest.approx(value)
    assert [reduction(text) for text in ("q", "q5", "max", "q75_over", "over_q50")] == [None] * 5


def test_quantiles_are_taken_right_or_not_at_all() -> None:
    many = np.arange(1001.0)
    for text, value in {"q00": 0, "q025": 25, "q975": 975, "q100": 1000, "q100_over_q50": 2, "q9990": 999}.items():
        reduce = reduction(text)
        assert reduce, text
        assert reduce(many) == pytest.approx(value), text
    assert [reduction(text) for text in ("q101", "q150", "q1000", "q200_over_q50", "q50_over_q110")] == [None] * 5
    with pytest.raises(UnknownMeasureError, match="has no part 'q150'"):
        named("live.dwell_seconds.q150")


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
        ("feed.exploit_share", [0], "argument n must be a whole number from 1 up"),
        ("feed.exploit_share", [1.5], "argument n must be a whole number from 1 up"),
        ("enter_rat", [], r"the nearest are .*enter_rate"),
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


def test_rows_without_a_logarithm_are_left_out() -> None:
    x, y = pd.Series([1.0, 2.0, 4.0, 0.0, 8.0]), pd.Series([1.0, 4.0, 16.0, 9.0, 0.0])
    assert elasticities(y, {"x": x}, pd.Series([0] * 5))["x"] == pytest.approx(2.0)
    with pytest.raises(NothingToMeasureError):
        elasticities(y, {"x": x, "same": x}, pd.Series([0] * 5))
