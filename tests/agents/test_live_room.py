"""Rooms as they are founded: what can be made equal, and what is drawn apart."""

import numpy as np
import pytest

from sim.scenario.scenario import load, loads
from sim.world import World


@pytest.fixture(scope="module")
def equal() -> World:
    return World(load("scenarios/equal_rooms.yaml", ["viewers.count=50", "rooms.count=600", "warm_up=0"]))


def breadth(world: World) -> np.ndarray:
    return (world.catalogue.rooms["topics"] > 0).sum(axis=1)


def test_rooms_of_every_breadth_are_equal_in_all_else(equal: World) -> None:
    assert not equal.truth.room_truth.skill.any()
    goods = equal.catalogue.products[equal.catalogue.products["bait"] == 0]
    assert set(goods["price_cents"].tolist()) == {8500}
    assert len(set(goods["cost_cents"].tolist())) == 1
    assert set(equal.truth.room_truth.appeal.tolist()) == {1.0}
    assert {(room.opens_ms, room.closes_ms) for room in equal.truth.live_rooms} == {(36_000_000, 79_200_000)}
    for room in equal.truth.live_rooms[:20]:
        room.venue.restock(room.row, 1)
    first = equal.catalogue.products[: 20 * 25]
    assert set(first["stock"][first["bait"] == 0].tolist()) == {400}
    assert np.bincount(goods["room"]).tolist() == [24] * 600


def test_every_breadth_is_as_frequent_as_any_other(equal: World) -> None:
    # 600 rooms, 100 of each: within four standard deviations of a binomial, 4 * sqrt(600 / 6 * 5 / 6) = 37
    counts = np.bincount(breadth(equal), minlength=7)[1:]
    assert counts.sum() == 600
    assert (np.abs(counts - 100) < 37).all()


def test_a_rooms_catalogue_is_spread_evenly_over_its_categories(equal: World) -> None:
    for r in range(50):
        mine = (equal.catalogue.products["room"] == r) & (equal.catalogue.products["bait"] == 0)
        sold = np.bincount(equal.catalogue.products["topic"][mine], minlength=12)
        share = equal.catalogue.rooms["topics"][r]
        assert np.abs(sold - 24 * share).max() < 1.0
        assert share[share > 0].tolist() == [1 / (share > 0).sum()] * (share > 0).sum()


def test_narrow_rooms_are_found_in_every_category(equal: World) -> None:
    assert equal.catalogue.rooms["topics"][breadth(equal) == 1].any(axis=0).all()


def test_skill_and_breadth_are_drawn_apart() -> None:
    world = World(loads("viewers: {count: 50}\nrooms: {count: 2000, narrow: 0.5}\nwarm_up: 0"))
    wide = breadth(world) > 1
    skill = world.truth.room_truth.skill
    # 0.5 * normal of 1,000 and 1,000: the difference of means has a standard error of 0.022
    assert abs(skill[wide].mean() - skill[~wide].mean()) < 4 * 0.5 * np.sqrt(2 / 1000)
    price = (
        np.log(world.catalogue.products["price_cents"][world.catalogue.products["bait"] == 0])
        .reshape(2000, 24)
        .mean(axis=1)
    )
    spread = price.std() * np.sqrt(2 / 1000)
    assert abs(price[wide].mean() - price[~wide].mean()) < 4 * spread
