"""Every parameter of a world: its unit, default, range, meaning and source. Frozen once read."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.clock import DAY
from sim.fields import (
    Distribution,
    Part,
    PerDay,
    Positive,
    Uniform,
    Weibull,
    lognormal,
    p,
    part,
)
from sim.reading import Source, read, read_text, validate

MAX_CATEGORIES = 64


# --- who lives in the world


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
        0.88,
        "of the duration",
        "Weibull scale of watch time over duration for a video of average fit",
        "set by finish rate 0.401 (Douyin 2019 log) and KuaiRec watch-ratio quartiles",
        gt=0,
        le=20,
    )
    shape: float = p(1.25, "-", "Weibull shape of the same", "KuaiRec quartiles 0.311, 0.716, 1.162", gt=0.2, le=10)
    taste: float = p(0.9, "log units", "how much longer a perfect fit is watched than none", ge=0, le=5)
    talent: float = p(0.35, "log units per unit of pull", "how much a video's pull lengthens watching", ge=0, le=5)
    duration_fade: float = p(0.35, "-", "power by which longer videos lose share of their length", ge=0, le=2)
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
        0.0115,
        "per watched video",
        "scale of the probability to like",
        "set by like rate 0.0097 (Douyin 2019 log)",
        ge=0,
        le=1,
    )
    comment: float = p(
        0.0032,
        "per watched video",
        "scale of the probability to comment",
        "set by comment rate 0.0026 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    share: float = p(
        0.0012,
        "per watched video",
        "scale of the probability to share",
        "set by share rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    follow: float = p(
        0.0012,
        "per watched video",
        "scale of the probability to follow",
        "set by follow rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    spread: float = p(1.3, "log units", "how unequal viewers are in their readiness to react", ge=0, le=4)
    taste: float = p(1.2, "log units", "how much likelier a perfect fit is reacted to than none", ge=0, le=6)
    talent: float = p(0.5, "log units per unit of pull", "how much a video's pull draws reactions", ge=0, le=5)


class InRoom(Part):
    """Entering, staying and buying in live rooms (进入, 停留, 下单)."""

    enter: float = p(
        0.045,
        "per exposure",
        "scale of the probability to enter",
        "set by enter rate 0.15 (trade norm) and live reach 0.42 (Douyin 2021)",
        ge=0,
        le=1,
    )
    enter_spread: float = p(1.9, "log units", "how unequal viewers are in their readiness for live", ge=0, le=4)
    enter_taste: float = p(1.0, "log units", "how much likelier a fitting room is entered", ge=0, le=6)
    glance_seconds: float = p(2.5, "s", "mean look at a room that is not entered", gt=0.2, le=60)
    stay_seconds: float = p(2.9, "s", "median of the stay for an average fit", "KuaiLive: median 4.2 s", gt=0, le=3600)
    stay_spread: float = p(2.6, "log units", "spread of the stay", "KuaiLive: q90 126 s, q99 1845 s", ge=0, le=4)
    stay_taste: float = p(1.2, "log units", "how much longer a fitting room holds", ge=0, le=6)
    longest_hours: float = p(4.0, "h", "longest stay", gt=0, le=24)
    social_proof: float = p(0.06, "log units per doubling", "how many people inside draw and hold more", ge=0, le=1)
    chat_pace: float = p(1.0, "-", "how fast patience runs while the host chats", gt=0, le=20)
    pitch_pace: float = p(1.1, "-", "the same while a product of no interest is pitched", gt=0, le=20)
    hold_pace: float = p(0.6, "-", "the same while a bait is held back (憋单)", gt=0, le=20)
    release_pace: float = p(0.4, "-", "the same while a bait is released", gt=0, le=20)
    interest_pace: float = p(0.5, "-", "factor on the pace when the shown product is of full interest", gt=0, le=5)
    comment: float = p(
        4.0, "per hour", "rate of commenting inside", "set by comments per entry 0.040 (KuaiLive)", ge=0, le=1000
    )
    like: float = p(3.8, "per hour", "rate of liking inside", "set by likes per entry 0.037 (KuaiLive)", ge=0, le=1000)
    follow: float = p(
        0.2, "per hour", "rate of following the host", "set by 0.008 follows per entry (top hosts 2021)", ge=0, le=1000
    )
    hold_comments: float = p(6.0, "-", "factor on commenting while a bait is held", ge=0, le=100)
    click: float = p(15.0, "per hour", "rate of opening the shown product (商品点击) at full interest", ge=0, le=1000)
    order: float = p(
        0.10,
        "per click",
        "probability to order at the viewer's own price level",
        "click to order about 10 % (huuing.com/archives/15886, trade norm)",
        ge=0,
        le=1,
    )
    price_response: float = p(
        0.7,
        "-",
        "power by which a dearer product is ordered less",
        "trade norm: 10 % below 300 yuan, 5 % above 1,000",
        ge=0,
        le=5,
    )
    bargain_response: float = p(1.8, "-", "the same power for bargain hunters", ge=0, le=8)
    buy_spread: float = p(1.2, "log units", "how unequal viewers are in their readiness to buy", ge=0, le=4)
    trust_bonus: float = p(2.0, "-", "factor on ordering after an earlier order at the same host", ge=1, le=50)
    refused_patience: float = p(0.25, "-", "patience left to a viewer whose order met no stock", ge=0, le=1)


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
        Weibull(kind="weibull", scale=17.0, shape=1.0),
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
        0.15,
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


class Segment(Part):
    """One timed piece of a room's show."""

    do: Literal["chat", "pitch", "hold", "release"] = Field(
        description="chat; pitch the next product; hold a bait back (憋单); release it"
    )
    seconds: int = p(60, "s", "how long it lasts", ge=5, le=86_400)


