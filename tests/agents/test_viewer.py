import math

import numpy as np
import pytest

from agents.birth import draw_tastes, initialise_rows, viewer_parameters
from agents.viewer import (
    AWAY,
    MOST_TASTES,
    VIEWER_COLUMNS,
    affinity_of,
    affinity_of_room,
    bait_chance,
    bait_draw,
    behaviour,
    enters,
    interest_in,
    is_worth_waiting,
    kept,
    longer_tail,
    order_probability,
    pace,
    pays,
    reacts,
    room_code,
    sends_back,
    session_ms,
    skips_visit,
    social_proof,
    stay_patience_ms,
    trait,
    trust,
    visit_after,
    waits_for_bait,
    wariness,
    warmth,
    watch_ms,
    within,
)
from sim.core.arrays import Array, Row, blank
from sim.core.catalogue import CHAT, HOLD, PITCH, RELEASE, ROOM_COLUMNS
from sim.core.clock import DAY, HOUR, MINUTE, SECOND
from sim.core.event_log import CLICKED, ENTERED, ORDERED
from sim.core.randomness import rhythm_of
from sim.scenario.distributions import middle
from sim.scenario.scenario import Scenario, loads

SCENARIO = """
categories: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}]
viewers:
  count: 100
  fewest_tastes: 3
  most_tastes: 6
  sessions_per_day: {kind: lognormal, median: 4, sigma: 0.5}
  session_minutes: {kind: weibull, scale: 20, shape: 1}
  bored_skip: 0.4
  watching:
    {ratio: 0.8, shape: 2, taste: 1, talent: 0.5, duration_fade: 0.5, spread: 0.35, activity_fade: 0.25, loops: 3}
  reacting: {like: 0.01, taste: 2, talent: 1}
  in_room:
    enter: 0.1
    enter_taste: 2
    stay_seconds: 5
    stay_spread: 2
    stay_taste: 1
    longest_hours: 3
    social_proof: 0.1
    chat_pace: 1
    pitch_pace: 1.2
    wait_pace: 0.25
    waiting_cost: 36
    interest_pace: 0.5
    order: 0.2
    price_response: 0.5
    bargain_response: 2
    reservation: 8
    reservation_power: 1
    trust_bonus: 3
    sated: 0.5
    bait_enter: 4
    bait_interest: 0.6
    wary: 0.25
rooms: {count: 0}
"""
WORLD: Scenario = loads(SCENARIO)
B: Row = behaviour(WORLD)[0]
U = math.exp(-1.0)  # a Weibull number of exactly its scale


def viewer(**values: object) -> Array:
    rows = blank(VIEWER_COLUMNS, 1)
    for name, value in values.items():
        rows[name] = value
    return rows


# --- traits and tastes


@pytest.mark.parametrize(
    ("factor", "eighths"), [(1, 0), (2, 8), (0.5, -8), (1.09, 1), (1.04, 0), (1e9, 127), (1e-9, -127)]
)
def test_a_trait_is_kept_in_eighths_of_a_doubling(factor: float, eighths: int) -> None:
    assert kept(float(factor)) == eighths


@pytest.mark.parametrize("factor", [0.01, 0.3, 0.77, 1.0, 1.5, 9.0, 5_000.0])
def test_a_kept_trait_is_within_a_sixteenth_of_a_doubling(factor: float) -> None:
    assert abs(math.log2(trait(kept(factor)) / factor)) <= 1 / 16 + 1e-9


def test_liking_is_that_of_the_taste_and_none_elsewhere() -> None:
    me = viewer(taste=[4, 2, 4, 4, 4, 4], affinity=[255, 51, 0, 0, 0, 0])
    assert affinity_of(me[0], 4) == 1.0
    assert affinity_of(me[0], 2) == pytest.approx(0.2)
    assert affinity_of(me[0], 3) == 0.0


