from itertools import pairwise

import numpy as np
import pytest

from sim.core.arrays import Array, blank, numbers
from sim.core.catalogue import CHAT, CLOSED, ROOM_COLUMNS, VIDEO_COLUMNS
from sim.core.event_log import FOLLOW, FRESH, RANDOM, RANKED, RECOMMENDED, VIDEO_COUNTS
from sim.core.randomness import PAGE, draw
from sim.recommender.budget_slices import cut
from sim.recommender.candidates import Workspace, strongest, weigh, workspace
from sim.recommender.feed import request_page
from sim.recommender.inventory import (
    Inventory,
    hand_out,
    handed_out,
    is_on_offer,
    room_is_left,
    share_out,
    video_is_left,
)
from sim.recommender.room_index import list_room, publish_rooms
from sim.recommender.scoring import match_offer, match_video, price_fit, room_value, video_value, weights_row
from sim.recommender.snapshot import BUCKETS, OFFER_COLUMNS, recall
from sim.recommender.video_index import publish_videos
from sim.recommender.viewer_history import (
    FOLLOWS,
    LOOKED_AT,
    NO_TOPIC,
    SEEN_HALF,
    SERVED_COLUMNS,
    follow,
    follows,
    remember,
    worth_a_look,
)
from sim.scenario.scenario import RankWeights, Weights
from sim.traffic.video_waves import WAVE_COLUMNS
from tests.worlds import has_seen

SEED = 7
PAGE_SIZE, CATEGORIES, TIERS, CREATORS, ROOMS = 4, 3, 2, 8, 2


def viewer() -> Array:
    return blank(SERVED_COLUMNS, 1, page=PAGE_SIZE)


# --- memory of what was seen


def test_what_was_seen_is_remembered() -> None:
    served = viewer()
    assert not has_seen(served[0], 12)
    remember(served[0], 12)
    assert has_seen(served[0], 12)
    assert not has_seen(served[0], 13)
    assert served["seen_count"][0] == 1


def test_two_halves_take_turns() -> None:
    # so many fill the newer half; the next one moves them to the older half, and as many later they are forgotten
    served = viewer()
    for item in range(SEEN_HALF):
        remember(served[0], item)
    newer = served["seen"][0, 0].copy()
    assert not served["seen"][0, 1].any()
    remember(served[0], 1_000)
    assert (served["seen"][0, 1] == newer).all()
    assert served["seen_count"][0] == 1
    for item in range(1_001, 1_000 + SEEN_HALF + 1):
        remember(served[0], item)
    assert (served["seen"][0, 1] != newer).any()
    assert has_seen(served[0], 1_000)


def test_forgetting_happens() -> None:
    served = viewer()
    for item in range(2_000):
        remember(served[0], item)
    # a half of 512 bits holds at most 160: whatever is not among the last 320 is taken for seen in 5 of 8 cases at most
    false = sum(has_seen(served[0], item) for item in range(1_600))
    assert false < 1_600 * (5 / 8 + 5 * (5 / 8 * 3 / 8 / 1_600) ** 0.5)


# --- follows


def test_the_row_names_the_last_ones_and_the_filter_knows_all() -> None:
    served = viewer()
    assert served["follows"][0].tolist() == [-1] * FOLLOWS
    assert [follow(served[0], creator) for creator in (5, 6, 5, 7)] == [True, True, False, True]
    assert served["follows"][0].tolist() == [5, 6, 7] + [-1] * (FOLLOWS - 3)
    assert served["followed"][0] == 3
    for creator in range(100, 100 + FOLLOWS - 2):
        assert follow(served[0], creator)
    assert served["follows"][0].tolist()[:3] == [100 + FOLLOWS - 3, 6, 7]  # the thirteenth took the first one's place
    assert follows(served[0], 5)


def test_the_count_of_follows_goes_on_without_end() -> None:
    served, new = viewer(), 0
    for creator in range(4_000):
        served["following"] = 0  # so that each is new
        new += follow(served[0], creator)
        assert served["follows"][0, creator % FOLLOWS] == creator
        assert served["followed"][0] == (creator + 1 if creator < 251 else 240 + (creator - 251) % 12)
    assert new == 4_000


