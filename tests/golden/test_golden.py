"""A small run's integer counts, kept. They change only with a stated change of the model (**Regression**).

`WAVEPOOL_GOLDEN=write uv run pytest tests/golden` writes them anew.
"""

import json
import os
from pathlib import Path

from sim.core.event_log import TOTALS
from tests.worlds import finished, small

KEPT = Path(__file__).with_name("small.json")


def test_a_small_world_counts_what_it_always_did() -> None:
    sums = dict.fromkeys(TOTALS, 0)
    world = finished(small(), record=lambda table, rows: table == "series" and count(sums, rows))
    found = sums | {
        "videos": world.catalogue.published,
        "waves": int(world.platform.waves["wave"].sum()),
        "room_reviews": int(world.platform.levels["reviews"].sum()),
        "evidence": int(world.population.tags["evidence"].astype(int).sum()),
    }
    if os.environ.get("WAVEPOOL_GOLDEN") == "write":
        KEPT.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(KEPT.read_text())


def count(sums: dict[str, int], rows: dict[str, int]) -> None:
    for name in sums:
        sums[name] += rows[name]
