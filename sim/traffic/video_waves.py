"""Waves (流量池): tiers, exact budgets, reviews against peers, and what follows from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.compiler import compiled, fetch_ahead, loop, rule
from sim.core.event_log import V_BOOSTED, V_COMMENTS, V_FOLLOWS, V_LIKES, V_SHARES, V_SHOWN, V_WATCH_MS
from sim.core.randomness import LOT, draw
from sim.recommender.scoring import DWELL, INTERACTION, interactions, relative, video_score

PROMOTE, REPEAT, FADE = 0, 1, 2
VERDICTS = ("promote", "repeat", "fade")
ENOUGH_PEERS = 20  # with fewer, "better than average" is all that can be asked


WAVE_COLUMNS = {
    "tier": Column(np.int8),  # -1 for none
    "wave": Column(np.int16),  # how many waves it has had
    "repeats": Column(np.int16),  # waves in a row at this tier
    "budget": Column(np.int32),
    "delivered": Column(np.int32),
    "opened_ms": Column(np.int64),
    "closes_ms": Column(np.int64),
}
"""One row a video: the wave it is in."""


class Peers(NamedTuple):
    """The latest reviews of each tier, as rings; shape (tiers, peers)."""

    dwell: Array
    interaction: Array
    score: Array
    reviews: Array  # (tiers,) how many there have been


def peers(tiers: int, size: int) -> Peers:
    """Empty rings."""
    dwell, interaction, score = np.zeros((3, tiers, size))
    return Peers(dwell, interaction, score, np.zeros(tiers, np.int64))


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
    promote: float,
    repeat: float,
    tiers: int,
    seed: int,
    out: Reviews,
) -> None:
    """Review the waves that closed, all against the same peers: those reviewed before."""
    weights = weights_row[0]
    promote_at, repeat_at = np.empty(tiers), np.empty(tiers)
    mean_dwell, mean_interaction = np.zeros(tiers), np.zeros(tiers)
    closed = np.zeros(tiers, np.bool_)
    for item in items:
        closed[waves[item].tier] = True
    for t in range(tiers):
        if not closed[t]:
            continue
        n = peers_of(ring, t)
        if n > 0:
            mean_dwell[t], mean_interaction[t] = ring.dwell[t, :n].mean(), ring.interaction[t, :n].mean()
        ranked = in_order(ring.score[t, :n])
        promote_at[t] = threshold(ranked, promote)
        repeat_at[t] = min(threshold(ranked, promote + repeat), promote_at[t])
    for row in range(len(items)):
        item = items[row]
        t, shown = waves[item].tier, counts[item, V_SHOWN] - before[item, V_SHOWN]
        did = counts[item] - before[item]
        acted = interactions(did[V_LIKES], did[V_COMMENTS], did[V_SHARES], did[V_FOLLOWS], weights)
        dwell = did[V_WATCH_MS] / videos[item].duration_ms / max(shown, 1)
        interaction = acted / max(shown, 1)
        dwell_term, interaction_term = relative(dwell, mean_dwell[t]), relative(interaction, mean_interaction[t])
        score = judged(dwell_term, interaction_term, weights, item, waves[item].wave, seed)
        out.item[row], out.tier[row], out.wave[row] = item, t, waves[item].wave
        out.budget[row], out.delivered[row], out.opened_ms[row] = (
            waves[item].budget,
            waves[item].delivered,
            waves[item].opened_ms,
        )
        out.boosted[row], out.dwell[row], out.interaction[row] = did[V_BOOSTED], dwell, interaction
        out.dwell_term[row], out.interaction_term[row], out.score[row] = dwell_term, interaction_term, score
        out.promote_at[row], out.repeat_at[row] = promote_at[t], repeat_at[t]
        out.verdict[row] = verdict(
            score, shown >= minimum, promote_at[t], repeat_at[t], waves[item].repeats, t == tiers - 1
        )
    for row in range(len(items)):
        if out.delivered[row] >= minimum:
            t = out.tier[row]
            place = ring.reviews[t] % ring.score.shape[1]
            ring.dwell[t, place], ring.interaction[t, place] = out.dwell[row], out.interaction[row]
            ring.score[t, place] = out.score[row]
            ring.reviews[t] += 1


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
def first_waves(
    waves: Array, first: int, last: int, budget: int, now_ms: int, lasts_ms: int, counts: Array, before: Array
) -> None:
    """Give each new video its first wave."""
    for item in range(first, last):
        open_wave(waves[item], 0, 0, budget, now_ms, lasts_ms, counts[item], before[item])


@loop
def carry_out(
    found: Reviews,
    waves: Array,
    before: Array,
    counts: Array,
    videos: Array,
    budgets: Array,
    now_ms: int,
    lasts_ms: int,
    oldest_ms: int,
    viewers: int,
) -> None:
    """Let each verdict have its effect: a larger wave, the same again, or none.

    What is too old gets none, and nothing is given more exposures than there are viewers.
    """
    for row in range(len(found.item)):
        item, said = found.item[row], found.verdict[row]
        tier = found.tier[row] + (1 if said == PROMOTE else 0)
        repeats = 0 if said == PROMOTE else waves[item].repeats + 1
        too_old = now_ms - videos[item].published_ms > oldest_ms
        if said == FADE or too_old or counts[item, V_SHOWN] + budgets[tier] > viewers:
            waves[item].tier = -1
        else:
            open_wave(waves[item], tier, repeats, budgets[tier], now_ms, lasts_ms, counts[item], before[item])
