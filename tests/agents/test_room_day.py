"""A room's day: what varies, how much, and with what memory."""

import numpy as np
import pytest

from agents.room_day import form_of, hours_of, with_memory
from sim.core.randomness import ROOM_SESSION, draw, normal
from sim.scenario.scenario import Variation, loads
from sim.world import World
from tests.worlds import events, small

ROOMS, LONG = 120, 30


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_a_sequence_has_spread_one_and_the_memory_that_is_asked_for(memory: float) -> None:
    values = np.array([[with_memory(3, ROOM_SESSION, room, n, memory) for n in range(LONG)] for room in range(ROOMS)])
    for one in (values[:, :, 0], values[:, :, 1]):
        # so many numbers, of which neighbours are alike: (1 + m) / (1 - m) numbers count as one
        few = ROOMS * LONG * (1 - memory) / (1 + memory)
        assert abs(one.mean()) < 4 / few**0.5
        assert abs(one.var() - 1) < 4 * (2 / few) ** 0.5
        lag1 = np.corrcoef(one[:, :-1].ravel(), one[:, 1:].ravel())[0, 1]
        assert abs(lag1 - memory) < 4 / few**0.5
    assert abs(np.corrcoef(values[:, :, 0].ravel(), values[:, :, 1].ravel())[0, 1]) < 4 / few**0.5


def test_without_memory_a_session_is_its_own_draw() -> None:
    u, v, w, x = draw(9, ROOM_SESSION, 4, 7, 0)
    assert with_memory(9, ROOM_SESSION, 4, 7, 0.0) == (normal(u, v), normal(w, x))


def test_a_session_by_hand() -> None:
    rules = Variation(memory=0, form=0.5, goods=0.8, opening_hours=2, length=0.4)
    u, v, w, x = draw(9, ROOM_SESSION, 4, 7, 0)
    form = form_of(9, 4, 7, rules)
    assert form.host == pytest.approx(0.5 * normal(u, v))
    assert form.goods == pytest.approx(0.8 * normal(w, x) - 0.32)
    assert hours_of(9, 4, -1, rules.model_copy(update={"length": 0.0})).longer == 1.0
    assert hours_of(9, 4, -1, rules.model_copy(update={"opening_hours": 0.0})).later_h == 0.0


NONE = "rooms.variation={opening_hours: 0, length: 0, form: 0, goods: 0}"
SHORT = (
    "rooms.sessions_per_day=6",
    "rooms.opens={kind: constant, value: 0.1}",
    "rooms.hours_open={kind: constant, value: 6}",
)


def lived(*overrides: str) -> tuple[World, list[dict[str, object]]]:
    world, rows = World(small(*SHORT, *overrides), audit=True), []

    def keep(table: str, told: dict[str, object]) -> None:
        if table == "sessions":
            rows.extend(dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True))

    world.observer.record = keep
    while world.running:
        world.step()
    return world, rows


def test_form_and_goods_hold_in_the_session_that_is_on() -> None:
    world, rows = lived()
    truth, each = world.truth, world.scenario.rooms.products + 1
    assert len({row["form"] for row in rows}) == len(rows) > 6
    for row in rows:
        form = form_of(world.scenario.seed, int(row["room"]), int(row["session"]), world.scenario.rooms.variation)
        assert (row["form"], row["goods"]) == (form.host, form.goods)
        assert row["skill"] == truth.lasting.skill[row["room"]]
    for room in truth.live_rooms:
        if room.session:
            r = room.row
            assert truth.room_truth.skill[r] == pytest.approx(truth.lasting.skill[r] + truth.host_form[r])
            own, now = (one.appeal[r * each : (r + 1) * each] for one in (truth.lasting, truth.room_truth))
            assert now[:-1] == pytest.approx(own[:-1] * np.exp(truth.session_goods[r]))
            assert now[-1] == own[-1] == 1.0  # the bait


def test_nothing_varies_where_nothing_may() -> None:
    world, rows = lived(NONE)
    assert not any(row["form"] or row["goods"] for row in rows)
    assert (world.truth.room_truth.skill == world.truth.lasting.skill).all()
    assert (world.truth.room_truth.appeal == world.truth.lasting.appeal).all()
    assert len({(row["closed_s"] - row["opened_s"]) // 60 for row in rows}) == 1  # type: ignore[operator]


def test_hours_vary_from_day_to_day_and_stay_within_a_day() -> None:
    scenario = loads("rooms: {count: 1, variation: {opening_hours: 3, length: 1}}")
    world = World(scenario.model_copy(update={"viewers": scenario.viewers.model_copy(update={"count": 20})}))
    room, days = world.truth.live_rooms[0], []
    for day in range(200):
        room.plan(day, scenario.rooms, scenario.seed)
        days.append(((room.opens_ms - day * 86_400_000) / 3.6e6, (room.closes_ms - room.opens_ms) / 3.6e6))
    opens, lasts = np.array(days).T
    assert (opens >= 0).all()
    assert (opens <= 23.9).all()
    assert (lasts >= 0.25).all()
    assert (lasts <= 23).all()
    assert opens.std() > 1
    assert np.log(lasts).std() > 0.5


def test_better_form_keeps_people_longer_and_better_goods_sell_more() -> None:
    busy = ("viewers.in_room.enter=0.2", "viewers.in_room.click=200", "viewers.in_room.order=0.5", "rooms.count=12")
    _, rows = lived(*busy, "rooms.stock.value=1000", "rooms.variation={memory: 0, form: 1.0, goods: 0}")
    entered = [row for row in rows if int(row["entered"]) > 0]  # type: ignore[call-overload]
    form, stay = np.array([(row["form"], row["stay_ms"] / row["entered"]) for row in entered]).T  # type: ignore[operator]
    assert np.corrcoef(form, np.log(stay + 1))[0, 1] > 0.4
    _, rows = lived(*busy, "rooms.stock.value=1000", "rooms.variation={memory: 0, form: 0, goods: 1.5}")
    clicked = [row for row in rows if int(row["clicks"]) > 5]  # type: ignore[call-overload]
    goods, sold = np.array([(row["goods"], row["orders"] / row["clicks"]) for row in clicked]).T  # type: ignore[operator]
    assert np.corrcoef(goods, sold)[0, 1] > 0.3


def test_a_saved_world_goes_on_in_the_same_form(tmp_path: object) -> None:
    whole = World(small(*SHORT))
    for _ in range(150):
        whole.step()
    whole.save(f"{tmp_path}/world.npz")
    again, _ = World.load(f"{tmp_path}/world.npz")
    assert (again.truth.room_truth.skill == whole.truth.room_truth.skill).all()
    while whole.running:
        whole.step()
        again.step()
        assert events(whole) == events(again)
