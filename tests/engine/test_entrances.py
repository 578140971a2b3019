"""Entrances to live rooms: who comes by them, by which rules, and that a closed one lets nobody in."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.creator import CREATOR_COLUMNS, FIRST_TEASER, Posting
from agents.live_room import teaser_times
from agents.viewer import behaviour, known_draw, taps
from sim.core.arrays import Array, blank, one
from sim.core.catalogue import CLOSED
from sim.core.clock import HOUR, MINUTE
from sim.core.event_log import (
    BOOSTED,
    ENTERED,
    FOLLOW,
    INSIDE,
    LEFT,
    LOG_COLUMNS,
    ORDER,
    RECOMMENDED,
    ROOM_SOURCES,
    SHARED,
    SHOWN,
    SOURCES,
    VIA_SHARE,
    VIA_VIDEO,
)
from sim.engine.entrances import invite, show_next
from sim.engine.invitations import deliver, friend_of, friends_of, invitations
from sim.recommender.viewer_history import SERVED_COLUMNS
from sim.scenario.scenario import Rooms, Scenario, loads
from sim.world import World
from tests.worlds import events, small, told

ALL_DAY = f"viewers.rhythm={[1] * 24}"
EAGER = (
    ALL_DAY,
    "viewers.count=200",
    "viewers.in_room.enter=0.3",
    "viewers.in_room.stay_seconds=20",
    "viewers.in_room.share=20",
    "viewers.in_room.follow=20",
    "viewers.in_room.click=300",
    "viewers.in_room.order=0.8",
    "platform.entrances.follow_share=0.2",
    "rooms.posts_per_show=10",
    "rooms.stock={kind: constant, value: 30}",
)
BOOSTS = "campaigns=[{at: day 0 00:00, hours: 2, budget_yuan: 30, boosts: {kind: room, room: 1}}]"
EVENT = ("at_ms", "viewer", "item", "ms", "did", "kind", "match_source")


# --- rules


def test_the_chance_to_tap_by_hand() -> None:
    rules = one(behaviour(loads("viewers: {in_room: {enter: 0.1, enter_taste: 2, tap: 0.5}}")))
    # 0.5 * 0.1 * 1.5 * exp(2 * (0.8 - 0.3) + 0.5 * 0.4) = 0.075 * exp(1.2) = 0.24900
    assert taps(0.2489, 1.5, 0.8, 0.4, rules)
    assert not taps(0.2491, 1.5, 0.8, 0.4, rules)
    assert not taps(0.951, 1e6, 0.8, 0.4, rules)  # nobody is surer
    assert not taps(1e-9, 1.5, 0.8, 0.4, one(behaviour(loads("viewers: {in_room: {tap: 0}}"))))


def test_whom_viewers_know_they_enter_more_readily() -> None:
    rules = one(behaviour(loads("viewers: {in_room: {known_enter: 2.5}}")))
    assert [known_draw(source, rules) for source in (RECOMMENDED, FOLLOW, VIA_VIDEO, VIA_SHARE, BOOSTED)] == [
        1.0,
        2.5,
        1.0,
        2.5,
        1.0,
    ]


@given(viewer=st.integers(0, 999), nth=st.integers(0, 20), viewers=st.integers(2, 1000), seed=st.integers(0, 2**63 - 1))
def test_friends_are_others_and_stay_the_same(viewer: int, nth: int, viewers: int, seed: int) -> None:
    viewer %= viewers
    friend = friend_of(viewer, nth, viewers, seed)
    assert 0 <= friend < viewers
    assert friend != viewer
    assert friend == friend_of(viewer, nth, viewers, seed)


def test_a_viewer_alone_has_nobody_else() -> None:
    assert friend_of(0, 3, 1, 7) == 0


def test_who_shares_invites_all_friends_in_the_order_of_time() -> None:
    s = loads("viewers: {count: 100, friends: 3}\nrooms: {count: 4}")
    shares = blank(LOG_COLUMNS, 2)
    for row, values in zip(shares, [(900, 7, ~2), (500, 9, ~1)], strict=True):
        row["at_ms"], row["viewer"], row["item"] = values
    found = invitations(shares, np.array([5, 6, 300, 8]), s)
    assert found.who.tolist() == [friend_of(who, k, 100, s.seed) for who in (9, 7) for k in range(3)]
    assert found.who.tolist() == friends_of(np.array([9, 7]), 3, 100, s.seed).tolist()
    assert found.room.tolist() == [1, 1, 1, 2, 2, 2]
    assert found.session.tolist() == [6, 6, 6, 300, 300, 300]


def next_of(served: Array, row: int = 0) -> tuple[int, int, int]:
    return tuple(int(served[name][row]) for name in ("next_room", "next_session", "next_source"))  # type: ignore[return-value]


def test_the_last_invitation_holds_but_who_is_on_the_way_goes_on() -> None:
    served = blank(SERVED_COLUMNS, 2, page=4)
    assert next_of(served)[0] == -1
    deliver(served, 10, np.array([11, 11]), np.array([3, 4]), np.array([1, 257]))
    assert next_of(served, 1) == (4, 1, VIA_SHARE)
    show_next(served[0], 2, 9, VIA_VIDEO)
    invite(served[0], 5, 1)
    assert next_of(served) == (2, 9, VIA_VIDEO)


# --- teasers


def rooms(**changes: Any) -> Rooms:
    return Rooms.model_validate({"posts_per_show": 5, "post_lead_minutes": 30, **changes})


@given(now=st.integers(-10 * HOUR, 30 * HOUR), session=st.integers(1, 10_000), seed=st.integers(0, 2**31))
def test_teasers_come_shortly_before_a_show_and_during_it(now: int, session: int, seed: int) -> None:
    opens, closes = 10 * HOUR, 12 * HOUR
    found = teaser_times(3, session, opens, closes, now, seed, rooms())
    begins = max(opens - 30 * MINUTE, now)
    if begins >= closes:
        assert found == []
        return
    part = (closes - begins) / 5
    assert [int((at - begins) / part) for at in found] == pytest.approx(range(5), abs=1e-3 if part > 1e4 else 1)
    assert all(begins <= at <= closes for at in found)
    assert found == teaser_times(3, session, opens, closes, now, seed, rooms())


def test_none_and_many_teasers() -> None:
    given_times = (3, 1, 10 * HOUR, 12 * HOUR, 0, 7)
    assert teaser_times(*given_times, rooms(posts_per_show=0)) == []
    assert len(teaser_times(*given_times, rooms(posts_per_show=100))) == 100


def test_teasers_take_no_number_of_other_posts() -> None:
    creators = blank(CREATOR_COLUMNS, 2)
    creators["per_day"] = 48.0
    usual, announced = (Posting(creators, 0, 7, np.ones(24)) for _ in range(2))
    announced.announce(1, -101, [5_000, 1_000, 4 * HOUR])
    plain, mixed = (one_of.before(3 * HOUR) for one_of in (usual, announced))
    teasers = mixed.number <= FIRST_TEASER
    assert [column[teasers].tolist() for column in mixed] == [[1_000, 5_000], [1, 1], [-102, -101]]
    assert all(np.array_equal(a, b[~teasers]) for a, b in zip(plain, mixed, strict=True))
    assert (np.diff(mixed.at_ms) >= 0).all()
    again = Posting(creators, 0, 7, np.ones(24))
    again.restore({name: array.copy() for name, array in announced.arrays(0).items()})
    assert again.before(5 * HOUR).number.tolist() == announced.before(5 * HOUR).number.tolist()
    assert announced.arrays(0)["teasers"].shape == (3, 0)  # the third is posted too


# --- worlds


class Lived:
    """What came by which entrance in a world's run: exposures, entries and orders by source, refresh by refresh."""

    def __init__(self, scenario: Scenario) -> None:
        self.world = world = World(scenario, audit=True)
        self.shown: Counter[tuple[str, bool]] = Counter()  # by source, and whether after half of the run
        self.entered: Counter[tuple[str, bool]] = Counter()
        self.shares = 0
        self.entrance: dict[tuple[int, int], int] = {}  # of each viewer's stay in a room
        self.strange: list[tuple[int, ...]] = []  # what came of a stay and does not bear its entrance
        while world.running:
            late = world.clock.now_ms >= scenario.end_ms // 2
            world.step()
            for event in events(world):
                self.look_at(dict(zip(EVENT, event, strict=True)), late)

    def look_at(self, event: dict[str, int], late: bool) -> None:
        source, kind = event["match_source"] >> 4, event["kind"]
        if kind == SHOWN:
            self.shown[SOURCES[source], late] += 1
            if event["did"] & ENTERED:
                self.entered[SOURCES[source], late] += 1
                self.entrance[event["viewer"], ~event["item"]] = event["match_source"]
        elif kind in (INSIDE, LEFT, ORDER):
            self.shares += kind == INSIDE and event["did"] & SHARED != 0
            room = ~event["item"] if kind != ORDER else int(self.world.catalogue.products["room"][event["item"]])
            if self.entrance.get((event["viewer"], room)) != event["match_source"]:
                self.strange.append(tuple(event.values()))

    def by(self, count: Counter[tuple[str, bool]], source: str) -> int:
        return count[source, False] + count[source, True]