def test_pages_look_at_followed_creators_in_turn() -> None:
    served = viewer()
    assert [worth_a_look(served[0], 0, nth) for nth in range(LOOKED_AT)] == [-1] * LOOKED_AT
    for creator in (10, 11, 12):
        follow(served[0], creator)
    assert [worth_a_look(served[0], 0, nth) for nth in range(LOOKED_AT)] == [10, 11, 12, -1]
    for creator in (13, 14, 15):
        follow(served[0], creator)
    assert [worth_a_look(served[0], page, nth) for page in range(3) for nth in range(LOOKED_AT)] == [
        10, 11, 12, 13, 14, 15, 10, 11, 12, 13, 14, 15,
    ]  # fmt: skip


# --- match and value


def test_a_videos_match_blends_its_topics() -> None:
    videos = blank(VIDEO_COLUMNS, 1)
    videos["topic"], videos["second"], videos["main_topic_weight"] = 0, 2, 204  # 204 / 255 = 0.8
    assert match_video(np.array([0.5, 0.9, 0.25]), videos[0]) == pytest.approx(0.8 * 0.5 + 0.2 * 0.25)


def test_a_rooms_match_is_the_mean_over_its_catalogue() -> None:
    rooms, offers = blank(ROOM_COLUMNS, 1, categories=3), blank(OFFER_COLUMNS, 1, categories=3)
    rooms["topics"], rooms["price"] = [0.25, 0.0, 0.75], 60
    list_room(offers[0], rooms[0])
    assert (offers["wide"][0], offers["price"][0]) == (2, 60)
    assert (offers["topics"][0, :2].tolist(), offers["shares"][0, :2].tolist()) == ([0, 2], [0.25, 0.75])
    assert match_offer(np.array([0.4, 0.9, 0.8]), offers[0]) == pytest.approx(0.7)


def test_values_add_up_lifted_terms() -> None:
    lift = np.arange(6 * BUCKETS, dtype=float).reshape(6, BUCKETS)
    # rows of lift: dwell, interaction, stay, room interaction, entry, order; at step 3 they are 3, 11, 19, 27, 35, 43
    assert video_value(2.0, 0.5, lift, 3) == 2 * 3 + 0.5 * 11
    assert room_value(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), lift, 3) == 19 + 2 * 27 + 3 * 35 + 9 * 43


# --- the viewer's strongest tags


@pytest.mark.parametrize(
    ("interest_profile", "first", "order"),
    [
        ([0.1, 0.5, 0.3, 0.4], 2, [1, 3, 2, 0]),
        ([0.0, 0.0, 0.0, 0.0], 2, [2, 3, 0, 1]),  # nothing known: in turn
        ([0.2, 0.5, 0.2, 0.2], 3, [1, 3, 0, 2]),
        ([0.25, 0.25 + 2.0**-42, 0.1], 0, [0, 1, 2]),  # no difference that counts
        ([0.25, 0.25 + 2.0**-39, 0.1], 0, [1, 0, 2]),
    ],
)
def test_tags_come_by_strength(interest_profile: list[float], first: int, order: list[int]) -> None:
    out, keys = np.zeros(len(interest_profile), np.int64), np.zeros(len(interest_profile), np.int64)
    weigh(np.array(interest_profile), first, keys)
    strongest(keys, out, 0, 2)
    assert out.tolist()[:2] == order[:2]
    strongest(keys, out, 2, len(interest_profile))
    assert out.tolist() == order


# --- a small shop: eight videos, two rooms


def rules(**changes: float) -> Array:
    given = {
        "page": PAGE_SIZE, "live_share": 0.0, "live_random": 0.0, "tags": CATEGORIES, "depth": 8,
        "fresh": 0, "random": 0, "spacing": 1, "one_author": 1,
        "follow_bonus": 2.0, "price_match": 0.0, "use_tags": 1, "dwell": 1.0, "interaction": 1.0,
        "shards": 2, "tiers": TIERS + 1, "boosted_share": 0.0, "follow_share": 0.0,
    }  # fmt: skip
    return numbers(**(given | changes))


