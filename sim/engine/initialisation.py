"""How a world begins: people, rooms and empty books, from keyed draws alone, before the clock starts."""

from concurrent.futures import ThreadPoolExecutor

import mesa
import numpy as np

from agents.birth import initialise_rows, viewer_parameters
from agents.creator import CREATOR_COLUMNS, CreatorParameters, Posting, creator_parameters, draw_creators, how_many
from agents.live_room import LiveRoom, RoomTruth, Venue, draw_rooms, room_parameters
from agents.truth import HiddenTruth
from agents.viewer import MOST_TASTES, SHORTEST_MS, VIEWER_COLUMNS, behaviour
from sim.core import event_log
from sim.core.arrays import Array, blank, numbers, set_empty, side_by_side
from sim.core.catalogue import PRODUCT_COLUMNS, ROOM_COLUMNS, VIDEO_COLUMNS, Catalogue
from sim.core.clock import DAY
from sim.core.compiler import compiled
from sim.core.event_log import PRODUCT_COUNTS, ROOM_COUNTS, TOTALS
from sim.core.randomness import FOLLOWS, SAMPLED, SCRIPT, STARS, draw, pick, rhythm_of, sample
from sim.recommender.interest_tags import TAG_COLUMNS, landmark, tag_rules
from sim.recommender.room_index import ring_of_rooms
from sim.recommender.snapshot import recall
from sim.recommender.viewer_history import SERVED_COLUMNS, follow
from sim.scenario.categories import sectors
from sim.scenario.scenario import Platform, Scenario
from sim.traffic.platform_state import PlatformState
from sim.traffic.room_books import RoomBooks
from sim.traffic.room_levels import LEVEL_COLUMNS
from sim.traffic.run_totals import RunTotals
from sim.traffic.video_waves import WAVE_COLUMNS, ladder, peers

MOST_FIRST_FOLLOWS = 100.0


def popularity(scenario: Scenario) -> Array:
    """Cumulative weights of the categories."""
    return np.cumsum([category.share for category in scenario.categories])


def most_events(scenario: Scenario) -> int:
    """Events that one viewer can leave in one refresh: a short visit to a room leaves four."""
    return 4 * scenario.refresh_ms // SHORTEST_MS + 64


def initial_log_capacity(scenario: Scenario) -> int:
    """Capacity of each shard's log at first, in events."""
    return most_events(scenario) + scenario.viewers.count // scenario.platform.shards // 2 + 256


def sampling(scenario: Scenario) -> tuple[int, int]:
    """Which viewers are recorded whole: every so many-th (0 for none), from which on."""
    u, _, _, _ = draw(scenario.seed, SAMPLED, 0, 0, 0)
    stride = every(scenario.records.exposures)
    return stride, int(u * stride)


def is_sampled(scenario: Scenario, low: int, high: int) -> Array:
    """Which of the viewers from number `low` to before `high` are recorded whole."""
    (stride, first), chosen = sampling(scenario), np.zeros(high - low, bool)
    if stride:
        chosen[(first - low) % stride :: stride] = True
    return chosen


def every(share: float) -> int:
    """A share as one in so many; 0 for none."""
    return max(1, round(1.0 / share)) if share > 0 else 0


def videos_a_day(scenario: Scenario) -> float:
    """New videos a day, those by which hosts announce their shows included."""
    rooms = scenario.rooms
    teasers = rooms.count * rooms.sessions_per_day * rooms.posts_per_show
    return scenario.viewers.count * scenario.creators.videos_per_viewer_day + teasers


