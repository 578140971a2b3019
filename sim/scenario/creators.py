"""Parameters of the people who publish (创作者)."""

from sim.scenario.distributions import Hours, PerDay, Positive, lognormal
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
    posts_per_day: PerDay = parameter(lognormal(1.0, 0.9), "1/day", "a creator's posting rate")
    rhythm: Hours = parameter(POSTING_RHYTHM, "relative", "posts by hour of the day, 24 weights")
    narrow: float = parameter(0.6, "share", "share of creators who keep to one topic", ge=0, le=1)
    talent: float = parameter(0.6, "units of quality", "spread of talent between creators", ge=0, le=5)
    post_scatter: float = parameter(
        0.8, "units of quality", "spread of quality between one creator's posts", ge=0, le=5
    )
    duration_seconds: Positive = parameter(lognormal(16.0, 0.7), "s", "length of a video")
    fame_tail: float = parameter(
        3.0, "-", "how unequal creators are in followers at the start: power of a uniform rank", ge=1, le=20
    )

    def how_many(self, viewers: int) -> int:
        """Creators that it takes to publish so many videos a day."""
        return max(1, round(viewers * self.videos_per_viewer_day / self.posts_per_day.mean()))
