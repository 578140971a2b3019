"""The project checks itself: layers, chance, names, purposes, docstrings."""

import ast
import functools
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from sim.core import clock, event_log, randomness
from sim.recommender import viewer_history
from sim.traffic import video_waves

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "sim").rglob("*.py"), *(ROOT / "agents").glob("*.py")])
RULES = ("sim.core", "sim.scenario", "sim.recommender", "sim.traffic", "sim.results")
"""Packages of the platform's side."""


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@functools.cache
def parsed(path: Path) -> ast.Module:
    """A module's tree; each test here looks at every one of them."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> set[str]:
    """Dotted names of everything that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


FOREIGN = ("random", "secrets", "uuid", "numpy.random", "os.urandom")
MAKERS = (
    "default_rng",
    "RandomState",
    "SeedSequence",
    "urandom",
    "uuid4",
    "shuffle",
    "shuffle_do",
    "select_random",
    "rng",
)
OWNERS = ("np", "numpy", "self", "self.model", "model", "world", "agent")  # Mesa gives each of them a generator


def chances(tree: ast.Module) -> list[str]:
    """What in a module could make a random number other than by a key."""
    found = [name for name in imports(tree) for one in FOREIGN if name == one or name.startswith(f"{one}.")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in MAKERS:
            found.append(node.id)
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if node.attr in MAKERS or (node.attr == "random" and owner in OWNERS):
                found.append(f"{owner}.{node.attr}")
    return found


def test_there_are_sources() -> None:
    assert {"sim.core.randomness", "sim.world", "agents.viewer"} <= {named(path) for path in SOURCES}


# --- chance


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_chance_is_in_one_file_only(path: Path) -> None:
    assert chances(parsed(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "from random import choice",
        "import numpy.random",
        "from numpy.random import default_rng",
        "import numpy as np\nx = np.random.rand(3)",
        "def life(self):\n    return self.model.random.random()",
        "def life(self):\n    return self.rng.uniform()",
        "import os\nos.urandom(4)",
        "world.agents.shuffle_do('act')",
    ],
)
def test_another_source_of_chance_is_noticed(text: str) -> None:
    assert chances(ast.parse(text))


def purposes() -> list[tuple[str, int]]:
    """The names and numbers in the list of purposes: all that `randomness` gives names to before its first mask."""
    found = []
    for node in ast.parse((ROOT / "sim" / "core" / "randomness.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in ast.walk(node.targets[0]) if isinstance(target, ast.Name)]
            if "_LOW" in names:
                break
            found += zip(names, ast.literal_eval(node.value), strict=True)
    return found


def test_no_purpose_is_used_twice() -> None:
    found = purposes()
    assert len(found) > 20
    assert all(getattr(randomness, name) == number for name, number in found)
    for column in zip(*found, strict=True):
        assert [one for one, times in Counter(column).items() if times > 1] == []
    assert all(0 < number < 2**32 for _, number in found)


# --- layers


def test_the_layers_hold() -> None:
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_platforms_rules_know_no_truth() -> None:
    # whatever they import, and whatever that imports, down to the ground
    known = {named(path): imports(parsed(path)) for path in SOURCES}
    reached, ahead = set(), [name for name in known if name.startswith(RULES)]
    while ahead:
        module = ahead.pop()
        if module not in reached:
            reached.add(module)
            ahead += [name for name in known[module] if name in known]
            assert not [name for name in known[module] if name.split(".")[0] == "agents"], module
    assert {"sim.recommender.interest_tags", "sim.core.randomness"} <= reached


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_kernel_counts_from_the_end(path: Path) -> None:
    """An index that is `unsigned` is taken as it is; no other may then mean something else than it."""
    kernels = {"rule", "loop", "compiled"}
    for function in ast.walk(parsed(path)):
        if not isinstance(function, ast.FunctionDef) or not kernels & {ast.unparse(d) for d in function.decorator_list}:
            continue
        indices = [part.slice for part in ast.walk(function) if isinstance(part, ast.Subscript)]
        assert not [ast.unparse(one) for one in indices if ast.unparse(one).startswith("-")], function.name


def used_beside_indices(function: ast.FunctionDef) -> list[str]:
    """What a function does with unsigned numbers, or with names for them, outside square brackets."""
    indices = {part for one in ast.walk(function) if isinstance(one, ast.Subscript) for part in ast.walk(one.slice)}
    calls = {one for one in ast.walk(function) if isinstance(one, ast.Call) and ast.unparse(one.func) == "unsigned"}
    names, given = set(), set()
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], (ast.Name, ast.Tuple)):
            targets, values = one.targets[0], one.value
            pairs = zip(getattr(targets, "elts", [targets]), getattr(values, "elts", [values]), strict=False)
            named = [(target, value) for target, value in pairs if value in calls and isinstance(target, ast.Name)]
            names |= {target.id for target, _ in named}
            given |= {value for _, value in named}
    loads = [one for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
    beside = [one for one in loads if one.id in names and one not in indices]
    return [ast.unparse(one) for one in [*beside, *(calls - indices - given)]]


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_unsigned_numbers_are_indices_only(path: Path) -> None:
    # numba makes a float of an unsigned number and a signed one
    functions = [one for one in ast.walk(parsed(path)) if isinstance(one, ast.FunctionDef)]
    assert {one.name: found for one in functions if (found := used_beside_indices(one))} == {}


@pytest.mark.parametrize(
    "line", ["return unsigned(i)", "return 1 + unsigned(i)", "k = unsigned(i)\n    return a[k] + k", "f(unsigned(i))"]
)
def test_an_unsigned_number_elsewhere_is_noticed(line: str) -> None:
    (function,) = ast.parse(f"def f(a, i):\n    {line}").body
    assert isinstance(function, ast.FunctionDef)
    assert used_beside_indices(function)


def rows() -> list[list[str]]:
    """The layers contract: from the top, the modules of each rank."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [one["layers"] for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return [layer.split(" | ") for layer in layers]


def packages(folder: Path) -> set[str]:
    """The packages right below a folder."""
    return {file.parent.name for file in folder.glob("*/__init__.py")}


def test_every_package_has_its_rank() -> None:
    ranked = [module for row in rows() for module in row]
    assert len(rows()) == 9
    assert sorted(ranked) == sorted(["agents", "sim.world", *(f"sim.{name}" for name in packages(ROOT / "sim"))])


def test_sim_holds_packages_and_the_world() -> None:
    assert {path.name for path in (ROOT / "sim").glob("*.py")} == {"__init__.py", "world.py"}
    assert {path.parent.name for path in (ROOT / "sim").glob("*/*.py")} == packages(ROOT / "sim")


def test_the_tests_mirror_the_packages() -> None:
    others = {"theory", "properties", "golden", "end_to_end", "twin"}
    mirrored = packages(ROOT / "tests") - others
    assert mirrored <= {"agents", *packages(ROOT / "sim")}
    # commands are tested end to end, as a person types them
    assert {"agents", *packages(ROOT / "sim")} - mirrored == {"cli"}
    for name in mirrored - {"agents"}:
        assert packages(ROOT / "tests" / name) <= packages(ROOT / "sim" / name), name


# --- other people's libraries


PUBLIC = {"_replace", "_asdict", "_fields"}  # of named tuples
INSIDES = {"sim/core/function_cache.py": {"dispatcher._cache"}, "sim/core/inline_pipeline.py": set()}
"""Where numba's insides are used, and what of its objects is touched."""


def private_parts(tree: ast.AST) -> set[str]:
    """What a module reads or sets of others that is not meant for it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            own = own or ast.unparse(node.value) == "super()"
            found |= set() if own or node.attr in PUBLIC else {ast.unparse(node)}
    return found


def replaced_parts(tree: ast.AST) -> set[str]:
    """What a module sets in modules or classes that it imports."""
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    targets = [one for node in ast.walk(tree) if isinstance(node, ast.Assign) for one in node.targets]
    set_by_name = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr" and node.args
    ]
    parts = [one for one in targets if isinstance(one, ast.Attribute)]
    found = {ast.unparse(one) for one in parts if ast.unparse(one).split(".")[0] in imported}
    return found | {ast.unparse(one) for one in set_by_name if ast.unparse(one).split(".")[0] in imported}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nobody_reaches_into_other_peoples_libraries(path: Path) -> None:
    assert private_parts(parsed(path)) <= INSIDES.get(path.relative_to(ROOT).as_posix(), set())
    assert replaced_parts(parsed(path)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "event._ok = True",
        "from numba.np import arrayobj\narrayobj.fix_integer_index = print",
        "import numba\nsetattr(numba.config, 'CACHE_DIR', '')",
        "import mesa\nmesa.Agent._ids.clear()",
        "import sys\nsys.dont_write_bytecode = True",
    ],
)
def test_a_reach_into_other_peoples_libraries_is_noticed(text: str) -> None:
    assert private_parts(ast.parse(text)) | replaced_parts(ast.parse(text))


# --- names


def test_no_module_is_named_like_the_standard_library() -> None:
    assert [named(path) for path in SOURCES if path.stem in sys.stdlib_module_names and path.stem != "__init__"] == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_names_come_from_the_domain(path: Path) -> None:
    words = ("manager", "handler", "helper", "utils", "process_")
    tree = parsed(path)
    defined = [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [name for name in [path.stem, *defined] for word in words if word in name.lower()] == []
    assigned = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    assert "sim" not in assigned


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_public_function_says_what_it_does(path: Path) -> None:
    tree = parsed(path)
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


# --- names of codes fit their codes


def test_lists_of_names_are_as_long_as_their_codes() -> None:
    assert len(event_log.KINDS) == event_log.EMPTY + 1
    assert len(event_log.DEEDS) == event_log.REFUSED.bit_length()
    assert len(event_log.SOURCES) == event_log.BOOSTED + 1
    assert len(event_log.VIDEO_COUNTS) == event_log.V_FIT + 1
    assert len(event_log.ROOM_COUNTS) == event_log.R_SOURCES + len(event_log.OF_SOURCES)
    assert len(event_log.TOTALS) == event_log.T_SOURCES + len(event_log.OF_SOURCES)
    assert len(video_waves.VERDICTS) == video_waves.REIGNITE + 1
    assert (clock.DAY, viewer_history.NO_TOPIC) == (86_400_000, 255)


def test_importing_sim_alone_loads_nothing_else() -> None:
    code = (
        "import sys, sim; loaded = {m for m in sys.modules if m.startswith(('sim.', 'agents', 'numpy', 'mesa'))}; "
        "assert not loaded, loaded; "
        "from sim import compare; assert compare.__module__ == 'sim.experiments.compare'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
