"""What an item is worth to the platform for one viewer (排序): tag match, and weight times predicted term."""

import math

from sim.catalog import blend
from sim.columns import Array, Row
from sim.jit import rule
from sim.recall import LIFT_DWELL, LIFT_ENTRY, LIFT_INTERACTION, LIFT_ORDER, LIFT_ROOM_INTERACTION, LIFT_STAY


@rule
def match_video(belief: Array, video: Row) -> float:
    """How well a video's topics match a viewer's tags, from 0 to 1."""
    return blend(belief[video.topic], belief[video.second], video.lean)


@rule
def match_room(belief: Array, room: Row) -> float:
    """How well a room's catalogue matches a viewer's tags, from 0 to 1."""
    total = 0.0
    for c in range(len(belief)):
        total += room.topics[c] * belief[c]
    return total


@rule
def video_value(dwell: float, interaction: float, lift: Array, step: int) -> float:
    """Value of a video to the platform: weight times predicted term, lifted by tag match."""
    return dwell * lift[LIFT_DWELL, step] + interaction * lift[LIFT_INTERACTION, step]


@rule
def room_value(terms: Array, room: int, lift: Array, step: int) -> float:
    """Value of a room to the platform: the same sum over dwell, interaction, entry and conversion."""
    return (
        terms[room, 0] * lift[LIFT_STAY, step]
        + terms[room, 1] * lift[LIFT_ROOM_INTERACTION, step]
        + terms[room, 2] * lift[LIFT_ENTRY, step]
        + terms[room, 3] * lift[LIFT_ORDER, step]
    )


@rule
def price_fit(viewer: int, room: int, match: float) -> float:
    """What the distance of two price bands, each in eighths of a doubling, leaves of a room's value."""
    if match == 0.0 or viewer == 0 or room == 0:
        return 1.0
    return math.exp2(-match * abs(float(viewer) - float(room)) / 8.0)