def test_liking_of_a_room_is_the_mean_over_its_catalogue() -> None:
    # tastes beyond the viewer's own repeat the first with a liking of 0, and add nothing
    me = viewer(taste=[4, 2, 4, 4, 4, 4], affinity=[255, 51, 0, 0, 0, 0])
    topics = np.array([0, 0, 0.5, 0.25, 0.25, 0, 0, 0], np.float32)
    assert affinity_of_room(me[0], topics) == pytest.approx(0.5 * 0.2 + 0.25 * 1.0)


# --- sessions


def test_a_typical_value_is_the_unit_of_a_trait() -> None:
    # a log-normal's median; the normal number behind (0.5, 0.25) is 0
    assert middle(WORLD.viewers.sessions_per_day) == pytest.approx(4.0)
    assert B["sessions_per_day"] == pytest.approx(4.0)


def test_a_visit_depends_on_the_seed_alone() -> None:
    flat = np.ones(24)
    first = visit_after(0, 3, 0, 0, 0, 1, B, flat)
    assert visit_after(0, 3, 0, 0, 0, 1, B, flat) == first
    assert (
        len(
            {
                visit_after(0, *key, B, flat)
                for key in [(3, 0, 0, 0, 1), (4, 0, 0, 0, 1), (3, 1, 0, 0, 1), (3, 0, 0, 0, 2)]
            }
        )
        == 4
    )


def test_who_is_twice_as_active_comes_in_half_the_time() -> None:
    flat = np.ones(24)
    usual, active = visit_after(0, 3, 0, 0, 0, 1, B, flat), visit_after(0, 3, 0, 8, 0, 1, B, flat)
    assert usual == pytest.approx(2 * active, abs=2)


def test_session_lengths_are_drawn_for_each_visit_and_stretched_by_patience() -> None:
    usual = session_ms(3, 5, 0, 1, B)
    assert session_ms(3, 5, 8, 1, B) == pytest.approx(2 * usual)
    assert session_ms(3, 6, 0, 1, B) != usual
    # exponential with a mean of 20 minutes: over 4,000 visits a standard error of 20 / sqrt(4,000)
    mean = np.mean([session_ms(3, visit, 0, 1, B) for visit in range(4_000)]) / MINUTE
    assert abs(mean - 20) < 4.5 * 20 / math.sqrt(4_000)


@pytest.mark.parametrize(
    ("satisfaction", "u", "skipped"),
    [(1.0, 0.0001, False), (0.0, 0.39, True), (0.0, 0.41, False), (0.5, 0.19, True), (0.5, 0.21, False)],
)
def test_dull_days_let_sessions_go(satisfaction: float, u: float, skipped: bool) -> None:
    assert skips_visit(u, satisfaction, 0.4) == skipped


# --- videos


@pytest.mark.parametrize(
    ("affinity", "quality", "duration_ms", "attention", "ratio"),
    [
        (0.5, 0.0, 15_000, 1.0, 0.8),
        (1.0, 0.0, 15_000, 1.0, 0.8 * math.exp(0.5)),
        (0.0, 0.0, 15_000, 1.0, 0.8 * math.exp(-0.5)),
        (0.5, 1.0, 15_000, 1.0, 0.8 * math.exp(0.5)),
        (0.5, 0.0, 60_000, 1.0, 0.4),  # four times as long, power 0.5: half the share
        (0.5, 0.0, 15_000, 0.5, 0.4),
        (1.0, 4.0, 15_000, 1.0, 3.0),  # 0.8 * exp(2.5) = 9.7, but no more than three loops
    ],
)
def test_watch_time_by_hand(affinity: float, quality: float, duration_ms: int, attention: float, ratio: float) -> None:
    assert watch_ms(U, affinity, quality, duration_ms, attention, B) == pytest.approx(ratio * duration_ms, abs=1)


def test_a_video_is_watched_for_a_moment_at_least() -> None:
    assert watch_ms(1 - 1e-9, 0.5, 0.0, 15_000, 1.0, B) == 300