# topic and tier of each video; how long it is watched, over the mean
VIDEOS = [(0, 1), (0, 1), (1, 1), (1, 1), (2, 1), (0, 0), (1, 0), (2, 0)]
DWELL = [1.9, 1.8, 1.5, 1.4, 1.0, 1.0, 0.9, 0.8]


def inventory(left: int = 100, tiers: list[int] | None = None, dwell: list[float] | None = None) -> Inventory:
    """Video k is made by creator k; each has been watched so often that the prior counts for nothing."""
    videos, waves = blank(VIDEO_COLUMNS, len(VIDEOS)), blank(WAVE_COLUMNS, len(VIDEOS))
    counts = np.zeros((len(VIDEOS), len(VIDEO_COUNTS)), np.int64)
    for item, ((topic, tier), ratio) in enumerate(zip(VIDEOS, dwell or DWELL, strict=True)):
        videos[item]["topic"], videos[item]["second"], videos[item]["main_topic_weight"] = topic, topic, 255
        videos[item]["creator"], videos[item]["duration_ms"], videos[item]["ring"] = item, 10_000, 1_000 * item
        waves[item]["tier"] = tiers[item] if tiers else tier
        counts[item, :2] = 1_000_000, int(ratio * 0.5 * 1_000_000 * 10_000)
    rooms = blank(ROOM_COLUMNS, ROOMS, categories=CATEGORIES)
    rooms["segment"], rooms["host"] = CHAT, [0, 1]
    rooms["topics"] = [[1, 0, 0], [0, 0.5, 0.5]]
    cut(rooms, np.arange(ROOMS), np.full(ROOMS, left), 2, 0)
    out = recall(len(VIDEOS), ROOMS, TIERS, CATEGORIES, CREATORS)
    cut(out.slices, np.arange(len(VIDEOS)), np.full(len(VIDEOS), left), 2, 0)
    weights = weights_row(Weights(rank=RankWeights(interaction=0), prior=0))
    publish_videos(out, np.arange(len(VIDEOS)), waves, videos, counts, 0.5, 0.0, weights)
    publish_rooms(out, np.arange(ROOMS), np.array([10, 20], np.uint32), rooms)
    out.room_terms[:] = 1.0
    return opened(Inventory(videos, rooms, np.zeros((2, len(VIDEOS)), np.int32), np.zeros((2, ROOMS), np.int32), out))


def opened(market: Inventory) -> Inventory:
    for shard in range(2):
        share_out(market, shard)
    return market


def working(interest_profile: list[float]) -> Workspace:
    made = workspace(CATEGORIES, 8, TIERS + 1)
    made.interest_profile[:] = interest_profile
    return made


def page(
    market: Inventory,
    served: Array,
    feed_rules: Array,
    interest_profile: list[float] | None = None,
    shard: int = 0,
    shun: int = -1,
) -> list[tuple[int, int]]:
    """A page as (item, source)."""
    n = request_page(market, served[0], 0, shun, feed_rules[0], working(interest_profile or [0.0] * 3), SEED, shard)
    assert (served["length"][0], served["place"][0]) == (n, 0)
    return [(int(served["page"][0, k]), int(served["match_source"][0, k]) >> 4) for k in range(n)]


def test_a_page_goes_by_value_and_no_topic_follows_itself() -> None:
    # topic 0: 1.9, 1.8, 1.0; topic 1: 1.5, 1.4, 0.9; by turns the best of the other topics: 0, 2, 1, 3
    assert page(inventory(), viewer(), rules()) == [(0, RANKED), (2, RANKED), (1, RANKED), (3, RANKED)]


def test_without_spacing_a_page_goes_by_value_alone() -> None:
    assert page(inventory(), viewer(), rules(spacing=0)) == [(0, RANKED), (1, RANKED), (2, RANKED), (3, RANKED)]


