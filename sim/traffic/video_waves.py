"""Waves (流量池): tiers, exact budgets, reviews against peers, and what follows from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.compiler import compiled, fetch_ahead, loop, rule
from sim.core.event_log import V_BOOSTED, V_COMMENTS, V_FOLLOWS, V_LIKES, V_SHARES, V_SHOWN, V_WATCH_MS
from sim.core.randomness import LOT, draw
from sim.recommender.scoring import DWELL, INTERACTION, interactions, relative, video_score

PROMOTE, REPEAT, FADE, KEEP, REIGNITE = range(5)
VERDICTS = ("promote", "repeat", "fade", "keep", "reignite")  # the last two are said in the stock
IN_STOCK, DEAD = -1, -2
ENOUGH_PEERS = 20  # with fewer, "better than average" is all that can be asked


WAVE_COLUMNS = {
    "tier": Column(np.int8),  # -1 in the stock, -2 once it is dead
    "wave": Column(np.int16),  # how many waves it has had
    "repeats": Column(np.int16),  # waves in a row at this tier
    "budget": Column(np.int32),
    "delivered": Column(np.int32),
    "opened_ms": Column(np.int64),  # in the stock: since when it has not been judged
    "closes_ms": Column(np.int64),
}
"""One row a video: the wave it is in, or what the stock gives it."""


class Peers(NamedTuple):
    """The latest reviews of each tier, and after the highest of the stock, as rings; shape (tiers + 1, peers)."""

    dwell: Array
    interaction: Array
    score: Array
    reviews: Array  # (tiers + 1,) how many there have been


def peers(tiers: int, size: int) -> Peers:
    """Empty rings."""
    dwell, interaction, score = np.zeros((3, tiers + 1, size))
    return Peers(dwell, interaction, score, np.zeros(tiers + 1, np.int64))


def ladder(steps: Sequence[int], viewers: int) -> tuple[int, ...]:
    """The budgets of the tiers that a population can hold: cut where a wave would exceed it."""
    return tuple(step for step in steps if step <= viewers) or (min(steps[0], viewers),)


@compiled
def over(waves: Array, items: Array, now_ms: int) -> Array:
    """The items whose waves are spent or out of time."""
    is_over = np.empty(len(items), np.bool_)
    for n in range(len(items)):
        fetch_ahead(waves, items, n)
        wave = waves[items[n]]
        is_over[n] = wave.delivered >= wave.budget or wave.closes_ms <= now_ms
    return items[is_over]


@rule
def threshold(ranked: Array, share: float) -> float:
    """The score that the best `share` of the peers reach, whose scores come in order, the lowest first; 1, the average,
    while there are too few peers.
    """
    n = len(ranked)
    if n < ENOUGH_PEERS:
        return 1.0
    if share >= 1.0:
        return -np.inf
    if share <= 0.0:
        return np.inf
    return float(ranked[min(n - 1, int(n * (1.0 - share)))])


@compiled
def in_order(scores: Array) -> Array:
    """The scores, the lowest first."""
    return scores[np.argsort(scores)]  # the tags' precision has this way of sorting compiled already


@rule
def verdict(score: float, enough: bool, promote_at: float, repeat_at: float, repeats: int, top: bool) -> int:
    """Promote, repeat or fade. A wave too small to judge is repeated once; at the top there is no further up."""
    if not enough:
        return REPEAT if repeats == 0 else FADE
    if score >= promote_at:
        return REPEAT if top else PROMOTE
    return REPEAT if score >= repeat_at else FADE


@rule
def verdict_in_stock(score: float, reignite_at: float) -> int:
    """Whether a video in the stock did so well that it gets a wave again."""
    return REIGNITE if score >= reignite_at else KEEP


@rule
def judged(dwell_term: float, interaction_term: float, weights: Row, item: int, wave: int, seed: int) -> float:
    """A video's score; where neither dwell nor interaction counts, a review has nothing to go by and draws lots."""
    if weights.review[DWELL] + weights.review[INTERACTION] > 0.0:
        return video_score(dwell_term, interaction_term, weights)
    u, _, _, _ = draw(seed, LOT, item, wave, 0)
    return 2.0 * u  # 1 on average, as any other score