def test_watch_time_follows_its_shape() -> None:
    # at u = e^-4, shape 2: twice the scale
    assert watch_ms(math.exp(-4.0), 0.5, 0.0, 15_000, 1.0, B) == pytest.approx(2 * 0.8 * 15_000, abs=1)


def test_warmth_by_hand() -> None:
    assert warmth(0.5, 0.0, 1.0, B) == 1.0
    assert warmth(1.0, 0.0, 1.0, B) == pytest.approx(math.e)
    assert warmth(0.5, 1.0, 0.5, B) == pytest.approx(math.e / 2)


@pytest.mark.parametrize(("u", "reacted"), [(0.0199, True), (0.0201, False)])
def test_a_reaction_has_its_probability(u: float, reacted: bool) -> None:
    assert reacts(u, 0.01, 4.0, 0.5) == reacted  # 0.01 * 4 * 0.5


def test_nobody_is_certain_to_react() -> None:
    assert not reacts(0.91, 1.0, 100.0, 10.0)
    assert reacts(0.89, 1.0, 100.0, 10.0)


# --- live rooms


def test_every_doubling_of_people_inside_draws_more() -> None:
    # 0.1 a doubling of 1 + people: 0, 1, 3 and 7 people are 0, 1, 2 and 3 doublings
    assert [social_proof(n, B) for n in (0, 1, 3, 7)] == pytest.approx(
        [1.0, math.exp(0.1), math.exp(0.2), math.exp(0.3)]
    )


@pytest.mark.parametrize(
    ("readiness", "affinity", "skill", "online", "probability"),
    [
        (1.0, 0.3, 0.0, 0, 0.1),
        (2.0, 0.3, 0.0, 0, 0.2),
        (1.0, 0.8, 0.0, 0, 0.1 * math.e),  # 2 * 0.5
        (1.0, 0.3, 1.0, 0, 0.1 * math.exp(0.5)),
        (1.0, 0.3, 0.0, 1, 0.1 * math.exp(0.1)),
        (99.0, 1.0, 2.0, 99, 0.95),
    ],
)
def test_entry_by_hand(readiness: float, affinity: float, skill: float, online: int, probability: float) -> None:
    assert enters(probability - 1e-9, readiness, affinity, skill, online, B)
    assert not enters(probability + 1e-9, readiness, affinity, skill, online, B)


def test_patience_in_a_room_by_hand() -> None:
    # v = 0.25 is a normal number of 0: the median; u = e^-1/2, v = 0.5 is -1
    assert stay_patience_ms(0.5, 0.25, 0.3, 0.0, 0, B) == pytest.approx(5_000)
    assert stay_patience_ms(0.5, 0.25, 0.8, 1.0, 1, B) == pytest.approx(5_000 * math.exp(0.5 + 1.0 + 0.1))
    assert stay_patience_ms(math.exp(-0.5), 0.5, 0.3, 0.0, 0, B) == pytest.approx(5_000 * math.exp(-2.0))


def test_the_longest_stay_is_the_longest() -> None:
    assert stay_patience_ms(math.exp(-18.0), 1.0, 1.0, 3.0, 99, B) == 3 * HOUR  # six spreads out: 5 s * e^12 and more


@pytest.mark.parametrize(
    ("segment", "interest", "waits", "speed"),
    [
        (CHAT, 1.0, False, 1.0),
        (PITCH, 0.0, False, 1.2),
        (PITCH, 1.0, False, 0.6),  # of full interest: half as fast
        (PITCH, 0.5, False, 0.9),
        (HOLD, 1.0, False, 0.6),  # who does not wait for a bait looks at it as at any product
        (HOLD, 0.0, False, 1.2),
        (HOLD, 0.0, True, 0.25),
        (RELEASE, 1.0, True, 0.25),
    ],
)
def test_patience_runs_at_the_pace_of_the_segment(segment: int, interest: float, waits: bool, speed: float) -> None:
    assert pace(segment, interest, waits, B) == pytest.approx(speed)


