"""Compiled code is kept under a key of whatever it is made from, and of nothing else."""

import ast
import functools
import shutil
from pathlib import Path

import pytest

from sim.core import compiler
from sim.core.source_key import module_files, reached_modules, source_key

ROOT = Path(__file__).resolve().parents[2]
COMPILER = compiler.__name__
FILES = module_files(ROOT)
REACHED = reached_modules(ROOT, COMPILER)
DECORATORS = {"compiled", "rule", "loop", "typed"}

parse_once = functools.cache(ast.parse)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of our sources, and its key."""
    root = tmp_path_factory.mktemp("copied")
    for file in FILES.values():
        copy = root / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return root, source_key(root, COMPILER)


@pytest.fixture(autouse=True)
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of keys are worked out here, from nearly the same texts."""
    monkeypatch.setattr(ast, "parse", parse_once)


def key_with(root: Path, name: str, added: str) -> str:
    """The key of a copy of which one module has something added, for this once."""
    file = root / FILES[name].relative_to(ROOT)
    text = file.read_text(encoding="utf-8")
    file.write_text(text + added, encoding="utf-8")
    try:
        return source_key(root, COMPILER)
    finally:
        file.write_text(text, encoding="utf-8")


def decorates(name: str) -> bool:
    """Whether a module has a function that one of our decorators compiles."""
    functions = [node for node in ast.walk(ast.parse(FILES[name].read_bytes())) if isinstance(node, ast.FunctionDef)]
    used = {ast.unparse(one).split("(")[0].rpartition(".")[2] for node in functions for one in node.decorator_list}
    return bool(used & DECORATORS)


# --- our own sources


def test_every_module_with_a_compiled_function_is_reached() -> None:
    defining = {name for name in FILES if decorates(name)}
    assert len(defining) > 20
    assert defining <= REACHED


def test_what_merely_drives_kernels_is_not_reached() -> None:
    assert {name for name in FILES if name.endswith((".cli", ".world", ".report", ".experiment"))} & REACHED == set()


def test_the_key_does_not_hang_on_where_the_sources_are(copied: tuple[Path, str]) -> None:
    assert copied[1] == source_key(ROOT, COMPILER)


@pytest.mark.parametrize("name", sorted(REACHED))
def test_a_change_of_what_a_kernel_reaches_changes_the_key(copied: tuple[Path, str], name: str) -> None:
    root, key = copied
    assert key_with(root, name, "\nADDED = 1\n") != key


def test_a_change_elsewhere_leaves_the_key(copied: tuple[Path, str]) -> None:
    root, key = copied
    elsewhere = sorted(FILES.keys() - REACHED)
    assert len(elsewhere) > 20
    for name in elsewhere:
        with (root / FILES[name].relative_to(ROOT)).open("a", encoding="utf-8") as file:
            file.write("\nADDED = 1\n")
    assert source_key(root, COMPILER) == key


@pytest.mark.parametrize("added", ["\n# a comment\n", '\n"""A text that stands by itself."""\n'])
def test_comments_and_texts_leave_the_key(copied: tuple[Path, str], added: str) -> None:
    root, key = copied
    assert {key_with(root, name, added) for name in sorted(REACHED)[:3]} == {key}


# --- every way to import

KERNEL_FILE = "sim/deep/below/kernel.py"
KERNEL = "from sim.core.compiler import rule\n@rule\ndef f(x):\n    return g(x)\n"
TREE = {
    "sim/__init__.py": "",
    "sim/core/__init__.py": "",
    "sim/core/compiler.py": "COMPILED = True\ndef rule(f):\n    return f\n",
    "sim/deep/__init__.py": "",
    "sim/deep/below/__init__.py": "",
    KERNEL_FILE: KERNEL,
    "sim/deep/below/near.py": "def g(x):\n    return x\n",
    "sim/deep/far.py": "def g(x):\n    return x\n",
    "agents/__init__.py": "",
    "agents/truth.py": "def g(x):\n    return x\n",
}


def tree(root: Path, changed: dict[str, str] | None = None) -> Path:
    """A small tree of packages, with some files changed."""
    for path, text in (TREE | (changed or {})).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import sim.deep.far", "sim.deep.far"),
        ("import sim.deep.far as other", "sim.deep.far"),
        ("from sim.deep.far import g", "sim.deep.far"),
        ("from sim.deep import far", "sim.deep.far"),
        ("from sim.deep import (\n    far,\n)", "sim.deep.far"),
        ("from .near import g", "sim.deep.below.near"),
        ("from . import near", "sim.deep.below.near"),
        ("from ..far import g", "sim.deep.far"),
        ("from .. import far", "sim.deep.far"),
        ("from ...deep import far", "sim.deep.far"),
        ("from agents.truth import g", "agents.truth"),
        ("def later():\n    from sim.deep.far import g", "sim.deep.far"),
        ("if True:\n    import sim.deep.far", "sim.deep.far"),
    ],
)
def test_every_kind_of_import_is_followed(tmp_path: Path, line: str, module: str) -> None:
    root = tree(tmp_path, {KERNEL_FILE: f"{line}\n{KERNEL}"})
    reached = reached_modules(root, "sim.core.compiler")
    assert module in reached
    assert {"sim", "sim.core", "sim.deep", "sim.deep.below"} <= reached  # importing a module runs its packages
    key = source_key(root, "sim.core.compiler")
    with module_files(root)[module].open("a") as file:
        file.write("\nh = g\n")
    assert source_key(root, "sim.core.compiler") != key


def test_what_a_package_hands_on_is_followed(tmp_path: Path) -> None:
    handing_on = {"sim/deep/__init__.py": "from .far import g\n"}
    root = tree(tmp_path, handing_on | {KERNEL_FILE: f"from sim.deep import g\n{KERNEL}"})
    assert "sim.deep.far" in reached_modules(root, "sim.core.compiler")


@pytest.mark.parametrize(
    "line",
    [
        "from sim.core.compiler import rule",
        "from sim.core.compiler import *",
        "from sim.core import compiler",
        "import sim.core.compiler",
        "import sim.core.compiler as c",
        "from ..core.compiler import rule",
        "from ..core import compiler",
        "from sim.core import rule",
        "from ..core import rule",
        "def later():\n    from sim.core.compiler import rule",
    ],
)
def test_every_way_to_the_decorators_is_seen(tmp_path: Path, line: str) -> None:
    handing_on = {"sim/core/__init__.py": "from sim.core.compiler import rule\n"}
    root = tree(tmp_path, handing_on | {"sim/deep/far.py": f"{line}\nfrom agents.truth import g\n"})
    assert {"sim.deep.far", "agents.truth"} <= reached_modules(root, "sim.core.compiler")


def test_who_only_asks_the_compiler_defines_no_kernel(tmp_path: Path) -> None:
    root = tree(tmp_path, {"sim/deep/far.py": "from sim.core.compiler import COMPILED\nimport agents.truth\n"})
    assert not {"sim.deep.far", "agents.truth"} & reached_modules(root, "sim.core.compiler")
