"""Who acts next, and what of theirs is asked for ahead, so that memory is there when it is needed."""

from sim.core.arrays import Array
from sim.core.compiler import fetch, fetch_beginning, rule, unsigned
from sim.engine.loop_context import LoopContext, People
from sim.recommender.viewer_history import LOOKED_AT, worth_a_look

LOOKED_AT_SOON = 2  # videos that a viewer mostly watches between two refreshes


@rule
def who_is_due(
    people: People, refresh_index: int, low: int, size: int, start: int, k: int, due: Array, line: int
) -> int:
    """Note, in a line of `due`, those of a shard's next few viewers who act in this refresh; returns how many. Their
    rows are asked for ahead of their use.
    """
    found = 0
    for place in range(start + k, start + min(k + due.shape[1], size)):
        i = low + (place if place < size else place - size)
        due[unsigned(line), unsigned(found)] = i  # without a branch, which a processor would guess wrong
        found += int(people.calendar[unsigned(i - people.first)] <= refresh_index)
    for n in range(found):
        row = due[line, n] - people.first
        fetch(people.viewers, row)
        fetch_beginning(people.served, row)
    return found


@rule
def ask_for_more(people: People, context: LoopContext, due: Array, line: int, found: int) -> None:
    """Ask ahead for the next videos of the viewers in a line of `due`, whose rows have come meanwhile; and for the rest
    of the rows of those who will soon need another page.
    """
    for n in range(found):
        row = due[line, n] - people.first
        served = people.served[row]
        if int(served.place) + LOOKED_AT_SOON > int(served.length):
            fetch(people.tags, row)
            fetch(people.served, row)
            for nth in range(LOOKED_AT):
                creator = worth_a_look(served, (int(served.pages) + 1) & 0xFFFF, nth)
                if creator >= 0:
                    fetch(context.inventory.recall.newest, creator)
                    fetch(context.inventory.recall.room_of, creator)
        for place in range(served.place, min(int(served.place) + LOOKED_AT_SOON, int(served.length))):
            item = int(served.page[place])
            if item >= 0:
                fetch(context.inventory.recall.seats, item)
                fetch(context.inventory.videos, item)
                fetch(context.quality, item)