def test_what_happens_at_a_rate_happens_within_a_time() -> None:
    # at one an hour, within ln 2 hours with probability 1/2
    rate, half = 1 / HOUR, math.log(2) * HOUR
    assert within(0.4999, rate, half)
    assert not within(0.5001, rate, half)
    assert not within(1e-9, rate, 0.0)


@pytest.mark.parametrize(
    ("price", "bargain", "readiness", "appeal", "trusting", "probability"),
    [
        (10_000, 0, 1.0, 1.0, 1.0, 0.2),
        (40_000, 0, 1.0, 1.0, 1.0, 0.1),  # four times as dear, power 0.5
        (40_000, 1, 1.0, 1.0, 1.0, 0.2 / 16),  # power 2
        (2_500, 0, 1.0, 1.0, 1.0, 0.4),
        (10_000, 0, 1.5, 0.5, 1.0, 0.15),
        (10_000, 0, 1.0, 1.0, 3.0, 0.6),
        (5_000, 1, 0.5, 1.0, 1.0, 0.4),
        (1_000, 1, 0.5, 1.0, 1.0, 0.6),  # 100 times as ready, but no more than 6 times
        (100, 1, 1.0, 1.0, 3.0, 0.9),
        (0, 0, 0.1, 1.0, 1.0, 0.12),  # a price of nothing is held for a cent
        (80_000, 0, 1.0, 1.0, 1.0, 0.2 / 8**0.5),  # at the reservation price: no more than dearer by a factor of 8
        (160_000, 0, 1.0, 1.0, 1.0, 0.2 / 16**0.5 / 2),  # twice as dear as that: half of what it would be
        (160_000, 1, 1.0, 1.0, 1.0, 0.2 / 256 / 2),
    ],
)
def test_an_order_by_hand(
    price: int, bargain: int, readiness: float, appeal: float, trusting: float, probability: float
) -> None:
    got = order_probability(price, 10_000, bargain, readiness, appeal, trusting, B)
    assert got == pytest.approx(probability)


def test_a_viewer_trusts_the_last_host() -> None:
    me = viewer(trusted=4)
    assert [trust(me[0], host, 7, B) for host in (4, 9)] == [3.0, 1.0]
    assert trust(viewer()[0], 0, 0, B) == 1.0


def test_who_has_ordered_in_this_stay_is_sated_and_trust_counts_from_the_next_stay_on() -> None:
    me = viewer(trusted=4, did=ENTERED | ORDERED)
    assert [trust(me[0], host, 7, B) for host in (4, 9)] == [0.5, 0.5]
    me["did"] = ENTERED | CLICKED
    assert trust(me[0], 4, 7, B) == 3.0
    wary = viewer(did=ORDERED, wary=room_code(7))
    assert trust(wary[0], 4, 7, B) == 0.125


def test_a_viewer_is_wary_of_the_room_whose_bait_was_missed() -> None:
    me = viewer(trusted=4, wary=room_code(7))
    assert [wariness(me[0], room, B) for room in (6, 7, 8)] == [1.0, 0.25, 1.0]
    assert trust(me[0], 4, 7, B) == 0.75  # trusted once, disappointed since
    assert wariness(viewer()[0], 0, B) == 1.0


def test_rooms_have_marks_of_two_bytes_none_of_which_is_none() -> None:
    assert [room_code(r) for r in (0, 65_534, 65_535, 999_999)] == [1, 65_535, 1, 999_999 % 65_535 + 1]


# --- baits


def test_a_bait_on_show_draws_bargain_hunters_in() -> None:
    drawn = {segment: [bait_draw(segment, bargain, B) for bargain in (0, 1)] for segment in range(5)}
    assert drawn == {CHAT: [1, 1], PITCH: [1, 1], HOLD: [1, 4], RELEASE: [1, 4], 4: [1, 1]}


