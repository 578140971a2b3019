"""Budgets inside an interval: what is released of a wave, cut into a slice for each shard."""

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.compiler import compiled, fetch_ahead, loop, rule

PARTS = 4  # in which a wave is released: of crumbs much is gone before a page comes to it
SLICE_COLUMNS = {
    "slice": Column(np.int32),  # what each shard may hand out until the next refresh
    "odd": Column(np.int32),  # exposures over, one each to so many shards
    "first": Column(np.int32),  # the shard at which they begin
}
"""What is left of a wave, cut into slices: one row for each place on the ring of all open videos."""


@rule
def cut_one(row: Row, item: int, left: int, shards: int, refresh_index: int) -> None:
    """Slice what is left of an item's budget over the shards; the odd exposures begin at another shard every time."""
    row.slice, row.odd, row.first = left // shards, left % shards, (item + refresh_index) % shards


@loop
def cut(rows: Array, items: Array, left: Array, shards: int, refresh_index: int) -> None:
    """Slice what is left of each item's budget; row by row those of the items given."""
    for n in range(len(items)):
        cut_one(rows[n], items[n], left[n], shards, refresh_index)


@rule
def released(wave: Row, until_ms: int, pace_ms: int, most_ms: int) -> int:
    """How much of a wave's budget may be handed out up to a time.

    It is released part by part, the first at once, the last after `pace_ms` at the first tier, after twice that at the
    second, and so on, but never later than after `most_ms`. What the stock gives (tier -1) is released at once.
    """
    if wave.tier < 0:
        return int(wave.budget)
    lasts = max(min(pace_ms * (wave.tier + 1), most_ms), 1)
    parts = min(1 + (PARTS - 1) * (until_ms - wave.opened_ms) // lasts, PARTS)
    return int(wave.budget * parts // PARTS)


@compiled
def left_of(waves: Array, items: Array, until_ms: int, pace_ms: int, most_ms: int) -> Array:
    """What is left of the released part of each item's budget."""
    left = np.empty(len(items), np.int64)
    for n in range(len(items)):
        fetch_ahead(waves, items, n)
        wave = waves[items[n]]
        left[n] = max(released(wave, until_ms, pace_ms, most_ms) - wave.delivered, 0)
    return left


@compiled
def release(
    waves: Array,
    slices: Array,
    items: Array,
    until_ms: int,
    pace_ms: int,
    most_ms: int,
    shards: int,
    refresh_index: int,
) -> Array:
    """Slice what may be handed out of each item's wave up to a time; returns the items that have something left, whose
    slices are the first rows.
    """
    left = left_of(waves, items, until_ms, pace_ms, most_ms)
    items, left = items[left > 0], left[left > 0]
    cut(slices, items, left, shards, refresh_index)
    return items


@rule
def slice_of(row: Row, shard: int, shards: int) -> int:
    """A shard's part of what is left of a budget; the parts of all shards add up to it."""
    place = shard - row.first
    place = place + shards if place < 0 else place
    return int(row.slice) + (1 if place < row.odd else 0)
