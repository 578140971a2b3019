"""Orders for boosted exposures (DOU+): what is boosted, for whom, for how much, and when."""

import difflib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from sim.core.clock import HOUR
from sim.scenario.parameters import Fields, Moment, parameter

# --- what is boosted


class Post(Fields):
    """One video by its creator."""

    kind: Literal["post"] = Field(description="one video by its creator")
    creator: int = parameter(0, "number", "the creator, 0 the most famous", ge=0)
    number: int = parameter(
        1, "number", "which of the creator's videos, counted from 1, since the start of the warm-up", ge=1
    )

    @property
    def words(self) -> str:
        return f"post {self.number} of creator {self.creator}"

    @property
    def count(self) -> int:
        return 1


class Best(Fields):
    """The best open videos at that time, as the platform ranks them."""

    kind: Literal["best"] = Field(description="the best open videos at that time, as the platform ranks them")
    count: int = parameter(1, "videos", "how many; each has the whole budget", ge=1, le=10_000)

    @property
    def words(self) -> str:
        return f"best {self.count} videos"


class Newest(Fields):
    """The newest open videos at that time, good or not."""

    kind: Literal["newest"] = Field(description="the newest open videos at that time, good or not")
    count: int = parameter(1, "videos", "how many; each has the whole budget", ge=1, le=10_000)

    @property
    def words(self) -> str:
        return f"newest {self.count} videos"


class Room(Fields):
    """A live room."""

    kind: Literal["room"] = Field(description="a live room; billed by entries")
    room: int = parameter(0, "number", "the room", ge=0)

    @property
    def words(self) -> str:
        return f"room {self.room}"

    @property
    def count(self) -> int:
        return 1


# --- for whom


class Everybody(Fields):
    """All viewers."""

    kind: Literal["everybody"] = Field(description="all viewers")

    @property
    def words(self) -> str:
        return "everybody"


class Tagged(Fields):
    """Viewers with the strongest tags in some categories."""

    kind: Literal["tags"] = Field(description="viewers with the strongest tags in some categories")
    categories: tuple[str, ...] = Field(description="names of categories", min_length=1)
    share: float = parameter(0.2, "share of viewers", "how many viewers fit", gt=0, le=1)

    @property
    def words(self) -> str:
        return f"{self.share:.0%} most for {', '.join(self.categories)}"


class Lookalikes(Fields):
    """Viewers whose tags resemble those of the people whom the item has won already."""

    kind: Literal["lookalikes"] = Field(description="viewers whose tags resemble those of the item's own people")
    of: Literal["engagers", "buyers"] = Field(
        "engagers", description="those who liked, commented, shared or followed; or who bought in the room"
    )
    share: float = parameter(0.2, "share of viewers", "how many viewers fit", gt=0, le=1)

    @property
    def words(self) -> str:
        return f"{self.share:.0%} most like its {self.of}"


class Likers(Fields):
    """Habitual likers: whom the platform has seen like the most of what they were shown."""

    kind: Literal["likers"] = Field(description="viewers who were seen to like the most of what they were shown")
    share: float = parameter(0.1, "share of viewers", "how many viewers fit", gt=0, le=1)

    @property
    def words(self) -> str:
        return f"{self.share:.0%} most liking"


What = Annotated[Post | Best | Newest | Room, Field(discriminator="kind")]
Target = Annotated[Everybody | Tagged | Lookalikes | Likers, Field(discriminator="kind")]
EVERYBODY = Everybody(kind="everybody")


class Campaign(Fields):
    """One order: each item that it boosts has a boosted wave of its own."""

    at: Moment = Field(description="when it begins: a moment such as day 0 20:00, or a date if there is `start`")
    boosts: What = Field(description="what is boosted")
    budget_yuan: float = parameter(
        100.0, "yuan", "budget for each item", "100 yuan is the least that can be ordered (1984nian.com)", gt=0, le=1e9
    )
    hours: float = parameter(
        6.0, "h", "time in which it is to be spent", "2, 6, 12 or 24 h are on offer (1984nian.com)", ge=2, le=24
    )
    target: Target = Field(EVERYBODY, description="who is to see it")

    @property
    def lasts_ms(self) -> int:
        return int(self.hours * HOUR)

    @property
    def is_of_a_room(self) -> bool:
        return self.boosts.kind == "room"

    def misfit(self, categories: Sequence[str], creators: int, rooms: int) -> tuple[str, tuple[str, ...]] | None:
        """What does not fit the world, and in which field, if anything."""
        what, whom = self.boosts, self.target
        if isinstance(what, Post) and what.creator >= creators:
            return f"there are creators 0 to {creators - 1:,}", ("boosts", "creator")
        if isinstance(what, Room) and what.room >= rooms:
            return f"there are rooms 0 to {rooms - 1:,}" if rooms else "there are no rooms", ("boosts", "room")
        if isinstance(whom, Lookalikes) and whom.of == "buyers" and not isinstance(what, Room):
            return "only a room has buyers; a video has engagers", ("target", "of")
        for name in whom.categories if isinstance(whom, Tagged) else ():
            if name not in categories:
                close = difflib.get_close_matches(name, categories, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(categories)}"
                return f"unknown category {name!r}; {hint}", ("target", "categories")
        return None
