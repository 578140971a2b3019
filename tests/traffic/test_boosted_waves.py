"""Boosted waves: what money buys, when it is spent, who sees it, and whose books it stands in."""

from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.core.agreement import AuditError
from sim.core.arrays import blank, row_bytes
from sim.core.clock import HOUR
from sim.core.event_log import BOOSTED, INSIDE, ORDER, ROOM_COUNTS, SHOWN, V_SHOWN, VIDEO, VIDEO_COUNTS
from sim.engine.memory_estimate import boosts_bytes
from sim.recommender.boosted_slots import BOOST_COLUMNS, NO_ITEM, OPEN, OVER, WAITING, in_audience, initial_boosts
from sim.recommender.snapshot import ALL
from sim.scenario.campaigns import Campaign
from sim.scenario.policy import BoostRules
from sim.scenario.scenario import Scenario, loads
from sim.traffic.audience import BUYERS, ENGAGERS, best, like_rates, portraits
from sim.traffic.campaign_accounts import bought, due, latest
from sim.world import World
from tests.worlds import events, finished, small, told

ALL_DAY = f"viewers.rhythm={[1] * 24}"
BUSY = ("viewers.in_room.enter=0.5", "viewers.in_room.click=600", "viewers.in_room.order=0.8")


def boosted(*orders: str, **rules: Any) -> Scenario:
    """A busy world of 0.15 days with orders."""
    sets = [f"platform.boosts.{name}={str(value).lower()}" for name, value in rules.items()]
    return small(ALL_DAY, "viewers.count=300", *sets, f"campaigns=[{', '.join(orders)}]")


def order(what: str, at: str = "00:30", yuan: float = 2.0, target: str = "everybody", hours: float = 2) -> str:
    return f"{{at: day 0 {at}, boosts: {{{what}}}, budget_yuan: {yuan}, hours: {hours}, target: {{kind: {target}}}}}"


