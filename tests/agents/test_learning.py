"""Rooms that learn: what one session decides, what they know, how holding spreads, and that it can be resumed."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.scripts import ADOPTED, BEST, COPIED, GIVEN, TRIED, adoption, choose
from sim.core.clock import DAY, HOUR
from sim.core.randomness import LEARN, draw
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Adoption, Learning, Scenario, loads
from sim.world import World
from tests.worlds import events, small

RULES = Learning(share=1, explore=0.2, imitate=0.3, memory=0.5)
NAN = math.nan


@pytest.mark.parametrize(
    ("paid", "above", "u", "v", "chosen"),
    [
        ([5.0, NAN, -3.0], None, 0.5, 0.0, (0, BEST)),
        ([-5.0, NAN, -3.0], None, 0.5, 0.0, (2, BEST)),
        ([NAN, NAN, -3.0], None, 0.99, 0.0, (2, BEST)),  # all that is known
        ([4.0, 4.0, 1.0], None, 0.5, 0.0, (0, BEST)),  # the first among equals
        ([5.0, NAN, -3.0], None, 0.19, 0.7, (2, TRIED)),
        ([5.0, NAN, -3.0], 2, 0.19, 0.4, (1, TRIED)),
        ([5.0, NAN, -3.0], 1, 0.21, 0.0, (1, COPIED)),
        ([5.0, NAN, -3.0], 1, 0.49, 0.0, (1, COPIED)),
        ([5.0, NAN, -3.0], 1, 0.51, 0.0, (0, BEST)),
    ],
)
def test_a_choice_by_hand(paid: list[float], above: int | None, u: float, v: float, chosen: tuple[int, str]) -> None:
    assert choose(paid, above, RULES, u, v) == chosen


TWO = (
    "rooms.scripts={talk: [{do: chat, seconds: 60}], sell: [{do: pitch, seconds: 120}]}",
    "rooms.script_shares={talk: 1}",
    "rooms.opens={kind: constant, value: 0.2}",
    "rooms.hours_open={kind: constant, value: 6}",
    "rooms.sessions_per_day=6",
    "rooms.break_minutes=10",
    "rooms.stock.value=1000",
    "rooms.variation={opening_hours: 0, length: 0, form: 0, goods: 0}",
    "platform.rooms.review_minutes=2",
    "viewers.in_room={enter: 0.3, click: 600, order: 0.9}",
    "platform.feed.live_share=0.3",
    "warm_up=0",
    "days=0.25",
)
LEARNERS = ("rooms.learning={share: 1, explore: 0.3, imitate: 0.2, memory: 0.5}",)


def sessions(scenario: Scenario) -> tuple[World, list[dict[str, Any]]]:
    """A world at its end, and one row a session that ended."""
    world, rows = World(scenario, audit=True), []

    def keep(table: str, told: dict[str, Any]) -> None:
        if table == "sessions":
            names = list(told)
            rows.extend(dict(zip(names, row, strict=True)) for row in zip(*told.values(), strict=True))

    world.observer.record = keep
    while world.running:
        world.step()
    return world, sorted(rows, key=lambda row: (row["room"], row["session"]))


def test_rooms_that_do_not_learn_keep_their_script() -> None:
    _, rows = sessions(small(*TWO))
    assert {(row["script"], row["chosen"]) for row in rows} == {("talk", GIVEN)}
    assert len(rows) >= 24


def test_what_rooms_choose_is_what_the_rules_say_from_their_own_profits_and_the_public_ranking() -> None:
    # written a second time, from the records alone
    world, rows = sessions(small(*TWO, *LEARNERS))
    names, topic = ["talk", "sell"], world.catalogue.rooms["topics"].argmax(axis=1)
    order = sorted(rows, key=lambda row: (row["closed_s"], row["room"]))
    for row in rows:
        r, n = row["room"], row["session"]
        u, v, _, _ = draw(world.scenario.seed, LEARN, r, n, 1)
        ended = [one for one in order if one["closed_s"] < row["opened_s"] - 60]
        mine = [one for one in ended if one["room"] == r]
        assert len(mine) == n - 1
        known: dict[str, float] = {}
        for one in mine:
            paid = float(one["profit_cents"])
            known[one["script"]] = 0.5 * known[one["script"]] + 0.5 * paid if one["script"] in known else paid
        last = {one["room"]: one for one in ended if topic[one["room"]] == topic[r]}
        best = max(last.values(), key=lambda one: (one["gmv_cents"], -one["room"]), default=None)
        above = best["script"] if best and best["gmv_cents"] > last[r]["gmv_cents"] else None
        if n == 1:
            wanted = ("talk", GIVEN)
        elif u < 0.3:
            wanted = (names[int(2 * v)], TRIED)
        elif u < 0.5 and above:
            wanted = (above, COPIED)
        else:
            wanted = (max((name for name in names if name in known), key=lambda name: known[name]), BEST)
        assert (row["script"], row["chosen"]) == wanted, (r, n)
    assert {row["chosen"] for row in rows} >= {GIVEN, TRIED, BEST}
    for row in {one["room"]: one for one in rows}.values():
        assert world.books.sales_rank[row["room"]] == row["gmv_cents"]


def test_rooms_come_to_prefer_what_pays() -> None:
    # who only talks sells nothing
    short = ("rooms.sessions_per_day=12", "rooms.hours_open.value=4", "rooms.count=12")
    _, rows = sessions(small(*TWO, *LEARNERS, *short))
    shares = {n: np.mean([row["script"] == "sell" for row in rows if row["session"] == n]) for n in (1, 10, 11)}
    assert shares[1] == 0.0
    assert shares[10] + shares[11] > 1.0


def test_a_share_of_rooms_learns() -> None:
    world, rows = sessions(small(*TWO, "rooms.learning={share: 0.5, explore: 1, imitate: 0}", "rooms.count=20"))
    learning = {row["room"] for row in rows if row["chosen"] != GIVEN}
    assert learning == {room.row for room in world.truth.live_rooms if room.learns}
    assert learning == {r for r in range(20) if draw(world.scenario.seed, LEARN, r, 0, 0)[0] < 0.5}
    assert 4 < len(learning) < 16


def test_learning_of_no_room_changes_nothing() -> None:
    plain, off = World(small()), World(small("rooms.learning={share: 0, explore: 0.9}"))
    for _ in range(200):
        plain.step()
        off.step()
        assert events(plain) == events(off)


def test_a_saved_world_goes_on_learning(tmp_path: Path) -> None:
    whole = World(small(*TWO, *LEARNERS))
    for _ in range(400):
        whole.step()
    assert not np.isnan(whole.books.earned).all()
    whole.save(tmp_path / "world.npz")
    again, _ = World.load(tmp_path / "world.npz")
    while whole.running:
        whole.step()
        again.step()
        assert events(whole) == events(again)
    assert np.array_equal(whole.books.earned, again.books.earned, equal_nan=True)
    assert [(room.script, room.chosen, room.part) for room in whole.truth.live_rooms] == [
        (room.script, room.chosen, room.part) for room in again.truth.live_rooms
    ]


# --- several sessions a day

STEADY = ("rooms.variation={opening_hours: 0, length: 0}", "rooms.hours_open={kind: constant, value: 1}")


def test_a_days_hours_are_cut_into_sessions() -> None:
    world = World(small(*STEADY, "rooms.sessions_per_day=3", "rooms.break_minutes=30", "rooms.hours_open.value=6"))
    room, seed = world.truth.live_rooms[2], world.scenario.seed
    times = []
    for part in range(3):
        room.plan(4, world.scenario.rooms, seed, part)
        times.append((room.opens_ms - 4 * DAY, room.closes_ms - room.opens_ms))
    first = times[0][0]
    assert times == [(first + part * int(2.5 * HOUR), 2 * HOUR) for part in range(3)]
    room.close()
    assert (room.day, room.part, room.opens_ms) == (5, 0, 5 * DAY + first)


def test_long_days_leave_an_hour_for_the_night() -> None:
    world = World(small(*STEADY, "rooms.sessions_per_day=4", "rooms.break_minutes=60", "rooms.hours_open.value=24"))
    room = world.truth.live_rooms[0]
    room.plan(0, world.scenario.rooms, 1, 3)
    last = room.closes_ms
    room.plan(0, world.scenario.rooms, 1, 0)
    assert last - room.opens_ms == pytest.approx(23 * HOUR, abs=10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rooms: {learning: {explore: 0.7, imitate: 0.4}}", "explore and imitate together must not exceed 1"),
        ("rooms: {sessions_per_day: 12, break_minutes: 200}", "do not fit in a day"),
        ("rooms: {sessions_per_day: 2, break_minutes: 10}\nplatform: {rooms: {review_minutes: 10}}", "must exceed"),
        ("rooms: {learning: {share: 0.1}}\nplatform: {rooms: {review_minutes: 60}}", "below 60 where rooms learn"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        loads(text)


# --- what rooms go by, breadth, and shows taken up at a date

EVENING = (
    "rooms.opens={kind: constant, value: 0.2}",
    "rooms.hours_open={kind: constant, value: 6}",
    "rooms.sessions_per_day=6",
    "rooms.break_minutes=10",
    "rooms.variation={opening_hours: 0, length: 0, form: 0, goods: 0}",
)


@pytest.mark.parametrize(
    ("objective", "column"), [("profit", "profit_cents"), ("gsv", "gsv_cents"), ("traffic", "entered")]
)
def test_rooms_go_by_what_they_are_told_to(objective: str, column: str) -> None:
    learns = f"rooms.learning={{share: 1, explore: 0, imitate: 0, memory: 0, objective: {objective}}}"
    world, rows = sessions(small(*TWO, learns))
    last = {row["room"]: row for row in rows}  # nothing is tried, so all run the first show
    assert last
    for r, row in last.items():
        assert world.books.earned[r, world.truth.live_rooms[r].show] == row[column]


def test_rooms_may_learn_their_breadth() -> None:
    tries = "rooms.learning={share: 1, explore: 1, imitate: 0, breadth: true}"
    world, rows = sessions(small(*EVENING, tries, "rooms.count=10", "rooms.widest=4"))
    assert world.books.earned.shape == (10, 4)  # two scripts, narrow or wide
    of_one = {r: {row["breadth"] for row in rows if row["room"] == r} for r in range(10)}
    assert any(len(breadths) == 2 for breadths in of_one.values())
    each = world.scenario.rooms.products + 1
    for r, room in enumerate(world.truth.live_rooms):
        wide = max(room.breadths)
        assert of_one[r] <= {1, wide}
        assert wide == (room.own_breadth if room.own_breadth > 1 else 4)
        sells = np.flatnonzero(world.catalogue.rooms["topics"][r])
        assert set(world.catalogue.products["topic"][r * each : (r + 1) * each]) == set(sells)
        assert world.catalogue.rooms["main"][r] in sells
        assert world.catalogue.rooms["topics"][r].sum() == pytest.approx(1.0)


def test_who_learns_no_breadth_keeps_it() -> None:
    world, rows = sessions(small(*EVENING, "rooms.learning={share: 1, explore: 1, imitate: 0}", "rooms.count=10"))
    assert {row["room"]: row["breadth"] for row in rows} == {
        room.row: room.own_breadth for room in world.truth.live_rooms if room.row in {row["room"] for row in rows}
    }


def test_early_and_late_movers_take_up_a_script_from_their_dates_on() -> None:
    movers = (
        "rooms.adopt=[{share: 0.3, at: day 0 00:30, script: hold_and_release},"
        " {share: 0.3, at: day 0 02:00, script: hold_and_release}]"
    )
    world, rows = sessions(small(*EVENING, movers, "rooms.count=20", "days=0.2"))
    dates = {room.row: room.adopts_ms for room in world.truth.live_rooms}
    assert {None, 1_800_000, 7_200_000} == set(dates.values())
    for row in rows:
        date = dates[row["room"]]
        assert math.isnan(row["adopts_s"]) if date is None else row["adopts_s"] == date / 1000
        moved = date is not None and row["opened_s"] * 1000 > date + 60_000
        assert (row["script"], row["chosen"]) == (("hold_and_release", ADOPTED) if moved else ("plain", GIVEN))
    assert {ADOPTED, GIVEN} == {row["chosen"] for row in rows}


def test_no_room_takes_up_two_scripts() -> None:
    both = [Adoption(share=0.25, at="day 1 00:00", script="a"), Adoption(share=0.5, at="day 2 00:00", script="b")]
    assert [adoption(both, u) for u in (0.0, 0.24, 0.26, 0.74, 0.76)] == [both[0], both[0], both[1], both[1], None]
    assert adoption([], 0.1) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{at: day 0 01:00, script: nothing}",
            "adopt names an unknown script 'nothing'; known: plain, hold_and_release",
        ),
        ("{share: 0.7, at: day 0 01:00, script: plain}, {share: 0.4, at: day 0 02:00, script: plain}", "more than 1"),
        ("{at: day 9 00:00, script: plain}", "must lie before the end of the run"),
        ("{at: noon, script: plain}", "noon"),
    ],
)
def test_what_cannot_be_taken_up_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        loads(f"rooms: {{adopt: [{text}]}}")
