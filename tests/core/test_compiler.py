"""What is compiled, and what is not."""

import pytest
from numba.core import event

from sim.core.compiler import CACHE, COMPILED, is_warm
from sim.world import World
from tests.worlds import finished, small

if not COMPILED:
    pytest.skip("nothing is compiled", allow_module_level=True)


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
