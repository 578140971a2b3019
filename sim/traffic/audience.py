"""Audiences of boosted waves: who fits a target, by what the platform has seen of people, and by nothing else."""

from typing import Protocol

import numpy as np

from sim.core.arrays import Array
from sim.core.compiler import compiled, rule
from sim.core.event_log import COMMENTED, FOLLOWED, INSIDE, LIKED, ORDER, REACTIONS, REFUSED, VIDEO
from sim.recommender.interest_tags import interest_profile
from sim.scenario.campaigns import Lookalikes, Room
from sim.scenario.scenario import Scenario

LIKE_PRIOR = 20.0  # exposures by which a viewer's like rate is drawn towards everybody's
ENGAGERS, BUYERS = 0, 1


class TargetedViewers(Protocol):
    """What an audience is drawn up from."""

    def like_counts(self) -> Array:
        """Video exposures of every viewer, and the likes among them; shape (viewers, 2)."""

    def resembling(self, profile: Array, scaled: bool, now_ms: int) -> Array:
        """How well every viewer's tags fit a profile."""


# --- what must be kept, in worlds where it is asked for


def needs_likes(scenario: Scenario) -> bool:
    """Whether the likes and exposures of each viewer must be kept."""
    return any(one.target.kind == "likers" for one in scenario.campaigns)


def needs_people(scenario: Scenario) -> tuple[bool, bool]:
    """Whether the people must be kept whom videos have won, and those whom rooms have."""
    of_rooms = [isinstance(one.boosts, Room) for one in scenario.campaigns if isinstance(one.target, Lookalikes)]
    return not all(of_rooms), any(of_rooms)


@compiled
def observe_likes(log: Array, sizes: Array, low: int, likes: Array) -> None:
    """Count the video exposures of the viewers from number `low` on, and the likes among them; shape (viewers, 2)."""
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            if log[shard, n].kind == VIDEO:
                who = log[shard, n].viewer - low
                likes[who, 0] += 1
                likes[who, 1] += 1 if (log[shard, n].did & LIKED) != 0 else 0


@rule
def wins(kind: int, did: int) -> bool:
    """Whether somebody reacts to a video, reacts inside a room, or buys."""
    if kind == VIDEO:
        return (did & REACTIONS) != 0
    if kind == INSIDE:
        return (did & (LIKED | COMMENTED | FOLLOWED)) != 0
    return kind == ORDER and (did & REFUSED) == 0


@compiled
def winning_events(log: Array, sizes: Array) -> Array:
    """Where the events are by which items win people: rows of (shard, place)."""
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            found += 1 if wins(log[shard, n].kind, log[shard, n].did) else 0
    out = np.empty((found, 2), np.int64)
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            if wins(log[shard, n].kind, log[shard, n].did):
                out[found, 0], out[found, 1] = shard, n
                found += 1
    return out


@compiled
def portraits(tags: Array, who: Array, now_ms: int, tag_rules: Array, weights: Array, categories: int) -> Array:
    """The tags of some viewers, by row, in 1/255; shape (viewers, categories)."""
    out, tag = np.zeros((len(who), categories), np.int64), np.zeros(categories)
    for n in range(len(who)):
        interest_profile(tags[who[n]], now_ms, tag_rules[0], weights, tag)
        for c in range(categories):
            out[n, c] = int(255.0 * tag[c] + 0.5)
    return out


# --- how well viewers fit


@compiled
def resemblance(
    tags: Array, now_ms: int, tag_rules: Array, weights: Array, profile: Array, scaled: bool, out: Array
) -> None:
    """Every viewer's tags times a profile; `scaled` by the length of the tags, so that only their direction counts."""
    tag = np.zeros(len(profile))
    for i in range(len(out)):
        interest_profile(tags[i], now_ms, tag_rules[0], weights, tag)
        product, length = 0.0, 0.0
        for c in range(len(profile)):
            product += profile[c] * tag[c]
            length += tag[c] * tag[c]
        if scaled and length > 0.0:
            product /= length**0.5
        out[i] = product


def like_rates(likes: Array) -> Array:
    """Likes per exposure of each viewer, drawn towards the mean; 0 for those who were never seen to like."""
    shown, liked = likes.T.astype(float)
    mean = liked.sum() / max(shown.sum(), 1.0)
    return np.where(liked > 0, (liked + LIKE_PRIOR * mean) / (shown + LIKE_PRIOR), 0.0)


def best(score: Array, share: float) -> Array:
    """Who is among the best `share` by score, with all that equal the last of them; a score of 0 never fits."""
    wanted = max(1, int(share * len(score) + 0.5))
    last = np.partition(score, len(score) - wanted)[len(score) - wanted]
    return np.asarray((score >= last) & (score > 0.0))


def own_topics(item: int, videos: Array, rooms: Array) -> Array:
    """What an item is about, as a profile of tags."""
    if item < 0:
        return np.array(rooms["topics"][~item])
    profile, share = np.zeros(rooms["topics"].shape[1]), videos["main_topic_weight"][item] / 255.0
    profile[videos["topic"][item]] += share
    profile[videos["second"][item]] += 1.0 - share
    return profile
