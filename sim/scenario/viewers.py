"""Parameters of the people who scroll and the people who publish, and the topics they share."""

from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.parameters import Part, PerDay, Positive, Weibull, lognormal, p, part


class Category(Part):
    """One topic of videos and products (类目)."""

    name: str = Field(description="English name", min_length=1, max_length=40)
    zh: str = Field("", description="Chinese name", max_length=40)
    share: float = p(1.0, "relative weight", "how much of all taste and content falls to it", gt=0, le=1000)


CATEGORIES = tuple(
    Category(name=name, zh=zh, share=share)
    for name, zh, share in [
        ("comedy", "搞笑", 1.6), ("drama", "剧情", 1.4), ("music", "音乐", 1.2), ("dance", "舞蹈", 1.1),
        ("food", "美食", 1.5), ("beauty", "美妆", 1.3), ("womenswear", "女装", 1.5), ("menswear", "男装", 0.7),
        ("mother_baby", "母婴", 1.0), ("home", "家居", 1.0), ("kitchen", "厨具", 0.7), ("digital", "数码", 0.8),
        ("cars", "汽车", 0.9), ("games", "游戏", 1.2), ("sports", "运动", 0.8), ("travel", "旅行", 0.9),
        ("pets", "宠物", 1.0), ("knowledge", "知识", 0.9), ("news", "时政", 1.0), ("health", "健康", 0.7),
        ("jewellery", "珠宝", 0.6), ("liquor", "酒水", 0.5), ("books", "图书", 0.5), ("farming", "三农", 0.9),
    ]
)  # fmt: skip

RHYTHM = (0.45, 0.25, 0.15, 0.1, 0.1, 0.2, 0.5, 0.8, 0.85, 0.8, 0.85, 1.1,
          1.5, 1.3, 1.0, 0.95, 1.0, 1.1, 1.3, 1.6, 2.1, 2.3, 1.9, 1.0)  # fmt: skip
POSTING_RHYTHM = (0.3, 0.15, 0.1, 0.1, 0.1, 0.2, 0.5, 0.8, 0.9, 1.0, 1.1, 1.3,
                  1.3, 1.1, 1.1, 1.1, 1.3, 1.6, 1.8, 1.7, 1.5, 1.2, 0.9, 0.6)  # fmt: skip
Hours = Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(min_length=24, max_length=24)]


class Watching(Part):
    """How long a viewer stays with a video (完播, 观看时长)."""

    ratio: float = p(
        0.89,
        "of the duration",
        "Weibull scale of watch time over duration for a video of average fit",
        "set by finish rate 0.401 (Douyin 2019 log) and KuaiRec watch-ratio quartiles",
        gt=0,
        le=20,
    )
    shape: float = p(
        1.35, "-", "Weibull shape of the same", "set by KuaiRec quartiles 0.311, 0.716, 1.162", gt=0.2, le=10
    )
    taste: float = p(0.9, "log units", "how much longer a perfect fit is watched than none", ge=0, le=5)
    talent: float = p(0.35, "log units per unit of pull", "how much a video's pull lengthens watching", ge=0, le=5)
    duration_fade: float = p(0.35, "-", "power by which longer videos lose share of their length", ge=0, le=2)
    spread: float = p(
        0.35,
        "log units",
        "how unequal viewers are in how much of a video they watch",
        "assumed: some finish two in three videos, some one in five",
        ge=0,
        le=4,
    )
    activity_fade: float = p(0.15, "-", "power by which more active viewers watch less of each video", ge=0, le=2)
    loops: float = p(4.0, "durations", "most that one exposure is watched", ge=1, le=50)
    skip_seconds: float = p(
        3.0, "s", "a shorter view is a skip (短播)", "KuaiRand README: short view < 3 s", gt=0, le=60
    )
    swipe_seconds: float = p(1.0, "s", "from one item to the next", gt=0.2, le=30)
    dull_seconds: float = p(15.0, "s", "session time that a skipped video costs on top", ge=0, le=600)


