"""One world against another that must be the same: threads, order, saves, and the compiler switched off."""

import gc
import os
import subprocess
import sys
import weakref
from operator import attrgetter
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

from sim.scenario.scenario import Scenario, load
from sim.world import World
from tests.worlds import events, finished, same, small, told


def assert_same(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert left.keys() == right.keys()
    for table in left:
        assert len(left[table]) == len(right[table]), table
        for a, b in zip(left[table], right[table], strict=True):
            for column in a:
                assert same(a[column], b[column]), (table, column)


def test_the_same_scenario_and_seed_tell_the_same() -> None:
    assert_same(told(small()), told(small()))


def test_another_seed_tells_something_else() -> None:
    a, b = told(small()), told(small("seed=2"))
    assert [row["video_exposures"] for row in a["series"]] != [row["video_exposures"] for row in b["series"]]


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_do_not_matter(threads: int) -> None:
    assert_same(told(small()), told(small(), threads=threads))


def test_the_order_in_which_shards_are_visited_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.engine import population

    forward = told(small())
    act = population.act

    def backward(*given: Any) -> bool:
        people, context, workspace, sizes, resume, first, last, stride, *rest = given
        assert (first, last, stride) == (0, len(sizes), 1)
        done = [act(people, context, workspace, sizes, resume, n, n + 1, 1, *rest) for n in reversed(range(last))]
        return all(done)

    monkeypatch.setattr(population, "act", backward)
    assert_same(forward, told(small()))


def test_a_log_that_runs_out_of_room_is_lengthened_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.engine import initialisation

    plain = told(small())
    monkeypatch.setattr(
        initialisation, "initial_log_capacity", lambda scenario: initialisation.most_events(scenario) + 1
    )
    short = World(small())
    room = short.population.log.shape[1]
    while short.running:
        short.step()
    assert short.population.log.shape[1] > room
    assert_same(plain, told(small()))


@pytest.mark.parametrize("at", [1, 120, 400])
def test_a_saved_world_goes_on_as_if_it_had_not_stopped(tmp_path: Path, at: int) -> None:
    whole = World(small(), audit=True)
    for _ in range(at):
        whole.step()
    whole.save(tmp_path / "world.npz", note="kept")
    again, extra = World.load(tmp_path / "world.npz", threads=2)
    assert extra == {"note": "kept"}
    assert again.clock.now_ms == whole.clock.now_ms
    assert again.steps == whole.steps
    for _ in range(90):
        whole.step()
        again.step()
        assert events(whole) == events(again)
        assert whole.observer.row == again.observer.row
    for one in ("population.viewers", "population.tags", "population.served", "platform.levels", "catalogue.products"):
        left, right = (attrgetter(one)(world) for world in (whole, again))
        for name in left.dtype.names:
            assert np.array_equal(left[name], right[name]), (one, name)
    assert list(whole.datacollector.model_vars["entries"]) == list(again.datacollector.model_vars["entries"])


PAID = (
    "campaigns=[{at: day 0 00:00, boosts: {kind: newest, count: 9}}, {at: day 0 00:30, boosts: {kind: room, room: 1}}]",
)
FINGERPRINT = """
import hashlib, sys
from sim.scenario.scenario import load
from sim.world import World
from tests.worlds import events
world = World(load(sys.argv[1], sys.argv[2:]), audit=True)
digest = hashlib.sha256()
while world.running:
    world.step()
    digest.update(repr(events(world)).encode())
for name in world.population.viewers.dtype.names:
    digest.update(world.population.viewers[name].tobytes())
print(world.totals.exposures, int(world.platform.decayed_totals.sum()), digest.hexdigest())
"""


def fingerprint(scenario: str, overrides: tuple[str, ...] = (), **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FINGERPRINT, scenario, *overrides],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.slow
def test_plain_python_gives_the_same_facts() -> None:
    compiled, plain = (fingerprint("scenarios/tiny.yaml", PAID, WAVEPOOL_COMPILE=flag) for flag in ("1", "0"))
    assert compiled == plain
    assert int(compiled.split()[0]) > 1000


@pytest.mark.slow
def test_numbas_own_pipeline_gives_the_same_facts() -> None:
    plain, usual = (fingerprint("scenarios/tiny.yaml", PAID, WAVEPOOL_PIPELINE=flag) for flag in ("plain", "inline"))
    assert plain == usual


def test_mesa_sees_a_model() -> None:
    world = finished(small())
    scenario = world.scenario
    assert isinstance(world, mesa.Model)
    assert world.steps == (scenario.end_ms - scenario.start_ms) // scenario.refresh_ms
    frame = world.datacollector.get_model_vars_dataframe()
    assert len(frame) == world.steps
    assert frame["video_exposures"].sum() + frame["live_exposures"].sum() == world.totals.exposures
    assert len(world.agents) == len(world.live_creators) + len(world.truth.live_rooms)


def test_mesa_time_agrees_with_the_clock() -> None:
    world = World(small())
    for step in range(1, 20):
        world.step()
        assert world.steps == step
        assert world.clock.now_ms == world.scenario.start_ms + step * world.scenario.refresh_ms


def test_batch_run_takes_worlds() -> None:
    rows = mesa.batch_run(
        World,
        parameters={"scenario": [small("days=0.02")], "platform.weights.review.conversion": [0.0, 1.0]},
        iterations=1,
        max_steps=100_000,
        number_processes=1,
        data_collection_period=-1,
        display_progress=False,
    )
    assert [row["platform.weights.review.conversion"] for row in rows] == [0.0, 1.0]
    refreshes = (small("days=0.02").end_ms - small().start_ms) // 30_000
    for row in rows:
        assert row["Step"] in (refreshes - 1, refreshes)  # versions of Mesa count from 0 or from 1
        alone = finished(
            small("days=0.02", f"platform.weights.review.conversion={row['platform.weights.review.conversion']}")
        )
        assert all(row[name] == alone.observer.row[name] for name in ("video_exposures", "live_exposures", "online"))


def test_a_viewer_can_be_read() -> None:
    world = finished(small("days=0.02"))
    viewer = world.viewers[3]
    assert len(world.viewers) == 600
    assert viewer == world.viewers[3 - 600]
    assert viewer.satisfaction == world.viewers["satisfaction"][3]
    assert max(viewer.tastes.values()) == 1.0
    assert list(viewer.tags.values()) == sorted(viewer.tags.values(), reverse=True)
    assert str(viewer).startswith(f"viewer 3: {viewer.phase}, acts next on day 0")
    with pytest.raises(IndexError):
        world.viewers[600]


def test_changes_are_checked_like_a_file() -> None:
    with pytest.raises(Exception, match="conversion"):
        World(small(), **{"platform.weights.review.conversion": -1})
    assert World(small(), seed=9).scenario.seed == 9
    assert isinstance(World("scenarios/tiny.yaml").scenario, Scenario)


def test_no_order_beyond_stock_and_refusals_are_felt() -> None:
    scenario = small("viewers.in_room.click=1000", "viewers.in_room.order=1", "viewers.in_room.enter=0.9", "days=0.2")
    tables = told(scenario)
    filled = [
        row for row in tables["orders"] for row in zip(row["filled"], row["product"], row["session"], strict=True)
    ]
    refused = [row for row in filled if not row[0]]
    assert refused
    sold: dict[tuple[int, int], int] = {}
    for good, product, session in filled:
        if good:
            sold[product, session] = sold.get((product, session), 0) + 1
    assert max(sold.values()) == 3  # the stock of each product


def test_a_viewer_with_no_rooms_and_no_tags_still_scrolls() -> None:
    world = finished(small("rooms.count=0", "platform.feed.use_tags=false", "days=0.02"))
    assert world.totals.exposures > 0
    assert world.observer.row["live_exposures"] == 0


def test_tiny_world_has_everything() -> None:
    world = finished(load("scenarios/tiny.yaml"))
    assert world.totals.entries > 0
    assert (world.platform.waves["tier"][: world.catalogue.published].max()) > 0


def test_a_world_that_nobody_needs_is_let_go() -> None:
    world = World(small())
    world.step()
    left = weakref.ref(world)
    del world
    gc.collect()
    assert left() is None


def test_a_world_keeps_its_scenario_where_mesa_gives_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(model: mesa.Model, **given: object) -> None:
        usual(model, **given)
        model.scenario = object()

    def refuse(_model: mesa.Model, _scenario: object) -> None:
        raise AssertionError("a world's scenario is none of Mesa's")

    usual = mesa.Model.__init__
    monkeypatch.setattr(mesa.Model, "__init__", init)
    monkeypatch.setattr(mesa.Model, "scenario", property(lambda _: None, refuse), raising=False)
    scenario = small()
    assert World(scenario).scenario is scenario


def test_worlds_and_their_agents_are_let_go() -> None:
    left = []
    for _ in range(2):
        world = World(small())
        assert [agent.unique_id for agent in world.agents] == list(range(1, len(world.agents) + 1))
        left.append(weakref.ref(world))
        del world
    gc.collect()
    assert [one() for one in left] == [None, None]


def test_no_refresh_follows_a_life_that_was_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(small())
    world.step()
    exposures = world.totals.exposures

    def interrupted(_until_ms: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world.truth.posting, "before", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.step()
    assert world.totals.exposures == exposures
