"""The control variate of sales: worked by hand, and of mean zero."""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from sim.engine.control_variate import UNIT, capped_mean, no_entries, sales_control_variate

from sim.core import event_log
from sim.core.arrays import blank, one
from sim.world import World
from tests.worlds import same, small

SHOP = (
    "rooms.count=12",
    "rooms.stock={kind: constant, value: 1000}",
    "viewers.in_room.order=0.6",
    "viewers.in_room.click=100",
    "viewers.in_room.enter=0.3",
    "viewers.in_room.stay_spread=1.0",
    "records.expected_sales=true",
)


@pytest.mark.parametrize(("scale", "spread", "most"), [(3.0, 2.6, 14_400.0), (50.0, 0.5, 40.0), (10.0, 1.0, 10.0)])
def test_the_mean_of_a_capped_log_normal(scale: float, spread: float, most: float) -> None:
    # the mean of min(X, most) is the integral of P(X > x) from 0 to most
    by_hand, _ = integrate.quad(lambda x: stats.lognorm.sf(x, spread, scale=scale), 0, most, limit=500)
    assert capped_mean(scale, spread, most) == pytest.approx(by_hand, rel=1e-6)


def test_capped_means_at_their_ends() -> None:
    assert capped_mean(5.0, 0.0, 3.0) == 3.0
    assert capped_mean(2.0, 0.0, 3.0) == 2.0
    assert capped_mean(2.0, 1.0, 0.0) == 0.0
    assert capped_mean(2.0, 1.0, -5.0) == 0.0


class Told(World):
    """A world that adds up its sales and its control variate."""

    gmv = control_variate = 0

    def publish(self) -> None:
        totals = self.platform.counters.totals
        self.gmv += int(totals[event_log.T_GMV])
        self.control_variate += int(totals[event_log.T_LUCK])
        super().publish()  # which begins to count anew


def sold(*sets: str) -> tuple[float, float]:
    """GMV and its control variate in a small world, in cents."""
    world = Told(small(*SHOP, *sets))
    while world.running:
        world.step()
    return world.gmv, world.control_variate / UNIT


@pytest.mark.slow
def test_the_control_variate_has_mean_zero_and_taking_it_out_narrows_gmv() -> None:
    gmv, variate = np.array([sold(f"reaction_seed={seed}") for seed in range(2, 26)]).T
    assert gmv.min() > 0
    assert abs(variate.mean()) < 3.5 * variate.std(ddof=1) / len(variate) ** 0.5
    assert abs(variate.mean()) < 0.1 * gmv.mean()
    # the same people with other reactions: much of what differs is in the variate, the rest is whom they were shown
    assert np.corrcoef(gmv, variate)[0, 1] > 0.4
    assert (gmv - variate).std() < 0.9 * gmv.std()


def test_recording_the_control_variate_changes_nothing_else() -> None:
    def events(reckoned: str) -> list[np.ndarray]:
        world = World(small(f"records.expected_sales={reckoned}"))
        while world.running:
            world.step()
        kept = [name for name in range(len(event_log.TOTALS)) if name != event_log.T_LUCK]
        return [
            world.platform.decayed_totals[kept],
            world.population.column("satisfaction"),
            world.platform.counters.rooms,
        ]

    assert all(same(a, b) for a, b in zip(events("true"), events("false"), strict=True))


def test_a_world_that_is_saved_goes_on_with_the_same_control_variate(tmp_path) -> None:
    def rest(world: Told) -> int:
        world.control_variate = 0
        while world.running:
            world.step()
        return world.control_variate

    world = Told(small(*SHOP))
    for _ in range(300):
        world.step()
    world.save(tmp_path / "world.npz")
    again, _ = Told.load(tmp_path / "world.npz")
    assert rest(world) == rest(again) != 0


# --- one stretch and one stay, by hand


def inventory():
    """A room with one product and a bait, and a viewer who likes the product fully and is used to its price."""
    world = World(small("rooms.count=1", "rooms.products=1", "rooms.narrow=1", "viewers.count=20"))
    viewers, rooms, products = (
        world.population.viewers[:1].copy(),
        world.catalogue.rooms.copy(),
        world.catalogue.products.copy(),
    )
    viewers["taste"][0] = products["topic"][0]
    viewers["affinity"][0] = [255, 0, 0, 0, 0, 0]
    viewers["price_cents"], products["price_cents"][0] = 8000, 8000
    viewers["buy"], viewers["bargain"], viewers["visit"] = 0, 0, 7
    rooms["segment"], rooms["product"], rooms["session"], rooms["online"] = 1, 0, 1, 0
    return world, viewers, rooms, products


def reckoned(events: list[dict[str, int]], closes_ms: int = 10_000_000) -> tuple[float, tuple]:
    world, viewers, rooms, products = inventory()
    log = blank(event_log.LOG_COLUMNS, (1, max(len(events), 1)))
    for n, event in enumerate(events):
        for name, value in event.items():
            log[name][0, n] = value
    met = no_entries(1)
    found = sales_control_variate(
        *(
            log,
            np.array([len(events)]),
            0,
            viewers,
            rooms,
            products,
            np.zeros(1),
            np.ones(2),
            world.population.behaviour,
        ),
        *(np.array([closes_ms]), np.zeros(1, np.uint8), *met, 1),
    )
    return found / UNIT, (one(world.population.behaviour), met)


def test_a_stretch_without_a_click_was_worth_its_chance() -> None:
    found, (b, _) = reckoned([{"kind": event_log.INSIDE, "item": ~0, "viewer": 0, "ms": 30_000, "did": 0}])
    by_hand = -8000 * b.order * (1 - math.exp(-b.click * 30_000))
    assert found == pytest.approx(by_hand, abs=0.001)
    assert found < -1


def test_the_first_stay_of_a_visit_counts_once() -> None:
    entered = {"kind": event_log.SHOWN, "item": ~0, "viewer": 0, "did": event_log.ENTERED, "at_ms": 0}
    once, (b, met) = reckoned([entered])
    twice, _ = reckoned([entered, entered])
    assert once == twice != 0
    assert (met[0].tolist(), met[1].tolist()) == ([7], [1])
    closed, _ = reckoned([entered], closes_ms=0)
    assert closed == 0
    assert b.stay_ms > 0


def test_who_ordered_in_a_stay_is_expected_to_order_less_until_he_comes_again() -> None:
    entered = {"kind": event_log.SHOWN, "item": ~0, "viewer": 0, "did": event_log.ENTERED, "at_ms": 0}
    stretch = {"kind": event_log.INSIDE, "item": ~0, "viewer": 0, "ms": 30_000, "did": 0}
    bought = {"kind": event_log.INSIDE, "item": ~0, "viewer": 0, "ms": 0, "did": event_log.ORDERED}
    (first, (b, _)), (fresh, _), (sated, _) = (
        reckoned([entered, *rest]) for rest in ([], [stretch], [bought, stretch])
    )
    assert (sated - first) / (fresh - first) == pytest.approx(b.sated, abs=1e-4)
    again, _ = reckoned([entered, bought, entered, stretch])
    assert again == pytest.approx(fresh, abs=0.001)


def test_nothing_is_reckoned_of_other_facts() -> None:
    assert reckoned([{"kind": event_log.VIDEO, "item": 3, "viewer": 0, "ms": 9_000}])[0] == 0
    assert reckoned([{"kind": event_log.SHOWN, "item": ~0, "viewer": 0, "did": 0}])[0] == 0
    assert reckoned([])[0] == 0
