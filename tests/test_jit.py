"""What is compiled, and what is not."""

from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core import event

from sim.jit import CACHE, COMPILED, is_warm, rule
from sim.world import World
from tests.worlds import finished, small

if not COMPILED:
    pytest.skip("nothing is compiled", allow_module_level=True)


@rule
def doubled(x: Any) -> Any:
    return 2 * x


@njit  # kept nowhere, so that it is compiled whenever the tests run
def quadrupled(x: int) -> int:
    return doubled(doubled(x))


def test_a_rule_is_compiled_within_its_caller_and_alone_only_for_who_calls_it_alone() -> None:
    assert quadrupled(3) == 12
    assert "alone" not in vars(doubled)
    assert doubled(3) == 6
    assert "alone" in vars(doubled)


@njit
def of_two_widths(narrow: np.ndarray, wide: np.ndarray) -> int:
    return doubled(narrow[0]) + doubled(wide[0]) + doubled(1)


def test_whole_numbers_of_any_width_share_a_rule() -> None:
    assert of_two_widths(np.array([100], np.int8), np.array([5], np.int32)) == 212  # 200 is no int8
    assert [str(given) for one in doubled.part.overloads for given in one] == ["int64"]


def test_another_seed_compiles_nothing() -> None:
    for seed in (1, 2):
        with event.install_recorder("numba:compile") as compiling:
            world = World(small(f"seed={seed}", "days=0.01", "warm_up=0"))
            for _ in range(3):
                world.step()
    assert not compiling.buffer


@pytest.mark.skipif(CACHE is None, reason="nothing is kept here")
def test_no_compiled_function_brings_texts_with_it() -> None:
    # `array[n] = other` makes numba compile its words on shapes that do not fit: 1.5 s, more than most functions take
    assert CACHE is not None
    finished(small("days=0.02", "warm_up=0"))
    assert is_warm()
    kept = list(CACHE.glob("sim.*/*.nbc"))
    assert kept
    assert not [one.name for one in kept if b"unicode_concat" in one.read_bytes()]