def test_bargain_hunters_take_an_interest_in_any_bait() -> None:
    # likes category 2 by 51 / 255 = 0.2 and category 5 wholly
    me, hunter = (viewer(taste=[5, 2, 5, 5, 5, 5], affinity=[255, 51, 0, 0, 0, 0], bargain=n) for n in (0, 1))
    assert [interest_in(me[0], topic, HOLD, B) for topic in (2, 5, 7)] == pytest.approx([0.2, 1.0, 0.0])
    assert [interest_in(hunter[0], topic, RELEASE, B) for topic in (2, 5, 7)] == pytest.approx([0.6, 1.0, 0.6])
    assert [interest_in(hunter[0], topic, PITCH, B) for topic in (2, 5, 7)] == pytest.approx([0.2, 1.0, 0.0])


@pytest.mark.parametrize(
    ("inside", "share", "chance"),
    [(0, 0.1, 1.0), (1, 0.1, 1.0), (2, 0.1, 0.5), (10, 0.1, 0.1), (14, 0.1, 1 / 14), (15, 0.1, 2 / 15), (9, 2.0, 1.0)],
)
def test_the_chance_of_a_bait_by_hand(inside: int, share: float, chance: float) -> None:
    assert bait_chance(inside, share) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("saving", "chance", "left_s", "waits"),
    [
        (6_000, 0.1, 600, True),  # 6 yuan against ten minutes at 36 yuan an hour, which are 6 yuan
        (6_000, 0.1, 601, False),
        (5_999, 0.1, 600, False),
        (6_000, 0.05, 300, True),
        (1, 0.001, 0, True),  # it is released: no more wait
        (0, 1.0, 0, False),  # who is used to pay no more saves nothing
        (-5, 1.0, 0, False),
    ],
)
def test_what_is_worth_waiting_for_by_hand(saving: int, chance: float, left_s: int, waits: bool) -> None:
    assert is_worth_waiting(saving, chance, left_s * SECOND, B) is waits


def room_with_bait(segment: int = HOLD, online: int = 100, ends_s: int = 600) -> Array:
    room = blank(ROOM_COLUMNS, 1, categories=8)
    room["segment"], room["online"], room["ends_ms"] = segment, online, ends_s * SECOND
    return room


def test_who_waits_for_a_bait_of_a_room() -> None:
    # the bait costs 10 yuan; 10 of 100 people get one; used to pay 70: saves 60, by a chance of a tenth 6
    def waits(room: Array, now_s: int = 0, **me: object) -> bool:
        row = viewer(**({"bargain": 1, "price_cents": 7_000, "room": 3} | me))[0]
        return bool(waits_for_bait(row, room[0], 1_000, now_s * SECOND, B))

    assert waits(room_with_bait())
    assert not waits(room_with_bait(), bargain=0)
    assert not waits(room_with_bait(ends_s=601))
    assert waits(room_with_bait(ends_s=601), now_s=1)
    assert waits(room_with_bait(RELEASE, ends_s=10_000))
    assert not waits(room_with_bait(PITCH))
    assert not waits(room_with_bait(), did=ENTERED | ORDERED)
    assert not waits(room_with_bait(), wary=room_code(3))  # missed it before: a quarter of the chance
    assert waits(room_with_bait(ends_s=150), wary=room_code(3))
    assert waits(room_with_bait(online=10, ends_s=600))
    assert not waits(room_with_bait(online=14))  # still one piece


def test_some_pay_and_some_send_back() -> None:
    assert [pays(u, 0.8) for u in (0.1, 0.79, 0.81)] == [True, True, False]
    assert [sends_back(u, 0.65) for u in (0.1, 0.64, 0.66)] == [True, True, False]
    assert not pays(1e-9, 0.0)
    assert not sends_back(1e-9, 0.0)
    assert pays(1 - 1e-9, 1.0)


