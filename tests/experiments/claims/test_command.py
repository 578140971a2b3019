"""`wavepool claims` from files to page, in a world of seconds."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import app
from sim.experiments.claims import trial

SEED = Path("scenarios/tiny.yaml").resolve()
CLAIM = """
title: {title}
base: base.yaml
arms: {{with: {{}}, without: {{platform.feed.use_tags: false}}}}
seeds: 2
claim:
  en: Tags know people.
  zh: 标签
  leans_on: nothing
  picture: precision
  expects:
    - {{says: they do, measure: tags.cosine, unit: cosine, arm: with, above: {bound}}}
    - says: more than without
      measure: live.enter_rate
      unit: share
      arm: with
      against: without
      above: 0
      decides: false
"""
RANGES = "ranges:\n  rooms.skill: {low: 0.3, high: 0.7, unit: log units, source: assumed}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "claims"
    made.mkdir()
    (made / "base.yaml").write_text(f"extends: {SEED}\ndays: 0.05\nwarm_up: 0.0\n", encoding="utf-8")
    (made / "M1.yaml").write_text(CLAIM.format(title="They know", bound=-1), encoding="utf-8")
    (made / "M2.yaml").write_text(CLAIM.format(title="They know all", bound=0.999), encoding="utf-8")
    (made / "ranges.yaml").write_text(RANGES, encoding="utf-8")
    return made


def claims(*words: Any) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["claims", *map(str, words)])
    return int(ended.value.code or 0)


@pytest.mark.slow
def test_all_claims(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trial, "FULL", trial.Effort(None, 2, 1))
    out = tmp_path / "out"
    assert claims("--claims", folder, "--out", out, "--jobs", 1) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["M1", "M2"]
    assert lines[0].startswith("M1  supported     holds in 2 of 2")
    assert lines[1].startswith("M2  not supported holds in 0 of 2")
    assert lines[2] == str(out / "claims" / "claims.html")
    page = Path(lines[2]).read_text(encoding="utf-8")
    assert all(text in page for text in ("标签", "They know all", "rooms.skill", "<svg", "not supported"))
    assert "http" not in page.replace("http://www.w3.org", "")
    assert [one["verdict"] for one in json.loads((out / "claims" / "claims.json").read_text())["claims"]] == [
        "supported",
        "not supported",
    ]
    assert "| M2 | They know all | not supported |" in (out / "claims" / "claims.md").read_text(encoding="utf-8")
    # both claims share their runs: two arms of two seeds, and of the arm that decides two draws of one seed; a second
    # time nothing is run
    runs = {run: (run / "manifest.json").stat().st_mtime_ns for run in (out / "claims").glob("seed*")}
    assert len(runs) == 2 * 2 + 2  # of the draws only what decides
    assert claims("M2", "--claims", folder, "--out", out, "--jobs", 1) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("M2  not supported")
    assert {run: (run / "manifest.json").stat().st_mtime_ns for run in (out / "claims").glob("seed*")} == runs


def test_a_mistake_is_one_line_and_nothing_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert claims("M7", "--claims", folder, "--out", out) == 2
    assert capsys.readouterr().err == "M7: no such claim; known: M1, M2\n"
    (folder / "ranges.yaml").write_text(RANGES.replace("0.3", "30"), encoding="utf-8")
    assert claims("M1", "--claims", folder, "--out", out) == 2
    assert "low must be below high" in capsys.readouterr().err
    assert not out.exists()
