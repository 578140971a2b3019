"""Order holding (憋单) in a whole world: what it does to stays, comments, who comes, trust and price bands."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from agents.viewer import room_code
from sim.core import event_log
from sim.core.catalogue import HOLD, RELEASE
from sim.scenario.scenario import Scenario
from sim.world import World
from tests.worlds import events, small, told

BUSY = (
    "viewers.in_room.enter=0.3",
    "viewers.in_room.stay_seconds=150",
    "viewers.in_room.stay_spread=0.5",
    "viewers.in_room.click=120",
    "viewers.in_room.order=0.4",
    "platform.feed.live_share=0.3",
    "rooms.stock.value=1000",
    "rooms.bait_share=0.02",
)


def market(*overrides: str, script: str = "hold_and_release") -> Scenario:
    return small(*BUSY, f"rooms.script_shares={{{script}: 1}}", *overrides)


@cache
def lived(script: str) -> tuple[World, np.ndarray, list[tuple[int, ...]]]:
    """A world at its end, all counts of its rooms, and all events."""
    world, every = World(market("viewers.bargain_hunters=0.5", script=script), audit=True), []
    counts = np.zeros(len(event_log.ROOM_COUNTS), np.int64)
    while world.running:
        before = world.platform.counters.rooms.sum(axis=0)
        world.step()
        every += events(world)
        after = world.platform.counters.rooms.sum(axis=0)
        counts += after - np.where(after < before, 0, before)
    return world, counts, every


def test_a_held_bait_keeps_people_and_makes_them_comment() -> None:
    rates = {}
    for script in ("plain", "hold_and_release"):
        left = [event for event in lived(script)[2] if event[5] == event_log.LEFT]
        stay, comments = (
            np.mean([event[3] for event in left]),
            np.mean([event[4] & event_log.COMMENTED > 0 for event in left]),
        )
        rates[script] = (stay, comments)
    assert rates["hold_and_release"][0] > 1.1 * rates["plain"][0]
    assert rates["hold_and_release"][1] > 1.5 * rates["plain"][1]


def test_baits_draw_bargain_hunters() -> None:
    # nobody waits, so that those who go in are shown as many rooms as others
    in_room = {"enter": 0.03, "wary": 1, "waiting_cost": 1e5}
    keen = ("viewers.bargain_hunters=0.5", *(f"viewers.in_room.{name}={value}" for name, value in in_room.items()))
    odds = []
    for factor in (1, 6):
        world, shown, entered = World(market(*keen, f"viewers.in_room.bait_enter={factor}")), np.zeros(2), np.zeros(2)
        while world.running:
            world.step()
            for _, viewer, _, _, did, kind, _ in events(world):
                if kind == event_log.SHOWN:
                    hunter = world.population.viewers["bargain"][viewer]
                    shown[hunter] += 1
                    entered[hunter] += did & event_log.ENTERED > 0
        rates = entered / shown
        odds.append(rates[1] / rates[0])
    assert odds[1] > 1.5 * odds[0]


def test_who_misses_a_bait_is_wary_of_the_room() -> None:
    world, _, every = lived("hold_and_release")
    last: dict[int, int] = {}
    for _, viewer, product, _, did, kind, _ in every:
        if kind == event_log.ORDER:
            room, mark = int(world.catalogue.products["room"][product]), last.get(viewer, 0)
            missed = did & event_log.REFUSED and world.catalogue.products["bait"][product]
            bought = not did & event_log.REFUSED and mark == room_code(room)
            last[viewer] = room_code(room) if missed else 0 if bought else mark
    assert sum(mark > 0 for mark in last.values()) > 5
    assert all(world.population.viewers["wary"][viewer] == mark for viewer, mark in last.items())
    assert not lived("plain")[0].population.viewers["wary"].any()


def test_holding_lowers_the_prices_by_which_rooms_and_viewers_are_known() -> None:
    bands = {}
    for script in ("plain", "hold_and_release"):
        world = lived(script)[0]
        rooms, viewers = world.catalogue.rooms["price"], world.population.served["price"]
        assert (rooms > 0).sum() > 3
        bands[script] = (np.median(rooms[rooms > 0]), np.median(viewers[viewers > 0]))
    assert bands["hold_and_release"][0] < bands["plain"][0] - 4  # in eighths of a doubling
    assert bands["hold_and_release"][1] < bands["plain"][1] - 4


def test_the_time_held_is_in_the_books() -> None:
    # 180 of every 480 s: at refreshes of 30 s, 6 of 16 intervals
    rows = told(market("days=0.1"))["rooms"]
    held, reviews = sum(int(row["held_ms"].sum()) for row in rows), sum(len(row["room"]) for row in rows)
    assert held / 300_000 / reviews == pytest.approx(6 / 16, abs=0.05)


def reviews(penalty: float) -> dict[str, list[tuple[float, int]]]:
    """Penalty and level of every review of rooms, by script."""
    both = "rooms.script_shares={plain: 1, hold_and_release: 1}"
    world = World(market(f"platform.rooms.false_promise_penalty={penalty}", both))
    found: dict[str, list[tuple[float, int]]] = {"plain": [], "hold_and_release": []}

    def keep(table: str, rows: dict[str, Any]) -> None:
        if table == "reviews" and "room" in rows["kind"]:
            for room, taken, level in zip(rows["item"], rows["penalty"], rows["tier"], strict=True):
                found[world.truth.live_rooms[room].script].append((taken, level))

    world.observer.record = keep
    while world.running:
        world.step()
    return found


def test_a_penalty_bites_rooms_that_hold_and_no_others() -> None:
    free, punished = reviews(0.0), reviews(0.9)
    assert not any(taken for taken, _ in [*punished["plain"], *free["plain"], *free["hold_and_release"]])
    assert np.mean([taken > 0 for taken, _ in punished["hold_and_release"]]) > 0.5
    level = [np.mean([level for _, level in found["hold_and_release"]]) for found in (free, punished)]
    assert level[1] < level[0] - 0.5


# --- who is drawn by low prices, and how long people wait


def audiences(price_match: float) -> tuple[float, float]:
    """The mean price band of the viewers to whom holding rooms are shown, in eighths of a doubling, and the correlation
    of the bands of rooms with those of the viewers to whom they are shown.
    """
    both = ("rooms.script_shares={plain: 1, hold_and_release: 1}", "rooms.count=10", "viewers.count=1500")
    by_ranking_alone = [f"viewers.in_room.{name}=0" for name in ("tap", "share", "follow")]
    world = World(
        market(*both, *by_ranking_alone, "platform.feed.live_random=0", f"platform.feed.price_match={price_match}")
    )
    shown = []
    while world.running:
        world.step()
        viewers, rooms = world.population.served["price"], world.catalogue.rooms["price"]
        for _, viewer, item, _, _, kind, _ in events(world):
            if kind == event_log.SHOWN and viewers[viewer] and rooms[~item]:
                holds = world.truth.live_rooms[~item].script == "hold_and_release"
                shown.append((viewers[viewer], rooms[~item], holds))
    viewer, room, holds = np.array(shown, float).T
    return float(viewer[holds == 1].mean()), float(np.corrcoef(viewer, room)[0, 1])


def test_ranking_by_price_bands_gives_holding_rooms_an_audience_used_to_low_prices() -> None:
    (band, alike), (lower, more_alike) = audiences(0.0), audiences(3.0)
    assert more_alike > alike + 0.05
    assert lower < band - 1


ALIKE = ("rooms.skill=0", "rooms.variation={opening_hours: 0, length: 0, form: 0, goods: 0}")


def stays_of_hunters(*overrides: str) -> float:
    """Mean stay of bargain hunters in rooms that hold and are alike, in seconds, by all entries."""
    world, ms, left = World(market("viewers.bargain_hunters=0.5", *ALIKE, *overrides)), 0, 0
    while world.running:
        world.step()
        for _, viewer, _, spent, _, kind, _ in events(world):
            if kind == event_log.LEFT and world.population.viewers["bargain"][viewer]:
                ms, left = ms + spent, left + 1
    return ms / left / 1000


def test_people_wait_as_long_as_a_bait_is_worth_it() -> None:
    slowly = "viewers.in_room.wait_pace=0.05"  # so that waiting is seen in whole stays
    free = stays_of_hunters(slowly, "viewers.in_room.waiting_cost=0")
    dear = stays_of_hunters(slowly, "viewers.in_room.waiting_cost=100000")
    no_bargain = stays_of_hunters(slowly, "viewers.in_room.waiting_cost=0", "rooms.bait_price_yuan=100000")
    assert free > 1.2 * dear
    assert free > 1.2 * no_bargain


def test_a_release_puts_out_a_share_of_those_inside() -> None:
    world = World(market("rooms.bait_share=0.5"))
    each, sizes = world.scenario.rooms.products + 1, []
    while world.running:
        before = [(room.segment, room.shown) for room in world.truth.live_rooms]
        inside, stock = (
            world.catalogue.rooms["online"].copy(),
            world.catalogue.products["stock"][each - 1 :: each].copy(),
        )
        world.step()
        now = world.catalogue.products["stock"][each - 1 :: each]
        outcome = world.outcome.orders["item"][world.outcome.filled]
        for room, (segment, shown) in zip(world.truth.live_rooms, before, strict=True):
            r, bait = room.row, room.row * each + each - 1
            if (room.segment, room.shown) == (RELEASE, shown + 1) and segment == HOLD:
                put_out = now[r] - stock[r] + int((outcome == bait).sum())
                assert put_out == max(1, int(0.5 * inside[r] + 0.5))
                sizes.append(put_out)
    assert max(sizes) > 3
    assert len(set(sizes)) > 2