PLAIN = (Segment(do="chat", seconds=60), Segment(do="pitch", seconds=240))
HOLD_AND_RELEASE = (
    Segment(do="hold", seconds=180),
    Segment(do="release", seconds=60),
    Segment(do="pitch", seconds=240),
)


class Rooms(Part):
    """Live rooms that sell (带货直播间)."""

    count: int = p(
        200,
        "rooms",
        "number of rooms",
        "assumed: enough rooms to compete; Douyin 2021 had some 250,000 selling hosts to 600 M users",
        ge=0,
        le=1_000_000,
    )
    opens: Distribution = p(Uniform(kind="uniform", low=6.0, high=22.0), "hour of the day", "when a room opens")
    hours_open: Positive = p(
        lognormal(4.5, 0.35), "h", "how long it stays open", "4 h is the accepted minimum, 5 to 8 h advised (2021)"
    )
    narrow: float = p(0.6, "share", "share of rooms that sell one category only (垂直)", ge=0, le=1)
    widest: int = p(6, "categories", "most categories in the catalogue of a wide room", ge=1, le=16)
    products: int = p(24, "products", "size of a catalogue", ge=1, le=1000)
    price_yuan: Positive = p(
        lognormal(85.0, 0.9),
        "yuan",
        "listed prices",
        "Spring Festival 2021: 36 % up to 50, 54 % up to 100, 77 % up to 300 yuan",
    )
    price_spread: float = p(0.5, "share", "share of the price's spread that lies between rooms, not within", ge=0, le=1)
    appeal: float = p(
        0.8, "log units", "how unequal products are in appeal", "88 % of one room's sales from 10 products", ge=0, le=4
    )
    stock: Distribution = p(lognormal(400.0, 0.8), "pieces", "stock of a product for one session")
    margin: float = p(0.3, "share of the price", "what a room earns on a sale", ge=0, le=1)
    skill: float = p(0.5, "log units", "how unequal hosts are in holding and selling", ge=0, le=4)
    bait_price_yuan: float = p(9.9, "yuan", "price of a bait", "9.9-yuan bait items (2021)", gt=0, le=100_000)
    bait_stock: int = p(20, "pieces", "pieces released at once", ge=0, le=1_000_000)
    bait_cost_yuan: float = p(25.0, "yuan", "what a bait costs the room", ge=0, le=100_000)
    scripts: dict[str, tuple[Segment, ...]] = Field(
        {"plain": PLAIN, "hold_and_release": HOLD_AND_RELEASE},
        description="named scripts: segments that repeat until the room closes",
        min_length=1,
    )
    script_shares: dict[str, Annotated[float, Field(ge=0, le=1000)]] = p(
        {"plain": 1.0}, "relative weight", "which share of the rooms runs which script"
    )

    @model_validator(mode="after")
    def _known_scripts(self) -> "Rooms":
        for name in self.script_shares:
            if name not in self.scripts:
                raise ValueError(f"script_shares names an unknown script {name!r}; known: {', '.join(self.scripts)}")
        if any(not segments for segments in self.scripts.values()):
            raise ValueError("a script needs at least one segment")
        if not sum(self.script_shares.values()) > 0:
            raise ValueError("script_shares must have a positive weight")
        return self


