"""Numbers in words, by hand."""

import math

import pytest

from sim.reporting.number_format import (
    amount,
    amounts,
    count,
    lasting,
    listed,
    percent,
    percents,
    size_of,
    time_of_day,
    times,
)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0314, "+3.1 %"),
        (-0.0314, "-3.1 %"),
        (0.0004, "+0.04 %"),
        (-0.00001, "0.00 %"),
        (0.0, "0.00 %"),
        (0.00994, "+0.99 %"),
        (0.00996, "+1.0 %"),
        (12.3, "+1,230 %"),
        (math.nan, "-"),
        (math.inf, "-"),
    ],
)
def test_percent(share: float, said: str) -> None:
    assert percent(share) == said


def test_intervals_have_one_number_of_places() -> None:
    assert percents(-0.001, 0.05) == "-0.1 % to +5.0 %"
    assert percents(math.nan, math.nan) == "-"
    assert amounts(-1200.4, 3.14159, "yuan") == "-1,200 to 3.14 yuan"
    assert amounts(-0.01, 0.02, "share") == "-1.0 points to +2.0 points"
    assert amounts(math.nan, 1, "s") == "-"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (23074.4, "yuan", "23,074 yuan"),
        (0.123, "share", "12.3 %"),
        (36.512, "orders", "36.5 orders"),
        (0.4721, "-", "0.472"),
        (0.0, "orders", "0 orders"),
        (math.nan, "yuan", "-"),
    ],
)
def test_amount(value: float, unit: str, said: str) -> None:
    assert amount(value, unit) == said


def test_times_and_lists() -> None:
    assert times(4.54) == "x 4.5"
    assert times(272.6) == "x 273"
    assert times(math.nan) == "-"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""


def test_counts_times_and_sizes_in_words() -> None:
    assert [count(n) for n in (0, 0.5, 12.34, 300, 12_345.6, 2_647_058, 3.2e9)] == [
        "0", "0.5", "12.3", "300", "12,346", "2.65 million", "3.2 billion",
    ]  # fmt: skip
    assert [lasting(n) for n in (1.26, 60, 240, 7200, 200_000)] == ["1.3 s", "60 s", "4 min", "2 h", "2.3 days"]
    assert [size_of(n) for n in (2**20, 3 * 2**30)] == ["1 MiB", "3.0 GiB"]
    assert [time_of_day(n) for n in (0, 14.5, 23.999, 24.25)] == ["00:00", "14:30", "00:00", "00:15"]
