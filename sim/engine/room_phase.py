"""The rooms' part of a refresh: sessions open, are reviewed every few minutes and end, and shows are published."""

from typing import Any

import numpy as np

from sim.core import event_log
from sim.core.arrays import Array, one
from sim.core.clock import MINUTE
from sim.engine import observed_rows
from sim.recommender import scoring
from sim.recommender.room_index import publish_rooms
from sim.traffic import room_levels

# --- between reviews


def open_sessions(world: Any) -> None:
    """Give a level and a first budget to rooms that opened since the last refresh."""
    for r in sorted(world.stirred):
        agent = world.live_rooms[r]
        if agent.is_open and (world.levels["level"][r] < 0 or world.rooms["session"][r] != agent.session):
            _open(agent, world)


def _open(agent: Any, world: Any) -> None:
    r, now, rules, books = agent.row, world.clock.now_ms, world.rules.rooms, world.levels
    if books["level"][r] >= 0:
        end_sessions(np.array([r]), world)
    world.rooms["session"][r] = agent.session
    books["level"][r] = room_levels.opening_level(books["past"][r], rules)
    books["opened_ms"][r], world.closed_ms[r] = now, agent.closes_ms
    books["recent"][r] = books["level_sum"][r] = books["reviews"][r] = 0
    world.session_counts[r] = world.session_peak[r] = world.profit_cents[r] = world.bait_loss_cents[r] = 0
    here = np.flatnonzero(books["level"] >= 0)
    given = room_levels.budgets(books["level"][here], _pushed(here, world), world.expected_live, rules)
    books["budget"][r], books["given"][r] = given[here == r][0], 0


def _pushed(rooms: Array, world: Any) -> Array:
    """Which of the rooms are in their opening push."""
    return np.asarray(
        world.clock.now_ms - world.levels["opened_ms"][rooms] < world.rules.rooms.opening_minutes * MINUTE
    )


def publish(world: Any) -> None:
    """Put the rooms' shows, slices and rings, and what each room is worth, in the snapshot."""
    for r in world.stirred:
        agent, row = world.live_rooms[r], world.rooms[r]
        row["segment"], row["product"] = agent.segment, agent.product
    world.stirred.clear()
    room_levels.cut_rooms(world.levels, world.rooms, world.rules.shards, world.turn)
    publish_rooms(world.recall, world.room_order, world.room_key, world.rooms)
    scoring.weighted_room_terms(world.levels, world.counters.rooms, world.weighing, world.recall.room_terms)


# --- reviews


def review(world: Any) -> None:
    """Close the books of each room, judge it against its peers, and give it the next budget."""
    rules, now, books = world.rules.rooms, world.clock.now_ms, world.levels
    rooms = np.flatnonzero(books["level"] >= 0)
    books["recent"][rooms] = rules.memory * books["recent"][rooms] + world.counters.rooms[rooms]
    pushed = _pushed(rooms, world)
    found = room_levels.review(rooms, books, pushed, rules, one(world.weighing))
    if now > 0 and len(rooms):
        world.record("reviews", observed_rows.room_reviews(found, world, now))
        world.record("rooms", observed_rows.room_minutes(rooms, world, now))
    _close_books(rooms, world)
    books["level"][rooms] += found.verdict.astype(np.int8)
    books["level_sum"][rooms] += books["level"][rooms]
    books["reviews"][rooms] += 1
    share = world.rules.feed.live_share
    world.expected_live, world.asked = world.asked * share / (1.0 - share), 0
    ended = [r for r in rooms[world.rooms["online"][rooms] == 0] if not world.live_rooms[r].is_open]
    end_sessions(np.array(ended, np.int64), world)
    left = books["level"][rooms] >= 0
    rooms, pushed = rooms[left], pushed[left]
    if len(rooms):
        given = room_levels.budgets(books["level"][rooms], pushed, world.expected_live, rules)
        books["budget"][rooms], books["given"][rooms] = given, 0


def _close_books(rooms: Array, world: Any) -> None:
    """Add what was counted since the last review to the books of the sessions, and begin anew."""
    world.session_counts += world.counters.rooms + world.paid.aside
    room_levels.price(world.levels, world.counters.rooms, rooms, world.rooms)
    world.counters.rooms[:] = world.paid.aside[:] = 0
    world.session_peak[:] = np.maximum(world.session_peak, world.peak)
    world.peak[:] = world.rooms["online"]


# --- the end of a session


def end_sessions(rooms: Array, world: Any) -> None:
    """Close the books of sessions, and remember their levels."""
    if world.clock.now_ms > 0 and len(rooms):
        world.record("sessions", observed_rows.sessions(rooms, world))
    books = world.levels
    for r in rooms:
        _learn_what_paid(r, world)
        books["past"][r, 1:] = books["past"][r, :-1]
        books["past"][r, 0] = books["level_sum"][r] / max(books["reviews"][r], 1)
    books["level"][rooms] = -1


def _learn_what_paid(room: int, world: Any) -> None:
    """Note what a session's script paid the room, and what the session sold in the public ranking."""
    script = list(world.scenario.rooms.scripts).index(world.live_rooms[room].script)
    memory, before = world.scenario.rooms.learning.memory, world.takings[room, script]
    paid = float(world.profit_cents[room])
    world.takings[room, script] = paid if np.isnan(before) else memory * before + (1.0 - memory) * paid
    world.ranking[room] = world.session_counts[room, event_log.R_GMV]


def script_above(room: int, world: Any) -> str | None:
    """The script of the best-placed room of a room's category in the public ranking by the sales of the last session;
    None where no other is placed above it.
    """
    topic = world.rooms["topics"].argmax(axis=1)
    best = int(np.where(topic == topic[room], world.ranking, -1).argmax())
    script: str = world.live_rooms[best].script
    return script if world.ranking[best] > world.ranking[room] else None