def test_a_page_shows_no_author_twice() -> None:
    # videos 0, 2 and 3 are one creator's: after 0 neither 2 nor 3 comes, though they are worth more than 4 and 6
    market = inventory()
    market.recall.authors[[2, 3]] = 0
    assert [item for item, _ in page(market, viewer(), rules())] == [0, 4, 1, 6]
    assert [item for item, _ in page(market, viewer(), rules(one_author=0))] == [0, 2, 1, 3]


def test_a_rooms_host_is_an_author_of_the_page() -> None:
    # room 1, of creator 1, is on every page: video 1 is on none
    market, served = inventory(), viewer()
    market.recall.room_terms[1] = 5.0
    for _ in range(20):
        items = [item for item, _ in page(market, served, rules(live_share=0.25))]
        assert ~1 in items
        assert 1 not in items


def test_the_stock_is_one_tier_more() -> None:
    # video 4, of the best value, is in the stock: it comes first, as a ranked one
    market = inventory(tiers=[1, 1, 1, 1, -1, 0, 0, 0], dwell=[1.9, 1.8, 1.5, 1.4, 3.0, 1.0, 0.9, 0.8])
    assert page(market, viewer(), rules())[0] == (4, RANKED)
    entries = market.recall.entries[: len(VIDEOS)]
    assert entries["tier"].tolist() == [1, 1, 1, 1, TIERS, 0, 0, 0]
    hot = market.recall.start[1:3].tolist()
    assert hot[1] - hot[0] == 4  # the hot ring holds the highest tier of the ladder, not the stock


def test_the_next_page_does_not_begin_with_the_last_topic() -> None:
    served = viewer()
    page(inventory(), served, rules())
    assert served["topic"][0] == 1
    served["topic"][0] = 0
    assert page(inventory(), served, rules())[0][0] == 2
    assert served["pages"][0] == 2


def test_what_was_seen_does_not_come_again() -> None:
    served = viewer()
    for item in (0, 2):
        remember(served[0], item)
    # ranked ones left: 1, 3, 4 by turns of topic; after topic 2 no ranked one, so a fresh one: 5
    assert page(inventory(), served, rules()) == [(1, RANKED), (3, RANKED), (4, RANKED), (5, FRESH)]


def test_what_is_used_up_in_a_shard_is_not_shown_there() -> None:
    market = inventory(left=3)  # shard (0 + item) % 2 has two of the three, the other one
    market.left[0, 0] -= 2
    market.left[0, 2] -= 1
    assert video_is_left(market, 2, 0)
    assert not video_is_left(market, 0, 0)
    assert video_is_left(market, 0, 1)
    # shard 0: without 0 the order is 1.8, 1.5, then neither topic 0 (used up) nor 1 (just shown): 1.0, 1.4
    assert [item for item, _ in page(market, viewer(), rules(), shard=0)] == [1, 2, 4, 3]
    assert [item for item, _ in page(market, viewer(), rules(), shard=1)] == [0, 2, 1, 3]


def test_fresh_places_go_to_first_waves() -> None:
    items = page(inventory(), viewer(), rules(fresh=2))
    assert sorted(source for _, source in items) == [RANKED, RANKED, FRESH, FRESH]
    # the best first waves are 5 and 6; where spacing forbids one, the next best comes
    assert {item for item, source in items if source == FRESH} <= {5, 6, 7}


def test_a_lack_of_one_kind_is_filled_from_the_other() -> None:
    market = inventory()
    market.left[:, :5] = 0  # no ranked one left
    assert [source for _, source in page(market, viewer(), rules())] == [FRESH] * 3
    market = inventory()
    market.left[:, 5:] = 0
    assert [source for _, source in page(market, viewer(), rules(fresh=4))] == [RANKED] * 4


def test_an_empty_shop_gives_an_empty_page() -> None:
    market = inventory()
    market.left[:] = 0
    served = viewer()
    assert page(market, served, rules()) == []
    assert served["topic"][0] == NO_TOPIC


def test_tag_match_decides_through_its_lift() -> None:
    # a full match with topic 2 lifts dwell tenfold: 1.0 becomes 10, ahead of 1.9
    market = inventory()
    market.recall.lift[0, BUCKETS - 1] = 10.0
    items = page(market, viewer(), rules(), interest_profile=[0.0, 0.0, 1.0])
    assert [item for item, _ in items] == [4, 0, 2, 1]


