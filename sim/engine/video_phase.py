"""The videos' part of a refresh: new ones are admitted, waves are reviewed, and what is left of them is published."""

from dataclasses import dataclass

import numpy as np

from agents.creator import FIRST_TEASER, Posts, make_videos
from agents.truth import HiddenTruth
from sim.core.arrays import Array
from sim.core.catalogue import Catalogue
from sim.core.clock import DAY, HOUR
from sim.recommender.budget_slices import release
from sim.recommender.expectations import expect_videos
from sim.recommender.video_index import publish_videos, recent_means, with_new
from sim.scenario.scenario import Scenario
from sim.traffic import video_waves
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce


def show_goods(catalogue: Catalogue, first: int, posts: Posts, room_of: Array) -> None:
    """Give the teasers among new videos, which stand from `first` on, the topic of what the room mainly sells."""
    teasers = np.flatnonzero(posts.number <= FIRST_TEASER)
    rows, topics = first + teasers, catalogue.rooms["topics"][room_of[posts.creator[teasers]]]
    if len(teasers):
        catalogue.videos["topic"][rows] = catalogue.videos["second"][rows] = topics.argmax(axis=1)
        catalogue.videos["main_topic_weight"][rows] = 255


@dataclass
class VideoPhase:
    """What the phase may touch."""

    scenario: Scenario
    catalogue: Catalogue
    truth: HiddenTruth
    platform: PlatformState

    def reserve(self, videos: int) -> bool:
        """Reserve capacity for so many videos; returns whether arrays had to be replaced."""
        have = len(self.catalogue.videos)
        if videos <= have:
            return False
        size = max(videos, have * 3 // 2)
        tiers = len(self.platform.peers.reviews)
        self.catalogue.reserve(size)
        self.truth.reserve(size)
        self.platform.reserve(size, tiers, len(self.scenario.categories))
        return True

    def admit(self, posts: Posts, policy: PolicyInForce, now_ms: int) -> None:
        """Take in what was published since the last refresh, in the order of time, and give it a first wave."""
        catalogue, platform, truth = self.catalogue, self.platform, self.truth
        first, last = catalogue.published, catalogue.published + len(posts.creator)
        make_videos(
            catalogue.videos,
            truth.quality,
            first,
            *posts,
            catalogue.creators,
            self.scenario.seed,
            truth.creator_parameters,
        )
        show_goods(catalogue, first, posts, platform.snapshot.room_of)
        lasts_ms, books = int(policy.rules.waves.hours * HOUR), (platform.counters.videos, platform.wave_began)
        video_waves.first_waves(platform.waves, first, last, policy.ladder[0], now_ms, lasts_ms, *books)
        platform.newest[posts.creator] = np.arange(first, last)
        catalogue.published = last
        platform.open_videos = with_new(platform.open_videos, first, last, catalogue.videos["ring"])

    def review(self, policy: PolicyInForce, now_ms: int) -> video_waves.Reviews | None:
        """Judge the waves that are spent or out of time, and hand out the next ones; None if there are none."""
        rules, platform = policy.rules.waves, self.platform
        items = video_waves.over(platform.waves, platform.open_videos, now_ms)
        if not len(items):
            return None
        reviews = video_waves.blank_reviews(len(items))
        books = platform.waves, platform.wave_began, platform.counters.videos, self.catalogue.videos
        video_waves.review_videos(
            items,
            *books,
            platform.peers,
            policy.weights,
            rules.minimum_sample,
            rules.promote,
            rules.repeat,
            len(policy.ladder),
            self.scenario.seed,
            reviews,
        )
        lasts_ms, oldest_ms = int(rules.hours * HOUR), int(rules.max_age_days * DAY)
        budgets, viewers = np.array(policy.ladder), self.scenario.viewers.count
        video_waves.carry_out(reviews, *books, budgets, now_ms, lasts_ms, oldest_ms, viewers)
        platform.open_videos = video_waves.still_in_waves(
            items, platform.waves, platform.best_tier, platform.open_videos
        )
        return reviews

    def publish(self, policy: PolicyInForce, now_ms: int, refresh_index: int) -> None:
        """Put the open videos, what each is worth and what is left of its wave, in the snapshot."""
        rules, platform, counters = policy.rules.waves, self.platform, self.platform.counters
        ends = now_ms + self.scenario.refresh_ms, int(rules.pace * HOUR), int(rules.hours * HOUR)
        slices, shards = platform.snapshot.slices, policy.rules.shards
        items = release(platform.waves, slices, platform.open_videos, *ends, shards, refresh_index)
        means = recent_means(platform.decayed_totals, counters.matches, policy.weights)
        videos = self.catalogue.videos
        publish_videos(platform.snapshot, items, platform.waves, videos, counters.videos, *means, policy.weights)
        usual, reaction = platform.snapshot.usual.videos, policy.rules.tags.reaction
        expect_videos(usual, items, videos, counters.videos, counters.durations, reaction)
