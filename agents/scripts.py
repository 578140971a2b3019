"""How a room runs its show: a script is a list of timed segments that repeat until the room closes (话术节奏)."""

from collections.abc import Sequence

from sim.catalog import CHAT, HOLD, PITCH, RELEASE
from sim.scenario import Segment

DO = {"chat": CHAT, "pitch": PITCH, "hold": HOLD, "release": RELEASE}


def segment(script: Sequence[Segment], number: int) -> Segment:
    """The segment that comes `number`-th in a session."""
    return script[number % len(script)]


def shows_bait(do: str) -> bool:
    """Whether the bait (憋单款) is on show: while it is held back and while it is released."""
    return do in ("hold", "release")


def next_product(first: int, last: int, pitched: int) -> int:
    """The product of rows `first` to `last` that is pitched next, one after another."""
    return first + pitched % max(last - first, 1)
