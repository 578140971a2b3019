"""Rooms that viewers share with friends (分享): who is invited, and what the invited do not yet know of."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array
from sim.core.compiler import compiled, loop, rule
from sim.core.randomness import FRIEND, draw
from sim.engine.entrances import invite
from sim.scenario.scenario import Scenario


class Invitations(NamedTuple):
    """Who is invited to which session of which room, in the order in which it was said; one place an invitation."""

    who: Array
    room: Array
    session: Array


@rule
def friend_of(viewer: int, nth: int, viewers: int, seed: int) -> int:
    """The `nth` friend of a viewer: the same viewer for ever, and never the viewer themself unless they are alone."""
    u, _, _, _ = draw(seed, FRIEND, viewer, nth, 0)
    return (viewer + 1 + int(u * max(viewers - 1, 1))) % viewers


@compiled
def friends_of(who: Array, friends: int, viewers: int, seed: int) -> Array:
    """The friends of some viewers, each one's together."""
    found = np.empty(len(who) * friends, np.int64)
    for n in range(len(who)):
        for nth in range(friends):
            found[n * friends + nth] = friend_of(who[n], nth, viewers, seed)
    return found


def invitations(shares: Array, sessions: Array, scenario: Scenario) -> Invitations:
    """Who is invited by stretches in which a room was shared, in the order of time, then of viewers.

    `sessions` are those of all rooms.
    """
    shares = shares[np.lexsort((shares["viewer"], shares["at_ms"]))]
    friends = scenario.viewers.friends
    who = friends_of(shares["viewer"].astype(np.int64), friends, scenario.viewers.count, scenario.seed)
    room = np.repeat(~shares["item"].astype(np.int64), friends)
    return Invitations(who, room, sessions[room].astype(np.int64))


@loop
def deliver(served: Array, low: int, who: Array, room: Array, session: Array) -> None:
    """Give viewers their invitations; `low` is the number of the viewer in row 0."""
    for n in range(len(who)):
        invite(served[who[n] - low], room[n], session[n])
