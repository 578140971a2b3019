"""What is true of a world's creators and rooms, and hidden from the platform. Viewers' truth is in their own rows."""

import math
from dataclasses import dataclass
from typing import Annotated

from agents.creator import CreatorParameters, Posting
from agents.live_room import LiveRoom, RoomTruth
from sim.core.arrays import Array, longer
from sim.core.state import BY_VIDEO, NOT_SAVED, StatePiece


@dataclass
class HiddenTruth(StatePiece):
    """Quality of videos, skill of hosts, appeal of products, and the lives of creators and rooms."""

    quality: Annotated[Array, BY_VIDEO]  # of each video, in log units
    form: Array  # of each creator at their last post, in units of quality
    lasting: Annotated[RoomTruth, NOT_SAVED]  # what is true of rooms and products over all sessions
    room_truth: RoomTruth  # the same in the session that is on
    host_form: Array  # of each room's host in this session, in log units
    session_goods: Array  # the appeal of what each room sells in this session, in log units
    creator_parameters: Annotated[CreatorParameters, NOT_SAVED]
    posting: Posting  # the creators' lives
    live_rooms: Annotated[list[LiveRoom], NOT_SAVED]  # the rooms' lives, which are saved as text

    def begin_session(self, room: LiveRoom) -> None:
        """Let the form and the goods of a session that opens hold."""
        r, each = room.row, len(self.lasting.appeal) // len(self.lasting.skill)
        self.host_form[r], self.session_goods[r] = room.form, room.goods
        self.room_truth.skill[r] = self.lasting.skill[r] + room.form
        sold = slice(r * each, (r + 1) * each - 1)  # not the bait
        self.room_truth.appeal[sold] = self.lasting.appeal[sold] * math.exp(room.goods)

    def reserve(self, videos: int) -> None:
        """Reserve capacity for so many videos."""
        self.quality = longer(self.quality, videos)
