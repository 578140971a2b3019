"""Parameters of the people who publish (创作者)."""

from typing import Annotated

from pydantic import Field

from sim.scenario.distributions import Hours, NonNegative, PerDay, Positive, lognormal
from sim.scenario.parameters import Fields, parameter

POSTING_RHYTHM = (0.3, 0.15, 0.1, 0.1, 0.1, 0.2, 0.5, 0.8, 0.9, 1.0, 1.1, 1.3,
                  1.3, 1.1, 1.1, 1.1, 1.3, 1.6, 1.8, 1.7, 1.5, 1.2, 0.9, 0.6)  # fmt: skip


class Creators(Fields):
    """The people who publish (创作者)."""

    videos_per_viewer_day: float = parameter(
        0.17,
        "1/day",
        "new videos per viewer and day",
        "so that the mean video gets one to two thousand exposures",
        ge=0,
        le=10,
    )
    posts_per_day: PerDay = parameter(
        lognormal(0.042, 2.05),
        "1/day",
        "a creator's posting rate; with `videos_per_viewer_day` its mean sets how many viewers are creators",
        "half of people never post, a quarter posts 98 % of videos (Pew Research on TikTok, 2024)",
    )
    rhythm: Hours = parameter(POSTING_RHYTHM, "relative", "posts by hour of the day, 24 weights")
    narrow: float = parameter(0.6, "share", "share of creators who keep to one topic", ge=0, le=1)
    talent: float = parameter(0.8, "units of quality", "spread of talent between creators", ge=0, le=5)
    practice: float = parameter(
        0.6,
        "-",
        "correlation of talent with the logarithm of the posting rate: who posts much is rather good at it",
        "set with the posting rate by 0.1 % of creators having 30 to 40 % of exposures (Douyin 2021)",
        gt=-1,
        le=1,
    )
    post_scatter: float = parameter(
        0.65, "units of quality", "spread of quality between one creator's posts, each by itself", ge=0, le=5
    )
    form: float = parameter(
        0.5, "units of quality", "spread of a creator's form, which goes on from post to post (状态)", ge=0, le=5
    )
    form_memory: float = parameter(0.8, "-", "how much of the form at the last post is left at the next", ge=0, lt=1)
    merit: float = parameter(
        0.7, "-", "correlation of fame at the start with talent and posting taken together", ge=0, le=1
    )
    duration_seconds: Positive = parameter(lognormal(16.0, 0.7), "s", "length of a video")
    follows: NonNegative = parameter(
        lognormal(10.0, 0.9), "creators", "how many a viewer follows at the start (关注), at most 100"
    )
    fame_tail: float = parameter(
        5.0,
        "-",
        "how unequal creators are in followers at the start: power of a uniform rank",
        "set by 60 % of selling hosts below 100,000 followers of 600 M (Spring Festival 2021)",
        ge=1,
        le=20,
    )
    stars: tuple[Annotated[float, Field(ge=0, le=1)], ...] = parameter(
        (), "share of viewers", "followers at the start of the most famous creators, beside those above", max_length=100
    )

    def how_many(self, viewers: int) -> int:
        """Creators that it takes to publish so many videos a day."""
        return max(1, round(viewers * self.videos_per_viewer_day / self.posts_per_day.mean()))
