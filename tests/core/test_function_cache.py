"""Compiled code is kept in our folder alone, and a cache that cannot be used never stops anything."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core import event

from sim.core import randomness
from sim.core.compiler import CACHE, COMPILED
from sim.core.function_cache import keep_in

if not COMPILED:
    pytest.skip("nothing is compiled", allow_module_level=True)


def twice(x: int) -> int:
    return 2 * x


def compilations(folder: Path) -> int:
    """How often a fresh start compiles the function; what it returns must be right in any case."""
    function = keep_in(folder, numba.njit(twice))
    with event.install_recorder("numba:compile") as compiling:
        assert function(21) == 42
    return len(compiling.buffer) // 2  # its beginning and its end


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(pattern))


def test_a_function_is_compiled_once(tmp_path: Path) -> None:
    assert [compilations(tmp_path) for _ in range(3)] == [1, 0, 0]
    assert len(files(tmp_path, "*.nbi")) == len(files(tmp_path, "*.nbc")) == 1


def test_numbas_own_setting_stays() -> None:
    assert os.environ.get("NUMBA_CACHE_DIR", "") == numba.config.CACHE_DIR


@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_damaged_file_is_made_anew(tmp_path: Path, pattern: str, kept: float) -> None:
    compilations(tmp_path)
    (file,) = files(tmp_path, pattern)
    file.write_bytes(file.read_bytes()[: int(kept * file.stat().st_size)])
    assert [compilations(tmp_path) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("filling", [b"\0", b"not at all what is expected here"])
def test_a_file_of_something_else_is_made_anew(tmp_path: Path, pattern: str, filling: bytes) -> None:
    compilations(tmp_path)
    (file,) = files(tmp_path, pattern)
    file.write_bytes(filling * 99)
    assert [compilations(tmp_path) for _ in range(2)] == [1, 0]


def test_a_damaged_file_on_a_full_disk_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compilations(tmp_path)
    (file,) = files(tmp_path, "*.nbi")
    file.write_bytes(b"")
    monkeypatch.setattr("os.replace", refusing(errno.ENOSPC))
    assert [compilations(tmp_path) for _ in range(2)] == [1, 1]


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_args: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_what_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr("os.replace", refusing(number))
    assert [compilations(tmp_path) for _ in range(2)] == [1, 1]
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]  # no half-written file stays


def test_a_folder_that_is_gone_meanwhile_is_made_again(tmp_path: Path) -> None:
    assert compilations(tmp_path / "gone" / "meanwhile") == 1
    assert files(tmp_path / "gone", "*.nbc")


def test_a_place_that_is_no_folder_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [compilations(tmp_path / "file") for _ in range(2)] == [1, 1]


def test_a_function_without_a_file_is_compiled_all_the_same(tmp_path: Path) -> None:
    scope: dict[str, Any] = {"__name__": "nowhere"}
    exec(compile("def f(x):\n    return x + 1", "<nowhere>", "exec"), scope)
    assert keep_in(tmp_path, numba.njit(scope["f"]))(1) == 2
    assert not files(tmp_path, "*.nb?")


# --- whole programs

ROOT = Path(__file__).resolve().parents[2]
TRIES = """
from sim.core import compiler, randomness
print(compiler.COMPILED, compiler.CACHE is not None, randomness.normal(0.25, 0.5))
"""


def said(code: str, **environment: str) -> list[str]:
    """What a fresh Python says."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WAVEPOOL", "NUMBA", "XDG"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=plain | environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not done.stderr
    return done.stdout.split()


def test_numba_switched_off_is_compilation_switched_off(tmp_path: Path) -> None:
    plain = said(TRIES, WAVEPOOL_COMPILE="0", WAVEPOOL_CACHE=str(tmp_path))
    assert plain == said(TRIES, NUMBA_DISABLE_JIT="1", WAVEPOOL_CACHE=str(tmp_path))
    assert plain[:2] == ["False", "False"]
    assert not list(tmp_path.iterdir())


def test_a_start_with_damaged_files_is_like_any_other(tmp_path: Path) -> None:
    first = said(TRIES, WAVEPOOL_CACHE=str(tmp_path))
    assert first[:2] == ["True", "True"]
    for file in files(tmp_path, "*.nbi"):
        file.write_bytes(b"")
    assert said(TRIES, WAVEPOOL_CACHE=str(tmp_path)) == first
    for file in files(tmp_path, "*.nbc"):
        file.write_bytes(file.read_bytes()[:1000])
    assert said(TRIES, WAVEPOOL_CACHE=str(tmp_path)) == first


def test_a_start_with_nowhere_to_keep_anything_is_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    first = said(TRIES, WAVEPOOL_CACHE=str(tmp_path / "cache"))
    assert said(TRIES, WAVEPOOL_CACHE=str(tmp_path / "file")) == ["True", "False", first[2]]


@pytest.mark.skipif(CACHE is None, reason="nothing is kept here")
def test_kernels_of_ours_are_kept_by_their_module() -> None:
    assert CACHE is not None
    assert files(CACHE / randomness.__name__, "*.draw-*.nbc")  # compiled when the module is imported