class Reacting(Part):
    """Likes, comments, shares and follows on videos (互动)."""

    like: float = p(
        0.0086,
        "per watched video",
        "scale of the probability to like",
        "set by like rate 0.0097 (Douyin 2019 log)",
        ge=0,
        le=1,
    )
    comment: float = p(
        0.0023,
        "per watched video",
        "scale of the probability to comment",
        "set by comment rate 0.0026 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    share: float = p(
        0.00088,
        "per watched video",
        "scale of the probability to share",
        "set by share rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    follow: float = p(
        0.00088,
        "per watched video",
        "scale of the probability to follow",
        "set by follow rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    spread: float = p(
        1.3,
        "log units",
        "how unequal viewers are in their readiness to react",
        "assumed: a tenth of the viewers then gives about two thirds of the likes",
        ge=0,
        le=4,
    )
    taste: float = p(1.2, "log units", "how much likelier a perfect fit is reacted to than none", ge=0, le=6)
    talent: float = p(0.5, "log units per unit of pull", "how much a video's pull draws reactions", ge=0, le=5)


class InRoom(Part):
    """Entering, staying and buying in live rooms (进入, 停留, 下单)."""

    enter: float = p(
        0.027,
        "per exposure",
        "scale of the probability to enter",
        "set by enter rate 0.15 (trade norm)",
        ge=0,
        le=1,
    )
    enter_spread: float = p(
        2.6,
        "log units",
        "how unequal viewers are in their readiness for live",
        "set by live reach 0.42 (Douyin 2021): some enter all the time, many never",
        ge=0,
        le=4,
    )
    enter_taste: float = p(1.0, "log units", "how much likelier a fitting room is entered", ge=0, le=6)
    glance_seconds: float = p(2.5, "s", "mean look at a room that is not entered", gt=0.2, le=60)
    stay_seconds: float = p(
        2.75, "s", "median of the stay for an average fit", "set by KuaiLive: median 4.2 s", gt=0, le=3600
    )
    stay_spread: float = p(
        2.75, "log units", "spread of the stay", "set by KuaiLive: q90 126 s, q99 1845 s", ge=0, le=4
    )
    stay_taste: float = p(1.2, "log units", "how much longer a fitting room holds", ge=0, le=6)
    longest_hours: float = p(4.0, "h", "longest stay", gt=0, le=24)
    social_proof: float = p(0.06, "log units per doubling", "how many people inside draw and hold more", ge=0, le=1)
    chat_pace: float = p(1.0, "-", "how fast patience runs while the host chats", gt=0, le=20)
    pitch_pace: float = p(1.1, "-", "the same while a product of no interest is pitched", gt=0, le=20)
    hold_pace: float = p(0.6, "-", "the same while a bait is held back (憋单)", gt=0, le=20)
    release_pace: float = p(0.4, "-", "the same while a bait is released", gt=0, le=20)
    bargain_pace: float = p(
        0.7, "-", "factor on the pace of bargain hunters while a bait is held back or released", gt=0, le=5
    )
    interest_pace: float = p(0.5, "-", "factor on the pace when the shown product is of full interest", gt=0, le=5)
    comment: float = p(
        3.4, "per hour", "rate of commenting inside", "set by comments per entry 0.040 (KuaiLive)", ge=0, le=1000
    )
    like: float = p(3.3, "per hour", "rate of liking inside", "set by likes per entry 0.037 (KuaiLive)", ge=0, le=1000)
    follow: float = p(
        0.2, "per hour", "rate of following the host", "set by 0.008 follows per entry (top hosts 2021)", ge=0, le=1000
    )
    hold_comments: float = p(6.0, "-", "factor on commenting while a bait is held", ge=0, le=100)
    bait_enter: float = p(1.5, "-", "factor on entering for bargain hunters while a bait is on show", ge=0, le=20)
    bait_interest: float = p(
        0.5, "of full interest", "least interest of bargain hunters in a bait, whatever its category", ge=0, le=1
    )
    click: float = p(
        17.0,
        "per hour",
        "rate of opening the shown product (商品点击) at full interest",
        "set by 0.009 buyers per entry (merchants, January 2021)",
        ge=0,
        le=1000,
    )
    order: float = p(
        0.16,
        "per click",
        "scale of the probability to order; reached at the viewer's own price level, average readiness and appeal",
        "set by click to order of about 10 % (huuing.com/archives/15886, trade norm)",
        ge=0,
        le=1,
    )
    price_response: float = p(
        0.32,
        "-",
        "power by which a dearer product is ordered less",
        "set by the trade norm of 10 % below 300 yuan, 7 % up to 500, 5 % above 1,000, and median order value 90 yuan",
        ge=0,
        le=5,
    )
    bargain_response: float = p(
        0.85, "-", "the same power for bargain hunters", "assumed; the trade norm is a mean over all", ge=0, le=8
    )
    buy_spread: float = p(1.2, "log units", "how unequal viewers are in their readiness to buy", ge=0, le=4)
    trust_bonus: float = p(2.0, "-", "factor on ordering after an earlier order at the same host", ge=1, le=50)
    sated: float = p(
        0.25,
        "-",
        "factor on ordering again in the same stay, in place of that bonus, which counts from the next stay on",
        "assumed: most who buy in a room buy one thing",
        ge=0,
        le=1,
    )
    refused_patience: float = p(0.25, "-", "patience left to a viewer whose order met no stock", ge=0, le=1)
    wary: float = p(0.4, "-", "factor on entering and ordering in the room whose bait a viewer missed last", ge=0, le=1)