# --- birth


def test_tastes_are_different_categories_of_which_one_is_liked_most() -> None:
    rows, popularity = blank(VIEWER_COLUMNS, 300), np.cumsum(np.ones(8))
    numbers = set()
    for i in range(300):
        draw_tastes(rows[i], i, 1, viewer_parameters(WORLD), popularity)
        liked = rows["affinity"][i] > 0
        n = int(liked.sum())
        numbers.add(n)
        assert len(set(rows["taste"][i, :n].tolist())) == n
        assert rows["affinity"][i].max() == 255
        assert not rows["affinity"][i, n:].any()
        assert (rows["taste"][i, n:] == rows["taste"][i, 0]).all()
    assert numbers == {3, 4, 5, 6}


def test_as_many_tastes_as_categories_can_be_had() -> None:
    rows = blank(VIEWER_COLUMNS, 1)
    rules = viewer_parameters(WORLD)._replace(fewest=MOST_TASTES, most=MOST_TASTES)
    draw_tastes(rows[0], 0, 1, rules, np.cumsum([1000.0, 1, 1, 1, 1, 1]))
    assert sorted(rows["taste"][0].tolist()) == [0, 1, 2, 3, 4, 5]


def test_tastes_follow_the_popularity_of_categories() -> None:
    # the first taste is a plain pick: binomial with p = 0.65 over 1,000 viewers
    rows, popularity = blank(VIEWER_COLUMNS, 1_000), np.cumsum([13.0, 1, 1, 1, 1, 1, 1, 1])
    for i in range(1_000):
        draw_tastes(rows[i], i, 1, viewer_parameters(WORLD), popularity)
    assert abs((rows["taste"][:, 0] == 0).mean() - 0.65) < 4.5 * math.sqrt(0.65 * 0.35 / 1_000)


def everybody(low: int, high: int, seed: int = 1, world: Scenario = WORLD) -> Array:
    rows, b = blank(VIEWER_COLUMNS, 2_000), behaviour(world)[0]
    about, rhythm = viewer_parameters(world), rhythm_of(world.viewers.rhythm)
    initialise_rows(rows[low:high], low, seed, about, np.cumsum(np.ones(8)), -DAY, b, rhythm)
    return rows


def test_everybody_is_born_alone() -> None:
    # in pieces or at once, the same people
    assert (everybody(500, 900)[500:900] == everybody(0, 2_000)[500:900]).all()
    assert (everybody(0, 100, seed=2)["taste"][:100] != everybody(0, 100)["taste"][:100]).any()


def test_newborn_viewers_are_away_until_their_first_visit() -> None:
    rows = everybody(0, 2_000)
    assert (rows["phase"] == AWAY).all()
    assert (rows["due_ms"] == rows["visit_ms"]).all()
    assert (rows["due_ms"] >= -DAY).all()
    assert (rows["room"] == -1).all()
    assert (rows["satisfaction"] == 0.5).all()


