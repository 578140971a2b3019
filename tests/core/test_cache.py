"""Where bytecode is kept if Python keeps none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.bytecode import cache_base, is_missing

FORBIDDEN = {"PYTHONDONTWRITEBYTECODE": "1"}
SAYS = "import sys, sim; print(sys.pycache_prefix); from sim import wording"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module without bytecode beside it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    made = tmp_path / "some_library.py"
    made.write_text("")
    return made


def test_bytecode_is_missing_where_it_is_forbidden_and_was_not_installed(library: Path) -> None:
    assert is_missing(FORBIDDEN, "some_library")
    assert not is_missing({}, "some_library")
    assert not is_missing(FORBIDDEN | {"PYTHONPYCACHEPREFIX": "/elsewhere"}, "some_library")
    kept = library.parent / "__pycache__" / f"some_library.{sys.implementation.cache_tag}.pyc"
    kept.parent.mkdir()
    kept.touch()
    assert not is_missing(FORBIDDEN, "some_library")


def test_the_cache_is_where_the_user_wants_it() -> None:
    assert cache_base({"WAVEPOOL_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache_base({"XDG_CACHE_HOME": "/b"}) == Path("/b/wavepool")
    assert cache_base({}) == Path.home() / ".cache" / "wavepool"


def test_missing_bytecode_is_kept_in_our_folder_alone(tmp_path: Path) -> None:
    # a numpy of two lines stands for libraries that were installed without bytecode
    (tmp_path / "libraries" / "numpy").mkdir(parents=True)
    (tmp_path / "libraries" / "numpy" / "__init__.py").write_text("")
    root, cache = Path(__file__).parent.parent, tmp_path / "cache"
    paths = os.pathsep.join([str(tmp_path / "libraries"), str(root)])
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPYCACHEPREFIX"}
    environment = plain | FORBIDDEN | {"WAVEPOOL_CACHE": str(cache), "PYTHONPATH": paths}
    said = subprocess.run([sys.executable, "-c", SAYS], env=environment, capture_output=True, text=True, check=True)
    (folder,) = cache.iterdir()
    assert said.stdout.strip() == str(folder)
    assert list(folder.rglob("wording.*.pyc"))
    assert not list(tmp_path.glob("libraries/**/*.pyc"))
