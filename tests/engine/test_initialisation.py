"""What a world begins with, beside what people and rooms are."""

import numpy as np
import pytest

from agents.viewer import VIEWER_COLUMNS
from sim.core.arrays import blank
from sim.engine.initialisation import first_refreshes, is_sampled, sampling
from sim.scenario.scenario import Scenario, loads


def town(viewers: int, share: float) -> Scenario:
    return loads(f"viewers: {{count: {viewers}}}\nrecords: {{exposures: {share}}}\nwarm_up: 0.5")


@pytest.mark.parametrize("share", [1.0, 0.3, 0.01, 0.0])
def test_sampled_viewers_are_every_so_many_th_wherever_they_are_held(share: float) -> None:
    scenario = town(1_000, share)
    stride, first = sampling(scenario)
    whole = [bool(stride) and i % stride == first for i in range(1_000)]
    for low, high in ((0, 1_000), (0, 1), (333, 334), (17, 918)):
        assert is_sampled(scenario, low, high).tolist() == whole[low:high]


def test_a_viewer_acts_first_after_the_refresh_before_he_is_due() -> None:
    scenario, viewers = town(60_000, 0.0), blank(VIEWER_COLUMNS, 60_000)
    due = scenario.start_ms + 29_999 + 30_000 * np.arange(60_000)
    viewers["due_ms"] = due
    viewers["due_ms"][-1] = scenario.start_ms + 60_000
    assert first_refreshes(scenario, viewers).tolist() == [*range(59_999), 2]