def test_traits_scatter_as_the_scenario_says() -> None:
    plain = ("viewers.activity_tail=0", "viewers.reacting.tail=0", "viewers.in_room.buy_tail=0")
    n, rows = 2_000, everybody(0, 2_000, world=loads(SCENARIO, plain))
    # bargain hunters: binomial, p = 0.25
    assert abs(rows["bargain"].mean() - 0.25) < 4.5 * math.sqrt(0.25 * 0.75 / n)
    # activity in eighths of a doubling: median 0, spread 0.5 log units = 0.5 / ln 2 * 8 = 5.77 eighths
    spread = 0.5 / math.log(2) * 8
    assert abs(rows["activity"].mean()) < 4.5 * spread / math.sqrt(n)
    assert (
        abs(rows["activity"].std() / spread - 1) < 4.5 / math.sqrt(2 * n) + 0.002  # whole eighths: 0.1 % more
    )  # rounding adds 1/12 to the variance
    # price level: a median of 80 yuan; the sample median of a log-normal scatters by 1.2533 sigma / sqrt(n)
    assert abs(np.log(np.median(rows["price_cents"]) / 8_000)) < 4.5 * 1.2533 * 0.8 / math.sqrt(n)
    # who likes a lot comments a lot: correlation 0.64 by construction, standard error (1 - 0.64**2) / sqrt(n)
    assert abs(np.corrcoef(rows["like"], rows["comment"])[0, 1] - 0.64) < 4.5 * 0.59 / math.sqrt(n)
    # attention: 0.35 log units around what activity takes off, 0.25 eighths for each of its own
    rest, spread = rows["attention"] + 0.25 * rows["activity"], 0.35 / math.log(2) * 8
    assert abs(rest.mean()) < 4.5 * spread / math.sqrt(n)
    assert abs(rest.std() / spread - 1) < 4.5 / math.sqrt(2 * n) + 0.003  # whole eighths
    assert abs(np.corrcoef(rest, rows["activity"])[0, 1]) < 4.5 / math.sqrt(n)


TAILS = ("viewers.activity_tail", "viewers.reacting.tail", "viewers.in_room.buy_tail")


@pytest.mark.parametrize("tail", [0.0, 0.3, 0.7])
def test_a_tail_is_an_exponential_number_in_the_logarithm(tail: float) -> None:
    # it adds its mean and its variance: 2,000 draws, in eighths of a doubling
    without, with_it = (
        everybody(0, 2_000, world=loads(SCENARIO, [f"{name}={size}" for name in TAILS])) for size in (0.0, tail)
    )
    unit = math.log(2) / 8
    assert abs((with_it["activity"] - without["activity"].astype(float)).mean() * unit - tail) < 4.5 * tail / 44 + 0.03
    # readiness to like and to buy keeps its mean of 1, so the logarithm is shifted down
    for name in ("like", "buy"):
        more = (with_it[name] - without[name].astype(float)) * unit
        assert abs(more.mean() - (tail + math.log(1 - tail))) < 4.5 * tail / 44 + 0.03
        assert (more.std() > 0.8 * tail) if tail else (more == 0).all()


def test_a_longer_tail_by_hand() -> None:
    assert longer_tail(0.5, 0.25) == pytest.approx(2.0)
    assert longer_tail(0.0, 0.25) == 1.0


def test_own_hours_shift_a_viewers_day() -> None:
    rows = everybody(0, 2_000, world=loads(SCENARIO, ["viewers.own_hours=2"]))
    assert abs(rows["chronotype"].mean()) < 4.5 * 2 / 44
    assert abs(rows["chronotype"].std() - math.sqrt(4 + 1 / 12)) < 0.2
    assert not everybody(0, 2_000, world=loads(SCENARIO, ["viewers.own_hours=0"]))["chronotype"].any()
    # a late riser's day is the same, later
    rhythm = np.arange(24.0) / 11.5
    early, late = (visit_after(shift * HOUR, 3, 0, 0, shift, 1, B, rhythm) for shift in (0, 5))
    assert late - early == 5 * HOUR


@pytest.mark.parametrize("regularity", [1, 2, 3, 4])
def test_regular_sessions_keep_their_rate_and_their_distance(regularity: int) -> None:
    b, flat, at, due = behaviour(loads(SCENARIO, [f"viewers.regularity={regularity}"]))[0], np.ones(24), 0, [0]
    for visit in range(4_000):
        at = visit_after(at, 3, visit, 0, 0, 1, b, flat)
        due.append(at)
    gaps = np.diff(due) / DAY * b["sessions_per_day"]
    # gaps of an Erlang process: mean 1, variance 1 / k; the variance of 4,000 gaps scatters by at most 5 %
    assert abs(gaps.mean() - 1) < 4.5 / math.sqrt(regularity * 4_000)
    assert gaps.var() == pytest.approx(1 / regularity, rel=0.2)
