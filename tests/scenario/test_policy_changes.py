"""Rules of the platform that change in mid-run: what may change, that the past stays, and what comes after."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.results.run_folder import Run
from sim.scenario.errors import ScenarioError
from sim.scenario.policy_changes import FIELDS, FIXED, changed
from sim.scenario.scenario import Scenario, loads
from sim.world import World
from tests.worlds import events, finished, small

SWITCH = "changes=[{at: day 0 01:40, set: {platform.weights.review.conversion: 0, platform.weights.review.dwell: 9}}]"
AT_MS = 100 * 60_000
BUYING = ("viewers.in_room.enter=0.3", "viewers.in_room.click=600", "viewers.in_room.order=0.9")


def refused(*lines: str, days: float = 2) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads("\n".join((f"days: {days}", "changes:", *lines)), name="w.yaml")
    return str(caught.value).splitlines()


# --- what may change


def test_every_rule_may_change_but_what_a_running_world_is_built_around() -> None:
    assert {"platform.weights.review.conversion", "platform.waves.ladder", "platform.tags.purchases"} <= FIELDS.keys()
    assert not FIELDS.keys() & set(FIXED)
    assert len(FIELDS) > 40


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ("platform.weights.review.conversion: 5000", "must be less than or equal to 1000, found 5000"),
        ("platform.weights.review.conversion: high", "must be a number, found 'high'"),
        ("platform.weight.conversion: 1", "unknown field; did you mean 'platform.weights.rank.conversion'?"),
        ("platform.refresh: 60", "cannot change in a running world"),
        (
            "rooms.count: 3",
            "only the platform's rules can change in mid-run: platform.weights.review.conversion, for example",
        ),
        ("platform.weights: 1", "a group of fields; name one of them, such as platform.weights.review.dwell"),
    ],
)
def test_a_field_that_cannot_be_set_is_one_line_with_its_place(sets: str, said: str) -> None:
    field = sets.split(":")[0]
    column = len("  - {at: day 1 00:00, set: {") + len(field) + len(": ") + 1
    assert refused(f"  - {{at: day 1 00:00, set: {{{sets}}}}}") == [
        f"w.yaml:3:{column}: changes[0].set.{field}: {said}"
    ]


def test_every_mistake_is_told_at_once() -> None:
    found = refused(
        "  - at: day 1",
        "    set: {platform.shards: 3}",
        "  - at: day 1 00:00",
        "    set: {platform.waves.ladder: [300, x]}",
    )
    assert [line.split(": ")[:2] for line in found] == [
        ["w.yaml:3:9", "changes[0].at"],
        ["w.yaml:4:28", "changes[0].set.platform.shards"],
        ["w.yaml:6:40", "changes[1].set.platform.waves.ladder[1]"],
    ]


@pytest.mark.parametrize("at", ["day -1 00:00", "day 2 00:00", "day 7 00:00"])
def test_a_moment_outside_the_run_is_refused(at: str) -> None:
    said = "must lie inside the run, after day -1 00:00:00 and before day 2 00:00:00"
    assert refused(f"  - {{at: {at}, set: {{platform.weights.review.dwell: 1}}}}") == [
        f"w.yaml:3:10: changes[0].at: {said}"
    ]


def test_rules_must_fit_together_and_keep_their_lengths() -> None:
    assert "fresh and feed.random together" in refused("  - {at: day 1 00:00, set: {platform.feed.fresh: 8}}")[0]
    for sets in ("waves.ladder: [300, 3000]", "rooms.levels: [1, 2]", f"waves.ladder: {[10**7 + n for n in range(8)]}"):
        assert "keep their lengths" in refused(f"  - {{at: day 1 00:00, set: {{platform.{sets}}}}}")[0]
    off = loads("platform: {refresh: 300}\nchanges: [{at: day 0 00:05, set: {platform.weights.review.dwell: 1}}]")
    assert off.calendar.moment(off.changes[0].at) == 300_000
    with pytest.raises(ScenarioError, match="must be on a refresh, a whole number of 300 s"):
        loads("platform: {refresh: 300}\nchanges: [{at: day 0 00:07, set: {platform.weights.review.dwell: 1}}]")


def test_later_changes_come_on_top_of_earlier_ones() -> None:
    sets = [
        {"at": "day 1 12:00", "set": {"platform.weights.review.dwell": 3.0}},
        {"at": "day 0 12:00", "set": {"platform.weights.review.dwell": 2.0, "platform.feed.tags": 5}},
    ]
    world = loads(f"days: 2\nplatform: {{feed: {{tags: 6}}}}\nchanges: {sets}".replace("'", ""))
    found = []
    for hour in (0, 11.999, 12, 36):
        rules = world.rules_after(int(hour * 3_600_000))
        found.append((rules.weights.review.dwell, rules.feed.tags))
    assert found == [(1.0, 6), (1.0, 6), (2.0, 5), (3.0, 5)]
    assert changed({"weights": {"dwell": 1.0}}, sets[:1], 0, world.calendar) == {"weights": {"dwell": 1.0}}


def test_a_number_written_otherwise_is_the_same_world() -> None:
    one, other = (
        loads(f"days: 2\nchanges: [{{at: day 1 00:00, set: {{platform.weights.review.dwell: {n}}}}}]")
        for n in ("2", "2.0")
    )
    assert one.digest() == other.digest()
    assert one.digest() != loads("days: 2").digest()


# --- the past stays, the future is another


def telling(scenario: Scenario) -> list[tuple[int, str, dict[str, bytes]]]:
    """All that a world tells, with the moment at which it was told, as bytes."""
    world, told = World(scenario), []

    def keep(table: str, rows: dict[str, Any]) -> None:
        told.append((world.clock.now_ms, table, {name: np.asarray(cells).tobytes() for name, cells in rows.items()}))

    world.observer.record = keep
    while world.running:
        world.step()
    return told


def test_before_the_switch_both_worlds_are_the_same_to_the_byte() -> None:
    never, switched = telling(small(*BUYING)), telling(small(*BUYING, SWITCH))
    before = [[one for one in told if one[0] <= AT_MS] for told in (never, switched)]
    assert before[0] == before[1]
    assert len(before[0]) > 300
    assert {table for _, table, _ in before[0]} >= {"series", "reviews", "rooms", "orders", "exposures"}
    after = [[one for one in told if one[0] > AT_MS] for told in (never, switched)]
    assert after[0] != after[1]


def test_reviews_go_by_the_new_rules_after_the_switch() -> None:
    weights: dict[bool, set[bool]] = {True: set(), False: set()}
    world = World(small(*BUYING, SWITCH))  # sales have a weight as far as they are known

    def keep(table: str, rows: dict[str, Any]) -> None:
        if table == "reviews" and "room" in rows["kind"]:
            weights[world.clock.now_ms > AT_MS].update(np.asarray(rows["conversion_weight"]) > 0)

    world.observer.record = keep
    while world.running:
        world.step()
    assert weights[True] == {False}
    assert True in weights[False]
    assert world.policy.rules.weights.review.dwell == 9.0
    assert world.scenario.platform.weights.review.dwell == 1.0


def test_a_switch_in_the_warm_up_is_a_switch() -> None:
    world = finished(small("changes=[{at: day 0 00:00, set: {platform.feed.depth: 9}}]", "days=0.01"))
    assert world.policy.rules.feed.depth == 9
    assert len(world.population.workspaces[0].places) > len(World(small()).population.workspaces[0].places)


@pytest.mark.parametrize("at", [100, 344])  # refreshes: before the switch, and right after it
def test_a_saved_world_keeps_its_switch(tmp_path: Path, at: int) -> None:
    sets = SWITCH.replace("dwell: 9", "dwell: 9, platform.tags.short_half_life: 0.2")
    whole = World(small(sets))
    for _ in range(at):
        whole.step()
    whole.save(tmp_path / "world.npz")
    again, _ = World.load(tmp_path / "world.npz")
    assert again.policy.rules == whole.policy.rules
    while whole.running:
        whole.step()
        again.step()
        assert events(whole) == events(again)
    assert whole.policy.rules.weights.review.dwell == again.policy.rules.weights.review.dwell == 9.0


# --- reading it back


def test_a_run_knows_by_which_rules_a_review_went() -> None:
    scenario = small(SWITCH).model_dump(mode="json")
    run = Run(Path(), {}, scenario)
    assert [run.rules(at_s)["weights"]["review"]["dwell"] for at_s in (0, 6000, 6030)] == [1.0, 1.0, 9.0]
    del scenario["changes"]  # a run of an earlier version
    assert run.rules(9000)["weights"]["review"]["dwell"] == 1.0
