import pytest

from sim.core.clock import DAY, HOUR, MINUTE, SECOND, Clock, Life, moment, moment_text, time_of_day


def test_units_are_milliseconds() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_a_life_wakes_at_its_moments() -> None:
    clock, woke = Clock(-500), []

    def life() -> Life:
        woke.append(clock.now_ms)
        yield clock.at(-100)
        woke.append(clock.now_ms)
        yield clock.at(clock.now_ms + 250)
        woke.append(clock.now_ms)
        yield clock.at(20)  # has passed: now
        woke.append(clock.now_ms)

    clock.start(life())
    clock.run(1_000)
    assert woke == [-500, -100, 150, 150]
    assert clock.now_ms == 1_000


def test_run_stops_before_what_is_due_at_its_end() -> None:
    clock, woke = Clock(), []

    def life() -> Life:
        while True:
            yield clock.at(clock.now_ms + 10)
            woke.append(clock.now_ms)

    clock.start(life())
    clock.run(30)
    assert woke == [10, 20]
    clock.run(31)
    assert woke == [10, 20, 30]
    clock.run(31)  # no time to go by
    clock.run(5)  # never backwards
    assert clock.now_ms == 31


def test_before_comes_ahead_of_everything_else_at_the_same_moment() -> None:
    clock, order = Clock(), []

    def agent(name: str) -> Life:
        yield clock.at(100)
        order.append(name)

    def platform() -> Life:
        yield clock.before(100)
        order.append("refresh")

    clock.start(agent("early"))
    clock.start(platform())
    clock.start(agent("late"))
    clock.run(101)
    assert order == ["refresh", "early", "late"]


def test_a_refresh_at_the_end_of_a_run_still_happens_in_it() -> None:
    # a world's step runs to the next refresh, and must contain it
    clock, refreshed = Clock(), []

    def platform() -> Life:
        while True:
            yield clock.before(clock.now_ms + 30)
            refreshed.append(clock.now_ms)

    clock.start(platform())
    for step in range(1, 4):
        clock.run(clock.now_ms + 30)
        assert refreshed == [30 * k for k in range(1, step + 1)]


def failing(clock: Clock, when_ms: int) -> Life:
    yield clock.before(when_ms)
    raise ArithmeticError("the books do not agree")


def test_a_life_that_fails_fails_the_run() -> None:
    clock = Clock()
    clock.start(failing(clock, 20))
    with pytest.raises(ArithmeticError, match="books"):
        clock.run(30)


def test_a_life_that_fails_at_the_end_of_a_run_fails_that_run() -> None:
    clock = Clock()
    clock.start(failing(clock, 30))
    with pytest.raises(ArithmeticError, match="books"):
        clock.run(30)


@pytest.mark.parametrize(
    ("when_ms", "words"),
    [
        (0, "day 0 00:00:00"),
        (20 * HOUR + 5 * MINUTE + 30_999, "day 0 20:05:30"),
        (3 * DAY + 59 * SECOND, "day 3 00:00:59"),
        (-SECOND, "day -1 23:59:59"),
    ],
)
def test_a_moment_in_words(when_ms: int, words: str) -> None:
    assert moment_text(when_ms) == words


def test_a_moment_as_a_person_writes_it() -> None:
    assert moment("day 7 00:00") == 7 * DAY
    assert moment("day 0 20:05") == 20 * HOUR + 5 * MINUTE
    assert moment("day -1 23:59") == -MINUTE


@pytest.mark.parametrize("text", ["", "day", "7 00:00", "day 7", "day x 00:00", "day 7 00:00 00", "day 1.5 00:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a"):
        moment(text)


def test_a_time_of_day() -> None:
    assert time_of_day("00:00") == 0
    assert time_of_day("20:30") == 20 * HOUR + 30 * MINUTE
    assert time_of_day("8:05") == 8 * HOUR + 5 * MINUTE
    assert time_of_day("24:00") == DAY


@pytest.mark.parametrize("text", ["", "20", "20:3", "20:305", "8pm", ":30", "20:", "-1:30", "20:30:10", "2x:30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a time of day such as 20:30"):
        time_of_day(text)


@pytest.mark.parametrize("text", ["24:01", "25:00", "20:60", "99:99"])
def test_a_time_beyond_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 00:00 to 24:00"):
        time_of_day(text)
