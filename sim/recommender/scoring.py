"""The value formulas: predicted behaviour times weight, the same for ranking and for reviews.

A sum over behaviours of weight times predicted probability is the form that TikTok's "Algo 101" (New York Times, 5
December 2021) and Douyin's own disclosure of 2025 give. Here each term is relative to the peers' mean, so that a
weight means the same whatever the behaviour's rarity.
"""

import math

import numpy as np

from sim.core.arrays import Array, Row, numbers
from sim.core.catalogue import blend
from sim.core.compiler import compiled, rule
from sim.core.event_log import (
    BUCKETS,
    M_ENTERED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
    R_COMMENTS,
    R_ENTERED,
    R_FOLLOWS,
    R_GMV,
    R_LIKES,
    R_SHARES,
    R_SHOWN,
    R_SOURCES,
    R_STAY_MS,
    VIA_VIDEO,
    of_source,
)  # fmt: skip
from sim.scenario.scenario import Weights

LIFT_DWELL, LIFT_INTERACTION, LIFT_STAY, LIFT_ROOM_INTERACTION, LIFT_ENTRY, LIFT_ORDER = range(6)
LIFT_PRIOR = 200.0  # trials that a bucket of tag match must show before its lift is believed
MOST_TERM = 5.0  # where peers show next to nothing, one reaction must not decide alone


# --- rates and terms


def weights_row(weights: Weights) -> Array:
    """The weights as a row of numbers."""
    return numbers(**weights.model_dump())


@rule
def smoothed(events: float, trials: float, mean: float, prior: float) -> float:
    """A rate from few trials, drawn towards the peers' mean as if `prior` trials had shown it."""
    return (events + prior * mean) / max(trials + prior, 1e-9)


@rule
def relative(rate: float, mean: float) -> float:
    """A rate over the peers' mean; 1 where the peers show nothing yet."""
    return rate / mean if mean > 0.0 else 1.0


@rule
def interactions(likes: float, comments: float, shares: float, follows: float, weights: Row) -> float:
    """Interaction (互动): weighted count of likes, comments, shares and follows."""
    return weights.like * likes + weights.comment * comments + weights.share * shares + weights.follow * follows


@rule
def video_score(dwell: float, interaction: float, weights: Row) -> float:
    """A video's score from its relative terms; 1 is average."""
    total = weights.dwell + weights.interaction
    return (weights.dwell * dwell + weights.interaction * interaction) / max(total, 1e-9)


@rule
def match_bucket(match: float) -> int:
    """The bucket of a tag match between 0 and 1."""
    return max(0, min(int(match * BUCKETS), BUCKETS - 1))


# --- how well an item matches a viewer's tags


@rule
def match_video(interest_profile: Array, video: Row) -> float:
    """How well a video's topics match a viewer's tags, from 0 to 1."""
    return blend(interest_profile[video.topic], interest_profile[video.second], video.main_topic_weight)


@rule
def match_offer(interest_profile: Array, offer: Row) -> float:
    """How well a room's catalogue matches a viewer's tags, from 0 to 1."""
    total = 0.0
    for n in range(offer.wide):
        total += offer.shares[n] * interest_profile[offer.topics[n]]
    return total


@rule
def price_fit(viewer: int, room: int, match: float) -> float:
    """What the distance of two price bands, each in eighths of a doubling, leaves of a room's value."""
    if match == 0.0 or viewer == 0 or room == 0:
        return 1.0
    return math.exp2(-match * abs(float(viewer) - float(room)) / 8.0)


# --- the value of an item, for ranking


@rule
def video_value(dwell: float, interaction: float, lift: Array, bucket: int) -> float:
    """Value of a video to the platform: weight times predicted term, lifted by tag match."""
    return dwell * lift[LIFT_DWELL, bucket] + interaction * lift[LIFT_INTERACTION, bucket]


@rule
def room_value(terms: Array, lift: Array, bucket: int) -> float:
    """Value of a room to the platform: the same sum over dwell, interaction, entry and conversion."""
    return (
        terms[0] * lift[LIFT_STAY, bucket]
        + terms[1] * lift[LIFT_ROOM_INTERACTION, bucket]
        + terms[2] * lift[LIFT_ENTRY, bucket]
        + terms[3] * lift[LIFT_ORDER, bucket]
    )