@cache
def lived(*changes: str) -> Lived:
    return Lived(small(*EAGER, *changes))


def test_people_come_by_every_entrance_and_their_stays_keep_it() -> None:
    found = lived(BOOSTS)
    assert {source for source, _ in found.shown} == set(ROOM_SOURCES)
    assert all(found.by(found.entered, source) > 5 for source in ROOM_SOURCES)
    assert found.by(found.shown, "video") == found.by(found.entered, "video")  # who taps is in
    assert found.strange == []


@pytest.mark.parametrize("source", ["follow", "video", "share"])
def test_by_a_closed_entrance_nobody_comes(source: str) -> None:
    found = lived(f"platform.entrances.{source}=false")
    assert found.by(found.shown, source) == 0
    others = set(ROOM_SOURCES) - {source, "boosted"}
    assert {name for name, _ in found.shown} == others
    assert found.strange == []


@pytest.mark.parametrize("source", ["follow", "video", "share"])
def test_an_entrance_closes_and_opens_in_mid_run(source: str) -> None:
    half = "day 0 01:48"  # of 0.15 days
    path = f"platform.entrances.{source}"
    closed = lived(f"changes=[{{at: {half}, set: {{{path}: false}}}}]")
    assert closed.entered[source, False] > 5
    assert closed.shown[source, True] == 0
    opened = lived(f"{path}=false", f"changes=[{{at: {half}, set: {{{path}: true}}}}]")
    assert opened.shown[source, False] == 0
    assert opened.entered[source, True] > 5


