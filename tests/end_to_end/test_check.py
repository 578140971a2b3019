"""`wavepool check` as a person types it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.test_commands import TINY, refused, typed

FACTS = """facts:
  - {measure: feed.finish_rate, value: 0.4, band: [0.01, 0.99], grade: A, source: a log}
  - {measure: creators.exposure_top_share, args: [0.1], value: 40, band: [30, 50], grade: C, source: hearsay}
  - {measure: top_rooms.gmv_elasticity(views), value: 0.9, band: [0.5, 1.5]}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("runs")
    done = [typed("run", TINY, "--out", out, "--threads", "1", "--seed", seed) for seed in ("1", "2")]
    return [Path(one.stdout.splitlines()[-1]) for one in done]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    file = tmp_path / "facts.yaml"
    file.write_text(FACTS)
    return file


def test_check_tells_and_draws(runs: list[Path], facts: Path, tmp_path: Path) -> None:
    done = typed("check", *runs, "--facts", facts, "--out", tmp_path / "drawn")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 facts inside their bands, 2 runs" in done.stdout
    rows = [line for line in done.stdout.splitlines() if "│" in line]
    assert "exposure_top_share(0.1)" in rows[0]  # what is farthest off comes first
    assert "not measured" in rows[-1] + rows[-2]
    assert (tmp_path / "drawn" / "facts.png").stat().st_size > 10_000
    assert done.stdout.splitlines()[-1] == str(tmp_path / "drawn" / "facts.png")


def test_check_as_json(runs: list[Path], facts: Path) -> None:
    done = typed("check", *runs, "--facts", facts, "--json")
    assert done.returncode == 0, done.stderr
    top, finish, not_measured = json.loads(done.stdout)["facts"]
    assert finish["measure"] == "feed.finish_rate"
    assert finish["inside"]
    assert finish["low"] < finish["simulated"] < finish["high"]
    assert (top["args"], top["inside"], top["published"]) == ([0.1], False, 40)
    assert not_measured["simulated"] is None
    assert "why" in not_measured
    assert not (runs[0] / "facts.png").exists()


def test_check_against_the_figures_that_come_along(runs: list[Path]) -> None:
    done = typed("check", runs[0], "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["facts"]) == 32


def test_check_lists_names() -> None:
    assert "feed.watch_ratio.qNN" in typed("check", "--names").stdout.splitlines()


def test_check_refuses_what_it_cannot_use(runs: list[Path], facts: Path, tmp_path: Path) -> None:
    assert "name at least one folder" in refused("check")
    assert "no such folder" in refused("check", tmp_path / "nowhere", "--facts", facts)
    assert "cannot read" in refused("check", runs[0], "--facts", tmp_path / "nowhere.yaml")
    facts.write_text(FACTS.replace("finish_rate", "finish_rat").replace("[30, 50]", "[50, 30]"))
    told = refused("check", runs[0], "--facts", facts, lines=2).splitlines()
    assert f"{facts}:2:" in told[0]
    assert "feed.finish_rate" in told[0]
    assert f"{facts}:3:" in told[1]
    assert "the lower one first" in told[1]


def test_check_says_which_records_are_missing(runs: list[Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare" / runs[0].name
    shutil.copytree(runs[0], bare)
    story = json.loads((bare / "scenario.json").read_text())
    story["records"]["exposures"] = 0.0
    (bare / "scenario.json").write_text(json.dumps(story))
    assert "has no records of exposures; run it with --set records.exposures=0.01" in refused("check", bare)
    (bare / "items.parquet").unlink()
    assert "tables are missing: items" in refused("check", bare)
