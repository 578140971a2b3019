"""The viewers' loop and its twin, which knows only the model page, must tell the same events, one for one."""

from collections import Counter, defaultdict
from functools import cache
from itertools import zip_longest
from typing import Any

import pytest

from sim.scenario.scenario import Scenario, load
from sim.world import World
from tests.twin import viewer_history as served
from tests.twin import world
from tests.twin.basics import Event, Snapshot, philox
from tests.twin.world import ORDER, REFUSED, SHOWN, VIDEO, Twin, Viewer
from tests.worlds import events, small

ALL_DAY = f"viewers.rhythm={[1] * 24}"
MANY = ("viewers.count=150", ALL_DAY, "days=0.5", "creators.videos_per_viewer_day=10", f"creators.rhythm={[1] * 24}")
WAVES = ("platform.waves.ladder=[20,60,140]",)
BUSY = (
    "viewers.in_room.enter=0.5",
    "viewers.in_room.stay_seconds=30",
    "viewers.in_room.click=600",
    "viewers.in_room.order=0.8",
    "viewers.in_room.follow=20",
    "viewers.in_room.share=10",
    "viewers.friends=5",
    "rooms.stock={kind: constant, value: 2}",
    "platform.feed.live_share=0.3",
)
EAGER = ("viewers.reacting.like=0.2", "viewers.reacting.comment=0.1", "viewers.reacting.share=0.1")
PAID = (
    "platform.boosts.share=0.15",
    "platform.boosts.entries_per_yuan=20",
    """campaigns=[
        {at: day 0 00:00, hours: 2, budget_yuan: 2, boosts: {kind: newest, count: 6}},
        {at: day 0 00:10, hours: 2, budget_yuan: 1, boosts: {kind: best, count: 4}, target: {kind: likers, share: 0.3}},
        {at: day 0 00:20, hours: 2, budget_yuan: 5, boosts: {kind: room, room: 1}},
        {at: day 0 00:25, hours: 2, budget_yuan: 5, boosts: {kind: room, room: 2},
         target: {kind: lookalikes, of: buyers}},
        {at: day 0 00:30, hours: 2, budget_yuan: 1.5, boosts: {kind: newest, count: 5}, target: {kind: lookalikes}},
        {at: day 0 00:40, hours: 2, budget_yuan: 30, boosts: {kind: post, creator: 3, number: 2}},
        {at: day 0 00:41, budget_yuan: 3, boosts: {kind: newest, count: 5},
         target: {kind: tags, categories: [food, pets]}},
    ]""",
)
BAITS = ("rooms.script_shares={hold_and_release: 1}", "rooms.bait_share=0.05", "viewers.in_room.waiting_cost=200")


def tiny(*overrides: str) -> Scenario:
    return load(
        "scenarios/tiny.yaml", ("viewers.sessions_per_day={kind: lognormal, median: 20, sigma: 0.6}", *overrides)
    )


