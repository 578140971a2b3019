"""What is true of a world's creators and rooms, and hidden from the platform. Viewers' truth is in their own rows."""

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
    room_truth: Annotated[RoomTruth, NOT_SAVED]
    creator_parameters: Annotated[CreatorParameters, NOT_SAVED]
    posting: Posting  # the creators' lives
    live_rooms: Annotated[list[LiveRoom], NOT_SAVED]  # the rooms' lives, which are saved as text

    def reserve(self, videos: int) -> None:
        """Reserve capacity for so many videos."""
        self.quality = longer(self.quality, videos)
