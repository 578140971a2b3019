"""What an item is worth to the platform for one viewer (排序): tag match, and weight times predicted term."""

import math

from sim.core.arrays import Array, Row
from sim.core.catalogue import blend
from sim.core.compiler import rule
from sim.recommender.lifts import LIFT_DWELL, LIFT_ENTRY, LIFT_INTERACTION, LIFT_ORDER, LIFT_ROOM_INTERACTION, LIFT_STAY


@rule
def match_video(belief: Array, video: Row) -> float:
    """How well a video's topics match a viewer's tags, from 0 to 1."""
    return blend(belief[video.topic], belief[video.second], video.lean)


@rule
def match_offer(belief: Array, offer: Row) -> float:
    """How well a room's catalogue matches a viewer's tags, from 0 to 1."""
    total = 0.0
    for n in range(offer.wide):
        total += offer.shares[n] * belief[offer.topics[n]]
    return total


@rule
def video_value(dwell: float, interaction: float, lift: Array, step: int) -> float:
    """Value of a video to the platform: weight times predicted term, lifted by tag match."""
    return dwell * lift[LIFT_DWELL, step] + interaction * lift[LIFT_INTERACTION, step]


@rule
def room_value(terms: Array, lift: Array, step: int) -> float:
    """Value of a room to the platform: the same sum over dwell, interaction, entry and conversion."""
    return (
        terms[0] * lift[LIFT_STAY, step]
        + terms[1] * lift[LIFT_ROOM_INTERACTION, step]
        + terms[2] * lift[LIFT_ENTRY, step]
        + terms[3] * lift[LIFT_ORDER, step]
    )


@rule
def price_fit(viewer: int, room: int, match: float) -> float:
    """What the distance of two price bands, each in eighths of a doubling, leaves of a room's value."""
    if match == 0.0 or viewer == 0 or room == 0:
        return 1.0
    return math.exp2(-match * abs(float(viewer) - float(room)) / 8.0)