WORLDS = {
    "plain": (small(*MANY, *WAVES), 300),
    "no tags, no spacing": (small(*MANY, *WAVES, "platform.feed.use_tags=false", "platform.feed.spacing=false"), 200),
    "rooms busy": (small(*MANY, *WAVES, *BUSY, *EAGER), 300),
    "baits": (
        small(
            *MANY,
            *WAVES,
            *BUSY,
            *BAITS,
            "viewers.reacting.follow=0.2",
            "viewers.bargain_hunters=0.5",
            "viewers.in_room.wary=0.1",
            "platform.feed.price_match=0.7",
        ),
        300,
    ),
    "both scripts": (tiny(), 216),
    # a single tier is fresh and hot at once; half-lives of minutes; more shards than fit
    "odd": (
        tiny(
            *BUSY,
            "viewers.fewest_tastes=1",
            "platform.shards=7",
            "platform.feed.depth=1",
            "platform.feed.fresh=3",
            "platform.feed.random=3",
            "platform.feed.tags=16",
            "platform.feed.live_random=1",
            "platform.waves.ladder=[15]",
            "platform.tags.short_half_life=0.011",
            "platform.tags.long_half_life=0.02",
            "seed=9223372036854775807",
        ),
        216,
    ),
    "no rooms": (
        tiny(
            "rooms.count=0",
            "viewers.session_minutes={kind: uniform, low: 1, high: 90}",
            "viewers.patience={kind: pareto, minimum: 0.5, tail: 2}",
            "viewers.sessions_per_day={kind: weibull, scale: 60, shape: 0.4}",
            "viewers.bored_skip=1",
        ),
        100,
    ),
    # hosts are followed, hosts' rooms differ in nothing but that, and a bonus makes them worse
    "followed hosts": (
        small(
            *MANY,
            *BUSY,
            "rooms.count=30",
            "creators.posts_per_day={kind: constant, value: 50}",
            "viewers.reacting.follow=0.3",
            "platform.feed.live_random=0",
            "platform.feed.live_share=0.5",
            "platform.feed.follow_bonus=0.5",
            "platform.weights.review.dwell=0",
            "platform.weights.review.interaction=0",
            "platform.refresh=60",
        ),
        100,
    ),
    # long sessions of short looks: what was seen fills up, halves change
    "insatiable": (
        small(
            *MANY,
            "viewers.session_minutes={kind: constant, value: 600}",
            "viewers.watching.ratio=0.15",
            "viewers.watching.dull_seconds=0",
            "viewers.watching.swipe_seconds=0.7",
            "platform.waves.ladder=[100]",
            "platform.refresh=300",
        ),
        60,
    ),
    "old": (small(*MANY, *WAVES, *BUSY), 200),
    "paid": (small(*MANY, *WAVES, *BUSY, *EAGER, *PAID), 300),
    "paid, not paced, no tags": (
        small(
            *MANY,
            *WAVES,
            *BUSY,
            *PAID,
            "platform.boosts.pacing=false",
            "platform.boosts.counts=false",
            "platform.feed.use_tags=false",
            "platform.boosts.share=0.5",
            "platform.feed.page=3",
        ),
        200,
    ),
    # all that a viewer meets changes while he is at it, and half-lives go down to minutes
    "rules that change": (
        small(
            *MANY,
            *BUSY,
            "platform.waves.ladder=[20,60,140]",
            "warm_up=0.01",
            """changes=[
                {at: day -1 23:59, set: {platform.tags.purchases: 20, platform.feed.depth: 7,
                                         platform.feed.spacing: false}},
                {at: day 0 00:20, set: {platform.tags.short_half_life: 0.012, platform.tags.long_half_life: 0.03}},
                {at: day 0 01:00, set: {platform.weights.review.dwell: 0, platform.weights.review.conversion: 5,
                                        platform.feed.live_share: 0.5, platform.feed.tags: 2,
                                        platform.feed.follow_bonus: 9, platform.waves.ladder: [30, 50, 70]}},
                {at: day 0 01:10, set: {platform.feed.use_tags: false, platform.tags.short_half_life: 5}},
            ]""",
        ),
        200,
    ),
}


def age(world: World, two: Twin) -> None:
    """Make both old: evidence near its bounds, landmarks long ago, many pages asked for, memory nearly full."""
    for row, me in enumerate(two.viewers):
        tags, served = world.population.tags[row], world.population.served[row]
        tags["evidence"], tags["trials"] = (-1) ** row * (32_500 + row), 65_200 + row
        me.tags, me.trials = evidence(tags), tags["trials"].tolist()
        tags["short_landmark"] -= row % 4 * (7 if row % 3 else 1)
        tags["long_landmark"] -= row % 2
        me.landmark = [int(tags["short_landmark"]), int(tags["long_landmark"])]
        served["pages"] = me.pages = 65535 - row % 4
        served["seen_count"] = me.seen_count = 158


def evidence(tags: Any) -> dict[str, list[int]]:
    return dict(zip(served.KINDS, tags["evidence"].tolist(), strict=True))


SERVED = (
    *("place", "length", "topic", "pages", "seen_count", "followed", "price"),
    *("next_room", "next_source", "next_session"),
)


def kept_of(world: World, row: int) -> dict[str, Any]:
    """All that the world keeps of a viewer."""
    me, tags, served = world.population.viewers[row], world.population.tags[row], world.population.served[row]
    length = int(served["length"])
    return {
        **{name: me[name].tolist() for name in me.dtype.names},
        **{name: int(served[name]) for name in SERVED},
        "tags": evidence(tags),
        "trials": tags["trials"].tolist(),
        "usual": tags["usual"].item(),
        "ready": tags["ready"].item(),
        "landmark": [int(tags["short_landmark"]), int(tags["long_landmark"])],
        "seen": [sum(word << 64 * n for n, word in enumerate(half)) for half in served["seen"].tolist()],
        "page": served["page"][:length].tolist(),
        "marks": served["match_source"][:length].tolist(),
        "follows": served["follows"].tolist(),
        "following": sum(word << 64 * n for n, word in enumerate(served["following"].tolist())),
    }


def kept_by(me: Viewer) -> dict[str, Any]:
    """The same of the twin's viewer."""
    own = dict(vars(me), follow=me.follow_trait, page=me.page[: me.length], marks=me.match_source[: me.length])
    for name in ("row", "s", "rules", "categories", "rhythm", "half", "follow_trait", "match_source", "now", "hosts"):
        own.pop(name, None)
    return own


def assert_same_viewers(world: World, two: Twin) -> None:
    for row, me in enumerate(two.viewers):
        assert kept_by(me) == kept_of(world, row), f"viewer {row}"