class Viewers(Part):
    """The people who scroll (用户)."""

    count: int = p(50_000, "viewers", "number of viewers", ge=1, le=2_000_000_000)
    fewest_tastes: int = p(3, "categories", "fewest categories that one viewer likes", ge=1, le=6)
    most_tastes: int = p(6, "categories", "most categories that one viewer likes", ge=1, le=6)
    sessions_per_day: PerDay = p(
        lognormal(5.0, 0.75),
        "1/day",
        "due sessions, a heavy-tailed trait of a viewer",
        "spread set by KuaiRec quartiles of plays per user-day: 19, 42, 83",
    )
    session_minutes: Positive = p(
        Weibull(kind="weibull", scale=19.0, shape=1.0),
        "min",
        "length of a session before dullness shortens it, drawn for each",
        "set by 100 minutes a user-day (Douyin 2021)",
    )
    patience: Positive = p(lognormal(1.0, 0.35), "-", "a viewer's factor on the length of all his sessions")
    rhythm: Hours = p(
        RHYTHM, "relative", "sessions by hour of the day, 24 weights: peak 20 to 23 h, a small one at noon"
    )
    bored_skip: float = p(0.35, "-", "share of due sessions skipped when everything of late was dull", ge=0, le=1)
    mood_memory: float = p(100.0, "exposures", "how many exposures make up the mood", ge=1, le=10_000)
    price_level: Positive = p(
        lognormal(80.0, 0.8),
        "yuan",
        "the price that a viewer is used to pay",
        "median order value 90 yuan (top hosts 2021)",
    )
    bargain_hunters: float = p(0.25, "share", "share of viewers who hunt bargains", ge=0, le=1)
    watching: Watching = part(Watching, "how long a video is watched")
    reacting: Reacting = part(Reacting, "likes, comments, shares, follows")
    in_room: InRoom = part(InRoom, "entering, staying and buying in live rooms")

    @model_validator(mode="after")
    def _in_order(self) -> "Viewers":
        if self.fewest_tastes > self.most_tastes:
            raise ValueError("fewest_tastes must not exceed most_tastes")
        if not sum(self.rhythm) > 0:
            raise ValueError("rhythm must have a positive weight")
        return self


class Creators(Part):
    """The people who publish (创作者)."""

    videos_per_viewer_day: float = p(
        0.17,
        "1/day",
        "new videos per viewer and day",
        "so that the mean video gets one to two thousand exposures",
        ge=0,
        le=10,
    )
    posts_per_day: PerDay = p(lognormal(1.0, 0.9), "1/day", "a creator's posting rate")
    rhythm: Hours = p(POSTING_RHYTHM, "relative", "posts by hour of the day, 24 weights")
    narrow: float = p(0.6, "share", "share of creators who keep to one topic", ge=0, le=1)
    talent: float = p(0.6, "units of pull", "spread of talent between creators", ge=0, le=5)
    post_scatter: float = p(0.8, "units of pull", "spread of pull between one creator's posts", ge=0, le=5)
    duration_seconds: Positive = p(lognormal(16.0, 0.7), "s", "length of a video")
    fame_tail: float = p(
        3.0, "-", "how unequal creators are in followers at the start: power of a uniform rank", ge=1, le=20
    )

    def how_many(self, viewers: int) -> int:
        """Creators that it takes to publish so many videos a day."""
        return max(1, round(viewers * self.videos_per_viewer_day / self.posts_per_day.mean()))
