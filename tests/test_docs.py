"""What the documents say of the code is so: tables, names, files, links and commands."""

import ast
import importlib.util
import re
import shlex
from pathlib import Path
from pydoc import locate

import pytest
from typer.main import get_command

from docs import make_tables
from sim.cli.app import app
from sim.results.measures.lookup import split
from sim.results.measures.registry import MEASURES
from sim.scenario.scenario import Scenario
from sim.traffic.platform_state import PlatformState

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
MODEL = TEXTS["model.md"]
PLACES = ("docs", "tests", "scenarios", "benchmarks", ".ci")
CODE = ("sim", "agents")
HAS_MOVED = pytest.mark.skipif(not (ROOT / "sim" / "engine").is_dir(), reason="pages name the files of the new layout")


def quoted(page: str) -> list[str]:
    """All that stands between backticks, but for blocks of code."""
    prose = re.sub(r"```.*?```", "", TEXTS[page], flags=re.DOTALL)
    return [" ".join(text.split()) for text in re.findall(r"`([^`]+)`", prose)]


# --- tables


def test_the_tables_are_current() -> None:
    assert make_tables.written(MODEL) == MODEL, "run `uv run python docs/make_tables.py`"


def test_every_group_of_parameters_and_every_kind_of_row_has_its_table() -> None:
    assert sorted(found["name"] for found in make_tables.MARKED.finditer(MODEL)) == sorted(make_tables.tables())


def test_a_table_tells_default_unit_range_meaning_and_source() -> None:
    lines = make_tables.tables()["viewers.watching"].splitlines()
    told = ("`skip_seconds`", "3.0", "s", "above 0 to 60", "a shorter view is a skip (短播)")
    assert f"| {' | '.join(told)} | KuaiRand README: short view < 3 s |" in lines
    assert "| `wave` | int16 | how many waves it has had |" in make_tables.tables()["state.wave"].splitlines()


def test_a_table_that_drifted_is_noticed() -> None:
    assert make_tables.written(MODEL.replace("| `skip_seconds` | 3.0 |", "| `skip_seconds` | 4.0 |")) == MODEL


# --- names


