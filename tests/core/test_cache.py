"""Where compiled code is kept between starts, and what of it is thrown away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.core import cache
from sim.core.cache import cache_base, compiled_folder, forget_all_but_the_latest, keyed_folder

ROOT = Path(__file__).resolve().parents[2]


def test_the_cache_is_where_the_user_wants_it() -> None:
    assert cache_base({"WAVEPOOL_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache_base({"XDG_CACHE_HOME": "/b"}) == Path("/b/wavepool")
    assert cache_base({}) == Path.home() / ".cache" / "wavepool"


@pytest.mark.parametrize("flag", ["", "1"])
def test_importing_sim_leaves_pythons_own_settings(tmp_path: Path, flag: str) -> None:
    code = "import sys; before = sys.pycache_prefix, sys.dont_write_bytecode; import sim, sim.world; "
    code += "assert (sys.pycache_prefix, sys.dont_write_bytecode) == before"
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": flag, "WAVEPOOL_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)
    assert not list(tmp_path.rglob("*.pyc"))


# --- one folder for each state of the sources

COMPILER, KERNEL = "sim.compiler", "from sim.compiler import rule\n@rule\ndef f(x):\n    return x\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Sources of one kernel."""
    for path, text in {"sim/__init__": "", "sim/compiler": "def rule(f):\n    return f\n", "sim/f": KERNEL}.items():
        (tmp_path / "root" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / f"{path}.py").write_text(text)
    return tmp_path / "root"


def test_a_key_is_worked_out_once_for_the_same_texts(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keyed_folder(tmp_path / "cache", root, COMPILER)
    monkeypatch.setattr(cache, "source_key", lambda *_: "worked out again")
    assert keyed_folder(tmp_path / "cache", root, COMPILER) == first
    (root / "sim" / "f.py").write_text(KERNEL.replace("return x", "return x + 1"))
    assert keyed_folder(tmp_path / "cache", root, COMPILER) != first


def test_a_comment_keeps_the_folder_and_a_change_does_not(root: Path, tmp_path: Path) -> None:
    first = keyed_folder(tmp_path / "cache", root, COMPILER)
    (root / "sim" / "f.py").write_text(f"# a comment\n{KERNEL}")
    assert keyed_folder(tmp_path / "cache", root, COMPILER) == first
    assert len(list(first.iterdir())) == 2  # so many texts had this key
    (root / "sim" / "f.py").write_text(KERNEL.replace("return x", "return x + 1"))
    assert keyed_folder(tmp_path / "cache", root, COMPILER) != first


def test_what_is_compiled_in_another_way_is_kept_apart(root: Path, tmp_path: Path) -> None:
    folders = [keyed_folder(tmp_path / "cache", root, COMPILER, variant) for variant in ("", "-plain", "", "-plain")]
    assert folders[0] == folders[2] != folders[1] == folders[3]


def test_only_own_folders_are_thrown_away(tmp_path: Path) -> None:
    for n in range(4):
        (tmp_path / f"own-{n}").mkdir()
        (tmp_path / f"own-{n}" / "0.sources").touch()
        os.utime(tmp_path / f"own-{n}", (n, n))
    (tmp_path / "photographs").mkdir()
    os.utime(tmp_path / "photographs", (0, 0))
    forget_all_but_the_latest(tmp_path, kept=2)
    assert {one.name for one in tmp_path.iterdir()} == {"own-2", "own-3", "photographs"}


def test_what_cannot_be_kept_is_not_kept(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WAVEPOOL_CACHE", str(tmp_path / "file" / "below"))
    assert compiled_folder(root, COMPILER) is None


def test_without_a_home_nothing_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("WAVEPOOL_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "expanduser", no_home)
    assert compiled_folder(root, COMPILER) is None
