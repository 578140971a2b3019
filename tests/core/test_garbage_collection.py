"""Python looks for garbage seldom while wavepool works, and as before afterwards."""

import gc
import weakref
from contextlib import suppress
from typing import Any

import pytest

from sim.core.garbage_collection import NEVER, rare_collection


class Circle:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def left_behind() -> "weakref.ref[Any]":
    return weakref.ref(Circle())


@pytest.mark.parametrize("options", [{}, {"new_only": True}, {"at_the_end": True}])
def test_afterwards_all_is_as_before(options: dict[str, bool]) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with rare_collection(**options):
        assert gc.get_threshold()[0] == 50_000
        assert (gc.get_threshold()[2] == NEVER) == ("new_only" in options)
    with suppress(KeyError), rare_collection(**options):
        raise KeyError
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_one_within_another_ends_without_the_other() -> None:
    usual = gc.get_threshold()
    with rare_collection():
        outer = gc.get_threshold()
        with rare_collection(new_only=True):
            assert gc.get_threshold() != outer
        assert gc.get_threshold() == outer != usual


def test_what_is_new_goes_at_the_end_if_asked() -> None:
    with rare_collection(at_the_end=True):
        gone = left_behind()
        assert gone() is not None
    assert gone() is None


def test_what_was_there_is_not_looked_at() -> None:
    gc.collect()
    old = left_behind()
    with rare_collection(at_the_end=True):
        pass
    assert old() is not None
    gc.collect()
    assert old() is None