def found(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    return locate(name) is not None


def named(page: str) -> set[str]:
    """Dotted names of code, between backticks and in formulas."""
    return set(re.findall(r"(?<![\w./])((?:sim|agents)(?:\.[A-Za-z_]\w*)+)(?![\w/])(?!\.(?:py|yaml))", TEXTS[page]))


@pytest.mark.parametrize("page", TEXTS)
def test_the_code_that_a_page_names_is_there(page: str) -> None:
    assert [name for name in named(page) if not found(name)] == []


def test_a_name_that_is_not_there_is_noticed() -> None:
    assert found("sim.traffic.video_waves.Peers.score")
    assert not found("sim.traffic.video_waves.no_such_rule")


def code_of(section: str) -> list[tuple[str, str]]:
    """Files and functions that implement a section of the model, as its line `Code:` names them."""
    lines = re.findall(r"^Code: (.*?)\.$", section, re.DOTALL | re.MULTILINE)
    listed = [re.findall(r"`([^`]+)`", entry) for line in lines for entry in line.split(";")]
    return [(file, function) for file, *functions in listed for function in functions]


def functions_in(file: Path) -> set[str]:
    """Functions and methods that a file defines."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_every_formula_names_its_function() -> None:
    sections = re.split(r"^##+ ", MODEL, flags=re.MULTILINE)[1:]
    with_formulas = [text for text in sections if re.search(r"^    .*=", text, re.MULTILINE)]
    assert len(with_formulas) >= 18
    assert [text.splitlines()[0] for text in with_formulas if not code_of(text)] == []


def test_the_functions_that_the_model_names_are_there() -> None:
    there = {name for place in CODE for file in (ROOT / place).rglob("*.py") for name in functions_in(file)}
    functions = {function for _, function in code_of(MODEL)}
    assert len(functions) > 100
    assert sorted(functions - there) == []


@HAS_MOVED
def test_each_function_is_in_the_file_that_the_model_names() -> None:
    files = {file: functions_in(ROOT / file) for file, _ in code_of(MODEL) if (ROOT / file).is_file()}
    assert [(file, name) for file, name in code_of(MODEL) if name not in files.get(file, ())] == []


def test_a_refresh_is_told_in_its_order() -> None:
    source = (ROOT / "sim" / "world.py").read_text(encoding="utf-8")
    body = next(
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef) and node.name == "refresh"
    )
    found = sorted((node.lineno, ast.unparse(node.func)) for node in ast.walk(body) if isinstance(node, ast.Call))
    calls = [call.removeprefix("self.") for _line, call in found if call.startswith("self.")]
    # records of what stands before them in the list, and a look at what is due
    beside = ["observer.video_reviews", "datacollector.collect", "scenario.calendar.moment"]
    assert re.findall(r"^\d+\. `([\w.]+)`:", MODEL, re.MULTILINE) == [call for call in calls if call not in beside]


# --- parameters


PARAMETERS = {
    f"{path}.{name}".removeprefix("scenario.")
    for path, kinds in make_tables.groups(Scenario)
    for kind in kinds
    for name in ("", *kind.model_fields)
}


@pytest.mark.parametrize("page", TEXTS)
def test_the_parameters_that_a_page_names_are_there(page: str) -> None:
    shaped = r"(?:viewers|creators|rooms|platform|records)\.[a-z_.]+"
    wanted = {text for text in quoted(page) if re.fullmatch(shaped, text)}
    known = {f"{name}." for name in PARAMETERS} | {f"platform.{name}." for name in vars(PlatformState)}
    assert [name for name in wanted if f"{name}." not in known and split(name)[0] not in MEASURES] == []


# --- files and links


def missing(page: str, places: tuple[str, ...]) -> list[str]:
    """Files in these folders that a page names and that are not there."""
    paths = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, places))})/[\w./-]*\w"
    files = {path for text in quoted(page) for path in re.findall(paths, text)}
    return sorted(file for file in files if not (ROOT / file).exists())


@pytest.mark.parametrize("page", TEXTS)
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    assert missing(page, PLACES) == []


@HAS_MOVED
@pytest.mark.parametrize("page", TEXTS)
def test_the_code_files_that_a_page_names_are_there(page: str) -> None:
    assert missing(page, CODE) == []


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links call them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", TEXTS[page.name])
    for target, _, anchor in (link.partition("#") for link in links if not link.startswith("http")):
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), anchor


# --- commands


def commands() -> list[str]:
    """Every command line that a page shows, of wavepool and of Python."""
    shown = [text for page in TEXTS for text in quoted(page)]
    shown += [line.strip() for text in TEXTS.values() for line in text.splitlines() if line.startswith("    ")]
    lines = {line.partition("  #")[0].strip() for line in shown}
    return sorted(line for line in lines if re.match(r"(uv run .*)?(wavepool|python) ", line))


def parse(line: str) -> None:
    """Read a command line as the program would, and do nothing."""
    words = shlex.split(line.replace("[", "").replace("]", ""))
    if "wavepool" in words:
        name, *given = words[words.index("wavepool") + 1 :]
        if name == "--help":
            return
        command = get_command(app).get_command(None, name)  # type: ignore[attr-defined,arg-type]
        assert command is not None, name
        if given:
            command.make_context(name, given)
    else:
        _, what, *_ = words = words[words.index("python") :]
        assert importlib.util.find_spec(words[2]) if what == "-m" else (ROOT / what).is_file()


@pytest.mark.parametrize("line", commands())
def test_a_command_that_is_shown_can_be_typed(line: str) -> None:
    parse(line.partition(" > ")[0])


def test_a_wrong_command_is_noticed() -> None:
    assert len(commands()) > 20
    with pytest.raises(Exception, match="no-such-option"):
        parse("wavepool run scenarios/tiny.yaml --no-such-option")
    for wrong in ("wavepool nothing", "uv run python docs/nothing.py"):
        with pytest.raises(AssertionError):
            parse(wrong)