def feed_rules(scenario: Scenario, rules: Platform) -> Array:
    """The feed's rules as a row of numbers."""
    feed = rules.feed
    return numbers(
        page=feed.page,
        live_share=feed.live_share if scenario.rooms.count else 0.0,
        live_random=feed.live_random,
        tags=feed.tags,
        depth=feed.depth,
        fresh=feed.fresh,
        random=feed.random,
        spacing=feed.spacing,
        one_author=feed.one_author,
        follow_bonus=feed.follow_bonus,
        price_match=feed.price_match,
        use_tags=feed.use_tags,
        dwell=rules.weights.rank.dwell,
        interaction=rules.weights.rank.interaction,
        shards=rules.shards,
        tiers=len(ladder(rules.waves.ladder, scenario.viewers.count)) + 1,  # and the stock
        boosted_share=rules.boosts.share if scenario.campaigns else 0.0,
        follow_share=rules.entrances.follow_share if scenario.rooms.count and rules.entrances.follow else 0.0,
        video_entrance=rules.entrances.video,
        share_entrance=rules.entrances.share,
    )


def initial_creators(scenario: Scenario) -> tuple[Array, CreatorParameters]:
    """Creators whose rates add up to the scenario's number of videos a day."""
    rules = creator_parameters(scenario.creators)
    creators = blank(CREATOR_COLUMNS, how_many(scenario.creators, scenario.viewers.count))
    fame = np.zeros(len(creators))
    draw_creators(creators, fame, scenario.seed, rules, popularity(scenario))
    by_creators = scenario.viewers.count * scenario.creators.videos_per_viewer_day
    creators[:] = creators[np.argsort(-fame, kind="stable")]
    creators["per_day"] *= by_creators / max(creators["per_day"].sum(), 1e-9)
    return creators, rules


def initial_rooms(scenario: Scenario, hosts: int) -> tuple[Array, Array, RoomTruth]:
    """Rooms, their catalogues, and what is true of both."""
    count, each = scenario.rooms.count, scenario.rooms.products + 1
    rooms = blank(ROOM_COLUMNS, count, categories=len(scenario.categories))
    products = blank(PRODUCT_COLUMNS, count * each)
    room_truth = RoomTruth(skill=np.zeros(count), appeal=np.ones(count * each))
    draw_rooms(rooms, products, room_truth, scenario.seed, room_parameters(scenario.rooms), popularity(scenario), hosts)
    rooms["sector"] = np.array(sectors(scenario.categories))[rooms["main"]]
    return rooms, products, room_truth


def allocate_viewers(scenario: Scenario, count: int) -> tuple[Array, ...]:
    """Untouched rows for so many viewers: what is true of each, their tags, and what the feed keeps, side by side."""
    sizes = {"categories": len(scenario.categories), "page": scenario.platform.feed.page}
    return side_by_side(count, VIEWER_COLUMNS, TAG_COLUMNS, SERVED_COLUMNS, **sizes)


def initialise_viewers(scenario: Scenario, first: int, viewers: Array, pool: ThreadPoolExecutor) -> tuple[Array, Array]:
    """Give the viewers from number `first` on tastes, traits and a first session; returns behaviour and rhythm."""
    rhythm, b = rhythm_of(scenario.viewers.rhythm), behaviour(scenario)
    traits, weights = viewer_parameters(scenario), popularity(scenario)

    def draw_rows(low: int, high: int) -> None:
        set_empty(viewers[low:high], VIEWER_COLUMNS)
        initialise_rows(viewers[low:high], first + low, scenario.seed, traits, weights, scenario.start_ms, b[0], rhythm)

    for done in [pool.submit(draw_rows, low, high) for low, high in spans(len(viewers))]:
        done.result()
    return b, rhythm


def first_refreshes(scenario: Scenario, viewers: Array) -> Array:
    """The refresh, counted from the start, after which each viewer acts first."""
    refreshes = np.empty(len(viewers), np.int32)
    for low, high in spans(len(viewers)):  # all at once would take twice a viewer's due time for each, for a moment
        refreshes[low:high] = (viewers["due_ms"][low:high] - scenario.start_ms) // scenario.refresh_ms
    return refreshes