class Reviews(NamedTuple):
    """What a round of video reviews found; one row a wave that closed."""

    item: Array
    tier: Array
    wave: Array
    budget: Array
    delivered: Array
    boosted: Array  # boosted exposures meanwhile
    opened_ms: Array
    dwell: Array  # mean watch ratio, loops counted
    interaction: Array  # weighted interactions per exposure
    dwell_term: Array  # the same over the peers' mean
    interaction_term: Array
    score: Array
    promote_at: Array
    repeat_at: Array
    verdict: Array


def blank_reviews(count: int) -> Reviews:
    """Blank reviews."""
    whole, real = np.zeros((8, count), np.int64), np.zeros((7, count))
    return Reviews(*whole[:7], *real, whole[7])  # type: ignore[call-arg]


@compiled
def still_in_waves(reviewed: Array, waves: Array, best_tier: Array, items: Array) -> Array:
    """Note how far the items came that were reviewed; returns those of `items` that are still in a wave."""
    for item in reviewed:
        best_tier[item] = max(best_tier[item], waves[item].tier)
    left = np.empty(len(items), np.bool_)
    for n in range(len(items)):
        fetch_ahead(waves, items, n)
        left[n] = waves[items[n]].tier >= 0
    return items[left]


@rule
def peers_of(ring: Peers, tier: int) -> int:
    """How many peers a tier has."""
    return min(ring.reviews[tier], ring.score.shape[1])


@rule
def peers_row(tier: int, tiers: int) -> int:
    """The row of a tier's peers; those in the stock are each other's."""
    return tier if tier >= 0 else tiers


@compiled
def review_videos(
    items: Array,
    waves: Array,
    before: Array,
    counts: Array,
    videos: Array,
    ring: Peers,
    weights_row: Array,
    minimum: int,
    shares: Array,
    seed: int,
    out: Reviews,
) -> None:
    """Review the waves that closed, or what the stock gave, all against the same peers: those reviewed before.

    `shares` has a row for each tier, and one for the stock: which best share is promoted, or re-ignited, and which is
    repeated after it.
    """
    weights, tiers = weights_row[0], len(ring.reviews) - 1
    promote_at, repeat_at = np.empty(tiers + 1), np.empty(tiers + 1)
    mean_dwell, mean_interaction = np.zeros(tiers + 1), np.zeros(tiers + 1)
    closed = np.zeros(tiers + 1, np.bool_)
    for item in items:
        closed[peers_row(waves[item].tier, tiers)] = True
    for t in range(tiers + 1):
        if not closed[t]:
            continue
        n = peers_of(ring, t)
        if n > 0:
            mean_dwell[t], mean_interaction[t] = ring.dwell[t, :n].mean(), ring.interaction[t, :n].mean()
        ranked = in_order(ring.score[t, :n])
        promote_at[t] = threshold(ranked, shares[t, 0])
        if t == tiers and n < ENOUGH_PEERS:
            promote_at[t] = np.inf  # nothing is re-ignited for being average
        repeat_at[t] = min(threshold(ranked, shares[t, 0] + shares[t, 1]), promote_at[t])
    for row in range(len(items)):
        item = items[row]
        t, shown = peers_row(waves[item].tier, tiers), counts[item, V_SHOWN] - before[item, V_SHOWN]
        did = counts[item] - before[item]
        acted = interactions(did[V_LIKES], did[V_COMMENTS], did[V_SHARES], did[V_FOLLOWS], weights)
        dwell = did[V_WATCH_MS] / videos[item].duration_ms / max(shown, 1)
        interaction = acted / max(shown, 1)
        dwell_term, interaction_term = relative(dwell, mean_dwell[t]), relative(interaction, mean_interaction[t])
        score = judged(dwell_term, interaction_term, weights, item, waves[item].wave, seed)
        out.item[row], out.tier[row], out.wave[row] = item, waves[item].tier, waves[item].wave
        out.budget[row], out.delivered[row], out.opened_ms[row] = (
            waves[item].budget,
            waves[item].delivered,
            waves[item].opened_ms,
        )
        out.boosted[row], out.dwell[row], out.interaction[row] = did[V_BOOSTED], dwell, interaction
        out.dwell_term[row], out.interaction_term[row], out.score[row] = dwell_term, interaction_term, score
        out.promote_at[row], out.repeat_at[row] = promote_at[t], repeat_at[t]
        if t == tiers:
            out.budget[row] = out.delivered[row] = shown - did[V_BOOSTED]
            out.verdict[row] = verdict_in_stock(score, promote_at[t])
        else:
            out.verdict[row] = verdict(
                score, shown >= minimum, promote_at[t], repeat_at[t], waves[item].repeats, t == tiers - 1
            )
    for row in range(len(items)):
        if out.delivered[row] >= minimum:
            t = peers_row(out.tier[row], tiers)
            place = ring.reviews[t] % ring.score.shape[1]
            ring.dwell[t, place], ring.interaction[t, place] = out.dwell[row], out.interaction[row]
            ring.score[t, place] = out.score[row]
            ring.reviews[t] += 1


