"""The waves of live rooms: a level to be held, reviews every few minutes, an opening push, memory of past sessions."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.clock import MINUTE
from sim.core.compiler import loop
from sim.core.event_log import R_GMV, R_HELD_MS, R_ORDERS, R_REFUSED, R_SHOWN, ROOM_COUNTS
from sim.core.randomness import LOT, draw
from sim.recommender.budget_slices import cut_one
from sim.recommender.interest_tags import price_band
from sim.recommender.scoring import (
    TERMS,
    matured,
    mean_room_rates,
    relative_room_terms,
    room_rates,
    room_scores,
)
from sim.scenario.scenario import Reviews, RoomWaves

DOWN, KEEP, UP = -1, 0, 1
VERDICTS = ("down", "keep", "up")
REMEMBERED = 3


LEVEL_COLUMNS = {
    "level": Column(np.int8, (), -1),  # -1 while closed
    "budget": Column(np.int64),
    "delivered": Column(np.int64),
    "opened_ms": Column(np.int64),
    "recent": Column(np.float64, (len(ROOM_COUNTS),)),  # fading counts of the last reviews
    "sold": Column(np.float64, (2,)),  # recent cents and orders, halved every six hours
    "past": Column(np.float64, (REMEMBERED,), -1),  # mean level of the last sessions, newest first; -1 for none
    "held": Column(np.int16),  # reviews in a row in which the room held its level
    "orders": Column(np.float64),  # remembered: those of this session, and half of what was remembered before
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


def steps(rules: RoomWaves, viewers: int, rooms: int) -> Array:
    """Average concurrency (ACU, 平均在线) to be held at each level, in a world of so many viewers and rooms."""
    density = viewers / max(rooms, 1)
    return np.asarray(rules.levels) * (density / rules.level_density)


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


# --- peers


ALL, WIDER, CELL = range(3)  # with whom a room is compared: all open rooms, a wider group, its class and level


COMPARED = ("all open rooms", "class", "class and level")


def peer_groups(cell: Array, wider: Array, enough: Array, fewest: int) -> Iterator[tuple[int, Array, Array]]:
    """Rooms that share their peers: how closely these resemble them, which rooms they are, and which their peers are.

    Peers are the rooms of the same cell (class and level) that were shown `enough`; where there are fewer than
    `fewest`, those of the same wider group; where these are too few, all.
    """
    labels = np.stack([np.zeros_like(cell), wider, cell])
    sizes = [np.bincount(label[enough], minlength=label.max(initial=0) + 1)[label] for label in labels]
    close = np.where(sizes[CELL] >= fewest, CELL, np.where(sizes[WIDER] >= fewest, WIDER, ALL))
    own = labels[close, np.arange(len(cell))]
    for c, label in sorted(set(zip(close.tolist(), own.tolist(), strict=True))):
        yield c, (close == c) & (own == label), enough & (labels[c] == label)


class Review(NamedTuple):
    """What one round of room reviews found; arrays over the open rooms."""

    room: Array
    level: Array
    rates: Array  # (rooms, 5) in the order of TERMS, each drawn towards the mean of the peers
    mean: Array  # (rooms, 5) that mean
    relative: Array  # (rooms, 5) the rates over the mean
    weights: Array  # (rooms, 5) of the terms, by how much is known of the room's sales
    peers: Array  # rooms of which the mean is taken
    closeness: Array  # ALL, WIDER (the class) or CELL
    average: Array  # average concurrency since the last review
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


def lots(rooms: Array, reviews: Array, seed: int) -> Array:
    """Scores drawn by lot, 1 on average: where no term has a weight, a review has nothing to go by."""
    return np.array([2.0 * draw(seed, LOT, ~int(r), int(n), 0)[0] for r, n in zip(rooms, reviews, strict=True)])


def held(average: Array, step: Array, before: Array) -> Array:
    """Reviews in a row in which rooms held their level, this one included."""
    return np.where(average >= step, before + 1, 0)


def verdicts(
    score: Array, at: tuple[Array, Array], level: Array, average: Array, is_held: Array, free: Array, step: Array
) -> Array:
    """Up, keep or down.

    A room goes up when it has held its level for long enough and is among the best of its peers. It goes down when it
    is among the worst, or has fewer people inside than half-way, on a scale of ratios, between what its level and the
    level below ask for; not while it is `free` of that: in its
    opening push, or too little shown to judge.
    """
    (up_at, down_at), least = at, np.sqrt(step[level] * step[np.maximum(level - 1, 0)])
    up = is_held & (score >= up_at) & (level < len(step) - 1)
    down = ((score < down_at) | (average < least)) & (level > 0) & ~free
    return np.where(up, UP, np.where(down, DOWN, KEEP))


def review(
    rooms: Array,
    levels: Array,
    sector: Array,
    average: Array,
    pushed: Array,
    step: Array,
    rules: RoomWaves,
    reviews: Reviews,
    weights: Row,
    seed: int,
) -> Review:
    """Compare each open room with its peers.

    What is usual differs between categories: a room's terms are relative to the rooms of its class (赛道) and level, or
    of its class, or to all, whichever is the first with enough rooms. How far it goes up or down is a contest: its
    score is compared with the rooms of its class and level, or of its level, or with all.

    Parameters
    ----------
    sector : number of the class of each open room.
    average : average concurrency of each since the last review.
    pushed : whether it is in its opening push.
    step : average concurrency to be held at each level.
    """
    n, level, counts = len(rooms), levels["level"][rooms].astype(np.int64), levels["recent"][rooms]
    sector, enough = sector.astype(np.int64), counts[:, R_SHOWN] >= rules.minimum_sample
    cell = sector * len(step) + level
    mature = matured(weights.review, levels["orders"][rooms], reviews.maturity_orders)
    rates, mean, relative = np.zeros((n, len(TERMS))), np.zeros((n, len(TERMS))), np.ones((n, len(TERMS)))
    peers, closeness = np.zeros((2, n), np.int64)
    for close, mine, of in peer_groups(cell, sector, enough, reviews.fewest_peers):
        usual = mean_room_rates(counts[of], weights, reviews.count_baits)
        mean[mine], peers[mine], closeness[mine] = usual, np.count_nonzero(of), close
        rates[mine] = room_rates(counts[mine], weights, usual, reviews.count_baits)
        relative[mine] = relative_room_terms(rates[mine], usual)
    score = room_scores(relative, mature) if weights.review.any() else lots(rooms, levels["reviews"][rooms], seed)
    up_at, down_at = np.full(n, np.inf), np.full(n, -np.inf)
    for _, mine, of in peer_groups(cell, level, enough, reviews.fewest_peers):
        ranked = np.sort(score[of])
        if size := len(ranked):
            up_at[mine] = ranked[min(size - 1, int(size * (1.0 - rules.up)))]
            down_at[mine] = ranked[min(size - 1, int(size * rules.down))]
    penalty = penalties(counts, rules)
    score = score * (1.0 - penalty)
    is_held = held(average, step[level], levels["held"][rooms]) >= rules.held
    verdict = verdicts(score, (up_at, down_at), level, average, is_held & enough, pushed | ~enough, step)
    return Review(
        rooms, level, rates, mean, relative, mature, peers, closeness, average, penalty, score, up_at, down_at, verdict
    )