def initialise_feed(
    scenario: Scenario, people: tuple[Array, ...], first: int, creators: Array, pool: ThreadPoolExecutor
) -> Array:
    """What the platform keeps of the viewers from number `first` on: no evidence yet, and whom they follow. Returns how
    many of them follow each creator.
    """
    (viewers, tags, served), rules = people, tag_rules(scenario.platform.tags)
    count, categories = len(viewers), len(scenario.categories)
    short, long = (landmark(scenario.start_ms, float(rules[half][0])) for half in ("short_ms", "long_ms"))
    by_topic = np.argsort(creators["topic"], kind="stable")
    start = np.searchsorted(creators["topic"][by_topic], np.arange(categories + 1))
    about, stars = scenario.creators, np.array(scenario.creators.stars[: len(creators)])
    among = start, by_topic, about.follows.kernel_args(), about.fame_tail, stars

    def choose(low: int, high: int) -> Array:
        followers = np.zeros(len(creators), np.int64)
        set_empty(tags[low:high], TAG_COLUMNS)
        set_empty(served[low:high], SERVED_COLUMNS)
        tags["short_landmark"][low:high], tags["long_landmark"][low:high] = short, long
        first_follows(viewers[low:high], served[low:high], first + low, scenario.seed, *among, followers)
        return followers

    chosen = [pool.submit(choose, low, high) for low, high in spans(count)]
    return np.sum([done.result() for done in chosen], axis=0)


def spans(count: int, size: int = 50_000) -> list[tuple[int, int]]:
    """`count` rows in pieces of at most `size`."""
    return [(low, min(low + size, count)) for low in range(0, count, size)]


@compiled
def first_follows(
    viewers: Array,
    served: Array,
    first: int,
    seed: int,
    start: Array,
    by_topic: Array,
    follows: tuple[int, float, float],
    tail: float,
    stars: Array,
    followers: Array,
) -> None:
    """Whom viewers from number `first` on follow at the start: famous creators of the categories they like, and stars.
    Adds them to the creators' `followers`.
    """
    for n in range(len(viewers)):
        i = first + n
        u, v, _, _ = draw(seed, FOLLOWS, i, 0, 0)
        for k in range(int(min(sample(follows[0], follows[1], follows[2], u, v), MOST_FIRST_FOLLOWS))):
            topic = viewers[n].taste[k % MOST_TASTES]
            size = start[topic + 1] - start[topic]
            if size > 0:
                u, _, _, _ = draw(seed, FOLLOWS, i, k + 1, 0)
                creator = by_topic[start[topic] + int(size * u**tail)]
                followers[creator] += 1 if follow(served[n], creator) else 0
        for star in range(len(stars)):
            u, _, _, _ = draw(seed, STARS, i, star, 0)
            if u < stars[star]:
                followers[star] += 1 if follow(served[n], star) else 0


# --- the pieces of a world


def initial_catalogue_and_truth(scenario: Scenario) -> tuple[Catalogue, HiddenTruth]:
    """Creators, rooms and products, and what is true of them; no videos, and no lives of rooms yet."""
    s = scenario
    creators, rules = initial_creators(s)
    rooms, products, room_truth = initial_rooms(s, len(creators))
    posting = Posting(creators, s.start_ms - stock_life_ms(s), s.seed, rhythm_of(s.creators.rhythm))
    catalogue = Catalogue(creators, blank(VIDEO_COLUMNS, 0), rooms, products, 0)
    today = RoomTruth(*(array.copy() for array in room_truth))
    form, goods = np.zeros((2, s.rooms.count))
    return catalogue, HiddenTruth(
        np.zeros(0), np.zeros(len(creators)), room_truth, today, form, goods, rules, posting, []
    )


