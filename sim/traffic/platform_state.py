"""What the platform keeps: waves of videos, levels of rooms, counters, and the snapshot that it publishes."""

from dataclasses import dataclass
from typing import Annotated

from sim.core.arrays import Array, grown, longer
from sim.core.clock import HOUR
from sim.core.event_log import Counters
from sim.core.state import BY_VIDEO, NOT_SAVED, RESIZED, Note, StatePiece
from sim.recommender.expectations import expect_rooms, learn_weights
from sim.recommender.scoring import learn_lifts
from sim.recommender.snapshot import Recall, recall
from sim.traffic.video_waves import WAVE_COLUMNS, Peers

DECAY_MS = 6 * HOUR


@dataclass
class PlatformState(StatePiece):
    """The platform's own state; all of it follows from what it can see."""

    waves: Annotated[Array, BY_VIDEO]  # rows of WAVE_COLUMNS
    wave_began: Annotated[Array, BY_VIDEO]  # counters of each video when its wave opened
    best_tier: Annotated[Array, BY_VIDEO]
    peers: Peers  # the latest reviews of each tier
    open_videos: Annotated[Array, RESIZED]  # videos in a wave, in ring order
    stock: Annotated[Array, RESIZED]  # videos whose waves are over, in ring order
    faded: Annotated[Array, RESIZED]  # those that will join the stock when the next part's turn comes
    in_turn: Annotated[Array, RESIZED]  # those of the stock that are on offer, in ring order
    record: Array  # (creators,) how well each creator's posts did in their first waves; 1 is average
    levels: Array  # rows of LEVEL_COLUMNS, one a room
    counters: Annotated[Counters, Note(by_video=("videos",))]
    decayed_totals: Array  # (len(TOTALS),)
    newest: Array  # (creators,) the latest video of each
    expected: Annotated[Array, BY_VIDEO]  # response to an exposure of each video
    snapshot: Annotated[Recall, NOT_SAVED]
    room_order: Annotated[Array, NOT_SAVED]  # rooms in the order of their places on the ring
    room_key: Annotated[Array, NOT_SAVED]  # these places
    changed_rooms: Annotated[set[int], NOT_SAVED]  # rooms whose shows have gone on since the last refresh
    video_exposures: int  # since the last review of rooms
    asked_of_stock: int  # video exposures that were asked for since the last part's turn
    expected_live: float  # exposures of rooms until the next one
    live_factor: float  # on the share of places that is offered to rooms

    def reserve(self, videos: int, tiers: int, categories: int) -> None:
        """Reserve capacity for so many videos."""
        self.waves, self.best_tier = grown(self.waves, WAVE_COLUMNS, videos), longer(self.best_tier, videos)
        self.counters = self.counters._replace(videos=longer(self.counters.videos, videos))
        self.wave_began, self.expected = longer(self.wave_began, videos), longer(self.expected, videos)
        room_of, usual = self.snapshot.room_of, self.snapshot.usual._replace(videos=self.expected)
        new = recall(videos, len(self.levels), tiers, categories, len(self.newest))
        self.snapshot = new._replace(newest=self.newest, room_of=room_of, usual=usual)

    def decay(self, now_ms: int) -> None:
        """Let the running means fade: half of what was counted goes every six hours."""
        if now_ms % DECAY_MS == 0:
            for counts in (self.counters.matches, self.counters.durations, self.counters.usual, self.counters.lessons):
                counts[:] //= 2
            self.decayed_totals //= 2
            self.levels["sold"] /= 2

    def begin_interval(self) -> None:
        """Learn from what was counted, and begin to count anew."""
        learn_lifts(self.snapshot.lift, self.counters.matches)
        expect_rooms(self.snapshot.usual.rooms, self.snapshot.usual.weights, self.counters.usual)
        learn_weights(self.snapshot.usual.weights, self.counters.lessons)
        self.counters.totals[:] = self.counters.tiers[:] = 0
