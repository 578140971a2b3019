"""Rules are compiled into their callers where numba is a version that this was tested with, and plainly elsewhere."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit

from sim.core.compiler import COMPILED, PIPELINED, TESTED_WITH, is_pipelined, rule

if not COMPILED:
    pytest.skip("nothing is compiled", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
pipelined = pytest.mark.skipif(not PIPELINED, reason="numba compiles rules in its own way")


@rule
def doubled(x: Any) -> Any:
    return 2 * x


@njit  # kept nowhere, so that it is compiled whenever the tests run
def quadrupled(x: int) -> int:
    return doubled(doubled(x))


@pipelined
def test_a_rule_is_compiled_within_its_caller_and_alone_only_for_who_calls_it_alone() -> None:
    assert quadrupled(3) == 12
    assert "alone" not in vars(doubled)
    assert doubled(3) == 6
    assert "alone" in vars(doubled)


@njit
def of_two_widths(narrow: np.ndarray, wide: np.ndarray) -> int:
    return doubled(narrow[0]) + doubled(wide[0]) + doubled(1)


def test_whole_numbers_are_doubled_at_any_width() -> None:
    assert of_two_widths(np.array([100], np.int8), np.array([5], np.int32)) == 212  # 200 is no int8


@pipelined
def test_whole_numbers_of_any_width_share_a_rule() -> None:
    of_two_widths(np.array([100], np.int8), np.array([5], np.int32))
    assert [str(given) for one in doubled.part.overloads for given in one] == ["int64"]


# --- which numba


@pytest.mark.parametrize("version", [*(f"{one}.1" for one in TESTED_WITH), "0.61.0rc1", "0.68.0+local"])
def test_versions_that_it_was_tested_with_get_it(version: str) -> None:
    assert is_pipelined(version, {})
    assert not is_pipelined(version, {"WAVEPOOL_PIPELINE": "plain"})


@pytest.mark.parametrize("version", ["0.60.0", "0.6", "0.69.0", "0.610.0", "1.61.0", "1.0", "0.69.0dev0+1.g12", ""])
def test_other_versions_do_not(version: str) -> None:
    assert not is_pipelined(version, {})


LATER = """
import sys, numba
numba.__version__ = "0.99.0"
from sim.core import compiler, randomness
assert compiler.COMPILED and not compiler.PIPELINED
assert not [name for name in sys.modules if name.endswith("inline_pipeline")]
assert not compiler.CACHE or compiler.CACHE.name.endswith("-plain")
print(randomness.word(2**40 + 5), *randomness.draw(1, 2, 3, 4, 5))
"""
NOW = "from sim.core import randomness; print(randomness.word(2**40 + 5), *randomness.draw(1, 2, 3, 4, 5))"


def test_a_later_numba_gives_the_same_numbers(tmp_path: Path) -> None:
    environment = os.environ | {"WAVEPOOL_CACHE": str(tmp_path)}
    run = [subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=ROOT) for code in (LATER, NOW)]
    assert run[0] == run[1]
