"""The benchmark's programs work, at tiny sizes; nothing here is timed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*arguments: str, compiled: bool = False) -> str:
    """What a benchmark's program prints; as plain Python unless told otherwise, which needs no compilation."""
    environment = os.environ | {"WAVEPOOL_COMPILE": "1" if compiled else "0"}
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_profile_tells_phases_and_what_is_within_the_loop() -> None:
    told = run(
        "benchmarks.profiling", "scenarios/tiny.yaml", "--viewers", "30", "--days", "0.01", "--set", "warm_up=0.01",
        "--inside", "--brief",
    )  # fmt: skip
    for what in ("viewers act", "the snapshot", "recall of videos", "ranking and spacing"):
        assert what in told
    assert "there is no" not in told
