"""Boosted waves (DOU+): boosts beside natural waves, each with an exact budget, an audience, and books of its own."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row, blank
from sim.core.catalogue import CLOSED
from sim.core.compiler import loop, rule
from sim.core.event_log import ROOM_COUNTS
from sim.recommender.budget_slices import slice_of
from sim.recommender.hash_rings import key_of

WAITING, OPEN, OVER = range(3)
STATES = ("waiting", "open", "over")
NO_ITEM = -(2**31)

BOOST_COLUMNS = {
    "order": Column(np.int32),  # the order in the scenario
    "item": Column(np.int32, (), NO_ITEM),  # a video, or ~room
    "state": Column(np.uint8),  # WAITING, OPEN or OVER
    "audience": Column(np.int32, (), -1),  # -1: everybody
    "fit": Column(np.int64),  # viewers in the audience
    "key": Column(np.uint32),  # place on the ring
    "budget": Column(np.int64),  # exposures of a video, entries to a room
    "delivered": Column(np.int64),
    "slice": Column(np.int32),  # what each shard may hand out until the next refresh
    "odd": Column(np.int32),  # what is over, one each to so many shards
    "first": Column(np.int32),  # the shard at which they begin
    "opened_ms": Column(np.int64),
    "closes_ms": Column(np.int64),
    "before": Column(np.int64),  # natural exposures of its item when it began
    "counts": Column(np.int64, (len(ROOM_COUNTS),)),  # what its exposures brought, as a video or a room is counted
    "aside": Column(np.int64, (len(ROOM_COUNTS),)),  # that part of it which does not count for the item
}
"""One row a boost: one item of one order."""


class Boosts(NamedTuple):
    """What the feed sees of boosted waves."""

    rows: Array
    ring: Array  # rows of the boosts that have something left, in the order of their keys
    size: Array  # (1,) how many these are
    audiences: Array  # (audiences, viewers / 8) a bit for each viewer


def initial_boosts(count: int, audiences: int, viewers: int) -> Boosts:
    """Boosts that have not begun."""
    rows = blank(BOOST_COLUMNS, count)
    rows["key"] = key_of(np.arange(count))
    audience = np.zeros((audiences, (viewers + 7) // 8), np.uint8)
    return Boosts(rows, np.zeros(count, np.int64), np.zeros(1, np.int64), audience)


NO_BOOSTS, NOTHING_BILLED = initial_boosts(0, 0, 0), np.zeros((0, 0), np.int32)


@rule
def in_audience(boosts: Boosts, boost: Row, viewer: int) -> bool:
    """Whether a viewer is one of those for whom a boost is."""
    if boost.audience < 0:
        return True
    return ((boosts.audiences[boost.audience, viewer >> 3] >> (viewer & 7)) & 1) == 1


@rule
def boost_is_left(boosts: Boosts, billed: Array, boost: int, shards: int, shard: int) -> bool:
    """Whether a shard's slice of a boosted wave has something left."""
    return billed[shard, boost] < slice_of(boosts.rows[boost], shard, shards)


@loop
def boost_of(boosts: Boosts, item: int) -> int:
    """The boost of an item that has something left, or -1."""
    for n in range(boosts.size[0]):
        if boosts.rows[boosts.ring[n]].item == item:
            return boosts.ring[n]
    return -1


@rule
def boosted_is_left(boosts: Boosts, billed: Array, rooms: Array, item: int, shards: int, shard: int) -> bool:
    """Whether a boosted place still holds: a slice with something left, and, of a room, open doors."""
    boost = boost_of(boosts, item)
    if boost < 0 or (item < 0 and rooms[~item].segment == CLOSED):
        return False
    return boost_is_left(boosts, billed, boost, shards, shard)


@rule
def bill(boosts: Boosts, billed: Array, item: int, entered: bool, shard: int) -> None:
    """Take from a boost's budget: a video's exposure, a room's entry."""
    if item >= 0 or entered:
        billed[shard, boost_of(boosts, item)] += 1