@compiled
def learn_lifts(lift: Array, matches: Array) -> None:
    """How much likelier each behaviour is in each bucket of tag match than overall, by the platform's own counters."""
    events = (M_RATIO, M_REACTIONS, M_STAY_MS, M_LIVE_REACTIONS, M_ENTERED, M_ORDERS)
    trials = (M_SHOWN, M_SHOWN, M_ENTERED, M_ENTERED, M_LIVE_SHOWN, M_ENTERED)
    for b in range(6):
        shown = matches[trials[b]].sum()
        overall = matches[events[b]].sum() / max(shown, 1)
        for bucket in range(BUCKETS):
            rate = smoothed(matches[events[b], bucket], matches[trials[b], bucket], overall, LIFT_PRIOR)
            lift[b, bucket] = rate / overall if overall > 0.0 else 1.0


# --- the terms of live rooms, for reviews and ranking


@compiled
def room_rates(counts: Array, weights: Row, mean: Array, prior: float) -> Array:
    """Rates of rooms, shape (rooms, 4): seconds of dwell and weighted interactions per entry, entries per exposure,
    GPM.

    Each is drawn towards `mean` as if `prior` exposures had shown it. GPM is in yuan per thousand entries.
    """
    rates, inside = np.empty((len(counts), 4)), prior * mean[2]
    for r in range(len(counts)):
        room, entered = counts[r], counts[r, R_ENTERED]
        acted = interactions(room[R_LIKES], room[R_COMMENTS], room[R_SHARES], room[R_FOLLOWS], weights)
        entries = max(entered + inside, 1e-9)
        rates[r, 0] = (room[R_STAY_MS] / 1000.0 + inside * mean[0]) / entries
        rates[r, 1] = (acted + inside * mean[1]) / entries
        tapped = room[R_SOURCES + of_source(0, VIA_VIDEO)]  # seen as a video and not as a room
        rates[r, 2] = (entered - tapped + prior * mean[2]) / max(room[R_SHOWN] - tapped + prior, 1e-9)
        rates[r, 3] = (room[R_GMV] * 10.0 + inside * mean[3]) / entries
    return rates


@compiled
def mean_room_rates(counts: Array, weights: Row) -> Array:
    """The same rates for all rooms taken together, shape (4,)."""
    together = np.zeros((1, counts.shape[1]))
    for room in counts:
        for n in range(len(room)):
            together[0, n] += room[n]
    return room_rates(together, weights, np.zeros(4), 0.0)[0]


@compiled
def relative_room_terms(rates: Array, mean: Array) -> Array:
    """Rates over the mean, at most MOST_TERM; 1 where there is nothing to compare with."""
    out = np.ones(rates.shape)
    for r in range(len(rates)):
        for k in range(len(mean)):
            if mean[k] > 0.0:
                out[r, k] = min(rates[r, k] / mean[k], MOST_TERM)
    return out


@compiled
def weighted_room_terms(levels: Array, counts: Array, weights_row: Array, out: Array) -> None:
    """What each open room is worth: its recent rates over those of all open rooms, times their weights.

    `counts` are those since the last review; `out` has the shape (rooms, 4).
    """
    weights, shown = weights_row[0], np.flatnonzero(levels["level"] >= 0)
    if len(shown) == 0:
        return
    recent = np.empty((len(shown), counts.shape[1]))
    for n in range(len(shown)):
        for k in range(counts.shape[1]):
            recent[n, k] = levels[shown[n]].recent[k] + counts[shown[n], k]
    mean = mean_room_rates(recent, weights)
    found = relative_room_terms(room_rates(recent, weights, mean, weights.prior), mean)
    for n in range(len(shown)):
        out[shown[n], 0], out[shown[n], 1] = found[n, 0] * weights.dwell, found[n, 1] * weights.interaction
        out[shown[n], 2], out[shown[n], 3] = found[n, 2] * weights.entry, found[n, 3] * weights.conversion


def room_scores(relative: Array, weights: Row) -> Array:
    """The rooms' scores from relative terms; the fourth is what the conversion weight (商品转化权重) acts on."""
    weight = np.array([weights.dwell, weights.interaction, weights.entry, weights.conversion])
    return relative @ weight / max(float(weight.sum()), 1e-9)
