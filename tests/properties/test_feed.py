from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.viewer import AWAY
from sim.core.arrays import Array, blank
from sim.core.event_log import BOOSTED, BUCKETS, FOLLOW, RECOMMENDED, SOURCES, VIDEO
from sim.recommender.candidates import FIRST_WAVE, OTHERS, add_candidate, best_candidate, strongest, weigh, workspace
from sim.recommender.viewer_history import FOLLOWS, NO_TOPIC, SEEN_HALF, SERVED_COLUMNS, follow, follows, remember
from sim.scenario.scenario import loads
from sim.world import World
from tests.worlds import has_seen


def viewer() -> Array:
    return blank(SERVED_COLUMNS, 1, page=8)


@given(items=st.lists(st.integers(0, 2**31 - 1), max_size=500))
def test_the_latest_items_are_always_remembered(items: list[int]) -> None:
    served = viewer()
    for n, item in enumerate(items):
        remember(served[0], item)
        if n % 97 == 0 or n == len(items) - 1:
            assert all(has_seen(served[0], seen) for seen in items[max(0, n + 1 - SEEN_HALF) : n + 1])
    assert served["seen_count"][0] <= SEEN_HALF


@given(items=st.sets(st.integers(0, 2**31 - 1), max_size=SEEN_HALF), new=st.integers(0, 2**31 - 1))
def test_what_was_never_seen_is_seldom_taken_for_seen(items: set[int], new: int) -> None:
    # as many bits as items are set at most, of 512 in each half
    served = viewer()
    for item in items:
        remember(served[0], item)
    assert sum(int(word).bit_count() for word in served["seen"].ravel()) <= len(items)
    assert not (not items and has_seen(served[0], new))


@given(creators=st.lists(st.integers(0, 10**6), max_size=60))
def test_whoever_was_followed_is_followed_for_ever_and_named_at_first(creators: list[int]) -> None:
    served = viewer()
    for creator in creators:
        new = follow(served[0], creator)
        found = served["follows"][0].tolist()
        assert not new or creator in found
        known = [one for one in found if one >= 0]
        assert len(set(known)) == len(known) <= FOLLOWS
    assert all(follows(served[0], creator) for creator in creators)


def test_few_others_are_taken_for_followed() -> None:
    # two bits each of 256: after 12 creators at most 24 are set, (24 / 256)**2 = 0.9 %; after 60 at most 120, 22 %
    for many, most in ((12, 0.009), (60, 0.22)):
        served = viewer()
        for creator in range(many):
            follow(served[0], creator)
        others = range(1_000, 21_000)
        wrong = sum(follows(served[0], creator) for creator in others) / len(others)
        assert wrong < most + 4 * (most / len(others)) ** 0.5


@given(interest_profile=st.lists(st.integers(0, 1_000), min_size=1, max_size=40), first=st.integers(0, 39))
def test_tags_come_by_strength_and_equal_ones_in_turn(interest_profile: list[int], first: int) -> None:
    first %= len(interest_profile)
    out, keys = np.zeros((2, len(interest_profile)), np.int64)
    weigh(np.array(interest_profile) / 1_024.0, first, keys)
    strongest(keys, out, 0, len(interest_profile))
    order = [(c - first) % len(interest_profile) for c in range(len(interest_profile))]
    assert out.tolist() == sorted(range(len(interest_profile)), key=lambda c: (-interest_profile[c], order[c]))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 3))
def test_the_best_candidate_is_the_first_of_most_value_that_does_not_repeat_the_topic(
    values: list[int], avoid: int
) -> None:
    made = workspace(4, 8, 1)
    for k, value in enumerate(values):
        add_candidate(made, OTHERS, 100 + k, k % 3, value / 3, 0)
    fit = [k for k in range(len(values)) if k % 3 != avoid]
    best = max(fit, key=lambda k: values[k], default=-1)  # max: the first among equals
    assert best_candidate(made, OTHERS, avoid) == best
    assert best_candidate(made, FIRST_WAVE, avoid) == -1


# --- a small world, looked at after every refresh

SCENARIO = """
viewers: {count: 300, sessions_per_day: {kind: constant, value: 40}, session_minutes: {kind: constant, value: 60}}
rooms: {count: 6, opens: {kind: uniform, low: 12, high: 20}}
creators: {videos_per_viewer_day: 4}
platform: {refresh: 10}
warm_up: 0.25
seed: 11
"""


class Seen:
    """What was on the pages of all viewers, and what each of them watched, over some time."""

    def __init__(self, refreshes: int = 1_200) -> None:
        self.world = world = World(loads(SCENARIO))
        self.pages: list[tuple[int, list[int], list[int], int]] = []  # viewer, items, marks, topic of the page before
        self.watched: dict[int, list[int]] = {}
        for _ in range(refreshes):
            before = world.population.served[["pages", "topic"]].copy()
            world.step()
            turned = np.flatnonzero(world.population.served["pages"] == before["pages"] + 1)
            for who in turned.tolist():
                row = world.population.served[who]
                n = int(row["length"])
                self.pages.append(
                    (who, row["page"][:n].tolist(), row["match_source"][:n].tolist(), int(before["topic"][who]))
                )
            for shard, size in enumerate(world.population.sizes):
                events = world.population.log[shard, :size]
                for who, item in events[events["kind"] == VIDEO][["viewer", "item"]].tolist():
                    self.watched.setdefault(who, []).append(item)

    def topics(self, items: list[int]) -> list[int]:
        return [int(self.world.catalogue.videos["topic"][item]) for item in items if item >= 0]


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


def test_there_is_something_to_look_at(seen: Seen) -> None:
    assert len(seen.pages) > 1_000
    assert sum(len(items) > SEEN_HALF for items in seen.watched.values()) > 20
    assert (seen.world.viewers["phase"] != AWAY).any()


def test_a_page_never_repeats_an_item(seen: Seen) -> None:
    for who, items, _, _ in seen.pages:
        assert len(set(items)) == len(items), f"viewer {who}: {items}"


def test_no_topic_follows_itself(seen: Seen) -> None:
    for who, items, _, before in seen.pages:
        topics = [before, *seen.topics(items)]
        for one, other in pairwise(topics):
            assert one != other or one == NO_TOPIC, f"viewer {who}: {topics}"


def test_a_page_is_within_its_bounds(seen: Seen) -> None:
    page = seen.world.scenario.platform.feed.page
    for _, items, marks, _ in seen.pages:
        assert len(items) <= page
        assert all((mark & 15) < BUCKETS and (mark >> 4) < len(SOURCES) for mark in marks)
        of_rooms = [mark >> 4 for item, mark in zip(items, marks, strict=True) if item < 0]
        assert all(of_rooms.count(source) <= 1 for source in (RECOMMENDED, FOLLOW))
        assert set(of_rooms) <= {RECOMMENDED, FOLLOW}
        of_videos = [mark >> 4 for item, mark in zip(items, marks, strict=True) if item >= 0]
        assert not set(of_videos) & {RECOMMENDED, BOOSTED}


def test_nobody_watches_a_video_again_soon(seen: Seen) -> None:
    # a page holds nothing of the last SEEN_HALF videos, and no item twice
    for who, items in seen.watched.items():
        last: dict[int, int] = {}
        for n, item in enumerate(items):
            assert n - last.get(item, -SEEN_HALF - 1) > SEEN_HALF, f"viewer {who} watched {item} again"
            last[item] = n
