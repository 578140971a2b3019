"""How often Python looks for objects that only hold each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEVER = 2**30


@contextmanager
def rare_collection(*, new_only: bool = False, at_the_end: bool = False) -> Iterator[None]:
    """Look for garbage every 50,000 new objects: imports, compiling and worlds make many that stay.

    Parameters
    ----------
    new_only : bool
        Never look among old objects: a world's lives are many, and stay to its end.
    at_the_end : bool
        Look once among all that is new at the end: a world and its lives hold each other, and are large.
    """
    usual = gc.get_threshold()
    gc.set_threshold(50_000, usual[1], NEVER if new_only else usual[2])
    if at_the_end:
        gc.freeze()
    try:
        yield
    finally:
        if at_the_end:
            gc.collect()
            gc.unfreeze()
        gc.set_threshold(*usual)
