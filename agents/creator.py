"""A creator (创作者): topics, talent that scatters from post to post, and a posting rhythm."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import mesa
import numpy as np

from agents.numbered_agent import NumberedAgent
from sim.core.arrays import Array, Column
from sim.core.clock import Clock, Life
from sim.core.compiler import compiled, loop, rule
from sim.core.randomness import (
    CREATOR,
    CREATOR_TOPICS,
    FAME,
    FORM,
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
from sim.scenario.scenario import Creators as CreatorRules

MOST_POSTS = 1000.0  # a day

CREATOR_COLUMNS = {
    "topic": Column(np.uint8),
    "second": Column(np.uint8),
    "main_topic_weight": Column(np.uint8),  # share of the main topic in 1/255
    "talent": Column(np.float64),
    "per_day": Column(np.float64),  # posts
}
"""One row a creator, the most famous first."""


class Posts(NamedTuple):
    """What creators hand to the platform, in the order of time, then of creators, then of numbers."""

    at_ms: Array
    creator: Array
    number: Array


class CreatorParameters(NamedTuple):
    """The creators' parameters as plain numbers."""

    narrow: float
    talent: float
    scatter: float
    form: float
    form_memory: float
    merit: float
    practice: float
    posts: tuple[int, float, float]
    duration: tuple[int, float, float]


def creator_parameters(rules: CreatorRules) -> CreatorParameters:
    """The scenario's creators as plain numbers."""
    return CreatorParameters(
        rules.narrow,
        rules.talent,
        rules.post_scatter,
        rules.form,
        rules.form_memory,
        rules.merit,
        rules.practice,
        rules.posts_per_day.kernel_args(),
        rules.duration_seconds.kernel_args(),
    )


def how_many(rules: CreatorRules, viewers: int) -> int:
    """Creators that it takes to publish the scenario's number of videos a day."""
    return rules.how_many(viewers)


@compiled
def draw_creators(creators: Array, fame: Array, seed: int, rules: CreatorParameters, popularity: Array) -> None:
    """Draw topics, talent, posting rate and `fame` of every creator: who is gifted and posts much is rather famous."""
    for i in range(len(creators)):
        u, v, w, x = draw(seed, CREATOR, i, 0, 0)
        gift = rules.practice * normal(w, x) + math.sqrt(1.0 - rules.practice**2) * normal(u, v)
        creators[i].talent = rules.talent * gift
        creators[i].per_day = min(sample(rules.posts[0], rules.posts[1], rules.posts[2], w, x), MOST_POSTS)
        earned = (gift + normal(w, x)) / math.sqrt(2.0 + 2.0 * rules.practice)
        u, v, _, _ = draw(seed, FAME, i, 0, 0)
        fame[i] = rules.merit * earned + math.sqrt(1.0 - rules.merit**2) * normal(u, v)
    posts = talent = 0.0
    for i in range(len(creators)):
        posts += creators[i].per_day
        talent += creators[i].per_day * creators[i].talent
    for i in range(len(creators)):  # the average post has a talent of 0
        creators[i].talent -= talent / max(posts, 1e-9)
        u, v, w, x = draw(seed, CREATOR_TOPICS, i, 0, 0)
        creators[i].topic, creators[i].second = pick(popularity, u), pick(popularity, v)
        creators[i].main_topic_weight = 255 if w < rules.narrow else int(128 + 100 * x)


@rule
def next_form(form: float, creator: int, number: int, seed: int, rules: CreatorParameters) -> float:
    """A creator's form (状态) at a post, from that at the post before: it comes and goes with memory."""
    u, v, _, _ = draw(seed, FORM, creator, number, 0)
    news = math.sqrt(1.0 - rules.form_memory**2) * rules.form * normal(u, v)
    return rules.form_memory * form + news


@compiled
def make_videos(
    videos: Array,
    quality: Array,
    first: int,
    at_ms: Array,
    who: Array,
    number: Array,
    creators: Array,
    form: Array,
    seed: int,
    rules: CreatorParameters,
) -> None:
    """Write the rows of new videos from `first` on; `quality` is their truth: how well this post came off. The `form`
    of their creators goes on.
    """
    for n in range(len(who)):
        item, creator = first + n, who[n]
        form[creator] = next_form(form[creator], creator, number[n], seed, rules)
        u, v, w, x = draw(seed, POST, creator, number[n], 0)
        quality[item] = creators[creator].talent + form[creator] + rules.scatter * normal(u, v)
        seconds = sample(rules.duration[0], rules.duration[1], rules.duration[2], w, x)
        videos[item].duration_ms = int(1000.0 * max(3.0, min(seconds, 600.0)))
        u, v, _, _ = draw(seed, POST_TOPICS, creator, number[n], 0)
        main_topic_weight = creators[creator].main_topic_weight
        videos[item].topic = creators[creator].topic
        videos[item].second = creators[creator].second
        if main_topic_weight < 255 and u > main_topic_weight / 255.0:  # a post of the other topic
            videos[item].topic, videos[item].second = creators[creator].second, creators[creator].topic
        videos[item].main_topic_weight = 255 if main_topic_weight == 255 else int(160 + 90 * v)
        videos[item].creator, videos[item].published_ms = creator, at_ms[n]
        a, _, _, _ = philox(word(creator), word(number[n]), word(0), word(RING), word(seed), word(int(seed) >> 32))
        videos[item].ring = a


