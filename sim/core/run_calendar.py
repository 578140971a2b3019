"""Moments as people write and read them: in days since day 0, or in dates where the date of day 0 is known."""

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

from sim.core.clock import DAY, MINUTE, SECOND, moment, moment_text, time_of_day

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # not of `strftime`, whose names follow the machine
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEARS = range(1900, 2200)


class Calendar(NamedTuple):
    """Turns what people write into milliseconds since day 0, and back.

    Attributes
    ----------
    start
        The date of day 0; None if moments are told in days only.
    """

    start: date | None = None

    def moment(self, text: str) -> int:
        """`day 7 00:00`, `2021-04-15 00:00` or `2021-04-15` in milliseconds since day 0."""
        day, in_day_ms = _parts(text)
        if day is None:
            return in_day_ms
        if self.start is None:
            raise ValueError(
                "a date needs the date of day 0, such as start: 2021-04-01; without it a moment reads day 7 00:00"
            )
        return (day - self.start).days * DAY + in_day_ms

    def text(self, when_ms: int) -> str:
        """A moment in words: `day 0 20:05:30`, `Thu 15 Apr 20:05`; with the year if it is not that of day 0."""
        return self._words(when_ms, with_year=False)

    def full(self, when_ms: int) -> str:
        """The same, always with the year: `Thu 15 Apr 2021 20:05`."""
        return self._words(when_ms, with_year=True)

    def short(self, when_ms: int) -> str:
        """The same without seconds: `day 0 20:05`, `Thu 15 Apr 20:05`."""
        minute = int(when_ms) // MINUTE * MINUTE
        return self.text(minute) if self.start else moment_text(minute)[:-3]

    def written(self, when_ms: int) -> str:
        """A moment as a file has it: `2021-04-15 20:05`."""
        day = self._date(when_ms)
        return f"{day} {_time(when_ms)}" if day else moment_text(when_ms)

    def titled(self, what: str) -> str:
        """The name of an axis of time, with the year of day 0."""
        return f"{what}, {self.start.year}" if self.start else what

    def _date(self, when_ms: int) -> date | None:
        """The date of a moment; None without that of day 0, or beyond what dates can say."""
        try:
            return self.start and self.start + timedelta(days=int(when_ms) // DAY)
        except OverflowError:
            return None

    def _words(self, when_ms: int, *, with_year: bool) -> str:
        day = self._date(when_ms)
        if self.start is None or day is None:
            return moment_text(when_ms)
        year = f" {day.year}" if with_year or day.year != self.start.year else ""
        return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year} {_time(when_ms)}"


def is_date(text: object) -> date:
    """A date such as 2021-04-01, or a ValueError that says what is allowed."""
    if isinstance(text, date):
        text = text.isoformat()
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text.strip(), re.ASCII) if isinstance(text, str) else None
    if not found:
        raise ValueError("must be a date such as 2021-04-01")
    year, month, day = map(int, found.groups())
    if year not in YEARS or not 1 <= month <= 12:
        raise ValueError(f"must be a date from {YEARS[0]}-01-01 to {YEARS[-1]}-12-31")
    if not 1 <= day <= (last := calendar.monthrange(year, month)[1]):
        raise ValueError(f"must be a date that there is; {year}-{month:02d} has {last} days")
    return date(year, month, day)


def is_moment(text: str) -> str:
    """The text, if it is a moment in days or dates."""
    _parts(text)
    return text


def _parts(text: str) -> tuple[date | None, int]:
    """The date and the milliseconds since it began; without a date, the milliseconds since day 0."""
    if text.split()[:1] == ["day"]:
        return None, moment(text)
    day, _, time = " ".join(text.split()).replace("T", " ").partition(" ")
    if not re.match(r"\d+-\d", day):
        raise ValueError("must be a moment such as day 7 00:00 or 2021-04-15 00:00")
    return is_date(day), time_of_day(re.sub(r"(:\d\d):00$", r"\1", time)) if time else 0  # YAML knows seconds


def _time(when_ms: int) -> str:
    """The time of day, with seconds where there are any."""
    seconds = int(when_ms) % DAY // SECOND
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}" + (f":{seconds % 60:02d}" if seconds % 60 else "")
