"""The videos of the snapshot: what each is predicted to bring, and the rings on which they lie."""

import numpy as np

from sim.core.arrays import Array, Row
from sim.core.compiler import compiled, fetch_ahead, loop, rule
from sim.core.event_log import (
    M_RATIO,
    M_SHOWN,
    T_COMMENTS,
    T_FOLLOWS,
    T_LIKES,
    T_SHARES,
    T_VIDEO,
    V_COMMENTS,
    V_FOLLOWS,
    V_LIKES,
    V_SHARES,
    V_SHOWN,
    V_WATCH_MS,
)
from sim.recommender.hash_rings import mark_ring
from sim.recommender.scoring import DWELL, INTERACTION, interactions, relative, smoothed
from sim.recommender.snapshot import ALL, BY_TOPIC, HOT, Recall, ring_of
from sim.recommender.viewer_history import seen_bit


@rule
def copy_entry(out: Recall, place: int, entry: Row, key: int, bit: int) -> None:
    """Put an entry in a place of a ring."""
    there = out.entries[place]
    there.seat, there.topic, there.second, there.main_topic_weight = (
        entry.seat,
        entry.topic,
        entry.second,
        entry.main_topic_weight,
    )
    there.dwell, there.interaction = entry.dwell, entry.interaction
    out.keys[place], out.bits[place] = key, bit


@rule
def stock_tier(out: Recall) -> int:
    """The tier under which the stock stands on the rings: the one after the highest."""
    categories = len(out.room_start) - 2
    return (len(out.start) - 1 - BY_TOPIC) // categories - 1


@rule
def list_video(out: Recall, place: int, item: int, video: Row, tier: int, dwell: float, interaction: float) -> None:
    """Put a video in a place of the ring of all; tier -1 is the stock."""
    entry = out.entries[place]
    entry.seat, entry.dwell, entry.interaction = place, dwell, interaction
    entry.topic, entry.second, entry.main_topic_weight, entry.tier = (
        video.topic,
        video.second,
        video.main_topic_weight,
        tier if tier >= 0 else stock_tier(out),
    )
    out.keys[place], out.bits[place] = video.ring, seen_bit(item)
    out.items[place], out.seats[item], out.authors[place] = item, place, video.creator


@loop
def lay_rings(out: Recall, count: int, filled: Array) -> None:
    """Set up all other rings from the first `count` entries, those of the ring of all videos in the order of their
    places. `filled` has a number for each ring.
    """
    categories = len(out.room_start) - 2
    rings, start = len(out.start) - 1, out.start
    top = stock_tier(out) - 1
    start[:] = 0
    for place in range(count):
        entry = out.entries[place]
        start[ring_of(entry.tier, entry.topic, categories) + 1] += 1
        start[HOT + 1] += int(entry.tier == top)
    start[ALL + 1] = count
    for ring in range(rings):
        start[ring + 1] += start[ring]
        filled[ring] = start[ring]
    for place in range(count):
        entry, key, bit = out.entries[place], int(out.keys[place]), int(out.bits[place])
        ring = ring_of(entry.tier, entry.topic, categories)
        copy_entry(out, filled[ring], entry, key, bit)
        filled[ring] += 1
        if entry.tier == top:
            copy_entry(out, filled[HOT], entry, key, bit)
            filled[HOT] += 1
    used = 0
    for ring in range(rings):
        used = mark_ring(out.marks, ring, used, out.keys, start[ring], start[ring + 1])


@compiled
def publish_videos(
    out: Recall,
    items: Array,
    waves: Array,
    videos: Array,
    counts: Array,
    mean_dwell: float,
    mean_interaction: float,
    weights_row: Array,
) -> None:
    """Set up the rings from the open items, which come in ring order, with each item's predicted terms times weight."""
    weights = weights_row[0]
    rank = weights.rank
    for n in range(len(items)):
        fetch_ahead(videos, items, n)
        fetch_ahead(counts, items, n)
        fetch_ahead(waves, items, n)
        item = items[n]
        video = videos[item]
        dwell, interaction = predicted(counts[item], video.duration_ms, mean_dwell, mean_interaction, weights)
        list_video(out, n, item, video, waves[item].tier, rank[DWELL] * dwell, rank[INTERACTION] * interaction)
    lay_rings(out, len(items), np.empty(len(out.start), np.int64))


@compiled
def publish_computed_terms(
    out: Recall, items: Array, waves: Array, videos: Array, dwell: Array, interaction: Array
) -> None:
    """The same from terms that were computed elsewhere."""
    for n in range(len(items)):
        list_video(out, n, items[n], videos[items[n]], waves[items[n]].tier, dwell[n], interaction[n])
    lay_rings(out, len(items), np.empty(len(out.start), np.int64))


def in_ring_order(items: Array, ring: Array) -> Array:
    """Items in the order of their places on the circle, those at the same place by row."""
    items = np.sort(items)
    return items[np.argsort(ring[items], kind="stable")]


@compiled
def with_new(items: Array, new: Array, ring: Array) -> Array:
    """Two lists of items, each in ring order, as one; of those at the same place the new ones come first."""
    out, n = np.empty(len(items) + len(new), np.int64), 0
    for k in range(len(items)):
        fetch_ahead(ring, items, k)
        while n < len(new) and ring[new[n]] <= ring[items[k]]:
            out[k + n] = new[n]
            n += 1
        out[k + n] = items[k]
    for left in range(n, len(new)):
        out[len(items) + left] = new[left]
    return out


@compiled
def recent_means(sums: Array, matches: Array, weights_row: Array) -> tuple[float, float]:
    """Mean watch ratio and mean weighted interactions of a video exposure, from fading totals and counts by match."""
    ratio = matches[M_RATIO].sum() / 1000.0 / max(matches[M_SHOWN].sum(), 1)
    acted = interactions(sums[T_LIKES], sums[T_COMMENTS], sums[T_SHARES], sums[T_FOLLOWS], weights_row[0])
    return ratio, acted / max(sums[T_VIDEO], 1)


@rule
def predicted(
    counts: Array, duration_ms: int, mean_dwell: float, mean_interaction: float, weights: Row
) -> tuple[float, float]:
    """A video's predicted dwell and interaction terms from its own counters, smoothed towards the mean of all."""
    shown = counts[V_SHOWN]
    acted = interactions(counts[V_LIKES], counts[V_COMMENTS], counts[V_SHARES], counts[V_FOLLOWS], weights)
    dwell = smoothed(counts[V_WATCH_MS] / duration_ms, shown, mean_dwell, weights.prior)
    interaction = smoothed(acted, shown, mean_interaction, weights.prior)
    return relative(dwell, mean_dwell), relative(interaction, mean_interaction)
