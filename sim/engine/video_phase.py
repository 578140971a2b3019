"""The videos' part of a refresh: new ones are admitted, waves are reviewed, and what is left of them is published."""

from dataclasses import dataclass

import numpy as np

from agents.creator import FIRST_TEASER, Posts, make_videos
from agents.truth import HiddenTruth
from sim.core.arrays import Array
from sim.core.catalogue import Catalogue
from sim.core.clock import DAY, HOUR
from sim.core.event_log import V_SHOWN
from sim.recommender.budget_slices import release
from sim.recommender.expectations import expect_videos
from sim.recommender.scoring import first_wave, remember_scores
from sim.recommender.video_index import in_ring_order, publish_videos, recent_means, with_new
from sim.scenario.scenario import Scenario
from sim.traffic import video_stock, video_waves
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.video_waves import IN_STOCK


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
        tiers = len(self.platform.peers.reviews) - 1
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
            truth.form,
            self.scenario.seed,
            truth.creator_parameters,
        )
        show_goods(catalogue, first, posts, platform.snapshot.room_of)
        lasts_ms, books = int(policy.rules.waves.hours * HOUR), (platform.counters.videos, platform.wave_began)
        budgets = self._first_budgets(posts.creator, policy)
        video_waves.first_waves(platform.waves, first, last, budgets, now_ms, lasts_ms, *books)
        platform.newest[posts.creator] = np.arange(first, last)
        catalogue.published = last
        self._open(np.arange(first, last))

    def review(self, policy: PolicyInForce, now_ms: int) -> video_waves.Reviews | None:
        """Judge the waves that are spent or out of time, and hand out the next ones; None if there are none."""
        platform = self.platform
        items = video_waves.over(platform.waves, platform.open_videos, now_ms)
        if not len(items):
            return None
        reviews = self._judge(items, policy, policy.rules.waves.minimum_sample, now_ms)
        self._keep_record(reviews, policy)
        platform.faded = np.concatenate([platform.faded, items[platform.waves["tier"][items] < 0]])
        return reviews

    def turn_stock(self, policy: PolicyInForce, now_ms: int) -> video_waves.Reviews | None:
        """Let the next part of the stock have its turn: judge what was seen enough, let die what is worth too little,
        and hand out to the rest what the stock offers. Returns the reviews, None if there are none.
        """
        rules, platform, waves = policy.rules.stock, self.platform, self.platform.waves
        offer, viewers = rules.share * platform.asked_of_stock, self.scenario.viewers.count
        if now_ms == self.scenario.start_ms:
            offer = rules.share * video_stock.FIRST_ASKED * viewers * policy.part_ms / DAY
        ring = self.catalogue.videos["ring"]
        platform.stock = with_new(platform.stock, in_ring_order(platform.faded, ring), ring)
        platform.faded, platform.asked_of_stock = np.zeros(0, np.int64), 0
        turn = now_ms // policy.part_ms
        part = platform.stock[platform.stock % rules.parts == turn % rules.parts]
        reviews = self._review_stock(part, policy, now_ms)
        part = part[waves["tier"][part] == IN_STOCK]
        worth = self._worth(part, policy, now_ms)
        stay = video_stock.survivors(worth, -int(-rules.size * viewers // rules.parts))
        creators = self.catalogue.videos["creator"]
        video_stock.bury(part[~stay], waves, platform.newest, creators, now_ms)
        platform.stock = platform.stock[waves["tier"][platform.stock] == IN_STOCK]
        counts, seed = platform.counters.videos, self.scenario.seed
        video_stock.give(part[stay], worth[stay], offer, waves, counts, viewers, turn, seed)
        platform.in_turn = part[stay]
        return reviews

    def _review_stock(self, part: Array, policy: PolicyInForce, now_ms: int) -> video_waves.Reviews | None:
        """Judge those of a part that were seen enough since they were judged last."""
        platform, minimum = self.platform, policy.rules.stock.minimum_sample
        seen = platform.counters.videos[part, V_SHOWN] - platform.wave_began[part, V_SHOWN]
        items = part[seen >= minimum]
        if not len(items):
            return None
        reviews = self._judge(items, policy, minimum, now_ms)
        self._open(items[platform.waves["tier"][items] >= 0])
        return reviews

    def _first_budgets(self, creator: Array, policy: PolicyInForce) -> Array:
        """The exposures of the first waves of some creators' new videos."""
        rules, platform = policy.rules.first_wave, self.platform
        earned = platform.record[creator], platform.counters.followers[creator]
        budgets = first_wave(float(policy.ladder[0]), *earned, rules.explore, rules.reach)
        return np.clip((budgets + 0.5).astype(np.int64), 1, self.scenario.viewers.count)

    def _keep_record(self, reviews: video_waves.Reviews, policy: PolicyInForce) -> None:
        """Let first waves that are over count in their creators' records."""
        minimum, memory = policy.rules.waves.minimum_sample, policy.rules.first_wave.memory
        first = (reviews.tier == 0) & (reviews.wave == 1) & (reviews.delivered >= minimum)
        creator, score = self.catalogue.videos["creator"][reviews.item[first]], reviews.score[first]
        remember_scores(self.platform.record, creator, score, memory)

    def _worth(self, items: Array, policy: PolicyInForce, now_ms: int) -> Array:
        """What videos are worth to the stock."""
        rules, platform, counters = policy.rules.stock, self.platform, self.platform.counters
        means = recent_means(platform.decayed_totals, counters.matches, policy.weights)
        books = self.catalogue.videos, counters.videos, *means, policy.weights, self.scenario.viewers.count
        return video_stock.trickles(items, *books, now_ms, rules.fade, int(rules.life_days * DAY))

    def _judge(self, items: Array, policy: PolicyInForce, minimum: int, now_ms: int) -> video_waves.Reviews:
        """Review items, let each verdict have its effect, and note how far they have come."""
        rules, platform = policy.rules.waves, self.platform
        reviews, tiers = video_waves.blank_reviews(len(items)), len(policy.ladder)
        books = platform.waves, platform.wave_began, platform.counters.videos, self.catalogue.videos
        shares = video_waves.shares_of(tiers, rules.promote, rules.repeat, policy.rules.stock.reignite)
        seed = self.scenario.seed
        video_waves.review_videos(items, *books, platform.peers, policy.weights, minimum, shares, seed, reviews)
        lasts_ms, oldest_ms = int(rules.hours * HOUR), int(rules.max_age_days * DAY)
        budgets, viewers = np.array(policy.ladder), self.scenario.viewers.count
        video_waves.carry_out(reviews, *books, platform.best_tier, budgets, now_ms, lasts_ms, oldest_ms, viewers)
        platform.open_videos = video_waves.still_in_waves(
            items, platform.waves, platform.best_tier, platform.open_videos
        )
        return reviews

    def _open(self, items: Array) -> None:
        """Put items that have got a wave among the open ones."""
        platform, ring = self.platform, self.catalogue.videos["ring"]
        platform.open_videos = with_new(platform.open_videos, in_ring_order(items, ring), ring)

    def publish(self, policy: PolicyInForce, now_ms: int, refresh_index: int) -> None:
        """Put the open videos and those of the stock whose turn it is, what each is worth and what is left for it, in
        the snapshot.
        """
        rules, platform, counters = policy.rules.waves, self.platform, self.platform.counters
        ends = now_ms + self.scenario.refresh_ms, int(rules.pace * HOUR), int(rules.hours * HOUR)
        slices, shards, videos = platform.snapshot.slices, policy.rules.shards, self.catalogue.videos
        on_offer = with_new(platform.in_turn, platform.open_videos, videos["ring"])
        items = release(platform.waves, slices, on_offer, *ends, shards, refresh_index)
        means = recent_means(platform.decayed_totals, counters.matches, policy.weights)
        publish_videos(platform.snapshot, items, platform.waves, videos, counters.videos, *means, policy.weights)
        usual, reaction = platform.snapshot.usual.videos, policy.rules.tags.reaction
        expect_videos(usual, items, videos, counters.videos, counters.durations, reaction)
