"""Comparisons as a person types them: what is told and kept, what is refused, and what Ctrl-C leaves."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.test_commands import WAVEPOOL, refused, typed

BASE = """
extends: {tiny}
viewers: {{count: {viewers}}}
days: {days}
warm_up: 0.02
"""
ASKED = "title: What of it?\nbase: base.yaml\narms:\n  off: {platform.feed.live_share: 0.3}\n  on: {}\nseeds: 2\n"


def question(folder: Path, *, viewers: int = 200, days: float = 0.02) -> Path:
    tiny = Path("scenarios/tiny.yaml").resolve()
    (folder / "base.yaml").write_text(BASE.format(tiny=tiny, viewers=viewers, days=days))
    (folder / "question.yaml").write_text(ASKED + "independent_reactions: 2\n")
    return folder / "question.yaml"


@pytest.mark.slow
def test_compare_tells_effects_and_keeps_a_report(tmp_path: Path) -> None:
    done = typed("compare", question(tmp_path), "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "What of it?" in done.stdout
    assert "nan" not in done.stdout
    report = Path(done.stdout.splitlines()[-1])
    assert [report] == list(tmp_path.glob("out/question/comparison-*/report.html"))
    assert "</html>" in report.read_text(encoding="utf-8")
    kept = json.loads((report.parent / "comparison.json").read_text())
    assert kept["command"] == f"wavepool compare {tmp_path / 'question.yaml'} --seeds 2"
    assert kept["changes"] == {
        "off": {"platform.feed.live_share": "0.3"},
        "on": {"platform.feed.live_share": "0.1"},
    }
    assert len(pd.read_parquet(report.parent / "values.parquet")) == 6


@pytest.mark.slow
def test_until_adds_seeds_up_to_a_maximum(tmp_path: Path) -> None:
    words = ("--until", "viewers.minutes_per_day:0.001%", "--max-seeds", "3", "--out", tmp_path / "out")
    done = typed("compare", question(tmp_path), *words)
    assert done.returncode == 0, done.stderr
    kept = json.loads((Path(done.stdout.splitlines()[-1]).parent / "comparison.json").read_text())
    assert kept["seeds"] == 3
    assert kept["until"] == {"measure": "viewers.minutes_per_day", "half_width": 1e-5, "most_seeds": 3}
    assert kept["command"].endswith("--until viewers.minutes_per_day:0.001% --max-seeds 3")


def test_what_cannot_be_compared_gets_a_line(tmp_path: Path) -> None:
    file = question(tmp_path)
    assert "--until" in refused("compare", file, "--until", "gmv", "--out", tmp_path / "out")
    assert "no measure" in refused("compare", file, "--until", "joy:1%", "--out", tmp_path / "out")
    assert "--vary" in refused("compare", file.with_name("base.yaml"), "--vary", "days", "--out", tmp_path / "out")
    assert "different names" in refused("compare", file, file, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_a_repeated_command_goes_on(tmp_path: Path) -> None:
    file, out = question(tmp_path, viewers=1500, days=0.15), tmp_path / "out"
    words = [*WAVEPOOL, "compare", str(file), "--out", str(out), "--jobs", "2"]
    run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    whole: list[Path] = []
    for _ in range(24_000):
        whole = [one for one in out.glob("question/seed*") if not one.name.endswith(".partial")]
        if whole or run.poll() is not None:
            break
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the command and all its workers
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130, stderr
    assert stdout == ""
    assert [line for line in stderr.splitlines() if "runs done" not in line and "compiling" not in line] == ["stopped"]
    assert not list(out.glob("question/comparison*"))
    finished = {one: one.stat().st_mtime_ns for one in whole}
    assert finished
    assert all((one / "manifest.json").is_file() for one in finished)
    assert len(list(out.glob("question/seed*"))) < 7

    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert Path(again.stdout.splitlines()[-1]).is_file()
    assert all(one.stat().st_mtime_ns == before for one, before in finished.items())
    assert len([one for one in out.glob("question/seed*") if not one.name.endswith(".partial")]) == 6
