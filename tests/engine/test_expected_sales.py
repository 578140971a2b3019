"""Expected sales: worked by hand, without bias, and of no influence."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.core import event_log
from sim.core.arrays import blank, one
from sim.core.catalogue import PITCH, PRODUCT_COLUMNS, ROOM_COLUMNS
from sim.engine.expected_sales import (
    EDGES,
    ENTRIES,
    GMV,
    GSV,
    MIDDLES,
    ORDERS,
    SAFE,
    UNIT,
    WEIGHTS,
    Shop,
    asked_of,
    counts_as_it_came,
    expected_sales,
    step_of,
    time_that_sells,
)
from sim.world import World
from tests.worlds import same, small

SHOP = (
    "rooms.count=12",
    "rooms.stock={kind: constant, value: 1000}",
    "rooms.script_shares={plain: 1, hold_and_release: 1}",
    "viewers.in_room.order=0.9",
    "viewers.in_room.click=600",
    "viewers.in_room.enter=0.3",
    "viewers.in_room.stay_spread=1.0",
    "records.expected_sales=true",
)
CAME = (event_log.T_ENTRIES, event_log.T_ORDERS, event_log.T_GMV, event_log.T_GSV)


# --- the forecast


def test_the_steps_of_patience_are_those_of_a_normal_number() -> None:
    assert WEIGHTS.sum() == pytest.approx(1.0)
    assert np.cumsum(WEIGHTS)[:-1].tolist() == pytest.approx(stats.norm.cdf(EDGES).tolist())
    assert len(WEIGHTS) == len(MIDDLES) == len(EDGES) + 1
    assert [step_of(z) for z in (-9.0, -1.0, -0.31, 0.0, 9.0)] == [0, 1, 1, 2, len(EDGES)]
    assert [step_of(z) for z in MIDDLES] == list(range(len(MIDDLES)))


def test_time_after_the_first_order_counts_for_less() -> None:
    # orders come at 1 in 1000 ms: of 2000 ms (1 - exp(-2)) * 1000 are before the first, the rest counts a quarter
    before = (1 - math.exp(-2.0)) * 1000.0
    assert time_that_sells(2000.0, 0.001, 0.25) == pytest.approx(before + 0.25 * (2000.0 - before))
    assert time_that_sells(2000.0, 0.0, 0.25) == 2000.0
    assert time_that_sells(0.0, 0.001, 0.25) == 0.0


# --- one viewer and one room, by hand


def reckoned(events: list[dict[str, int]], risky: bool = False) -> tuple[np.ndarray, object]:
    """Expectations of events of a viewer who likes a room's one product fully and is used to its price, 80 yuan."""
    world = World(small("rooms.count=1", "rooms.products=1", "rooms.narrow=1", "viewers.count=20"))
    viewers, rooms = world.population.viewers[:1].copy(), world.catalogue.rooms.copy()
    products = world.catalogue.products.copy()
    viewers["taste"][0], viewers["affinity"][0] = products["topic"][0], [255, 0, 0, 0, 0, 0]
    viewers["price_cents"], products["price_cents"][0] = 8000, 8000
    viewers["buy"], viewers["bargain"], viewers["visit"], viewers["trusted"], viewers["wary"] = 0, 0, 7, -1, 0
    rooms["segment"], rooms["product"], rooms["session"], rooms["online"] = PITCH, 0, 1, 0
    log = blank(event_log.LOG_COLUMNS, (1, max(len(events), 1)))
    for n, event in enumerate(events):
        for name, value in ({"item": ~0, "viewer": 0} | event).items():
            log[name][0, n] = value
    returns = np.full(len(world.scenario.categories), 0.25)
    truth = np.zeros(1), np.ones(2)
    shop = Shop(rooms, products, *truth, np.array([10_000_000]), np.array([risky]), 0.8, returns)
    sizes, behaviour = np.array([len(events)]), world.population.behaviour
    return expected_sales(log, sizes, 0, viewers, asked_of(1), shop, behaviour, 1), one(behaviour)


ENTERED = {"kind": event_log.SHOWN, "did": event_log.ENTERED, "at_ms": 0}
PASSED = {"kind": event_log.SHOWN, "did": 0, "at_ms": 0}
STRETCH = {"kind": event_log.INSIDE, "ms": 30_000, "did": 0}
CLICK = STRETCH | {"did": event_log.CLICKED}
BOUGHT = STRETCH | {"did": event_log.CLICKED | event_log.ORDERED}


def test_a_stretch_is_worth_its_chance() -> None:
    (entered, b), (found, _) = reckoned([ENTERED]), reckoned([ENTERED, STRETCH])
    chance = b.order * (1 - math.exp(-b.click * 30_000))
    more = (found - entered) / UNIT
    assert more[ENTRIES] == 0
    assert more[ORDERS] == pytest.approx(chance, abs=0.001)
    assert more[GMV] == pytest.approx(8000 * chance, abs=0.001)
    assert more[GSV] == pytest.approx(8000 * chance * 0.8 * 0.75, abs=0.001)


