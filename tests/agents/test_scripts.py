import math

import mesa
import pytest

from agents.live_room import LiveRoom
from agents.scripts import DO, next_product, pieces_released, segment, shows_bait
from sim.core.arrays import blank
from sim.core.catalogue import CHAT, CLOSED, HOLD, PITCH, PRODUCT_COLUMNS, RELEASE
from sim.core.clock import DAY, HOUR, MINUTE, SECOND, Clock
from sim.scenario.scenario import HOLD_AND_RELEASE, PLAIN, Scenario, Segment, loads

SHOW = (Segment(do="hold", seconds=60), Segment(do="release", seconds=30), Segment(do="pitch", seconds=90))

# opens at 08:00 for 0.25 h; two products and a bait; SHOW takes three minutes
SCENARIO = """
viewers: {count: 10}
rooms:
  count: 2
  opens: {kind: constant, value: 8}
  hours_open: {kind: constant, value: 0.25}
  products: 2
  bait_share: 0.1
  variation: {opening_hours: 0, length: 0, form: 0, goods: 0}
  scripts:
    show: [{do: hold, seconds: 60}, {do: release, seconds: 30}, {do: pitch, seconds: 90}]
    talk: [{do: chat, seconds: 600}]
  script_shares: {show: 1}
"""


class Stall:
    """As much of a world as a room needs: rules, products, and somebody who restocks."""

    def __init__(self, scenario: Scenario) -> None:
        self.seed, self.rules = scenario.seed, scenario.rooms
        self.restocked: list[int] = []
        self.noticed: list[int] = []
        self.people = 200
        self.products = blank(PRODUCT_COLUMNS, 6)

    def restock(self, room: int, session: int) -> None:
        self.restocked.append(session)
        self.products["stock"][room * 3 : room * 3 + 3] = [100, 100, 0]

    def inside(self, _room: int) -> int:
        return self.people

    def release(self, product: int, pieces: int) -> None:
        self.products["stock"][product] += pieces

    def announce(self, room: int, session: int, at_ms: list[int]) -> None:
        pass

    def notice(self, room: int) -> None:
        self.noticed.append(room)

    def earned(self, _room: int) -> list[float]:
        return [math.nan]

    def show_above(self, _room: int) -> None:
        return None


def on_air(script: str = "show", row: int = 1, changes: str = "") -> tuple[Clock, LiveRoom, Stall]:
    """A room on the clock since midnight."""
    stall = Stall(loads(SCENARIO, [changes] if changes else []))
    clock, room = Clock(), LiveRoom(mesa.Model(rng=1), stall, row, script, 1)
    room.plan(0, stall.rules, stall.seed)
    clock.start(room.life(clock))
    return clock, room, stall


# --- scripts


def test_a_script_repeats() -> None:
    assert [segment(SHOW, n).do for n in range(7)] == ["hold", "release", "pitch", "hold", "release", "pitch", "hold"]


def test_products_are_pitched_in_turn() -> None:
    assert [next_product(50, 53, n) for n in range(5)] == [50, 51, 52, 50, 51]
    assert next_product(50, 51, 7) == 50


def test_a_bait_is_on_show_while_it_is_held_and_released() -> None:
    assert [do for do in DO if shows_bait(do)] == ["hold", "release"]


def test_what_a_script_does_is_a_segment_of_the_catalogue() -> None:
    assert DO == {"chat": CHAT, "pitch": PITCH, "hold": HOLD, "release": RELEASE}


def test_the_ready_made_scripts() -> None:
    assert [piece.do for piece in PLAIN] == ["chat", "pitch"]
    assert [piece.do for piece in HOLD_AND_RELEASE] == ["hold", "release", "pitch"]


@pytest.mark.parametrize(
    ("inside", "share", "pieces"), [(0, 0.1, 1), (14, 0.1, 1), (15, 0.1, 2), (1000, 0.1, 100), (1000, 0.0, 1)]
)
def test_a_release_is_sized_to_the_crowd(inside: int, share: float, pieces: int) -> None:
    assert pieces_released(inside, share) == pieces


