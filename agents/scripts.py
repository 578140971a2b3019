"""How a room runs its show: a script is a list of timed segments that repeat until the room closes (话术节奏)."""

import math
from collections.abc import Sequence

from sim.core.catalogue import CHAT, HOLD, PITCH, RELEASE
from sim.core.compiler import rule
from sim.scenario.scenario import Adoption, Learning, Segment

GIVEN, TRIED, COPIED, BEST, ADOPTED = "given", "tried", "copied", "best so far", "adopted"
"""Why a room runs the show it runs."""
DO = {"chat": CHAT, "pitch": PITCH, "hold": HOLD, "release": RELEASE}


def segment(script: Sequence[Segment], number: int) -> Segment:
    """The segment that comes `number`-th in a session."""
    return script[number % len(script)]


def shows_bait(do: str) -> bool:
    """Whether the bait (憋单款) is on show: while it is held back and while it is released."""
    return do in ("hold", "release")


@rule
def pieces_released(inside: int, share: float) -> int:
    """Pieces of a bait that a release (放单) puts out, by the people inside."""
    return max(1, int(share * inside + 0.5))


def choose(earned: Sequence[float], above: int | None, rules: Learning, u: float, v: float) -> tuple[int, str]:
    """The show of a session, and why: one to try, that of a room placed above, or the one that brought most.

    Parameters
    ----------
    earned
        What each show has brought so far (of any unit); NaN for one that was never run.
    above
        The show of the best-placed room of the category, None if no room is placed above this one.
    u, v
        Uniform numbers: what to go by, and which show to try.
    """
    if u < rules.explore:
        return int(v * len(earned)), TRIED
    if above is not None and u < rules.explore + rules.imitate:
        return above, COPIED
    known = [n for n, money in enumerate(earned) if not math.isnan(money)]
    return max(known, key=lambda n: earned[n]), BEST


def adoption(adoptions: Sequence[Adoption], u: float) -> Adoption | None:
    """What a room takes up, by its place `u` among all rooms; None for nothing."""
    for one in adoptions:
        if u < one.share:
            return one
        u -= one.share
    return None


def next_product(first: int, last: int, pitched: int) -> int:
    """The product of rows `first` to `last` that is pitched next, one after another."""
    return first + pitched % max(last - first, 1)