def assert_first_come_first_served(theirs: list[Event], world: World) -> None:
    """By time, viewer and product, a product's orders are filled until one is refused."""
    answers = defaultdict(list)
    for at_ms, viewer, product, _, did, kind, _ in theirs:
        if kind == ORDER:
            answers[product].append((at_ms, viewer, did & REFUSED))
    for product, orders in answers.items():
        refused = [answer for *_, answer in sorted(orders)]
        assert refused == sorted(refused)
        assert not any(refused) or world.catalogue.products["stock"][product] == 0


def assert_paid_and_returned_as_drawn(inventory: Snapshot, world: World) -> None:
    """Whether an order is paid, and comes back, is one answer of a viewer to a product in a session of its room."""
    s, outcome = world.scenario, world.outcome
    for order, filled, *kept in zip(outcome.orders, outcome.filled, outcome.paid, outcome.returned, strict=True):
        product = int(order["item"])
        session, back = inventory.session[inventory.product_room[product]], inventory.product_topic[product]
        words = philox((int(order["viewer"]), product, session, 25), (s.reactions, s.reactions >> 32))
        u_pay, u_back = ((word + 0.5) * 2**-32 for word in words[:2])
        paid = bool(filled) and u_pay < s.rooms.payment_rate
        assert kept == [paid, paid and u_back < s.categories[back].return_rate]


@cache
def lived(name: str) -> Counter[tuple[str, int, int]]:
    """Live through a world beside its twin; counts what happened: deeds by kind, marks of visits, and sources."""
    scenario, refreshes = WORLDS[name]
    world, happened = World(scenario, audit=True), Counter[tuple[str, int, int]]()
    two = Twin(scenario, world.catalogue.creators["topic"].tolist())
    assert_same_viewers(world, two)
    if name == "old":
        age(world, two)
    for refresh_index in range(refreshes):
        assert world.running
        inventory = Snapshot(world)
        mine = two.act(inventory)
        world.step()
        two.settle(inventory, mine, world.population.order_events.tolist(), world.outcome.filled.tolist())
        if any(scenario.calendar.moment(one.at) == world.clock.now_ms for one in scenario.changes):
            two.change(scenario.rules_after(world.clock.now_ms))
        theirs = events(world)
        for place, (left, right) in enumerate(zip_longest((event for shard in mine for event in shard), theirs)):
            assert left == right, f"refresh {refresh_index}, event {place}"
        assert two.lessons == world.population.lessons.sum(axis=0).tolist(), f"refresh {refresh_index}"
        assert_first_come_first_served(theirs, world)
        assert_paid_and_returned_as_drawn(inventory, world)
        for *_, did, kind, mark in theirs:
            happened["kind", kind, 0] += 1
            happened.update(("deed", kind, 1 << bit) for bit in range(10) if did >> bit & 1)
            happened["mark", kind, mark >> 4 if kind in (VIDEO, SHOWN) else mark] += 1
    assert_same_viewers(world, two)
    return happened


def test_philox_known_answer() -> None:
    assert philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)


@pytest.mark.parametrize("name", WORLDS)
def test_same_facts_and_viewers(name: str) -> None:
    assert lived(name).total() > 1000


def test_everything_has_happened() -> None:
    happened = sum((lived(name) for name in WORLDS), Counter[tuple[str, int, int]]())
    t = world
    reactions = (t.LIKED, t.COMMENTED, t.FOLLOWED)
    for kind in range(8):
        assert happened["kind", kind, 0] > 50, kind
    for kind, deeds in {
        t.VISIT: (t.SKIPPED,),
        t.VIDEO: (t.FINISHED, t.SKIPPED, t.SHARED, *reactions),
        t.SHOWN: (t.ENTERED,),
        t.INSIDE: (t.CLICKED, t.ORDERED, t.SHARED, *reactions),
        t.ORDER: (t.ORDERED, t.REFUSED, t.FOLLOWED),
        t.LEFT: (t.ENTERED, t.CLICKED, t.ORDERED, *reactions),
    }.items():
        for deed in deeds:
            assert happened["deed", kind, deed] > 20, (kind, deed)
    for source in (served.RANKED, served.FRESH, served.RANDOM, served.FOLLOW):
        assert happened["mark", t.VIDEO, source] > 50, source
    for kind in (t.VIDEO, t.SHOWN):
        assert happened["mark", kind, served.BOOSTED] > 50, kind
    entrances = (served.RECOMMENDED, served.FOLLOW, served.BY_VIDEO, served.BY_SHARE, served.BOOSTED)
    of_rooms = [happened["mark", t.SHOWN, source] for source in entrances]
    assert min(of_rooms) > 50
    assert sum(of_rooms) == happened["kind", t.SHOWN, 0]
    assert happened["mark", t.VISIT, 1] > 20
