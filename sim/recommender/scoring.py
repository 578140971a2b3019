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
    M_EXPECTED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
    R_BAIT_GMV,
    R_BAITS,
    R_COMMENTS,
    R_ENTERED,
    R_FOLLOWS,
    R_GMV,
    R_LIKES,
    R_ORDERS,
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
DWELL, INTERACTION, ENTRY, CONVERSION, SALES = range(5)
TERMS = ("dwell", "interaction", "entry", "conversion", "sales")
"""What a room is worth by, in this order in every array of terms; a video has the first two."""


# --- rates and terms


def weights_row(weights: Weights) -> Array:
    """The weights as a row of numbers; those of terms in `review` and `rank`, in the order of TERMS."""
    review, rank = ([getattr(group, term) for term in TERMS] for group in (weights.review, weights.rank))
    return numbers(review=review, rank=rank, **weights.model_dump(exclude={"review", "rank"}))


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
    total = weights.review[DWELL] + weights.review[INTERACTION]
    return (weights.review[DWELL] * dwell + weights.review[INTERACTION] * interaction) / max(total, 1e-9)


@rule
def match_bucket(match: float) -> int:
    """The bucket of a tag match between 0 and 1."""
    return max(0, min(int(match * BUCKETS), BUCKETS - 1))


def first_wave(sample: float, record: Array, followers: Array, explore: float, reach: float) -> Array:
    """Exposures of first waves: of a tier's usual number a part for everybody, and a part that goes by how well the
    creator's posts have done; and a part of the creator's followers.
    """
    return sample * (explore + (1.0 - explore) * record) + reach * followers


@compiled
def remember_scores(record: Array, creator: Array, score: Array, memory: float) -> None:
    """Let scores of posts count in their creators' records, one after another, at most MOST_TERM each."""
    for n in range(len(creator)):
        record[creator[n]] = memory * record[creator[n]] + (1.0 - memory) * min(score[n], MOST_TERM)


@rule
def trickle(shown: float, value: float, viewers: float, age_days: float, fade: float) -> float:
    """What a video whose waves are over is worth to the stock: its exposures so far times its value, times what is left
    of its audience, times a power of its age (长尾).

    So the growth rate of its log exposures falls as a power of its age from the first day on.
    """
    left = max(1.0 - shown / viewers, 0.0)
    return float(shown * value * left * max(age_days, 1.0) ** -fade)


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
    """Value of a room to the platform: the same sum over dwell, interaction, entry, conversion and sales."""
    return (
        terms[DWELL] * lift[LIFT_STAY, bucket]
        + terms[INTERACTION] * lift[LIFT_ROOM_INTERACTION, bucket]
        + terms[ENTRY] * lift[LIFT_ENTRY, bucket]
        + (terms[CONVERSION] + terms[SALES]) * lift[LIFT_ORDER, bucket]
    )


@compiled
def learn_lifts(lift: Array, matches: Array) -> None:
    """How much likelier each behaviour is in each bucket of tag match than overall, by the platform's own counters.

    What is watched is compared with what the videos usually give: else their quality would be put down to the match.
    """
    events = (M_RATIO, M_REACTIONS, M_STAY_MS, M_LIVE_REACTIONS, M_ENTERED, M_ORDERS)
    trials = (M_EXPECTED, M_SHOWN, M_ENTERED, M_ENTERED, M_LIVE_SHOWN, M_ENTERED)
    for b in range(6):
        shown, prior = matches[trials[b]].sum(), LIFT_PRIOR * (1000.0 if b == LIFT_DWELL else 1.0)  # in thousandths
        overall = matches[events[b]].sum() / max(shown, 1)
        for bucket in range(BUCKETS):
            rate = smoothed(matches[events[b], bucket], matches[trials[b], bucket], overall, prior)
            lift[b, bucket] = rate / overall if overall > 0.0 else 1.0


# --- the terms of live rooms, for reviews and ranking


