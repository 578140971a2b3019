"""What the world does for a live room: stock, news of its show, and what it may know of the others."""

from dataclasses import dataclass

import numpy as np

from agents.creator import FIRST_TEASER, Posting
from agents.live_room import LiveRoom, drawn
from sim.core.catalogue import Catalogue
from sim.core.randomness import PRODUCT, draw
from sim.core.run_calendar import Calendar
from sim.scenario.scenario import Rooms, Scenario
from sim.traffic.platform_state import PlatformState
from sim.traffic.room_books import RoomBooks

MOST_TEASERS = 100  # of a session


@dataclass
class RoomVenue:
    """The world as a live room meets it; see `agents.live_room.Venue`."""

    scenario: Scenario
    catalogue: Catalogue
    platform: PlatformState
    books: RoomBooks
    live_rooms: list[LiveRoom]
    posting: Posting

    @property
    def seed(self) -> int:
        return self.scenario.seed

    @property
    def calendar(self) -> Calendar:
        return self.scenario.calendar

    @property
    def rules(self) -> Rooms:
        return self.scenario.rooms

    def restock(self, room: int, session: int) -> None:
        """Fill a room's shelves for a session; baits come when they are released."""
        rules, stock = self.rules, self.catalogue.products["stock"]
        first = room * (rules.products + 1)
        for k in range(rules.products):
            u, v, _, _ = draw(self.seed, PRODUCT, room, k, session)
            stock[first + k] = int(max(drawn(rules.stock, u, v), 0.0))
        stock[first + rules.products] = 0

    def inside(self, room: int) -> int:
        """People inside, as last published."""
        return int(self.catalogue.rooms["online"][room])

    def release(self, product: int, pieces: int) -> None:
        """Put pieces of a bait on the shelf."""
        self.catalogue.products["stock"][product] += pieces

    def notice(self, room: int) -> None:
        """A room's show goes on to something else; the platform looks at it at the next refresh."""
        self.platform.changed_rooms.add(room)

    def announce(self, room: int, session: int, at_ms: list[int]) -> None:
        """Let a host post teasers of a session; of a host's several rooms, of the one to which avatars lead."""
        host = int(self.catalogue.rooms["host"][room])
        if at_ms and self.platform.snapshot.room_of[host] == room:
            self.posting.announce(host, FIRST_TEASER - MOST_TEASERS * session, at_ms)

    def earned(self, room: int) -> list[float]:
        """What each show has brought the room; NaN for none."""
        earned: list[float] = self.books.earned[room].tolist()
        return earned

    def show_above(self, room: int) -> int | None:
        """The show of the best-placed room of a room's category in the public ranking by the sales of the last
        session; None where no other is placed above it.
        """
        topic, rank = self.catalogue.rooms["main"], self.books.sales_rank
        best = int(np.where(topic == topic[room], rank, -1).argmax())
        return self.live_rooms[best].show if rank[best] > rank[room] else None
