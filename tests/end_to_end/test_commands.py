"""Whole commands, as a person types them."""

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.cli.app import app
from sim.results.run_folder import open_run
from sim.results.table_schemas import TABLES

WAVEPOOL = [sys.executable, "-c", "from sim.cli.app import main; main()"]
TINY = "scenarios/tiny.yaml"


def wavepool(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*WAVEPOOL, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def typed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The same in this process, which spares the start."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), pytest.raises(SystemExit) as left:
        app([str(word) for word in words])
    status = left.value.code if isinstance(left.value.code, int) else 0
    return subprocess.CompletedProcess(list(words), status, stdout.getvalue(), stderr.getvalue())


def refused(*words: str | Path, lines: int = 1) -> str:
    """Run a command that must be refused: status 2, so many lines, nothing on standard output."""
    done = typed(*words)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == lines, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    done = wavepool("run", TINY, "--out", out, "--audit", "--threads", "1")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def digest(folder: Path) -> str:
    return str(open_run(folder).manifest["records_sha256"])


# --- run


def test_a_run_leaves_everything(tiny_run: Path) -> None:
    names = {file.name for file in tiny_run.iterdir()}
    assert {f"{table}.parquet" for table in TABLES} <= names
    assert {"scenario.yaml", "scenario.json", "manifest.json", "summary.json", "traffic.png"} <= names
    assert not [name for name in names if name.endswith((".tmp", ".npz", ".pid")) or name == "parts"]
    manifest = json.loads((tiny_run / "manifest.json").read_text())
    assert manifest["exposures"] > 1000
    assert manifest["exposures_per_second"] > 0
    assert manifest["wavepool"] == "0.1.0"
    by_hand = hashlib.sha256()
    for table in sorted(TABLES):
        by_hand.update(table.encode() + (tiny_run / f"{table}.parquet").read_bytes())
    assert manifest["records_sha256"] == by_hand.hexdigest()


def test_every_column_has_a_unit(tiny_run: Path) -> None:
    for table in TABLES:
        for field in pq.read_schema(tiny_run / f"{table}.parquet"):
            assert field.metadata[b"unit"], (table, field.name)
            assert field.metadata[b"meaning"], (table, field.name)


def test_the_resolved_scenario_runs_to_the_same_records(tiny_run: Path, tmp_path: Path) -> None:
    done = wavepool("run", tiny_run / "scenario.yaml", "--out", tmp_path, "--threads", "2")
    assert digest(Path(done.stdout.splitlines()[-1])) == digest(tiny_run)


def test_the_summary_is_the_tables(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    series, orders, summary = run.table("series"), run.table("orders"), run.summary()
    assert summary["exposures"] == series["video_exposures"].sum() + series["live_exposures"].sum()
    assert summary["gmv_yuan"] == orders[orders["filled"]]["price_cents"].sum() / 100
    assert summary["orders"] == orders["filled"].sum() == series["orders"].sum()
    assert series["entries"].sum() > 0


def test_a_reviewed_wave_never_exceeds_its_budget(tiny_run: Path) -> None:
    reviews = open_run(tiny_run).table("reviews")
    assert len(reviews) > 10
    assert (reviews["delivered"] <= reviews["budget"]).all()


def test_overrides_change_the_world(tiny_run: Path, tmp_path: Path) -> None:
    done = wavepool(
        "run", TINY, "--out", tmp_path, "--seed", "7", "--days", "0.02", "--set", "platform.weights.review.dwell=3"
    )
    folder = Path(done.stdout.splitlines()[-1])
    scenario = open_run(folder).scenario
    assert (scenario["seed"], scenario["days"], scenario["platform"]["weights"]["review"]["dwell"]) == (7, 0.02, 3.0)
    assert folder.parent.name == "tiny"
    assert digest(folder) != digest(tiny_run)


# --- stopping and going on


def start_and_kill(out: Path, number: signal.Signals, after: str) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Start a run that saves every simulated half hour, and send it a signal once a file of that name is there."""
    run = subprocess.Popen(
        [*WAVEPOOL, "run", TINY, "--out", str(out), "--save-every", "30min", "--set", "viewers.count=4000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(6000):
        if list(out.glob(f"tiny/*.partial/{after}")) or run.poll() is not None:
            break
        time.sleep(0.01)
    run.send_signal(number)
    stdout, stderr = run.communicate()
    partial = next(iter(out.glob("tiny/*.partial")), Path("nowhere"))
    return partial, subprocess.CompletedProcess(run.args, run.returncode, stdout, stderr)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    partial, killed = start_and_kill(tmp_path / "killed", signal.SIGKILL, "parts/series.*.parquet")
    assert killed.returncode == -signal.SIGKILL
    assert partial.is_dir(), "the run ended before it could be killed"
    parts = list((partial / "parts").glob("*.parquet"))
    assert parts, "nothing that was finished can be read"
    assert sum(pq.read_table(part).num_rows for part in parts) > 0
    assert "was stopped before its end" in refused("plot", partial)
    resumed = wavepool("resume", partial)
    assert resumed.returncode == 0, resumed.stderr
    whole = wavepool("run", TINY, "--out", tmp_path / "whole", "--set", "viewers.count=4000")
    assert digest(Path(resumed.stdout.splitlines()[-1])) == digest(Path(whole.stdout.splitlines()[-1]))
    assert not partial.exists()
    assert "nothing to resume" in refused("resume", Path(resumed.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_ctrl_c_is_one_line(tmp_path: Path) -> None:
    partial, stopped = start_and_kill(tmp_path, signal.SIGINT, "parts")
    assert stopped.returncode == 130
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.splitlines()[-1] == "stopped"
    assert partial.is_dir()
    assert not [one for one in (tmp_path / "tiny").iterdir() if not one.name.endswith(".partial")]


# --- the other commands


def test_plot_draws_one_run_and_several(tiny_run: Path, tmp_path: Path) -> None:
    done = wavepool("plot", tiny_run, "--out", tmp_path / "one", "--room", "1", "--top", "3")
    assert done.returncode == 0, done.stderr
    pictures = [Path(line) for line in done.stdout.splitlines()]
    assert all(picture.stat().st_size > 1000 for picture in pictures)
    assert {picture.suffix for picture in pictures} == {".png", ".svg"}
    assert typed("plot", tiny_run, tiny_run, "--out", tmp_path / "two").returncode == 0


def test_why_tells_the_reviews(tiny_run: Path) -> None:
    item = int(open_run(tiny_run).table("reviews").query("kind == 'video'")["item"].iloc[0])
    done = wavepool("why", tiny_run, str(item))
    assert done.returncode == 0, done.stderr
    assert str(item) in done.stdout
    assert wavepool("why", tiny_run, "room:0").returncode == 0


def test_explain_tells_the_world() -> None:
    done = wavepool("explain", TINY, "--set", "platform.weights.review.conversion=0")
    assert done.returncode == 0, done.stderr
    assert "200" in done.stdout
    assert "conversion" in done.stdout


def test_validate_schema_and_new(tmp_path: Path) -> None:
    assert wavepool("validate", TINY, "scenarios/baseline.yaml").returncode == 0
    assert json.loads(typed("schema").stdout)["properties"]["viewers"]
    made = wavepool("new", "mine", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert wavepool("validate", tmp_path / "mine.yaml").returncode == 0
    assert "is there already" in wavepool("new", "mine", cwd=tmp_path).stderr


# --- what people get wrong

BAD = {
    "not YAML": ("viewers: [1, 2\n", "not YAML"),
    "a list": ("- 1\n- 2\n", "must be a mapping"),
    "empty": ("", "is empty"),
    "a list where a mapping belongs": ("viewers: [1]\n", "must be a mapping"),
    "NaN": ("platform: {weights: {dwell: .nan}}\n", "finite number"),
    "negative": ("viewers: {count: -5}\n", "greater than or equal to 1"),
    "huge": ("viewers: {count: 1e300}\n", "viewers.count"),
    "unknown field": ("viewers: {counts: 5}\n", "did you mean 'count'?"),
    "duplicate key": ("days: 1\ndays: 2\n", "given twice"),
    "a circle": ("extends: bad.yaml\n", "circle"),
    "no such parent": ("extends: nowhere.yaml\n", "cannot read"),
    "a script nobody wrote": ("rooms: {script_shares: {magic: 1}}\n", "unknown script"),
    "a review between refreshes": ("platform: {refresh: 7}\n", "refresh"),
    "no time": ("viewers: {sessions_per_day: {kind: constant, value: 0}}\n", "at least 0.001"),
    "a mad distribution": ("viewers: {patience: {kind: beta}}\n", "must be one of"),
    "too many": ("viewers: {count: 2000000000}\n", "GiB"),
}


@pytest.mark.parametrize(("body", "said"), BAD.values(), ids=BAD.keys())
def test_bad_scenarios_get_a_line_and_write_nothing(tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(textwrap.dedent(body))
    assert said in refused("run", file, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_all_mistakes_of_a_file_are_told_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text("seed: x\nviewers:\n  count: 0\n  cuont: 3\n")
    told = refused("run", file, lines=3).splitlines()
    assert f"{file}:1:7: seed: must be a whole number, found 'x'" in told
    assert f"{file}:3:10: viewers.count: must be greater than or equal to 1, found 0" in told
    assert f"{file}:4:3: viewers.cuont: unknown field; did you mean 'count'?" in told


def test_missing_things_get_a_line(tmp_path: Path, tiny_run: Path) -> None:
    assert "no such file" in refused("run", tmp_path / "no.yaml")
    assert "is a directory" in refused("explain", tmp_path)
    assert "no such folder" in refused("plot", tmp_path / "no")
    assert "not the folder of a run" in refused("plot", tmp_path)
    assert "runs below it" in refused("plot", tiny_run.parent)
    assert "is not there" in refused("resume", tmp_path / "no.partial")
    assert "99999" in refused("why", tiny_run, "99999")
    refused("why", tiny_run, "room:x")
    refused("plot", tiny_run, "--room", "77", "--out", tmp_path / "p")
    assert not (tmp_path / "p").exists()
    (tmp_path / "taken").touch()
    assert "cannot write" in refused("plot", tiny_run, "--out", tmp_path / "taken")
    assert "must read path=value" in refused("run", TINY, "--set", "nonsense")
    assert "--save-every" in refused("run", TINY, "--out", tmp_path / "q", "--save-every", "soon")


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot write" in refused("run", TINY, "--out", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "in the way"