def test_a_product_that_was_clicked_on_has_its_answer() -> None:
    (first, b), (again, _) = reckoned([ENTERED, CLICK]), reckoned([ENTERED, CLICK, STRETCH])
    click = 1 - math.exp(-b.click * 30_000)
    assert (again - first)[ORDERS] / UNIT in (pytest.approx(0.0), pytest.approx(click, abs=0.001))


def test_who_ordered_in_a_stay_is_expected_to_order_less() -> None:
    (none, b), (fresh, _) = reckoned([ENTERED]), reckoned([ENTERED, STRETCH])
    elsewhere = STRETCH | {"did": event_log.ORDERED, "ms": 0}  # of another product
    sated, _ = reckoned([ENTERED, elsewhere, STRETCH])
    assert (sated - none)[GMV] / (fresh - none)[GMV] == pytest.approx(b.sated, abs=1e-3)


def test_a_room_that_was_shown_before_in_a_visit_counts_as_it_came() -> None:
    (once, _), (twice, _) = reckoned([PASSED]), reckoned([PASSED, PASSED])
    assert once.tolist() == twice.tolist()
    assert 0 < once[ENTRIES] < UNIT
    then, _ = reckoned([PASSED, ENTERED])
    assert (then - once).tolist() == [UNIT, 0, 0, 0]


def test_orders_of_a_room_that_may_run_out_are_left_to_be_counted() -> None:
    (entered, _), (found, _) = reckoned([ENTERED], risky=True), reckoned([ENTERED, BOUGHT], risky=True)
    assert (found - entered).tolist() == [0, 0, 0, 0]


def test_which_rooms_may_run_out() -> None:
    rooms, products = blank(ROOM_COLUMNS, 3, categories=2), blank(PRODUCT_COLUMNS, 2)
    rooms["product"], rooms["online"], products["stock"] = [0, 1, -1], [10, 10, 10], [10 + SAFE, 9 + SAFE]
    assert counts_as_it_came(rooms, products).tolist() == [False, True, False]


def test_other_facts_count_nothing() -> None:
    assert not reckoned([{"kind": event_log.VIDEO, "item": 3, "ms": 9_000}])[0].any()
    assert not reckoned([])[0].any()


# --- whole worlds


class Told(World):
    """A world that adds up what came and what was expected."""

    sums: np.ndarray | int = 0

    def publish(self) -> None:
        self.sums = self.sums + self.platform.counters.totals
        super().publish()  # which begins to count anew


def came_and_expected(*sets: str) -> np.ndarray:
    """Entries, orders, cents of GMV and GSV as they came, and as they were expected; shape (2, 4)."""
    world = Told(small(*SHOP, *sets))
    while world.running:
        world.step()
    first = event_log.T_EXPECTED
    return np.array([world.sums[list(CAME)], world.sums[first : first + 4] / UNIT])


def gaps(runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of what came less what was expected, over the mean of what came, and their standard errors."""
    found = np.array([came_and_expected(f"reaction_seed={seed}") for seed in range(2, 2 + runs)], float)
    gap, scale = found[:, 0] - found[:, 1], found[:, 0].mean(axis=0)
    return gap.mean(axis=0) / scale, gap.std(axis=0, ddof=1) / runs**0.5 / scale


@pytest.mark.slow
def test_what_came_is_what_was_expected() -> None:
    gap, error = gaps(16)
    assert (np.abs(gap) < 3.5 * error).all(), (gap, error)
    assert 3.5 * error[ORDERS] < 0.06  # so large a bias would show
    assert 3.5 * error[ENTRIES] < 0.01


@pytest.mark.campaign
def test_what_came_is_what_was_expected_to_a_hundredth() -> None:
    gap, error = gaps(400)
    assert (np.abs(gap) < 3.5 * error).all(), (gap, error)
    assert 3.5 * error[ORDERS] < 0.01


def test_recording_expectations_changes_nothing_else() -> None:
    def facts(recorded: str) -> list[np.ndarray]:
        world = World(small(f"records.expected_sales={recorded}"))
        while world.running:
            world.step()
        expected = range(event_log.T_EXPECTED, event_log.T_EXPECTED + 4)
        kept = [name for name in range(len(event_log.TOTALS)) if name not in expected]
        totals = world.platform.decayed_totals[kept]
        return [totals, world.population.column("satisfaction"), world.platform.counters.rooms]

    assert all(same(a, b) for a, b in zip(facts("true"), facts("false"), strict=True))


def test_a_world_that_is_saved_goes_on_to_the_same_expectations(tmp_path) -> None:
    def rest(world: Told) -> list[int]:
        world.sums = 0
        while world.running:
            world.step()
        return world.sums.tolist()

    world = Told(small(*SHOP))
    for _ in range(300):
        world.step()
    world.save(tmp_path / "world.npz")
    again, _ = Told.load(tmp_path / "world.npz")
    assert rest(world) == rest(again)
