"""What items usually give, and what each kind of evidence foretells: learnt from the platform's own counters.

All counters are whole numbers, so that no sum depends on an order, and are halved from time to time.
"""

import math

import numpy as np

from sim.core.arrays import Array, Row
from sim.core.compiler import compiled, fetch_ahead, loop, rule
from sim.core.event_log import (
    CLASSES,
    D_FIT,
    D_REACTIONS,
    D_WATCHED,
    L_TRIALS,
    U_ENTERED,
    U_LEFT,
    U_LOG_STAY,
    U_LOG_STAY_SQUARED,
    U_ORDERS,
    U_SHOWN,
    V_FIT,
    V_REACTED,
    V_WATCHED,
)
from sim.recommender.interest_tags import growth, kinds_of
from sim.recommender.scoring import LIFT_DWELL, smoothed

KNOWN_VIDEO = 30.0  # exposures that a video must show before its own mean counts half (assumed)
KNOWN_ROOM = 200.0  # the same of a room
KNOWN_STAYS = 50.0  # stays, the same
UNIT = 1024.0  # parts in which lessons are counted
EVERY = 4  # of the videos that a viewer is shown, one in so many teaches what evidence foretells
RIDGE = 0.5  # sum of squares of evidence by which weights are drawn towards 0 (assumed)
USUAL_ENTRY, USUAL_STAY, USUAL_ORDER = range(3)
STAY_VARIANCE = 3  # place among the weights


def first_weights() -> Array:
    """Weights of the three kinds of evidence, none of them known, and the variance of the log of a stay."""
    return np.array([0.0, 0.0, 0.0, 1.0])


# --- what a video is expected to be watched


@rule
def duration_class(duration_ms: int) -> int:
    """The class of a video's length: below 10 s, then by doublings."""
    found, edge = 0, 10_000
    while found < CLASSES - 1 and duration_ms >= edge:
        found += 1
        edge *= 2
    return found


@rule
def fit_of(lift: Array, bucket: int) -> float:
    """How much more of a video is watched in a bucket of tag match than where tags do not match."""
    return lift[LIFT_DWELL, bucket] / lift[LIFT_DWELL, 0]


@rule
def response(watched: float, reactions: int, reaction: float) -> float:
    """What an exposure brought: the share watched, at most 1, and more for each reaction."""
    return watched + reaction * reactions


@compiled
def expect_videos(out: Array, items: Array, videos: Array, counts: Array, classes: Array, reaction: float) -> None:
    """The response to each of some videos by people whose tags do not match it, drawn towards that to its class of
    length.

    A matched audience watches more of anything: an exposure counts as many times as its match lifts what is watched.
    """
    means = np.empty(CLASSES)
    for k in range(CLASSES):
        total = classes[D_WATCHED, k] / 1000.0 + reaction * classes[D_REACTIONS, k]
        means[k] = smoothed(total, classes[D_FIT, k] / 1000.0, 0.5, 1.0)
    for n in range(len(items)):
        fetch_ahead(videos, items, n)
        fetch_ahead(counts, items, n)
        item, row = items[n], counts[items[n]]
        mean = means[duration_class(videos[item].duration_ms)]
        total = row[V_WATCHED] / 1000.0 + reaction * row[V_REACTED]
        out[item] = smoothed(total, row[V_FIT] / 1000.0, mean, KNOWN_VIDEO)


# --- what a room is expected to bring


@compiled
def expect_rooms(out: Array, weights: Array, counts: Array) -> None:
    """Entries per exposure, mean log of a stay and orders per stay of each room, drawn towards those of all rooms; and
    the variance of the log of a stay, at least 1.
    """
    total = np.zeros(counts.shape[1])
    for room in counts:
        for n in range(len(room)):
            total[n] += room[n]
    stays = max(total[U_LEFT], 1.0)
    entry, order = total[U_ENTERED] / max(total[U_SHOWN], 1.0), total[U_ORDERS] / stays
    stay = total[U_LOG_STAY] / stays / UNIT
    weights[STAY_VARIANCE] = max(total[U_LOG_STAY_SQUARED] / stays / UNIT - stay * stay, 1.0)
    for r in range(len(counts)):
        room = counts[r]
        out[r, USUAL_ENTRY] = smoothed(room[U_ENTERED], room[U_SHOWN], entry, KNOWN_ROOM)
        out[r, USUAL_STAY] = smoothed(room[U_LOG_STAY] / UNIT, room[U_LEFT], stay, KNOWN_STAYS)
        out[r, USUAL_ORDER] = min(smoothed(room[U_ORDERS], room[U_LEFT], order, KNOWN_ROOM), 1.0)


# --- what evidence foretells


@rule
def whole(value: float) -> int:
    """A number in whole parts of UNIT."""
    return math.floor(value * UNIT + 0.5)


@loop
def take_lesson(lessons: Array, tags: Row, topic: int, above: float, now_ms: int, rules: Row) -> None:
    """Count what the three kinds of evidence said of a video before it was shown, and how far `above` its expectation
    it was watched: the sums of a regression, in whole numbers.
    """
    short = 1.0 / growth(now_ms, rules.short_ms, tags.short_landmark)
    long = 1.0 / growth(now_ms, rules.long_ms, tags.long_landmark)
    videos, rooms, purchases = kinds_of(tags, topic, short, long, min(rules.videos, 1.0))
    x, y, z, found = whole(videos), whole(rooms), whole(purchases), whole(above)
    lessons[L_TRIALS] += 1
    lessons[1] += x
    lessons[2] += y
    lessons[3] += z
    lessons[4] += found
    lessons[5] += x * x
    lessons[6] += x * y
    lessons[7] += x * z
    lessons[8] += y * y
    lessons[9] += y * z
    lessons[10] += z * z
    lessons[11] += x * found
    lessons[12] += y * found
    lessons[13] += z * found


@compiled
def learn_weights(weights: Array, lessons: Array) -> None:
    """The weight of each kind of evidence: least squares with a mean, drawn towards 0, none below 0.

    A kind whose weight comes out below 0 foretells nothing, and is left out of the fit.
    """
    n = max(float(lessons[L_TRIALS]), 1.0)
    place = np.array([[5, 6, 7], [6, 8, 9], [7, 9, 10]])
    in_use = np.ones(3, np.bool_)
    for _ in range(3):
        a, b = np.zeros((3, 3)), np.zeros(3)
        for j in range(3):
            for k in range(3):
                if in_use[j] and in_use[k]:
                    sums = lessons[place[j, k]] - float(lessons[1 + j]) * float(lessons[1 + k]) / n
                    a[j, k] = sums / (UNIT * UNIT)
            a[j, j] += RIDGE
            if in_use[j]:
                b[j] = (lessons[11 + j] - float(lessons[1 + j]) * float(lessons[4]) / n) / (UNIT * UNIT)
        solve(a, b)
        again = False
        for j in range(3):
            if b[j] < 0.0:
                in_use[j] = False
                again = True
        for j in range(3):
            weights[j] = max(b[j], 0.0)
        if not again:
            break


@rule
def solve(a: Array, b: Array) -> None:
    """Solve symmetric positive equations in place by Gaussian elimination, in a fixed order."""
    size = len(b)
    for k in range(size):
        for j in range(k + 1, size):
            factor = a[j, k] / a[k, k]
            for m in range(k, size):
                a[j, m] -= factor * a[k, m]
            b[j] -= factor * b[k]
    for back in range(size):
        k = size - 1 - back
        for m in range(k + 1, size):
            b[k] -= a[k, m] * b[m]
        b[k] /= a[k, k]
