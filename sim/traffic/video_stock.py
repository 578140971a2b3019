"""The stock (长尾): videos whose waves are over keep a trickle of exposures, which they compete for by what is left in
them, until they die or are re-ignited (挖坟).

A part of the stock is on offer at a time. When a part's turn comes, it gets what the stock offers until the next
part's, shared out by `scoring.trickle`.
"""

import numpy as np

from sim.core.arrays import Array
from sim.core.clock import DAY
from sim.core.compiler import compiled, loop, rule
from sim.core.event_log import V_SHOWN
from sim.core.randomness import TRICKLE, draw
from sim.recommender.scoring import DWELL, INTERACTION, trickle, video_score
from sim.recommender.video_index import predicted
from sim.traffic.video_waves import DEAD

FIRST_ASKED = 300.0  # video exposures that a viewer is taken to ask for in a day before any were counted


@compiled
def trickles(
    items: Array,
    videos: Array,
    counts: Array,
    mean_dwell: float,
    mean_interaction: float,
    weights_row: Array,
    viewers: int,
    now_ms: int,
    fade: float,
    life_ms: int,
) -> Array:
    """What each video is worth to the stock; nothing once its life is over."""
    weights, out = weights_row[0], np.zeros(len(items))
    by_lot = weights.review[DWELL] + weights.review[INTERACTION] <= 0.0
    for n in range(len(items)):
        item = items[n]
        age_ms, video = now_ms - videos[item].published_ms, videos[item]
        if age_ms >= life_ms:
            continue
        dwell, interaction = predicted(counts[item], video.duration_ms, mean_dwell, mean_interaction, weights)
        value = 1.0 if by_lot else video_score(dwell, interaction, weights)
        out[n] = trickle(float(counts[item, V_SHOWN]), value, float(viewers), age_ms / DAY, fade)
    return out


def survivors(worth: Array, most: int) -> Array:
    """Which of the videos of a part stay in the stock: those worth something, at most so many, the most worth first."""
    stay = np.zeros(len(worth), bool)
    stay[np.argsort(-worth, kind="stable")[:most]] = True
    return stay & (worth > 0.0)


@rule
def share_of_offer(offer: float, worth: float, total: float, room: int, u: float) -> int:
    """A video's part of what the stock offers, in whole exposures: rounded by lot, and never more than its `room`."""
    return max(min(int(offer * worth / total + u), room), 0)


@loop
def give(
    items: Array, worth: Array, offer: float, waves: Array, counts: Array, viewers: int, turn: int, seed: int
) -> None:
    """Give a part of the stock what it may have until the next part's turn."""
    total = max(worth.sum(), 1e-9)
    for n in range(len(items)):
        item = items[n]
        u, _, _, _ = draw(seed, TRICKLE, item, turn, 0)
        room = viewers - counts[item, V_SHOWN]
        waves[item].budget, waves[item].delivered = share_of_offer(offer, worth[n], total, room, u), 0


def bury(items: Array, waves: Array, newest: Array, creator: Array, now_ms: int) -> None:
    """Let videos die: they get nothing any more, and are no longer their creator's newest."""
    waves["closes_ms"][items] = now_ms
    waves["tier"][items], waves["budget"][items], waves["delivered"][items] = DEAD, 0, 0
    gone = items[newest[creator[items]] == items]
    newest[creator[gone]] = -1