# --- a show on the clock


def test_a_room_is_closed_until_it_opens() -> None:
    clock, room, stall = on_air()
    clock.run(8 * HOUR)
    assert (room.is_open, room.segment, room.product) == (False, CLOSED, -1)
    clock.run(8 * HOUR + 1)
    assert (room.is_open, room.session, room.segment) == (True, 1, HOLD)
    assert stall.restocked == [1]
    assert set(stall.noticed) == {1}


def test_a_show_follows_its_script() -> None:
    # room 1 has the products 3 and 4 and the bait 5
    clock, room, _ = on_air()
    seen = []
    for second in (1, 59, 61, 91, 179, 181, 241, 271, 361):
        clock.run(8 * HOUR + second * SECOND)
        seen.append((second, room.segment, room.product))
    assert seen == [
        (1, HOLD, 5), (59, HOLD, 5), (61, RELEASE, 5), (91, PITCH, 3), (179, PITCH, 3),
        (181, HOLD, 5), (241, RELEASE, 5), (271, PITCH, 4), (361, HOLD, 5),
    ]  # fmt: skip


def test_baits_come_when_they_are_released() -> None:
    clock, _, stall = on_air()
    stocks = []
    for second in (59, 61, 239, 241):
        clock.run(8 * HOUR + second * SECOND)
        stocks.append(int(stall.products["stock"][5]))
    assert stocks == [0, 20, 20, 40]
    assert stall.products["stock"][3:5].tolist() == [100, 100]
    assert not stall.products["stock"][:3].any()


def test_a_show_ends_when_the_room_closes() -> None:
    clock, room, _ = on_air()
    clock.run(8 * HOUR + 15 * MINUTE)
    assert room.is_open
    clock.run(8 * HOUR + 15 * MINUTE + 1)
    assert (room.is_open, room.segment, room.product) == (False, CLOSED, -1)


def test_a_segment_that_is_longer_than_the_show_is_cut() -> None:
    clock, room, _ = on_air("talk")
    clock.run(8 * HOUR + 11 * MINUTE)
    assert (room.segment, room.shown) == (CHAT, 2)
    clock.run(8 * HOUR + 15 * MINUTE + 1)
    assert room.segment == CLOSED


def test_a_room_opens_again_the_next_day() -> None:
    clock, room, stall = on_air()
    clock.run(DAY + 8 * HOUR + 91 * SECOND)
    assert (room.is_open, room.session) == (True, 2)
    assert (room.segment, room.product) == (PITCH, 3)  # from the start of its catalogue
    clock.run(5 * DAY)
    assert stall.restocked == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("hours", "lasts"), [(0.01, 0.25), (40.0, 23.0)])
def test_a_show_lasts_between_a_quarter_and_23_hours(hours: float, lasts: float) -> None:
    _, room, _ = on_air(changes=f"rooms.hours_open.value={hours}")
    assert room.closes_ms - room.opens_ms == lasts * HOUR


def test_a_show_may_run_past_midnight() -> None:
    clock, room, _ = on_air("talk", changes="rooms.hours_open.value=20")
    clock.run(DAY + 3 * HOUR)
    assert room.is_open
    clock.run(DAY + 5 * HOUR)
    assert (room.is_open, room.session) == (False, 1)
    assert room.opens_ms == DAY + 8 * HOUR


def test_a_life_can_be_entered_again_from_the_state_it_finds() -> None:
    clock, room, _ = on_air()
    clock.run(8 * HOUR + 100 * SECOND)
    again = Clock(clock.now_ms)
    again.start(room.life(again))
    again.run(8 * HOUR + 179 * SECOND)
    assert (room.segment, room.product, room.shown) == (PITCH, 3, 3)
    again.run(8 * HOUR + 181 * SECOND)
    assert (room.segment, room.shown) == (HOLD, 4)