# --- the platform's rules


class Feed(Part):
    """Who sees what next: recall (召回), value (排序), spacing (打散)."""

    page: int = p(8, "items", "items ranked at once and then consumed", ge=2, le=16)
    live_share: float = p(
        0.10,
        "share",
        "share of places offered to live rooms",
        "Kuaishou: nine exposed videos to one live (arXiv 2408.05709)",
        ge=0,
        le=0.5,
    )
    live_random: float = p(
        0.2,
        "share of live places",
        "places for the next room in turn, whatever its value, so that every room can show what it is worth",
        ge=0,
        le=1,
    )
    tags: int = p(6, "categories", "a viewer's strongest tags by which items are recalled", ge=1, le=16)
    depth: int = p(4, "items", "items recalled for each tag and tier", ge=1, le=64)
    fresh: int = p(2, "items per page", "places for items in their first wave", ge=0, le=8)
    random: int = p(
        1,
        "items per page",
        "places for an item drawn at random",
        "each fetch adds one random item (Douyin's filing 1.1.2)",
        ge=0,
        le=4,
    )
    spacing: bool = p(
        True,
        "-",
        "no topic twice in a row",
        "official: same interest never consecutive (Douyin trust centre, article 15364)",
    )
    follow_bonus: float = p(2.0, "-", "factor on the value of a followed creator's new item", ge=0, le=100)
    use_tags: bool = p(True, "-", "rank and recall by the viewer's tags; off: as if all viewers were alike")


class Waves(Part):
    """Tiers, budgets and reviews of videos (流量池)."""

    ladder: tuple[Annotated[int, Field(ge=1, le=10_000_000_000)], ...] = p(
        (300, 3_000, 13_000, 120_000, 500_000, 2_500_000, 9_000_000, 30_000_000),
        "exposures",
        "budget of a wave at each tier; tiers beyond the population are cut",
        "folklore, several copies (e.g. pmx.cn/w/experience_sharing/25.html)",
        min_length=1,
        max_length=8,
    )
    hours: float = p(6.0, "h", "time after which an unspent wave closes", gt=0, le=1000)
    minimum_sample: int = p(100, "exposures", "fewest exposures on which a wave is judged", ge=1, le=1_000_000)
    promote: float = p(0.20, "share", "best share of peers that goes up a tier", ge=0, le=1)
    repeat: float = p(0.15, "share", "next best share that gets the same wave again", ge=0, le=1)
    peers: int = p(200, "reviews", "latest reviews of the same tier that a score is held against", ge=10, le=2000)
    max_age_days: float = p(7.0, "days", "age after which no new wave is given", gt=0, le=1000)


