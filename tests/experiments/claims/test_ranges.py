from pathlib import Path

import numpy as np
import pytest

from sim.experiments.claims.ranges import Range, drawn, read_ranges
from sim.scenario.errors import ScenarioError

FILE = Path("scenarios/claims/ranges.yaml")


def one(low: float, high: float, **more: bool) -> Range:
    return Range(low=low, high=high, unit="-", source="assumed", **more)


def test_values_by_hand() -> None:
    assert one(2, 6).at(0.25) == pytest.approx(3.0)
    assert one(1, 16, log=True).at(0.5) == pytest.approx(4.0)
    assert [one(2, 4, whole=True).at(u) for u in (0.01, 0.34, 0.99)] == [2, 3, 4]


def test_draws_fill_the_range() -> None:
    values = [drawn({"a.b": one(0, 1)}, number)["a.b"] for number in range(400)]
    assert min(values) < 0.02
    assert max(values) > 0.98
    assert np.mean(values) == pytest.approx(0.5, abs=0.06)  # four standard errors


def test_a_draw_depends_on_its_number_and_its_own_name() -> None:
    alone, beside = {"a": one(0, 1)}, {"z": one(0, 1), "a": one(0, 1)}
    assert drawn(alone, 3)["a"] == drawn(beside, 3)["a"] != drawn(alone, 4)["a"]
    assert drawn(beside, 3)["z"] != drawn(beside, 3)["a"]


def test_every_range_holds_its_default() -> None:
    from sim.scenario.scenario import Scenario

    for path, found in read_ranges(FILE).items():
        value = Scenario().model_dump()
        for name in path.split("."):
            value = value[name]
        if path != "creators.videos_per_viewer_day":  # the town's own is another
            assert found.low <= value <= found.high, path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{low: 3, high: 2, unit: s, source: assumed}", "low must be below high"),
        ("{low: 0, high: 2, unit: s, source: assumed, log: true}", "must begin above 0"),
        ("{low: 0, high: 2, unit: s}", "required, but not given"),
    ],
)
def test_a_wrong_range_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "ranges.yaml").write_text(f"ranges:\n  rooms.skill: {text}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=said):
        read_ranges(tmp_path / "ranges.yaml")
