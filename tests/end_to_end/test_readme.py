"""What the README and the user guide show is what happens."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import app
from sim.scenario.scenario import loads
from tests.end_to_end.test_commands import typed
from tests.end_to_end.test_compare import question

README, GUIDE = (Path(page).read_text(encoding="utf-8") for page in ("README.md", "docs/guide.md"))


def blocks(language: str, page: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def rows(printed: str) -> dict[str, str]:
    """A printed summary: what stands on the left, and the rest with its numbers left out."""
    pairs = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in printed.splitlines())
    return {name: re.sub(r"[\d,.]+", "#", value) for name, value in (pair for pair in pairs if len(pair) == 2)}


def test_its_run_prints_what_is_shown(tmp_path: Path) -> None:
    (shown,) = blocks("text", README)
    assert len(rows(shown)) >= 5
    done = typed("run", "scenarios/tiny.yaml", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows(shown).items() <= rows(done.stdout).items()


def test_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python", README)
    exec(compile(code, "README.md", "exec"), {})
    assert "viewer 7: " in capsys.readouterr().out


@pytest.mark.slow
def test_the_notebook_of_the_guide_compares(tmp_path: Path) -> None:
    (code,) = blocks("python", GUIDE)
    asked = f'"{question(tmp_path)}", seeds=2, out="{tmp_path / "out"}"'
    shown: dict[str, Any] = {}
    exec(compile(code.replace('"scenarios/conversion_weight.yaml", seeds=10', asked), "guide.md", "exec"), shown)
    assert len(shown["result"].seeds) == 2
    assert {"measure", "relative", "holm"} <= set(shown["result"].effects)
    assert shown["result"].plot("groups").axes


def test_the_scenario_of_the_guide_is_one() -> None:
    (text,) = blocks("yaml", GUIDE)
    assert loads(text, name="scenarios/guide.yaml").platform.weights.review.conversion == 0


def test_their_pictures_are_there() -> None:
    pages = {Path(): README, Path("docs"): GUIDE}
    pictures = [at / name for at, page in pages.items() for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page)]
    assert len(pictures) >= 4
    assert all(picture.is_file() for picture in pictures)


def test_their_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app(["--help"])
    told = capsys.readouterr().out
    named = set(re.findall(r"`wavepool (\w+)", README + GUIDE))
    assert named >= {"run", "resume", "plot", "why", "explain", "validate", "new", "schema"}
    assert all(f"  {name} " in told for name in named)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [line.strip() for line in README.splitlines() if line.startswith("    uv run")]
    (command,) = (line for line in commands if "pytest" in line)
    assert shlex.split(command) == ["uv", "run", "pytest"]
    assert command in Path(".ci/run").read_text().splitlines()