@rule
def plan(creator: int, next_ms: Array, posts: Array, per_day: Array, seed: int, rhythm: Array) -> None:
    """Set when a creator who posted last at `next_ms`, and has published so many posts, publishes the next one."""
    u, _, _, _ = draw(seed, POSTING, creator, posts[creator], 0)
    next_ms[creator] = next_arrival(next_ms[creator], u, per_day[creator], rhythm)


@loop
def plan_all(next_ms: Array, posts: Array, per_day: Array, seed: int, rhythm: Array) -> None:
    """Set when everybody posts first, counted from `next_ms`."""
    for creator in range(len(next_ms)):
        plan(creator, next_ms, posts, per_day, seed, rhythm)


@loop
def post_before(
    until_ms: int, found: Array, n: int, next_ms: Array, posts: Array, per_day: Array, seed: int, rhythm: Array
) -> int:
    """Let creators post what is due before a moment, and plan what follows; returns how many posts `found` holds.

    `found` has a row each of times, creators and numbers, filled from place `n` on. If it is full, call again with more
    capacity.
    """
    for creator in range(len(next_ms)):
        while next_ms[creator] < until_ms:
            if n == found.shape[1]:
                return n
            found[0, n], found[1, n], found[2, n] = next_ms[creator], creator, posts[creator]
            n += 1
            posts[creator] += 1
            plan(creator, next_ms, posts, per_day, seed, rhythm)
    return n


FIRST_TEASER = -1
"""Teasers of shows are numbered downwards from here, so that they take no number, and no draw, of other posts."""


class Posting:
    """The creators' life on the clock. All that they must remember is in `next_ms` and `posts`, a place each, and in
    `teasers`: rows of times, creators and numbers, of posts that announce shows.
    """

    def __init__(self, creators: Array, start_ms: int, seed: int, rhythm: Array) -> None:
        self.next_ms, self.posts = np.full(len(creators), start_ms, np.int64), np.zeros(len(creators), np.int32)
        self.rhythm, self.found = rhythm, np.zeros((3, 64), np.int64)
        self.teasers, self.announced = np.zeros((3, 0), np.int64), list[Array]()
        self._lives = self.next_ms, self.posts, creators["per_day"], seed, rhythm
        plan_all(*self._lives)

    def arrays(self, _videos: int) -> dict[str, Array]:
        """What a saved world must carry."""
        self._take_up()
        return {"next_ms": self.next_ms, "posts": self.posts, "teasers": self.teasers}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state of a saved world."""
        self.next_ms[:], self.posts[:], self.teasers = arrays["next_ms"], arrays["posts"], arrays["teasers"]
        self.announced.clear()

    def announce(self, creator: int, first: int, at_ms: Sequence[int]) -> None:
        """Take up teasers of a show (引流短视频), to be posted at these times; the numbers go down from `first`."""
        numbers = [first - n for n in range(len(at_ms))]
        self.announced.append(np.array([at_ms, [creator] * len(at_ms), numbers], np.int64))

    def _take_up(self) -> None:
        """Put what was announced with the other teasers, all at once, as many rooms may have announced something."""
        if self.announced:
            self.teasers = np.concatenate([self.teasers, *self.announced], axis=1)
            self.announced.clear()

    def life(self, clock: Clock, every_ms: int, take: Callable[[Posts], None]) -> Life:
        """Just before each refresh, post what was due since the last one."""
        while True:
            yield clock.before(clock.now_ms + every_ms)
            take(self.before(clock.now_ms))

    def before(self, until_ms: int) -> Posts:
        """What is due before a moment; whoever posts plans the next one."""
        n = post_before(until_ms, self.found, 0, *self._lives)
        while n == self.found.shape[1]:
            self.found = np.concatenate([self.found, np.zeros_like(self.found)], axis=1)
            n = post_before(until_ms, self.found, n, *self._lives)
        self._take_up()
        is_due = self.teasers[0] < until_ms
        found = np.concatenate([self.found[:, :n], self.teasers[:, is_due]], axis=1)
        self.teasers = self.teasers[:, ~is_due]
        return Posts(*found[:, np.lexsort((found[2], found[1], found[0]))])


class Creator(NumberedAgent):
    """One creator for those who ask Mesa: a handle on a row, read at this moment."""

    def __init__(self, world: mesa.Model, number: int, row: int, creators: Array, posting: Posting) -> None:
        super().__init__(world, number)
        self.row, self._creators, self._posting = row, creators, posting

    @property
    def next_ms(self) -> int:
        """When the next post comes."""
        return int(self._posting.next_ms[self.row])

    @property
    def posts(self) -> int:
        """Posts so far."""
        return int(self._posting.posts[self.row])

    @property
    def per_day(self) -> float:
        """Posts a day."""
        return float(self._creators["per_day"][self.row])

    @property
    def talent(self) -> float:
        """In units of a video's quality."""
        return float(self._creators["talent"][self.row])
