"""What the README shows is what happens."""

import re
import shlex
from pathlib import Path

import pytest

from sim.cli import app
from sim.scenario import loads

README = Path("README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert "viewer 7: " in capsys.readouterr().out


def test_its_scenario_is_one() -> None:
    (text,) = blocks("yaml")
    assert loads(text, name="scenarios/readme.yaml").platform.weights.conversion == 0


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    assert all(Path(picture).is_file() for picture in pictures)


def test_its_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app(["--help"])
    told = capsys.readouterr().out
    named = set(re.findall(r"`wavepool (\w+)", README))
    assert named >= {"run", "resume", "plot", "why", "explain", "validate", "new", "schema"}
    assert all(f"  {name} " in told for name in named)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [line.strip() for line in README.splitlines() if line.startswith("    uv run")]
    assert shlex.split(commands[1]) == ["uv", "run", "pytest"]
    assert commands[1] in Path(".ci/run").read_text().splitlines()
