"""Fields with a new name: every way to write the old one is answered with the new one."""

from pathlib import Path

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.paths import value_at
from sim.scenario.ranges import read_ranges
from sim.scenario.renamed import NEW_NAMES
from sim.scenario.scenario import Scenario, loads, with_fields

OLD = [pytest.param(old, new, id=old) for old, new in NEW_NAMES.items() if old != "fresh_luck"]


def as_yaml(path: str) -> str:
    """A scenario that sets a field."""
    return "".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(path.split("."))).rstrip() + " 1\n"


@pytest.mark.parametrize(("old", "new"), OLD)
def test_a_new_name_is_there_and_the_old_one_is_not(old: str, new: str) -> None:
    data = Scenario().model_dump(mode="json")
    value_at(data, new)
    with pytest.raises(LookupError):
        value_at(data, old)


@pytest.mark.parametrize(("old", "new"), OLD)
def test_an_old_name_in_a_file_or_an_override_is_answered_with_the_new_one(old: str, new: str) -> None:
    for text, sets in [(as_yaml(old), []), ("{}", [f"{old}=1"])]:
        with pytest.raises(ScenarioError) as caught:
            loads(text, sets)
        assert str(caught.value).endswith(f"{old}: {old} is now called {new}")
        assert len(caught.value.faults) == 1


def test_so_is_one_with_more_behind_it() -> None:
    with pytest.raises(ScenarioError, match=r"platform\.paid: platform\.paid is now called platform\.boosts$"):
        with_fields(Scenario(), {"platform.paid.share": 0})
    with pytest.raises(ScenarioError, match=r"paid: paid is now called campaigns$"):
        with_fields(Scenario(), {"paid.0.budget_yuan": 10})


def test_so_is_one_that_changes_in_mid_run() -> None:
    with pytest.raises(ScenarioError, match=r": platform\.paid\.share is now called platform\.boosts\.share$"):
        loads("changes: [{at: day 0 12:00, set: {platform.paid.share: 0}}]")


def test_so_is_one_in_a_file_of_ranges(tmp_path: Path) -> None:
    (file := tmp_path / "over.yaml").write_text("ranges: {platform.paid.share: {low: 0, high: 0.1}}")
    with pytest.raises(ScenarioError, match=r": platform\.paid\.share is now called platform\.boosts\.share$"):
        read_ranges(file, Scenario())
