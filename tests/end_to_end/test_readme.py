"""What the README shows is what happens."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import app
from sim.scenario.scenario import loads
from tests.end_to_end.test_compare import question

README = Path("README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert "viewer 7: " in capsys.readouterr().out


@pytest.mark.slow
def test_its_notebook_compares(tmp_path: Path) -> None:
    _, code = blocks("python")
    asked = f'"{question(tmp_path)}", seeds=2, out="{tmp_path / "out"}"'
    shown: dict[str, Any] = {}
    exec(compile(code.replace('"scenarios/conversion_weight.yaml", seeds=10', asked), "README.md", "exec"), shown)
    assert len(shown["result"].seeds) == 2
    assert {"measure", "relative", "holm"} <= set(shown["result"].effects)
    assert shown["result"].plot("groups").axes


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