def test_without_what_brings_people_nobody_comes() -> None:
    found = lived("viewers.in_room.tap=0", "viewers.friends=0")
    assert found.by(found.shown, "video") == found.by(found.shown, "share") == 0
    assert found.shares > 0


def test_at_an_extreme_most_who_watch_a_host_go_in() -> None:
    usual, extreme = lived("viewers.in_room.tap=0.1"), lived("viewers.in_room.tap=50")
    assert extreme.by(extreme.entered, "video") > 2 * usual.by(usual.entered, "video")


def test_more_friends_meet_more_rooms() -> None:
    few, many = lived("viewers.friends=1"), lived("viewers.friends=30")
    assert many.by(many.shown, "share") > 3 * few.by(few.shown, "share")


def test_hosts_who_post_more_meet_more_viewers() -> None:
    quiet = ("creators.videos_per_viewer_day=10", "rooms.count=3")
    none, many = lived("rooms.posts_per_show=0", *quiet), lived("rooms.posts_per_show=60", *quiet)
    assert many.by(many.entered, "video") > 2 * none.by(none.entered, "video")
    world = many.world
    assert world.truth.posting.arrays(0)["teasers"].shape[0] == 3


def test_teasers_show_what_the_room_sells() -> None:
    world = World(small(*EAGER, "creators.videos_per_viewer_day=1", "creators.narrow=0"))
    for _ in range(300):
        world.step()
    hosts, n = world.catalogue.rooms["host"].tolist(), world.catalogue.published
    videos = world.catalogue.videos[:n]
    teasers = np.flatnonzero(videos["main_topic_weight"] == 255)  # nobody else keeps to one topic
    assert len(teasers) > 10
    assert set(videos["creator"][teasers].tolist()) <= set(hosts)
    for item in teasers:
        room = int(world.platform.snapshot.room_of[videos["creator"][item]])
        assert videos["topic"][item] == world.catalogue.rooms["topics"][room].argmax()


def test_records_tell_the_entrance() -> None:
    tables = told(small(*EAGER, "records.viewers=0", "rooms.hours_open={kind: constant, value: 1}", BOOSTS))
    series = tables["series"]
    for what, whole in (("shown", "live_exposures"), ("entered", "entries"), ("orders", "orders")):
        by_source = [sum(row[f"{what}_{source}"] for row in series) for source in ROOM_SOURCES]
        assert sum(by_source) == sum(row[whole] for row in series)
    bought = Counter(
        str(source)
        for part in tables["orders"]
        for source, filled in zip(part["source"], part["filled"], strict=True)
        if filled
    )
    assert {source: sum(row[f"orders_{source}"] for row in series) for source in bought} == bought
    assert len(bought) > 2
    for part in tables["sessions"]:
        parts = sum(np.asarray(part[f"entered_{source}"]) for source in ROOM_SOURCES)
        assert parts.tolist() == np.asarray(part["entered"]).tolist()


def test_a_stale_invitation_leads_nowhere() -> None:
    world = World(small(*EAGER))
    for _ in range(300):
        world.step()
    served, rows = world.population.served, world.catalogue.rooms
    live = int(np.flatnonzero(rows["segment"] != CLOSED)[0])
    served["next_room"], served["next_source"] = live, VIA_SHARE
    served["next_session"] = (int(rows["session"][live]) + 1) % 256
    world.step()
    shown = [event for event in events(world) if event[5] == SHOWN and event[6] >> 4 == VIA_SHARE and ~event[2] == live]
    assert shown == []
    assert (served["next_room"] == -1).any()
