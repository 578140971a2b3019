"""The waves of live rooms: a level reviewed every few minutes, an opening push, and memory of the last sessions."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.clock import MINUTE
from sim.core.compiler import compiled, loop
from sim.core.event_log import (
    R_COMMENTS,
    R_ENTERED,
    R_FOLLOWS,
    R_GMV,
    R_HELD_MS,
    R_LIKES,
    R_ORDERS,
    R_REFUSED,
    R_SHOWN,
    R_STAY_MS,
    ROOM_COUNTS,
)
from sim.recommender.budget_slices import cut_one
from sim.recommender.interest_tags import price_band
from sim.scenario.scenario import RoomWaves

DOWN, KEEP, UP = -1, 0, 1
VERDICTS = ("down", "keep", "up")
FEW = 5  # with fewer peers at its own level, a room is held against all open rooms
REMEMBERED = 3
MOST_TERM = 5.0  # where peers show next to nothing, one reaction must not decide alone


LEVEL_COLUMNS = {
    "level": Column(np.int8, (), -1),  # -1 while closed
    "budget": Column(np.int64),
    "given": Column(np.int64),
    "opened_ms": Column(np.int64),
    "recent": Column(np.float64, (len(ROOM_COUNTS),)),  # fading counts of the last reviews
    "sold": Column(np.float64, (2,)),  # cents and orders of late, halved every six hours
    "past": Column(np.float64, (REMEMBERED,), -1),  # mean level of the last sessions, newest first; -1 for none
    "level_sum": Column(np.int64),  # of this session's reviews
    "reviews": Column(np.int64),
}
"""One row a room: its wave, and what it was given before."""


@compiled
def terms(counts: Array, weights: Row, mean: Array, prior: float) -> Array:
    """Rates of rooms, shape (rooms, 4): seconds of dwell and weighted interactions per entry, entries per exposure,
    GPM.

    Each is drawn towards `mean` as if `prior` exposures had shown it. GPM is in yuan per thousand entries.
    """
    rates, inside = np.empty((len(counts), 4)), prior * mean[2]
    for r in range(len(counts)):
        room, entered = counts[r], counts[r, R_ENTERED]
        acted = weights.like * room[R_LIKES] + weights.comment * room[R_COMMENTS] + weights.follow * room[R_FOLLOWS]
        entries = max(entered + inside, 1e-9)
        rates[r, 0] = (room[R_STAY_MS] / 1000.0 + inside * mean[0]) / entries
        rates[r, 1] = (acted + inside * mean[1]) / entries
        rates[r, 2] = (entered + prior * mean[2]) / max(room[R_SHOWN] + prior, 1e-9)
        rates[r, 3] = (room[R_GMV] * 10.0 + inside * mean[3]) / entries
    return rates


@compiled
def mean_terms(counts: Array, weights: Row) -> Array:
    """The same rates for all rooms taken together, shape (4,)."""
    together = np.zeros((1, counts.shape[1]))
    for room in counts:
        for n in range(len(room)):
            together[0, n] += room[n]
    return terms(together, weights, np.zeros(4), 0.0)[0]


@compiled
def relative_terms(rates: Array, mean: Array) -> Array:
    """Rates over the mean, at most MOST_TERM; 1 where there is nothing to compare with."""
    out = np.ones(rates.shape)
    for r in range(len(rates)):
        for k in range(len(mean)):
            if mean[k] > 0.0:
                out[r, k] = min(rates[r, k] / mean[k], MOST_TERM)
    return out


@compiled
def worth(levels: Array, counts: Array, weighing: Array, out: Array) -> None:
    """What each open room is worth: its rates of late over those of all open rooms, times their weights.

    `counts` are those since the last review; `out` has the shape (rooms, 4).
    """
    weights, shown = weighing[0], np.flatnonzero(levels["level"] >= 0)
    if len(shown) == 0:
        return
    late = np.empty((len(shown), counts.shape[1]))
    for n in range(len(shown)):
        for k in range(counts.shape[1]):
            late[n, k] = levels[shown[n]].recent[k] + counts[shown[n], k]
    mean = mean_terms(late, weights)
    found = relative_terms(terms(late, weights, mean, weights.prior), mean)
    for n in range(len(shown)):
        out[shown[n], 0], out[shown[n], 1] = found[n, 0] * weights.dwell, found[n, 1] * weights.interaction
        out[shown[n], 2], out[shown[n], 3] = found[n, 2] * weights.entry, found[n, 3] * weights.conversion


@loop
def price(levels: Array, counts: Array, open_rooms: Array, rooms: Array) -> None:
    """Hold against rooms what their orders of late came to: their price bands."""
    for r in range(len(levels)):
        levels[r].sold[0] += counts[r, R_GMV]
        levels[r].sold[1] += counts[r, R_ORDERS]
    for r in open_rooms:
        sold = levels[r].sold
        rooms[r].price = price_band(sold[0] / sold[1]) if sold[1] > 0 else 0


@loop
def cut_rooms(levels: Array, rooms: Array, shards: int, turn: int) -> None:
    """Slice what is left of the rooms' budgets; a room without a level has none."""
    for r in range(len(rooms)):
        left = levels[r].budget - levels[r].given if levels[r].level >= 0 else 0
        cut_one(rooms[r], r, left, shards, turn)


def scores(relative: Array, weights: Row) -> Array:
    """The rooms' scores from relative terms; the fourth is what the conversion weight (商品转化权重) acts on."""
    weight = np.array([weights.dwell, weights.interaction, weights.entry, weights.conversion])
    return relative @ weight / max(float(weight.sum()), 1e-9)


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


def _held_against(peers: Array, counts: Array, rates: Array, weights: Row) -> tuple[Array, Array]:
    """The mean rates of some rooms, and their scores from the lowest to the highest."""
    mean = mean_terms(counts[peers], weights)
    return mean, np.sort(scores(relative_terms(rates[peers], mean), weights))


def review(rooms: Array, levels: Array, pushed: Array, rules: RoomWaves, weights: Row) -> Review:
    """Hold each open room against its peers: the rooms of its level, or all where these are few."""
    level = levels["level"][rooms].astype(np.int64)
    counts = levels["recent"][rooms]
    enough = counts[:, R_SHOWN] >= rules.minimum_sample
    rates = terms(counts, weights, np.zeros(4), 0.0)
    relative = np.ones_like(rates)
    score, up_at, down_at = np.ones(len(rooms)), np.full(len(rooms), np.inf), np.full(len(rooms), -np.inf)
    everybody: tuple[Array, Array] | None = None
    for at in sorted(set(level.tolist())):
        mine = level == at
        own = mine & enough
        if np.count_nonzero(own) >= FEW:
            mean, held = _held_against(own, counts, rates, weights)
        else:
            mean, held = everybody = everybody or _held_against(enough, counts, rates, weights)
        if not (n := len(held)):
            continue
        relative[mine] = relative_terms(rates[mine], mean)
        score[mine] = scores(relative[mine], weights)
        up_at[mine] = held[min(n - 1, int(n * (1.0 - rules.up)))]
        down_at[mine] = held[min(n - 1, int(n * rules.down))]
    penalty = penalties(counts, rules)
    score = score * (1.0 - penalty)
    up = enough & (score >= up_at) & (level < len(rules.levels) - 1)
    down = enough & (score < down_at) & (level > 0) & ~pushed
    verdict = np.where(up, UP, np.where(down, DOWN, KEEP))
    return Review(rooms, level, rates, relative, penalty, score, up_at, down_at, verdict)
