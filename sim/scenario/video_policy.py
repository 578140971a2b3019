"""Parameters of the platform on what videos get: waves, of which the first is earned, and a stock after them."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from sim.scenario.parameters import Fields, parameter


class Waves(Fields):
    """Tiers, budgets and reviews of videos (流量池)."""

    ladder: tuple[Annotated[int, Field(ge=1, le=10_000_000_000)], ...] = parameter(
        (300, 3_000, 13_000, 120_000, 500_000, 2_500_000, 9_000_000, 30_000_000),
        "exposures",
        "budget of a wave at each tier; tiers beyond the population are cut",
        "folklore, several copies (e.g. pmx.cn/w/experience_sharing/25.html)",
        min_length=1,
        max_length=8,
    )
    hours: float = parameter(
        24.0,
        "h",
        "time after which an unspent wave closes",
        "24 h to 7 days are named for the cycle of a pool (homatics.co.kr)",
        gt=0,
        le=1000,
    )
    pace: float = parameter(
        4.0,
        "h",
        "time over which a wave of the first tier is released; of the second twice that, and so on, at most `hours`",
        "assumed: so the waves of a video take hours to a day each; 0 releases a wave at once",
        ge=0,
        le=1000,
    )
    minimum_sample: int = parameter(100, "exposures", "fewest exposures on which a wave is judged", ge=1, le=1_000_000)
    promote: float = parameter(0.20, "share", "best share of peers that goes up a tier", ge=0, le=1)
    repeat: float = parameter(0.15, "share", "next best share that gets the same wave again", ge=0, le=1)
    peers: int = parameter(
        200, "reviews", "latest reviews of the same tier that a score is compared with", ge=10, le=2000
    )
    max_age_days: float = parameter(7.0, "days", "age after which no new wave is given", gt=0, le=1000)

    @field_validator("ladder")
    @classmethod
    def _rises(cls, ladder: tuple[int, ...]) -> tuple[int, ...]:
        if any(upper <= lower for lower, upper in pairwise(ladder)):
            raise ValueError("must rise from tier to tier, as promotions go up")
        return ladder


class FirstWave(Fields):
    """What a new video's first wave is made of (冷启动): a sample for everybody, and what its creator has earned."""

    explore: float = parameter(
        0.4,
        "share",
        "share of the first tier that every new video gets; the rest goes by the creator's record, 1 on average",
        "official: some flow is given so that the system learns, and it is small (creator course 7024335041438223623)",
        ge=0,
        le=1,
    )
    reach: float = parameter(
        0.1,
        "share",
        "share of the creator's followers that is added to the first wave",
        "official: accounts with followers reach them, there is no account weight (7023618288538160415); assumed",
        ge=0,
        le=1,
    )
    memory: float = parameter(
        0.8, "-", "weight of the posts before in a creator's record, once there is another", ge=0, lt=1
    )


class Stock(Fields):
    """Videos whose waves are over: a trickle that fades with age (长尾), until they die or are re-ignited (挖坟)."""

    share: float = parameter(
        0.4,
        "share",
        "exposures that the stock offers, over the exposures of videos that were asked for just before; 0: no stock",
        "so that with the waves more is offered than is asked for, and no page stays empty; assumed",
        ge=0,
        le=10,
    )
    fade: float = parameter(
        1.13,
        "-",
        "power of its age in days by which a video's trickle falls, from the first day on",
        "growth rate of log views of viral TikToks over some 11 days",
        ge=0,
        le=10,
    )
    life_days: float = parameter(
        30.0,
        "days",
        "age at which a video in the stock dies",
        "official: the life of a video is at least a month (creator course 7023618288538160415)",
        gt=0,
        le=3650,
    )
    size: float = parameter(
        1.0, "videos per viewer", "videos that the stock holds; of more those with the least trickle die", gt=0, le=100
    )
    parts: int = parameter(12, "parts", "parts of the stock that are on offer in turn", ge=1, le=1000)
    part_minutes: float = parameter(10.0, "min", "how long each part is on offer", gt=0, le=1440)
    minimum_sample: int = parameter(
        500, "exposures", "exposures in the stock after which a video is judged again", ge=1, le=1_000_000
    )
    reignite: float = parameter(
        0.01,
        "share",
        "best share of these that gets a wave again, of the highest tier that it has had, at least the second (挖坟)",
        "old good videos can be re-ignited (trade press, July 2021); the share is assumed",
        ge=0,
        le=1,
    )

    @model_validator(mode="after")
    def _in_turn(self) -> "Stock":
        if 1440 % self.part_minutes:
            raise ValueError("part_minutes must divide a day")
        return self