def shares_of(tiers: int, promote: float, repeat: float, reignite: float) -> Array:
    """Which best shares are promoted and repeated at each tier, and re-ignited in the stock; see `review_videos`."""
    return np.array([(promote, repeat)] * tiers + [(reignite, 0.0)])


@loop
def open_wave(
    wave: Row, tier: int, repeats: int, budget: int, now_ms: int, lasts_ms: int, counts: Array, before: Array
) -> None:
    """Give an item a wave: a budget of exposures and a time to spend it in."""
    wave.tier, wave.repeats = tier, repeats
    wave.wave += 1
    wave.budget, wave.delivered = budget, 0
    wave.opened_ms, wave.closes_ms = now_ms, now_ms + lasts_ms
    for k in range(len(counts)):
        before[k] = counts[k]


@loop
def put_in_stock(wave: Row, now_ms: int, counts: Array, before: Array) -> None:
    """Put an item in the stock, where it gets nothing before its part's turn, or count anew for its next review."""
    if wave.tier != IN_STOCK:
        wave.tier, wave.budget, wave.delivered = IN_STOCK, 0, 0
    wave.repeats, wave.opened_ms, wave.closes_ms = 0, now_ms, now_ms
    for k in range(len(counts)):
        before[k] = counts[k]


@loop
def first_waves(
    waves: Array, first: int, last: int, budgets: Array, now_ms: int, lasts_ms: int, counts: Array, before: Array
) -> None:
    """Give each new video its first wave, with a budget of its own."""
    for item in range(first, last):
        open_wave(waves[item], 0, 0, budgets[item - first], now_ms, lasts_ms, counts[item], before[item])


@rule
def next_tier(tier: int, said: int, best_tier: int, tiers: int) -> int:
    """The tier of the wave that follows a verdict; -1 for none."""
    if said == PROMOTE:
        return tier + 1
    if said == REIGNITE:
        return min(max(best_tier, 1), tiers - 1)
    return tier if said == REPEAT else IN_STOCK


@loop
def carry_out(
    found: Reviews,
    waves: Array,
    before: Array,
    counts: Array,
    videos: Array,
    best_tier: Array,
    budgets: Array,
    now_ms: int,
    lasts_ms: int,
    oldest_ms: int,
    viewers: int,
) -> None:
    """Let each verdict have its effect: a larger wave, the same again, one after a time in the stock, or the stock.

    What is too old gets none but by re-ignition, and nothing is given more exposures than there are viewers.
    """
    for row in range(len(found.item)):
        item, said = found.item[row], found.verdict[row]
        tier = next_tier(found.tier[row], said, best_tier[item], len(budgets))
        repeats = waves[item].repeats + 1 if said == REPEAT else 0
        too_old = said != REIGNITE and now_ms - videos[item].published_ms > oldest_ms
        if tier < 0 or too_old or counts[item, V_SHOWN] + budgets[max(tier, 0)] > viewers:
            put_in_stock(waves[item], now_ms, counts[item], before[item])
        else:
            open_wave(waves[item], tier, repeats, budgets[tier], now_ms, lasts_ms, counts[item], before[item])