def test_a_mark_holds_the_step_of_tag_match() -> None:
    served = viewer()
    page(inventory(), served, rules(), interest_profile=[0.3, 0.6, 1.0])
    # topics 0, 1, 0, 1: 0.3 * 8 = 2.4 and 0.6 * 8 = 4.8
    assert (served["match_source"][0] & 15).tolist() == [2, 4, 2, 4]


def test_a_followed_creators_newest_video_is_worth_more() -> None:
    # average terms, 1 + 1, times the bonus of 2 is 4: ahead of everything
    market, served = inventory(), viewer()
    market.recall.newest[:] = np.arange(CREATORS)
    follow(served[0], 7)
    items = page(market, served, rules())
    assert items[0] == (7, FOLLOW)
    assert [item for item, _ in items].count(7) == 1


def test_a_page_has_its_random_items() -> None:
    served = viewer()
    for _ in range(20):
        before = int(served["topic"][0])
        items = page(inventory(), served, rules(random=1))
        drawn = [item for item, source in items if source == RANDOM]
        assert len(drawn) <= 1
        topics = [before] + [VIDEOS[item][0] for item, _ in items]
        assert all(a != b for a, b in pairwise(topics))


def test_a_random_item_is_drawn_by_place_on_the_ring_of_all() -> None:
    # eight videos stand at the places 0 to 7,000 of 4 billion: after a random place comes the end, and then the first
    served, found = viewer(), set()
    for _ in range(40):
        found |= {item for item, source in page(inventory(), served, rules(random=1)) if source == RANDOM}
    assert found == {0}


# --- rooms


def live(
    market: Inventory, served: Array, interest_profile: list[float] | None = None, pages: int = 40, **changes: float
) -> list[int]:
    """The rooms on so many pages."""
    feed_rules = rules(live_share=0.25, **changes)
    rows = [page(market, served, feed_rules, interest_profile) for _ in range(pages)]
    return [~item for row in rows for item, source in row if source == RECOMMENDED]


def test_a_share_of_places_is_offered_to_rooms() -> None:
    # of 4 places a quarter: one on every page, at a place of the page's own
    served, places = viewer(), []
    for number in range(40):
        items = page(inventory(), served, rules(live_share=0.25))
        assert [source for _, source in items].count(RECOMMENDED) == 1
        places.append([source for _, source in items].index(RECOMMENDED))
        assert places[-1] == int(draw(SEED, PAGE, 0, number, 0)[2] * 4)
    assert set(places) == {0, 1, 2, 3}


def test_the_better_room_is_shown() -> None:
    market = inventory()
    market.recall.room_terms[1] = 5.0
    assert set(live(market, viewer())) == {1}
    market.recall.room_terms[0] = 6.0
    assert set(live(market, viewer())) == {0}


def test_price_bands_that_are_far_apart_take_value_off() -> None:
    # bands in eighths of a doubling: two doublings apart are a quarter at 1, an eighth at 1.5
    assert price_fit(20, 36, 1.0) == price_fit(36, 20, 1.0) == 0.25
    assert price_fit(20, 36, 1.5) == 0.125
    assert price_fit(20, 20, 3.0) == price_fit(20, 99, 0.0) == 1.0
    assert price_fit(0, 36, 1.0) == price_fit(20, 0, 1.0) == 1.0  # one of them is not known


def test_a_room_of_the_viewers_prices_is_shown() -> None:
    market, served = inventory(), viewer()
    market.recall.room_terms[1] = 3.0
    market.recall.offers["price"][:2], served["price"] = (60, 84), 60  # room 1 is three doublings off
    assert set(live(market, served)) == {1}
    assert set(live(market, served, price_match=1.0)) == {0}
    served["price"] = 0
    assert set(live(market, served, price_match=1.0)) == {1}