class RoomWaves(Part):
    """Levels, five-minute reviews and opening push of live rooms."""

    review_minutes: float = p(
        5.0,
        "min",
        "time between reviews, and length of a room's wave",
        "five-minute reviews (trade press, June 2021)",
        gt=0,
        le=1440,
    )
    levels: tuple[Annotated[float, Field(gt=0, le=1e9)], ...] = p(
        (20, 50, 100, 250, 600, 1000, 1500, 2000),
        "relative weight",
        "share of live exposures that a room of each level gets",
        "steps of concurrency 20-50-100-250-600-1000-1500-2000 (fakutownee.cn, practitioners)",
        min_length=1,
        max_length=12,
    )
    start_level: int = p(1, "level, from 0", "level of a host's first session", ge=0, le=11)
    supply: float = p(1.3, "-", "exposures offered to rooms over exposures asked for", gt=0, le=10)
    up: float = p(0.30, "share", "best share of peers that goes up a level", ge=0, le=1)
    down: float = p(0.30, "share", "worst share of peers that goes down a level", ge=0, le=1)
    minimum_sample: int = p(20, "exposures", "fewest exposures on which a room is judged", ge=1, le=1_000_000)
    memory: float = p(0.5, "-", "share of the last review's counts that is kept for the next", ge=0, lt=1)
    sessions: int = p(
        3,
        "sessions",
        "past sessions whose level sets the next opening",
        "a blow-out session raises the next opening (trade press, June 2021)",
        ge=1,
        le=3,
    )
    opening_minutes: float = p(
        20.0, "min", "length of the opening push", "10 to 30 minutes (fakutownee.cn, practitioners)", ge=0, le=1440
    )
    opening_boost: float = p(2.0, "-", "factor on the budget during the opening push", ge=0, le=100)


class Weights(Part):
    """What counts in reviews and ranking. Terms are relative to peers: 1 is average."""

    dwell: float = p(1.0, "-", "weight of dwell (观看时长)", ge=0, le=1000)
    interaction: float = p(1.0, "-", "weight of interaction (互动)", ge=0, le=1000)
    entry: float = p(1.0, "-", "weight of entering a live room (进入率)", ge=0, le=1000)
    conversion: float = p(
        1.0, "-", "weight of product sales (商品转化权重), 0 before April 2021", "essay, M4", ge=0, le=1000
    )
    like: float = p(1.0, "-", "a like within interaction", ge=0, le=1000)
    comment: float = p(2.0, "-", "a comment within interaction", ge=0, le=1000)
    share: float = p(3.0, "-", "a share within interaction", ge=0, le=1000)
    follow: float = p(3.0, "-", "a follow within interaction", ge=0, le=1000)
    prior: float = p(100.0, "exposures", "weight of the peers' mean in an item's predicted rates", ge=0, le=1e6)


class TagRules(Part):
    """How evidence becomes interest tags (兴趣标签)."""

    short_half_life: float = p(
        3.0, "days", "half-life of watched, skipped and entered", "2 to 7 days is common practice", gt=0.01, le=1000
    )
    long_half_life: float = p(
        30.0,
        "days",
        "half-life of interacted, stayed and bought",
        "30 to 60 days is common practice",
        gt=0.01,
        le=10_000,
    )
    watched: float = p(1.0, "-", "weight of watching", ge=0, le=100)
    interacted: float = p(3.0, "-", "weight of a reaction", ge=0, le=100)
    skipped: float = p(0.7, "-", "weight of skipping, subtracted", ge=0, le=100)
    entered: float = p(
        1.0, "-", "weight of entering a room", "purchase > dwell > enter (canyinms.com/article/517942)", ge=0, le=100
    )
    stayed: float = p(
        3.0, "-", "weight of a minute's stay", "purchase > dwell > enter (canyinms.com/article/517942)", ge=0, le=100
    )
    bought: float = p(
        8.0, "-", "weight of an order", "purchase > dwell > enter (canyinms.com/article/517942)", ge=0, le=100
    )
    prior: float = p(4.0, "watched videos", "evidence that a blank viewer is taken to have", gt=0, le=1e4)


