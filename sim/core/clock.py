"""The one time: whole milliseconds on SimPy's clock. Day 0 starts at 00:00; a warm-up lies before it, in negative
time.
"""

from collections.abc import Generator
from typing import Any

import simpy

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Life = Generator[simpy.Event, Any, None]
"""What an agent does on the clock, as one generator. All that it must remember lives in the agent's fields."""


class Clock:
    """SimPy's environment with time in whole milliseconds."""

    def __init__(self, start_ms: int = 0) -> None:
        self.environment = simpy.Environment(initial_time=start_ms)
        self.failed: BaseException | None = None

    @property
    def now_ms(self) -> int:
        return int(self.environment.now)

    def start(self, life: Life) -> None:
        """Begin a life: it runs at once, up to where it first waits."""
        self.environment.process(self._watched(life))
        self.environment.step()

    def at(self, when_ms: int) -> simpy.Event:
        """Wait until a moment; one that has passed is now."""
        return self.environment.timeout(max(0, when_ms - self.now_ms))

    def before(self, when_ms: int) -> simpy.Event:
        """Wait until just before anything else that is due at a moment: a refresh sees the world as it was up to
        then.
        """
        return _JustBefore(self.environment, when_ms - self.now_ms)

    def run(self, until_ms: int) -> None:
        """Let everything happen that is due before `until_ms`."""
        if until_ms > self.now_ms:
            self.environment.run(until=until_ms)
        if self.failed is not None:
            raise self.failed

    def _watched(self, life: Life) -> Life:
        """A life whose failure is not lost when it falls on the very moment at which time stops."""
        try:
            yield from life
        except (Exception, KeyboardInterrupt) as error:
            self.failed = error
            raise


class _JustBefore(simpy.Event):
    """What happens after a delay, before all else that is due then; made as SimPy makes its own timeouts."""

    def __init__(self, environment: simpy.Environment, delay_ms: int) -> None:
        super().__init__(environment)
        self._ok, self._value = True, None
        environment.schedule(self, simpy.events.URGENT, delay_ms)


def moment_text(when_ms: int) -> str:
    """A moment in words: `day 0 20:05:30`."""
    day, rest = divmod(int(when_ms), DAY)
    seconds = rest // SECOND
    return f"day {day} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def moment(text: str) -> int:
    """`day 7 00:00` in milliseconds; the days of a warm-up are negative."""
    word, day, time = (*text.split(), "", "", "")[:3]
    if word != "day" or not day.removeprefix("-").isdecimal() or text.split()[3:]:
        raise ValueError("must be a moment such as day 7 00:00")
    return int(day) * DAY + time_of_day(time)


def time_of_day(text: str) -> int:
    """`20:30` in milliseconds after midnight; 24:00 is the end of the day."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError("must be a time of day such as 20:30")
    value = int(hours) * HOUR + int(minutes) * MINUTE
    if int(minutes) > 59 or value > DAY:
        raise ValueError("must be a time of day from 00:00 to 24:00")
    return value