def ends(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The last row of each boost."""
    last = {}
    for rows in tables["campaigns"]:
        for values in zip(*rows.values(), strict=True):
            row = dict(zip(rows, values, strict=True))
            last[row["boost"]] = row
    return [last[k] for k in sorted(last)]


# --- what money buys, and when


def test_what_money_buys() -> None:
    rules, video = BoostRules(), {"at": "day 0 08:00", "boosts": {"kind": "best"}}
    room = {"at": "day 0 08:00", "boosts": {"kind": "room"}}
    assert bought(Campaign.model_validate(video), rules) == 5_000  # 100 yuan
    assert bought(Campaign.model_validate(room), rules) == 120
    assert bought(Campaign.model_validate(video | {"budget_yuan": 0.29}), BoostRules(exposures_per_yuan=100)) == 29
    assert bought(Campaign.model_validate(video | {"budget_yuan": 0.299}), BoostRules(exposures_per_yuan=10)) == 2


def test_a_paced_budget_is_earned_evenly() -> None:
    # 1000 in 2 h, of which 1 h is gone: a minute later 508 may be given; 20 000 in 20 h: 1016
    rows = blank(BOOST_COLUMNS, 3)
    rows["budget"], rows["delivered"], rows["closes_ms"] = (
        [1_000, 20_000, 1_000],
        [100, 1_016, 999],
        [2 * HOUR, 20 * HOUR, HOUR],
    )
    assert due(rows, HOUR, 60_000, True).tolist() == [408, 0, 1]
    assert due(rows, HOUR, 60_000, False).tolist() == [900, 18_984, 1]


def test_nobody_is_owed_a_negative_number() -> None:
    rows = blank(BOOST_COLUMNS, 1)
    rows["budget"], rows["delivered"], rows["closes_ms"] = 1_000, 700, 2 * HOUR
    assert due(rows, 0, 60_000, True).tolist() == [0]


def test_an_audience_is_one_bit_a_viewer() -> None:
    boosts = initial_boosts(2, 1, 11)
    boosts.rows["audience"] = [-1, 0]
    boosts.audiences[0] = np.packbits(np.arange(11) % 3 == 0, bitorder="little")
    assert [in_audience(boosts, boosts.rows[1], i) for i in range(11)] == [i % 3 == 0 for i in range(11)]
    assert all(in_audience(boosts, boosts.rows[0], i) for i in range(11))


def test_an_items_facts_stand_in_the_book_of_its_latest_boost() -> None:
    rows = blank(BOOST_COLUMNS, 4)
    rows["item"][:3] = [7, ~2, 7]
    assert [latest(rows, item) for item in (7, ~2, 3)] == [2, 1, -1]
    assert rows["item"][3] == NO_ITEM


# --- what is boosted, and from when to when


def states(world: World) -> list[tuple[int, int]]:
    return list(zip(world.boosts.rows["item"].tolist(), world.boosts.rows["state"].tolist(), strict=True))


def until(world: World, hour: float) -> World:
    while world.clock.now_ms < hour * HOUR:
        world.step()
    return world


def test_the_newest_are_the_last_of_the_open_ones() -> None:
    world = until(World(boosted(order("kind: newest, count: 3", "01:00"))), 1 - 1 / 120)
    assert states(world) == [(NO_ITEM, WAITING)] * 3
    world.step()
    assert states(world) == [(item, OPEN) for item in sorted(world.platform.open_videos.tolist())[:-4:-1]]


def test_the_best_are_those_that_rank_best() -> None:
    world = until(World(boosted(order("kind: best, count: 2", "01:00"))), 1 - 1 / 120)
    count = world.platform.snapshot.start[ALL + 1]
    worth = world.platform.snapshot.entries[["dwell", "interaction"]][:count].tolist()
    ranked = sorted(
        [(*both, item) for both, item in zip(worth, world.platform.snapshot.items.tolist(), strict=False)],
        key=lambda one: (-(one[0] + one[1]), one[2]),
    )
    world.step()
    still = [item for *_, item in ranked if world.platform.waves["tier"][item] >= 0]
    assert states(world) == [(item, OPEN) for item in still[:2]]


def test_a_post_is_waited_for() -> None:
    world = World(boosted(order("kind: post, creator: 4, number: 3", "00:00")))
    while not world.boosts.rows["state"][0]:
        assert (world.catalogue.videos["creator"][: world.catalogue.published] == 4).sum() < 3 or world.clock.now_ms < 0
        world.step()
    assert world.boosts.rows["item"][0] == np.flatnonzero(world.catalogue.videos["creator"] == 4)[2]
    assert world.boosts.rows["opened_ms"][0] == world.clock.now_ms


def test_a_second_order_waits_for_the_first_to_end() -> None:
    post = "kind: post, creator: 1, number: 1"
    world = World(boosted(order(post, "00:10", 0.1), order(post, "00:10", 0.1), pacing=False))
    rows = world.boosts.rows
    while rows["state"][0] == WAITING:
        world.step()
    assert rows["state"].tolist() == [OPEN, WAITING]
    while rows["state"][0] == OPEN:
        assert rows["state"][1] == WAITING
        world.step()
    assert rows["state"].tolist() == [OVER, OPEN]
    assert rows["item"][0] == rows["item"][1]
    assert rows["delivered"][0] == rows["budget"][0] == 5


def test_an_order_ends_when_its_time_is_up() -> None:
    world = until(World(boosted(order("kind: newest", "00:10", 10_000))), 2 + 1 / 6)
    assert world.boosts.rows["state"].tolist() == [OVER]
    delivered = world.boosts.rows["delivered"][0]
    assert 0 < delivered < world.boosts.rows["budget"][0]
    until(world, 3)
    assert world.boosts.rows["delivered"][0] == delivered


def test_a_room_is_boosted_when_it_opens() -> None:
    scenario = boosted(order("kind: room, room: 2", "00:00", 100))
    world = World(scenario)
    while not world.boosts.rows["state"][0]:
        assert not world.truth.live_rooms[2].is_open or world.clock.now_ms < 0
        world.step()
    assert world.platform.levels["level"][2] >= 0


# --- who sees it


AIMED = (
    order("kind: newest, count: 4", target="likers, share: 0.2", yuan=5),
    order("kind: newest, count: 4", target="lookalikes, share: 0.2", yuan=5),
    order("kind: newest, count: 4", target="tags, categories: [food], share: 0.2", yuan=5),
    order("kind: room, room: 1", target="lookalikes, of: buyers, share: 0.2", yuan=50),
)


def test_only_the_audience_is_shown_paid_items() -> None:
    world, seen = World(boosted(*AIMED, share=0.2), audit=True), 0
    while world.running:
        world.step()
        for _, viewer, item, _, _, kind, mark in events(world):
            if kind in (VIDEO, SHOWN) and mark >> 4 == BOOSTED:
                boost = world.boosts.rows[latest(world.boosts.rows, item)]
                assert in_audience(world.boosts.feed, boost, viewer)
                seen += 1
    assert seen > 100
    sizes = world.boosts.rows["fit"]
    assert (sizes >= 15).all()  # a share of 0.2 of 300 is 60; fewer have liked anything by then
    assert (sizes < 80).all()
    assert len(set(world.boosts.rows["audience"].tolist())) == 1 + 4 + 1 + 1  # one an order, look-alikes one an item


def test_likers_like_more() -> None:
    likes = {}
    for target in ("everybody", "likers, share: 0.1"):
        newest = order("kind: newest, count: 8", yuan=8, target=target)
        often = "viewers.reacting.like=0.1"
        rows = ends(
            told(small(ALL_DAY, "viewers.count=300", often, "platform.boosts.share=0.3", f"campaigns=[{newest}]"))
        )
        likes[target[:6]] = sum(row["likes"] for row in rows) / sum(row["exposures"] for row in rows)
    assert likes["likers"] > 2 * likes["everyb"]


# --- a world with orders and without


NEWEST = order("kind: newest, count: 6", yuan=3)
ROOM = order("kind: room, room: 1", yuan=30)


@cache
def tables(counts: bool) -> dict[str, list[dict[str, Any]]]:
    return told(boosted(NEWEST, ROOM, counts=counts))


def summed(rows: list[dict[str, Any]], name: str) -> int:
    return sum(int(np.sum(row[name])) for row in rows)


def test_orders_that_get_no_places_change_nothing() -> None:
    with_orders, without = told(boosted(NEWEST, ROOM, share=0)), told(small(ALL_DAY, "viewers.count=300"))
    paid = with_orders.pop("campaigns")
    assert summed(paid, "delivered") == 0
    assert summed(paid, "natural") > 0
    assert repr(with_orders) == repr(without)


def test_until_the_first_order_begins_all_is_the_same() -> None:
    one, other = World(boosted(NEWEST)), World(small(ALL_DAY, "viewers.count=300"))
    for world in (one, other):
        until(world, 0.5)
    assert events(one) == events(other)
    assert (one.population.served["page"] == other.population.served["page"]).all()


@pytest.mark.parametrize("counts", [True, False])
def test_records_tell_paid_from_natural(counts: bool) -> None:
    found = tables(counts)
    boosts_ = ends(found)
    videos = [row for row in boosts_ if row["kind"] == "video"]
    (room,) = [row for row in boosts_ if row["kind"] == "room"]
    assert all(row["delivered"] == row["exposures"] <= row["budget"] for row in videos)
    assert room["delivered"] == room["entries"] <= room["budget"]
    assert room["exposures"] > room["entries"] > 0
    items = {name: np.array(values) for name, values in found["items"][0].items()}
    for row in videos:
        k = row["item"]
        assert items["boosted"][k] == row["exposures"] > 0
        assert items["shown"][k] - items["boosted"][k] == row["before"] + row["natural"]
        assert items["likes"][k] >= row["likes"]
    assert items["boosted"].sum() == sum(row["exposures"] for row in videos)
    assert summed(found["rooms"], "boosted") == room["exposures"]
    assert summed(found["series"], "boosted_exposures") == sum(row["exposures"] for row in boosts_)
    assert items["shown"].sum() == summed(found["series"], "video_exposures") + before_day_0()
    assert summed(found["rooms"], "gmv_cents") == summed(found["series"], "gmv_cents")


def before_day_0() -> int:
    """Video exposures that past posts have when the run begins, and those of the warm-up."""
    world = World(small(ALL_DAY, "viewers.count=300"))
    shown = int(world.platform.counters.videos[:, V_SHOWN].sum())
    while world.clock.now_ms < 0:
        world.step()
        shown += world.observer.row["video_exposures"]
    return shown


def test_what_a_rooms_boosts_cost_is_in_the_books_of_its_session() -> None:
    scenario = boosted(order("kind: room, room: 0", yuan=20))
    world = World(scenario, audit=True)
    while world.running:
        world.step()
    (row,) = world.boosts.rows
    assert row["delivered"] > 0
    spent = 100 * row["delivered"] / scenario.platform.boosts.entries_per_yuan
    costs = world.books.boost_cents
    assert costs[0] == pytest.approx(spent)
    assert not costs[1:].any()
    profit = world.books.margin_cents[0] - world.books.bait_loss_cents[0] - round(spent)
    assert world.books.profit_cents(np.array([0]))[0] == profit


def test_reviews_tell_how_much_was_paid_meanwhile() -> None:
    paid = defaultdict(int)
    for rows in tables(True)["reviews"]:
        for kind, item, n in zip(rows["kind"], rows["item"], rows["boosted"], strict=True):
            paid[kind, int(item)] += int(n)
    for row in ends(tables(True)):
        assert 0 <= paid[row["kind"], row["item"]] <= row["exposures"]
    assert sum(paid.values()) > 50


def test_what_does_not_count_is_not_in_the_items_counters() -> None:
    counting, aside = finished(boosted(NEWEST, ROOM)), finished(boosted(NEWEST, ROOM, counts=False))
    for world in (counting, aside):
        rows = world.boosts.rows
        item = rows["item"][0]
        book = world.platform.counters.videos[item]
        natural = world.boosts.natural_so_far(world.platform, np.array([item]))[0]
        paid = rows["counts"][0, VIDEO_COUNTS.index("shown")]
        assert book[VIDEO_COUNTS.index("boosted")] == paid > 0
        assert book[VIDEO_COUNTS.index("shown")] == natural + (paid if world is counting else 0)
    assert not counting.boosts.rows["aside"].any()
    assert (aside.boosts.rows["aside"][:6, :8] == aside.boosts.rows["counts"][:6, :8]).all()


def test_a_paid_entry_is_paid_until_the_viewer_leaves() -> None:
    scenario = small(ALL_DAY, "viewers.count=300", *BUSY, "platform.boosts.share=0.3", f"campaigns=[{ROOM}]")
    world, kinds = World(scenario, audit=True), defaultdict(int)
    while world.running:
        world.step()
        for *_, kind, mark in events(world):
            kinds[kind] += mark >> 4 == BOOSTED
    assert all(kinds[kind] > 0 for kind in (SHOWN, INSIDE, ORDER))
    assert kinds[VIDEO] == 0
    counts = world.boosts.rows["counts"][0]
    sold = counts[ROOM_COUNTS.index("orders")] + counts[ROOM_COUNTS.index("refused")]
    assert sold == kinds[ORDER]


def test_the_rules_of_paid_waves_can_change_in_mid_run() -> None:
    changes = """changes=[
        {at: day 0 01:00, set: {platform.boosts.share: 0.2, platform.boosts.counts: false,
            platform.boosts.pacing: false}},
        {at: day 0 01:30, set: {platform.boosts.counts: true}},
    ]"""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rules = "platform.boosts.share=0"
    world = World(small(ALL_DAY, "viewers.count=300", rules, f"campaigns=[{NEWEST}]", changes), audit=True)
    world.observer.record = lambda table, rows: tables[table].append(dict(rows))
    assert not until(world, 1).boosts.rows["delivered"].any()
    until(world, 1.5)
    assert (world.boosts.rows["aside"][:, :8] == world.boosts.rows["counts"][:, :8]).all()
    aside = world.boosts.rows["aside"].copy()
    while world.running:
        world.step()
    world.end()
    assert aside.any()
    assert (world.boosts.rows["aside"] == aside).all()
    assert world.boosts.rows["counts"][:, 0].sum() > aside[:, 0].sum()
    items = {name: np.array(values) for name, values in tables["items"][0].items()}
    for row in ends(tables):
        assert items["shown"][row["item"]] == row["before"] + row["natural"] + row["exposures"]


def test_memory_of_paid_waves_is_reckoned() -> None:
    # 1,000 people: an audience takes 125 bytes, likes and exposures 8,000; 2 rooms two profiles of 24 categories
    order = "{at: day 0 00:00, boosts: {kind: %s}, target: {kind: %s}}"
    world = "viewers: {count: 1000}\nrooms: {count: 2}\ncampaigns: [" + order + "]"
    row = row_bytes(BOOST_COLUMNS)
    assert boosts_bytes(loads("seed: 1")) == 0
    assert boosts_bytes(loads(world % ("best, count: 3", "everybody"))) == 3 * row
    assert boosts_bytes(loads(world % ("best, count: 3", "likers"))) == 3 * row + 3 * 125 + 8_000
    assert boosts_bytes(loads(world % ("room", "lookalikes"))) == row + 125 + 2 * 2 * 24 * 8


# --- the audit


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda world: world.population.billed.__setitem__((0, 5), 100), "boosted waves billed and received"),
        (lambda world: world.boosts.rows["budget"].__setitem__(0, 0), "boosted waves above their budget"),
        (lambda world: world.boosts.rows["delivered"].__setitem__(0, 1), "boosted waves and their books"),
        (lambda world: world.boosts.rows["counts"].__setitem__((0, 0), 1), "boosted waves and their books"),
    ],
    ids=["an exposure", "a budget", "a bill", "a book"],
)
def test_the_audit_notices_one_too_many(tamper: Any, said: str) -> None:
    world = until(World(boosted(NEWEST, pacing=False), audit=True), 0.6)
    assert world.boosts.rows["delivered"][0] > 0
    tamper(world)
    with pytest.raises(AuditError, match=said):
        world.step()


# --- saved worlds


@pytest.mark.parametrize("hour", [0.5, 1.0])
def test_a_saved_world_keeps_its_paid_waves(tmp_path: Any, hour: float) -> None:
    whole = until(World(boosted(*AIMED, NEWEST, counts=False), audit=True), hour)
    whole.save(tmp_path / "world.npz")
    again, _ = World.load(tmp_path / "world.npz", threads=2)
    for _ in range(90):
        whole.step()
        again.step()
        assert events(whole) == events(again)
    mine = whole.boosts.arrays(whole.catalogue.published)
    other = again.boosts.arrays(again.catalogue.published)
    for name in set(mine) - {"rows"}:
        assert np.array_equal(mine[name], other[name]), name
    for name in BOOST_COLUMNS:
        assert np.array_equal(mine["rows"][name], other["rows"][name]), name


# --- whom an item has won


def test_people_whom_items_win_are_added_up() -> None:
    world = World(small(ALL_DAY, "viewers.count=300", *BUSY, f"campaigns=[{AIMED[1]}, {AIMED[3]}]"))
    videos, rooms = np.zeros_like(world.boosts.won_by_videos), np.zeros_like(world.boosts.won_by_rooms)
    people = world.population
    for _ in range(200):
        weights = people.published.recall.usual.weights.copy()  # the step ends with weights that have learnt from it
        world.step()
        events_, _ = people.won(world.clock.now_ms)
        who = events_["viewer"]
        found = portraits(people.tags, who, world.clock.now_ms, people.tag_rules, weights, videos.shape[1])
        for event, tags in zip(events_, found, strict=True):
            if event["kind"] == VIDEO:
                videos[event["item"]] += tags
            elif event["kind"] == INSIDE:
                rooms[~event["item"], ENGAGERS] += tags
            else:
                rooms[world.catalogue.products["room"][event["item"]], BUYERS] += tags
    assert (videos == world.boosts.won_by_videos).all()
    assert (rooms == world.boosts.won_by_rooms).all()
    assert all(part.any() for part in (videos, rooms[:, ENGAGERS], rooms[:, BUYERS]))


def test_an_audience_is_those_whose_tags_fit_best() -> None:
    world = until(World(boosted(*AIMED)), 0.5)
    rows, feed, now = world.boosts.rows, world.boosts.feed, world.clock.now_ms
    k = int(np.flatnonzero(world.boosts.won_by_videos[rows["item"][4:8]].any(axis=1))[0]) + 4
    scores = world.population.resembling(world.boosts.won_by_videos[rows["item"][k]].astype(float), True, now)
    fits = [in_audience(feed, rows[k], i) for i in range(300)]
    assert sum(fits) == rows["fit"][k]
    assert scores[fits].min() >= np.delete(scores, np.flatnonzero(fits)).max()
    likes = like_rates(world.population.like_counts())
    assert [in_audience(feed, rows[0], i) for i in range(300)] == best(likes, 0.2).tolist()
