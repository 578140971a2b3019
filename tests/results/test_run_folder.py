"""Folders of runs: what cannot be read is refused in one line."""

import json
from pathlib import Path

import pytest

from sim.results.run_folder import RunError, open_run


def test_a_run_of_version_0_1_0_must_be_run_again(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text(json.dumps({"seed": 1, "luck": None, "paid": []}))
    (tmp_path / "manifest.json").write_text(json.dumps({"wavepool": "0.1.0"}))
    with pytest.raises(RunError) as caught:
        open_run(tmp_path)
    said = str(caught.value)
    assert said == f"{tmp_path}: a run of version 0.1.0, whose columns have other names; run its scenario again"
