"""A creator (创作者): topics, talent that scatters from post to post, and a posting rhythm."""

from typing import NamedTuple

import mesa
import numpy as np

from sim.chance import (
    CREATOR,
    CREATOR_TOPICS,
    POST,
    POST_TOPICS,
    POSTING,
    RING,
    draw,
    next_arrival,
    normal,
    philox,
    pick,
    sample,
    word,
)
from sim.clock import Clock, Life
from sim.columns import Array, Column
from sim.jit import compiled
from sim.scenario import Creators as CreatorRules

CREATOR_COLUMNS = {
    "topic": Column(np.uint8),
    "second": Column(np.uint8),
    "lean": Column(np.uint8),  # share of the main topic in 1/255
    "talent": Column(np.float64),
    "per_day": Column(np.float64),
}
"""One row a creator, the most famous first."""


class Post(NamedTuple):
    """What a creator hands to the platform."""

    at_ms: int
    creator: int
    number: int


class Craft(NamedTuple):
    """The creators' parameters as plain numbers."""

    narrow: float
    talent: float
    scatter: float
    posts: tuple[int, float, float]
    duration: tuple[int, float, float]


def craft(rules: CreatorRules) -> Craft:
    """The scenario's creators as plain numbers."""
    return Craft(
        rules.narrow, rules.talent, rules.post_scatter, rules.posts_per_day.code(), rules.duration_seconds.code()
    )


def how_many(rules: CreatorRules, viewers: int) -> int:
    """Creators that it takes to publish the scenario's number of videos a day."""
    return rules.how_many(viewers)


@compiled
def draw_creators(creators: Array, seed: int, rules: Craft, popularity: Array) -> None:
    """Draw topics, talent and posting rate of every creator."""
    for i in range(len(creators)):
        u, v, w, x = draw(seed, CREATOR, i, 0, 0)
        creators[i].talent = rules.talent * normal(u, v)
        creators[i].per_day = sample(rules.posts[0], rules.posts[1], rules.posts[2], w, x)
        u, v, w, x = draw(seed, CREATOR_TOPICS, i, 0, 0)
        creators[i].topic, creators[i].second = pick(popularity, u), pick(popularity, v)
        creators[i].lean = 255 if w < rules.narrow else int(128 + 100 * x)


@compiled
def make_videos(
    videos: Array,
    pull: Array,
    first: int,
    at_ms: Array,
    who: Array,
    number: Array,
    creators: Array,
    seed: int,
    rules: Craft,
    popularity: Array,
) -> None:
    """Write the rows of new videos from `first` on; `pull` is their truth: how well this post came off."""
    for n in range(len(who)):
        item, creator = first + n, who[n]
        u, v, w, x = draw(seed, POST, creator, number[n], 0)
        pull[item] = creators[creator].talent + rules.scatter * normal(u, v)
        seconds = sample(rules.duration[0], rules.duration[1], rules.duration[2], w, x)
        videos[item].duration_ms = int(1000.0 * max(3.0, min(seconds, 600.0)))
        u, v, _, _ = draw(seed, POST_TOPICS, creator, number[n], 0)
        lean = creators[creator].lean
        videos[item].topic = creators[creator].topic
        videos[item].second = creators[creator].second
        if lean < 255 and u > lean / 255.0:  # a post of the other topic
            videos[item].topic, videos[item].second = creators[creator].second, creators[creator].topic
        videos[item].lean = 255 if lean == 255 else int(160 + 90 * v)
        videos[item].creator, videos[item].published_ms = creator, at_ms[n]
        a, _, _, _ = philox(word(creator), word(number[n]), word(0), word(RING), word(seed), word(int(seed) >> 32))
        videos[item].ring = a


@compiled
def next_post(last_ms: int, seed: int, creator: int, posts: int, per_day: float, rhythm: Array) -> int:
    """When a creator who has published so many posts publishes the next one."""
    u, _, _, _ = draw(seed, POSTING, creator, posts, 0)
    return next_arrival(last_ms, u, per_day, rhythm)


class Creator(mesa.Agent):
    """A creator's life on the clock. All that it must remember is in `next_ms` and `posts`."""

    def __init__(self, world: mesa.Model, row: int, per_day: float, last_ms: int) -> None:
        super().__init__(world)
        self.row, self.posts, self.per_day = row, 0, per_day
        self.plan(last_ms)

    def plan(self, last_ms: int) -> None:
        """Set the time of the next post."""
        seed, rhythm = self.model.seed_of_all, self.model.posting
        self.next_ms = next_post(last_ms, seed, self.row, self.posts, self.per_day, rhythm)

    def life(self, clock: Clock) -> Life:
        """Post, plan the next one, wait for it."""
        while True:
            yield clock.at(self.next_ms)
            self.model.take(Post(self.next_ms, self.row, self.posts))
            self.posts += 1
            self.plan(self.next_ms)