class Platform(Part):
    """The rule set under study (平台)."""

    refresh: int = p(
        30,
        "s",
        "time between two published snapshots",
        "rankings rest on counters seconds to minutes old",
        ge=1,
        le=3600,
    )
    shards: int = p(8, "shards", "parts of the population over which budgets are sliced inside a refresh", ge=1, le=64)
    feed: Feed = part(Feed, "recall, ranking and spacing")
    waves: Waves = part(Waves, "waves of videos")
    rooms: RoomWaves = part(RoomWaves, "waves of live rooms")
    weights: Weights = part(Weights, "weights in reviews and ranking")
    tags: TagRules = part(TagRules, "interest tags")

    @model_validator(mode="after")
    def _fits(self) -> "Platform":
        if self.rooms.review_minutes * 60 % self.refresh:
            raise ValueError("rooms.review_minutes must be a whole number of refreshes")
        if self.rooms.start_level >= len(self.rooms.levels):
            raise ValueError("rooms.start_level must be one of the levels")
        if self.feed.fresh + self.feed.random > self.feed.page:
            raise ValueError("feed.fresh and feed.random together must fit on a page")
        if DAY % (self.refresh * 1000):
            raise ValueError("refresh must divide a day")
        return self


class Records(Part):
    """What a run keeps."""

    exposures: float = p(0.01, "share of viewers", "viewers whose every exposure is kept", ge=0, le=1)
    viewers: float = p(0.01, "share of viewers", "viewers whose final state is kept", ge=0, le=1)
    precision_sample: int = p(500, "viewers", "viewers on whom tag precision is measured each hour", ge=1, le=1_000_000)


class Scenario(Part):
    """A world, whole: what `wavepool run` takes."""

    title: str = Field("", description="one line that says what it is", max_length=200)
    seed: int = p(1, "-", "which luck everybody has", ge=0, le=2**63 - 1)
    luck: int | None = p(
        None,
        "-",
        "which luck viewers have in what they do, the seed's own if not given: another one "
        "keeps the people and changes their luck",
        ge=0,
        le=2**63 - 1,
    )
    days: float = p(1.0, "days", "time that is recorded", gt=0, le=3650)
    warm_up: float = p(1.0, "days", "time before it, not recorded, in which tags and catalogue form", ge=0, le=365)
    categories: tuple[Category, ...] = Field(CATEGORIES, description="topics", min_length=2, max_length=MAX_CATEGORIES)
    viewers: Viewers = part(Viewers, "the people who scroll")
    creators: Creators = part(Creators, "the people who publish")
    rooms: Rooms = part(Rooms, "live rooms")
    platform: Platform = part(Platform, "the platform's rules")
    records: Records = part(Records, "what is kept")

    @model_validator(mode="after")
    def _whole(self) -> "Scenario":
        names = [category.name for category in self.categories]
        if len(set(names)) < len(names):
            raise ValueError("categories must have different names")
        if self.viewers.most_tastes > len(names):
            raise ValueError("viewers.most_tastes exceeds the number of categories")
        return self

    @model_validator(mode="after")
    def _lasts(self) -> "Scenario":
        if self.end_ms < self.refresh_ms:
            raise ValueError(f"days must be at least one refresh, {self.refresh_ms / DAY:.6f} days")
        return self

    @property
    def start_ms(self) -> int:
        return -self._refreshes(self.warm_up) * self.refresh_ms

    @property
    def end_ms(self) -> int:
        return self._refreshes(self.days) * self.refresh_ms

    @property
    def refresh_ms(self) -> int:
        return self.platform.refresh * 1000

    def _refreshes(self, days: float) -> int:
        return round(days * DAY / self.refresh_ms)

    def digest(self) -> str:
        """SHA-256 of the resolved scenario: the same world has the same digest, however it was written."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read and check a scenario file with `a.b=value` overrides; every mistake at once in a ScenarioError."""
    return validate(Scenario, read(path, overrides))


def loads(text: str, overrides: Sequence[str] = (), name: str = "<text>") -> Scenario:
    """The same for text."""
    return validate(Scenario, read_text(text, name, overrides))


def source_of(path: str | Path, overrides: Sequence[str] = ()) -> Source:
    """What the files say, where, and what the file itself adds to its parent."""
    return read(path, overrides)