def test_some_live_places_go_to_the_next_room_in_turn() -> None:
    # whatever its value: room 1 is worth more, but after a random place of 4 billion the first on the ring is room 0
    market, served = inventory(), viewer()
    market.recall.room_terms[1] = 5.0
    found = []
    for number in range(60):
        items = page(market, served, rules(live_share=0.25, live_random=0.4))
        found += [(number, ~item) for item, source in items if source == RECOMMENDED]
    in_turn = {number for number in range(60) if draw(SEED, PAGE, 0, number, 0)[1] < 0.4}
    assert 10 < len(in_turn) < 40
    assert found == [(number, 0 if number in in_turn else 1) for number in range(60)]


def test_tag_match_decides_between_like_rooms_and_follows_do_not() -> None:
    market, served = inventory(), viewer()
    market.recall.lift[4, BUCKETS - 1] = 3.0  # whoever matches fully enters thrice as often
    market.recall.room_of[:2] = [0, 1]
    follow(served[0], 1)
    assert set(live(market, served, [1.0, 0.0, 0.0])) == {0}


def followed(market: Inventory, served: Array, pages: int = 40, shun: int = -1, **changes: float) -> list[int]:
    """The rooms of followed hosts on so many pages, at most one a page."""
    rows = [page(market, served, rules(**({"follow_share": 0.25} | changes)), shun=shun) for _ in range(pages)]
    found = [[~item for item, source in row if source == FOLLOW and item < 0] for row in rows]
    assert all(len(one) <= 1 for one in found)
    return [room for one in found for room in one]


def test_followed_hosts_who_are_live_have_places_of_their_own() -> None:
    # of 4 places a quarter: one on every page, for one of the two hosts, of whom the feed takes either
    market, served = inventory(left=0), viewer()
    market.recall.room_of[:2] = [0, 1]
    assert followed(market, served) == []  # nobody is followed yet
    follow(served[0], 0)
    follow(served[0], 1)
    assert set(followed(market, served)) == {0, 1}
    assert len(followed(market, served)) == 40
    assert followed(market, served, follow_share=0.0) == []
    assert set(followed(market, served, shun=0)) == {1}  # the viewer has just been in room 0
    market.rooms["segment"][1] = CLOSED
    assert set(followed(market, served)) == {0}


def test_a_followed_host_takes_nothing_of_the_wave_and_needs_none_of_it() -> None:
    market, item = inventory(left=0), ~1
    given = rules(follow_share=0.25)
    assert not is_on_offer(market, item, RECOMMENDED << 4, -1, given[0], 0)
    assert is_on_offer(market, item, FOLLOW << 4, -1, given[0], 0)
    assert not is_on_offer(market, item, FOLLOW << 4, 1, given[0], 0)  # just been there
    assert not is_on_offer(market, item, FOLLOW << 4, -1, rules()[0], 0)  # the entrance is closed, the page is older
    hand_out(market, item, FOLLOW << 4, True, 0)
    assert market.room_left.tolist() == [[0, 0], [0, 0]]


def test_a_room_is_not_on_a_page_by_two_entrances() -> None:
    market, served = inventory(), viewer()
    market.recall.room_of[:2], market.recall.room_terms[1] = [0, 1], 5.0
    follow(served[0], 1)
    for _ in range(40):
        items = page(market, served, rules(live_share=0.25, follow_share=0.25))
        assert [(item, source) for item, source in items if item < 0] == [(~1, FOLLOW)]


def test_a_closed_or_spent_room_is_not_shown() -> None:
    market = inventory(left=3)
    market.rooms["segment"][0] = CLOSED
    opened(market)
    assert not room_is_left(market, 0, 0)
    assert set(live(market, viewer())) == {1}
    market.room_left[0, 1] -= 1  # shard 0 has one of room 1's three, shard 1 two
    assert not room_is_left(market, 1, 0)
    assert room_is_left(market, 1, 1)
    assert live(market, viewer()) == []


def test_what_was_taken_is_what_is_not_left() -> None:
    market = inventory(left=3)
    assert handed_out(market, 0, 2) == (0, 0)
    market.left[1, 4] -= 1
    market.room_left[0, 0] -= 1
    assert handed_out(market, 0, 2) == (1, 1)
    assert handed_out(market, 1, 2) == (1, 0)
