"""The waves of live rooms: a level reviewed every few minutes, an opening push, and memory of the last sessions."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.clock import MINUTE
from sim.core.compiler import loop
from sim.core.event_log import (
    R_GMV,
    R_HELD_MS,
    R_ORDERS,
    R_REFUSED,
    R_SHOWN,
    ROOM_COUNTS,
)
from sim.recommender.budget_slices import cut_one
from sim.recommender.interest_tags import price_band
from sim.recommender.scoring import mean_room_rates, relative_room_terms, room_rates, room_scores
from sim.scenario.scenario import RoomWaves

DOWN, KEEP, UP = -1, 0, 1
VERDICTS = ("down", "keep", "up")
FEW = 5  # with fewer peers at its own level, a room is compared with all open rooms
REMEMBERED = 3


LEVEL_COLUMNS = {
    "level": Column(np.int8, (), -1),  # -1 while closed
    "budget": Column(np.int64),
    "delivered": Column(np.int64),
    "opened_ms": Column(np.int64),
    "recent": Column(np.float64, (len(ROOM_COUNTS),)),  # fading counts of the last reviews
    "sold": Column(np.float64, (2,)),  # recent cents and orders, halved every six hours
    "past": Column(np.float64, (REMEMBERED,), -1),  # mean level of the last sessions, newest first; -1 for none
    "level_sum": Column(np.int64),  # of this session's reviews
    "reviews": Column(np.int64),
}
"""One row a room: its wave, and what it has delivered."""


@loop
def price(levels: Array, counts: Array, open_rooms: Array, rooms: Array) -> None:
    """Set the price bands of rooms by their recent orders."""
    for r in range(len(levels)):
        levels[r].sold[0] += counts[r, R_GMV]
        levels[r].sold[1] += counts[r, R_ORDERS]
    for r in open_rooms:
        sold = levels[r].sold
        rooms[r].price = price_band(sold[0] / sold[1]) if sold[1] > 0 else 0


@loop
def cut_rooms(levels: Array, rooms: Array, shards: int, refresh_index: int) -> None:
    """Slice what is left of the rooms' budgets; a room without a level has none."""
    for r in range(len(rooms)):
        left = levels[r].budget - levels[r].delivered if levels[r].level >= 0 else 0
        cut_one(rooms[r], r, left, shards, refresh_index)


def opening_level(past: Array, rules: RoomWaves) -> int:
    """The level at which a session opens: the mean of the last sessions, or the level of a first one."""
    known = past[: rules.sessions][past[: rules.sessions] >= 0]
    return int(known.mean() + 0.5) if len(known) else rules.start_level


def budgets(levels: Array, pushed: Array, asked: float, rules: RoomWaves) -> Array:
    """Exposures for the next few minutes: what viewers will ask for, shared out by level, more during the opening push.

    No room is given fewer than it takes to judge it.

    Parameters
    ----------
    levels : level of each open room.
    pushed : whether it is in its opening push.
    asked : live exposures that viewers are expected to ask for until the next review.
    """
    weight = np.asarray(rules.levels)[levels] * np.where(pushed, rules.opening_boost, 1.0)
    share = asked * rules.supply * weight / max(weight.sum(), 1e-9)
    return np.maximum(rules.minimum_sample, share + 0.5).astype(np.int64)


class Review(NamedTuple):
    """What one round of room reviews found; arrays over the open rooms."""

    room: Array
    level: Array
    rates: Array
    relative: Array
    penalty: Array  # share taken off the score
    score: Array
    up_at: Array
    down_at: Array
    verdict: Array


def penalties(counts: Array, rules: RoomWaves) -> Array:
    """What is taken off rooms' scores (share) for promises that they do not keep: baits held back for too long, or too
    many orders that meet no stock. Seen from `counts`, the fading ones of the last reviews, alone.
    """
    time_ms = rules.review_minutes * MINUTE / (1.0 - rules.memory)  # what the counts of a room that is always open hold
    placed = counts[:, R_ORDERS] + counts[:, R_REFUSED]
    broken = (counts[:, R_HELD_MS] > rules.most_held * time_ms) | (counts[:, R_REFUSED] > rules.most_refused * placed)
    return np.where(broken, rules.false_promise_penalty, 0.0)


def _mean_and_scores(peers: Array, counts: Array, rates: Array, weights: Row) -> tuple[Array, Array]:
    """The mean rates of some rooms, and their scores from the lowest to the highest."""
    mean = mean_room_rates(counts[peers], weights)
    return mean, np.sort(room_scores(relative_room_terms(rates[peers], mean), weights))


def review(rooms: Array, levels: Array, pushed: Array, rules: RoomWaves, weights: Row) -> Review:
    """Compare each open room with its peers: the rooms of its level, or all where these are few."""
    level = levels["level"][rooms].astype(np.int64)
    counts = levels["recent"][rooms]
    enough = counts[:, R_SHOWN] >= rules.minimum_sample
    rates = room_rates(counts, weights, np.zeros(4), 0.0)
    relative = np.ones_like(rates)
    score, up_at, down_at = np.ones(len(rooms)), np.full(len(rooms), np.inf), np.full(len(rooms), -np.inf)
    everybody: tuple[Array, Array] | None = None
    for at in sorted(set(level.tolist())):
        mine = level == at
        own = mine & enough
        if np.count_nonzero(own) >= FEW:
            mean, ranked = _mean_and_scores(own, counts, rates, weights)
        else:
            mean, ranked = everybody = everybody or _mean_and_scores(enough, counts, rates, weights)
        if not (n := len(ranked)):
            continue
        relative[mine] = relative_room_terms(rates[mine], mean)
        score[mine] = room_scores(relative[mine], weights)
        up_at[mine] = ranked[min(n - 1, int(n * (1.0 - rules.up)))]
        down_at[mine] = ranked[min(n - 1, int(n * rules.down))]
    penalty = penalties(counts, rules)
    score = score * (1.0 - penalty)
    up = enough & (score >= up_at) & (level < len(rules.levels) - 1)
    down = enough & (score < down_at) & (level > 0) & ~pushed
    verdict = np.where(up, UP, np.where(down, DOWN, KEEP))
    return Review(rooms, level, rates, relative, penalty, score, up_at, down_at, verdict)