def initial_live_rooms(model: mesa.Model, venue: Venue, scenario: Scenario, breadths: Array) -> list[LiveRoom]:
    """The rooms' lives, each with a first script and its first session planned; `breadths` of their catalogues."""
    scripts = zip(initial_scripts(scenario), breadths.tolist(), strict=True)
    rooms = [LiveRoom(model, venue, row, *show) for row, show in enumerate(scripts)]
    for room in rooms:
        room.plan(scenario.start_ms // DAY, scenario.rooms, scenario.seed)
        room.announce(scenario.start_ms)
    return rooms


def initial_scripts(scenario: Scenario) -> list[str]:
    """The script with which each room begins."""
    shares = scenario.rooms.script_shares
    names, weights = list(shares), np.cumsum(list(shares.values()))
    return [names[pick(weights, draw(scenario.seed, SCRIPT, row, 0, 0)[0])] for row in range(scenario.rooms.count)]


def initial_platform(scenario: Scenario, catalogue: Catalogue, tiers: int) -> PlatformState:
    """A platform that has seen nothing yet."""
    s, rooms, creators = scenario, scenario.rooms.count, len(catalogue.creators)
    snapshot = recall(0, rooms, tiers, len(s.categories), creators)
    snapshot.room_of[catalogue.rooms["host"]] = np.arange(rooms)
    counters = event_log.counters(0, rooms, tiers, creators)
    order, key = ring_of_rooms(rooms)
    return PlatformState(
        waves=blank(WAVE_COLUMNS, 0),
        wave_began=np.zeros_like(counters.videos),
        best_tier=np.zeros(0, np.int8),
        peers=peers(tiers, s.platform.waves.peers),
        open_videos=np.zeros(0, np.int64),
        stock=np.zeros(0, np.int64),
        faded=np.zeros(0, np.int64),
        in_turn=np.zeros(0, np.int64),
        record=np.ones(creators),
        levels=blank(LEVEL_COLUMNS, rooms),
        counters=counters,
        decayed_totals=np.zeros(len(TOTALS), np.int64),
        newest=snapshot.newest,
        expected=snapshot.usual.videos,
        snapshot=snapshot,
        room_order=order,
        room_key=key,
        changed_rooms=set(range(rooms)),
        video_exposures=0,
        asked_of_stock=0,
        expected_live=0.0,
        live_factor=1.0,
    )


def empty_books(scenario: Scenario) -> RoomBooks:
    """Books of rooms in which nothing stands."""
    rooms = scenario.rooms.count
    peak, session_peak, closed_ms, margin_cents, bait_loss_cents = np.zeros((5, rooms), np.int64)
    return RoomBooks(
        session_counts=np.zeros((rooms, len(ROOM_COUNTS)), np.int64),
        session_peak=session_peak,
        peak=peak,
        closed_ms=closed_ms,
        margin_cents=margin_cents,
        bait_loss_cents=bait_loss_cents,
        boost_cents=np.zeros(rooms),
        earned=np.full((rooms, len(scenario.rooms.scripts) * (2 if scenario.rooms.learning.breadth else 1)), np.nan),
        sales_rank=np.full(rooms, -1, np.int64),
    )


def empty_totals(catalogue: Catalogue) -> RunTotals:
    """Totals before anything has happened."""
    return RunTotals(np.zeros((len(catalogue.products), len(PRODUCT_COUNTS)), np.int64), 0, 0, 0)


def videos_of_the_run(scenario: Scenario) -> int:
    """For how many videos to reserve capacity at first: a little more than the whole run is expected to have."""
    return int(videos_a_day(scenario) * (scenario.days + scenario.warm_up) * 1.05) + 64 + videos_at_start(scenario)


def stock_life_ms(scenario: Scenario) -> int:
    """For how long before the start creators have posted what may be in the stock then."""
    stock = scenario.platform.stock
    return int(stock.life_days * DAY) if stock.share > 0 else 0


def videos_at_start(scenario: Scenario) -> int:
    """The most videos that the stock holds at the start."""
    past, stock = stock_life_ms(scenario) / DAY, scenario.platform.stock
    return int(min(stock.size * scenario.viewers.count, videos_a_day(scenario) * past * 1.1) + 64) if past else 0
