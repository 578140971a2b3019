from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.clock import DAY, HOUR, MINUTE, SECOND
from sim.core.run_calendar import YEARS, Calendar, is_date, is_moment

APRIL = Calendar(date(2021, 4, 1))


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2021-04-01", 0),
        ("2021-04-15 00:00", 14 * DAY),
        ("2021-04-15 06:30", 14 * DAY + 6 * HOUR + 30 * MINUTE),
        ("2021-04-15T06:30", 14 * DAY + 6 * HOUR + 30 * MINUTE),
        ("2021-04-15 06:30:00", 14 * DAY + 6 * HOUR + 30 * MINUTE),
        ("2021-04-15 24:00", 15 * DAY),
        ("2021-03-31 23:59", -MINUTE),
        ("2022-01-01", 275 * DAY),
        ("day 14 00:00", 14 * DAY),
    ],
)
def test_a_moment_in_days_or_dates(text: str, ms: int) -> None:
    assert APRIL.moment(is_moment(text)) == ms


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("noon", "must be a moment such as day 7 00:00 or 2021-04-15 00:00"),
        ("", "must be a moment"),
        ("2021-4-15", "must be a date such as 2021-04-01"),
        ("2021-02-29", "2021-02 has 28 days"),
        ("2021-13-01", "must be a date from 1900-01-01 to 2199-12-31"),
        ("1021-04-01", "must be a date from"),
        ("2021-04-15 25:00", "from 00:00 to 24:00"),
        ("2021-04-15 06:00:30", "must be a time of day"),
        ("2021-04-15 06:00 sharp", "must be a time of day"),
    ],
)
def test_what_is_no_moment_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        is_moment(text)


@pytest.mark.parametrize("given", [20210401, True, None, "2021-04-01 00:00", "day 7 00:00"])
def test_what_is_no_date_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="must be a date such as 2021-04-01"):
        is_date(given)


def test_a_date_needs_that_of_day_0() -> None:
    with pytest.raises(ValueError, match="start: 2021-04-01"):
        Calendar().moment("2021-04-15")


def test_moments_in_words() -> None:
    at = 14 * DAY + 6 * HOUR
    told = [APRIL.text(at), APRIL.full(at), APRIL.short(at + 30 * SECOND), APRIL.text(at + 30 * SECOND)]
    assert told == ["Thu 15 Apr 06:00", "Thu 15 Apr 2021 06:00", "Thu 15 Apr 06:00", "Thu 15 Apr 06:00:30"]
    assert APRIL.text(275 * DAY) == "Sat 1 Jan 2022 00:00"
    assert APRIL.text(-MINUTE) == "Wed 31 Mar 23:59"
    assert (APRIL.written(at), APRIL.titled("time")) == ("2021-04-15 06:00", "time, 2021")


def test_moments_in_words_without_dates_are_days() -> None:
    at, plain = 14 * DAY + 6 * HOUR + 30 * SECOND, Calendar()
    assert {plain.text(at), plain.full(at), plain.written(at)} == {"day 14 06:00:30"}
    assert (plain.short(at), plain.titled("time")) == ("day 14 06:00", "time")


def test_what_lies_beyond_all_dates_is_told_in_days() -> None:
    assert APRIL.text(10**7 * DAY) == "day 10000000 00:00:00"


@given(st.dates(date(YEARS[0], 1, 1), date(YEARS[-1] - 11, 12, 31)), st.integers(0, 3650 * 1440))
def test_what_is_written_is_read_back(start: date, minutes: int) -> None:
    known = Calendar(start)
    assert known.moment(known.written(minutes * MINUTE)) == minutes * MINUTE