@compiled
def room_rates(counts: Array, weights: Row, mean: Array, count_baits: bool) -> Array:
    """Rates of rooms, shape (rooms, 5), in the order of TERMS, each drawn towards the peers' `mean`.

    Dwell is in seconds an entry, interaction in weighted interactions an entry, entry in entries an exposure,
    conversion (转化) in goods an entry, sales (GPM, 千次观看成交额) in yuan per thousand entries. The first three are
    drawn towards the mean as if `weights.prior` exposures had shown it; the last two, of which the events are rare, as
    if it had been seen in as many entries as bring one order of a peer. An order is one unit of goods. Where `mean` is
    all zeros, these are the rates as they were.
    """
    rates = np.empty((len(counts), 5))
    inside = weights.prior * mean[ENTRY]
    buying = 1.0 / mean[CONVERSION] if mean[CONVERSION] > 0.0 else 0.0
    for r in range(len(counts)):
        room, entered = counts[r], counts[r, R_ENTERED]
        acted = interactions(room[R_LIKES], room[R_COMMENTS], room[R_SHARES], room[R_FOLLOWS], weights)
        tapped = room[R_SOURCES + of_source(0, VIA_VIDEO)]  # seen as a video and not as a room
        goods, cents = float(room[R_ORDERS]), float(room[R_GMV])
        if not count_baits:
            goods, cents = goods - room[R_BAITS], cents - room[R_BAIT_GMV]
        rates[r, DWELL] = smoothed(room[R_STAY_MS] / 1000.0, entered, mean[DWELL], inside)
        rates[r, INTERACTION] = smoothed(acted, entered, mean[INTERACTION], inside)
        doubt = weights.prior if mean[ENTRY] > 0.0 else 0.0
        rates[r, ENTRY] = smoothed(entered - tapped, room[R_SHOWN] - tapped, mean[ENTRY], doubt)
        rates[r, CONVERSION] = smoothed(goods, entered, mean[CONVERSION], buying)
        rates[r, SALES] = smoothed(cents * 10.0, entered, mean[SALES], buying)
    return rates


@compiled
def mean_room_rates(counts: Array, weights: Row, count_baits: bool) -> Array:
    """The same rates for all rooms taken together, shape (5,)."""
    together = np.zeros((1, counts.shape[1]))
    for room in counts:
        for n in range(len(room)):
            together[0, n] += room[n]
    return room_rates(together, weights, np.zeros(5), count_baits)[0]


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
def weighted_room_terms(levels: Array, counts: Array, weights_row: Array, count_baits: bool, out: Array) -> None:
    """What each open room is worth for ranking: its recent rates over those of all open rooms, times their weights.

    `counts` are those since the last review; `out` has the shape (rooms, 5).
    """
    weights, shown = weights_row[0], np.flatnonzero(levels["level"] >= 0)
    if len(shown) == 0:
        return
    recent = np.empty((len(shown), counts.shape[1]))
    for n in range(len(shown)):
        for k in range(counts.shape[1]):
            recent[n, k] = levels[shown[n]].recent[k] + counts[shown[n], k]
    mean = mean_room_rates(recent, weights, count_baits)
    found = relative_room_terms(room_rates(recent, weights, mean, count_baits), mean)
    for n in range(len(shown)):
        for k in range(5):
            out[shown[n], k] = found[n, k] * weights.rank[k]


def matured(weights: Array, orders: Array, maturity: float) -> Array:
    """The weights of a room's review by what is known of its sales, shape (rooms, 5); each room's add up to the same.

    Conversion and sales count for n / (n + `maturity`) of their weights, n being the `orders` that the platform
    remembers of the room. What they do not have yet goes to the other terms, in proportion: "the more mature the room,
    the heavier the order group" (trade press, June 2021). Where the others count for nothing, sales keep all.
    """
    known, out = np.asarray(orders, float), np.tile(weights, (len(orders), 1)).astype(float)
    others = weights[:CONVERSION].sum()
    if others <= 0.0 or maturity <= 0.0:
        return out
    share = known / (known + maturity)
    out[:, CONVERSION:] *= share[:, None]
    out[:, :CONVERSION] *= (1.0 + (1.0 - share) * weights[CONVERSION:].sum() / others)[:, None]
    return out


def live_factor(counts: Array, expected: Array, weights: Row, count_baits: bool, response: float) -> float:
    """What all rooms together are worth against what is expected of them, as a factor on their share of places.

    `counts` are those of all open rooms in one row. The factor is their score to the power of `response`, from a half
    to two: the more rooms convert, the more traffic there is for them.
    """
    if not weights.review.any():
        return 1.0
    rates = room_rates(counts[None, :], weights, expected, count_baits)
    score = room_scores(relative_room_terms(rates, expected), weights.review[None, :])[0]
    return float(min(max(score**response, 0.5), 2.0))


def room_scores(relative: Array, weights: Array) -> Array:
    """The rooms' scores from relative terms and the weights of each, both of shape (rooms, 5); 1 is average.

    The fourth weight is the conversion weight (商品转化权重).
    """
    return np.asarray((relative * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))
