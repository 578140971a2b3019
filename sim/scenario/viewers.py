"""Parameters of the people who scroll (用户): when, how they watch, react and buy."""

from pydantic import model_validator

from sim.scenario.distributions import Hours, PerDay, Positive, Weibull, lognormal
from sim.scenario.parameters import Fields, parameter, section

RHYTHM = (0.45, 0.25, 0.15, 0.1, 0.1, 0.2, 0.5, 0.8, 0.85, 0.8, 0.85, 1.1,
          1.5, 1.3, 1.0, 0.95, 1.0, 1.1, 1.3, 1.6, 2.1, 2.3, 1.9, 1.0)  # fmt: skip


class Watching(Fields):
    """How long a viewer stays with a video (完播, 观看时长)."""

    ratio: float = parameter(
        0.71,
        "of the duration",
        "Weibull scale of watch time over duration for a video of average fit",
        "set by finish rate 0.401 (Douyin 2019 log) and KuaiRec watch-ratio quartiles",
        gt=0,
        le=20,
    )
    shape: float = parameter(
        1.35, "-", "Weibull shape of the same", "set by KuaiRec quartiles 0.311, 0.716, 1.162", gt=0.2, le=10
    )
    taste: float = parameter(0.9, "log units", "how much longer a perfect fit is watched than none", ge=0, le=5)
    talent: float = parameter(
        0.35, "log units per unit of quality", "how much a video's quality lengthens watching", ge=0, le=5
    )
    duration_fade: float = parameter(0.35, "-", "power by which longer videos lose share of their length", ge=0, le=2)
    spread: float = parameter(
        0.35,
        "log units",
        "how unequal viewers are in how much of a video they watch",
        "assumed: some finish two in three videos, some one in five",
        ge=0,
        le=4,
    )
    activity_fade: float = parameter(
        0.15, "-", "power by which more active viewers watch less of each video", ge=0, le=2
    )
    loops: float = parameter(4.0, "durations", "most that one exposure is watched", ge=1, le=50)
    skip_seconds: float = parameter(
        3.0, "s", "a shorter view is a skip (短播)", "KuaiRand README: short view < 3 s", gt=0, le=60
    )
    swipe_seconds: float = parameter(1.0, "s", "from one item to the next", gt=0.2, le=30)
    dull_seconds: float = parameter(15.0, "s", "session time that a skipped video costs on top", ge=0, le=600)


class Reacting(Fields):
    """Likes, comments, shares and follows on videos (互动)."""

    like: float = parameter(
        0.005,
        "per watched video",
        "scale of the probability to like",
        "set by like rate 0.0097 (Douyin 2019 log)",
        ge=0,
        le=1,
    )
    comment: float = parameter(
        0.0013,
        "per watched video",
        "scale of the probability to comment",
        "set by comment rate 0.0026 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    share: float = parameter(
        0.0007,
        "per watched video",
        "scale of the probability to share",
        "set by share rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    follow: float = parameter(
        0.0009,
        "per watched video",
        "scale of the probability to follow",
        "set by follow rate 0.0010 (KuaiRand-Pure)",
        ge=0,
        le=1,
    )
    spread: float = parameter(
        1.3,
        "log units",
        "how unequal viewers are in their readiness to react",
        "assumed: a tenth of the viewers then gives about two thirds of the likes",
        ge=0,
        le=4,
    )
    tail: float = parameter(
        0.3,
        "log units",
        "mean of an exponential number by which the logarithm of that readiness is larger: a few like without end",
        "assumed; the same form as that of activity",
        ge=0,
        lt=1,
    )
    taste: float = parameter(1.2, "log units", "how much likelier a perfect fit is reacted to than none", ge=0, le=6)
    talent: float = parameter(
        0.5, "log units per unit of quality", "how much a video's quality draws reactions", ge=0, le=5
    )


class InRoom(Fields):
    """Entering, staying and buying in live rooms (进入, 停留, 下单)."""

    enter: float = parameter(
        0.027,
        "per exposure",
        "scale of the probability to enter",
        "set by enter rate 0.15 (trade norm)",
        ge=0,
        le=1,
    )
    enter_spread: float = parameter(
        2.6,
        "log units",
        "how unequal viewers are in their readiness for live",
        "set by live reach 0.42 (Douyin 2021): some enter all the time, many never",
        ge=0,
        le=4,
    )
    enter_taste: float = parameter(1.0, "log units", "how much likelier a fitting room is entered", ge=0, le=6)
    known_enter: float = parameter(
        4.0, "-", "factor on entering a room whose host the viewer follows, or that a friend shared", ge=0, le=50
    )
    tap: float = parameter(
        3.0,
        "-",
        "chance to enter by the avatar of a host whose post was watched, over that to enter a room that is shown",
        "set by 18 % of a session's entries by video (22 selling rooms, 2021)",
        ge=0,
        le=50,
    )
    glance_seconds: float = parameter(2.5, "s", "mean look at a room that is not entered", gt=0.2, le=60)
    stay_seconds: float = parameter(
        1.5, "s", "median of the stay for an average fit", "set by KuaiLive: median 4.2 s", gt=0, le=3600
    )
    stay_spread: float = parameter(
        2.75, "log units", "spread of the stay", "set by KuaiLive: q90 126 s, q99 1845 s", ge=0, le=4
    )
    stay_taste: float = parameter(1.2, "log units", "how much longer a fitting room holds", ge=0, le=6)
    longest_hours: float = parameter(4.0, "h", "longest stay", gt=0, le=24)
    social_proof: float = parameter(
        0.06, "log units per doubling", "how many people inside draw and hold more", ge=0, le=1
    )
    chat_pace: float = parameter(1.0, "-", "how fast patience runs while the host chats", gt=0, le=20)
    pitch_pace: float = parameter(1.1, "-", "the same while a product of no interest is pitched", gt=0, le=20)
    wait_pace: float = parameter(
        0.2, "-", "the same for bargain hunters who wait for a bait, held back or released (憋单)", gt=0, le=20
    )
    waiting_cost: float = parameter(
        20.0,
        "yuan per hour",
        "what a bargain hunter's wait must be worth: the chance of the bait times what it saves",
        "assumed: some two thirds of an hour's wage",
        ge=0,
        le=100_000,
    )
    interest_pace: float = parameter(
        0.5, "-", "factor on the pace when the shown product is of full interest", gt=0, le=5
    )
    comment: float = parameter(
        4.6, "per hour", "rate of commenting inside", "set by comments per entry 0.040 (KuaiLive)", ge=0, le=1000
    )
    like: float = parameter(
        4.5, "per hour", "rate of liking inside", "set by likes per entry 0.037 (KuaiLive)", ge=0, le=1000
    )
    follow: float = parameter(
        0.6, "per hour", "rate of following the host", "set by 0.008 follows per entry (top hosts 2021)", ge=0, le=1000
    )
    share: float = parameter(0.5, "per hour", "rate of sharing the room with friends (分享)", ge=0, le=1000)
    hold_comments: float = parameter(6.0, "-", "factor on commenting while a bait is held", ge=0, le=100)
    bait_enter: float = parameter(
        1.5, "-", "factor on entering for bargain hunters while a bait is on show", ge=0, le=20
    )
    bait_interest: float = parameter(
        0.5, "of full interest", "least interest of bargain hunters in a bait, whatever its category", ge=0, le=1
    )
    click: float = parameter(
        17.0,
        "per hour",
        "rate of opening the shown product (商品点击) at full interest",
        "set by 0.009 buyers per entry (merchants, January 2021)",
        ge=0,
        le=1000,
    )
    order: float = parameter(
        0.3,
        "per click",
        "scale of the probability to order; reached at the viewer's own price level, average readiness and appeal",
        "set by click to order of about 10 % (huuing.com/archives/15886, trade norm)",
        ge=0,
        le=1,
    )
    price_response: float = parameter(
        0.32,
        "-",
        "power by which a dearer product is ordered less",
        "set by the trade norm of 10 % below 300 yuan, 7 % up to 500, 5 % above 1,000, and median order value 90 yuan",
        ge=0,
        le=5,
    )
    bargain_response: float = parameter(
        0.85, "-", "the same power for bargain hunters", "assumed; the trade norm is a mean over all", ge=0, le=8
    )
    reservation: float = parameter(
        4.0,
        "of the usual price",
        "price, over what a viewer is used to pay, from which a product is dear to them",
        "assumed; with the next set by median order value 90 yuan (top hosts 2021)",
        gt=0,
        le=1_000_000,
    )
    reservation_power: float = parameter(
        1.5, "-", "further power by which a product that is dear is ordered less", "assumed", ge=0, le=20
    )
    buy_spread: float = parameter(1.2, "log units", "how unequal viewers are in their readiness to buy", ge=0, le=4)
    buy_tail: float = parameter(
        0.15,
        "log units",
        "mean of an exponential number by which the logarithm of that readiness is larger",
        "assumed; the same form as that of activity",
        ge=0,
        lt=1,
    )
    trust_bonus: float = parameter(2.0, "-", "factor on ordering after an earlier order at the same host", ge=1, le=50)
    sated: float = parameter(
        0.25,
        "-",
        "factor on ordering again in the same stay, in place of that bonus, which counts from the next stay on",
        "assumed: most who buy in a room buy one thing",
        ge=0,
        le=1,
    )
    refused_patience: float = parameter(0.25, "-", "patience left to a viewer whose order met no stock", ge=0, le=1)
    wary: float = parameter(
        0.4, "-", "factor on entering and ordering in the room whose bait a viewer missed last", ge=0, le=1
    )


class Viewers(Fields):
    """The people who scroll (用户)."""

    count: int = parameter(50_000, "viewers", "number of viewers", ge=1, le=2_000_000_000)
    fewest_tastes: int = parameter(3, "categories", "fewest categories that one viewer likes", ge=1, le=6)
    most_tastes: int = parameter(6, "categories", "most categories that one viewer likes", ge=1, le=6)
    sessions_per_day: PerDay = parameter(
        lognormal(4.2, 0.75),
        "1/day",
        "due sessions, a heavy-tailed trait of a viewer",
        "spread set by KuaiRec quartiles of plays per user-day: 19, 42, 83",
    )
    activity_tail: float = parameter(
        0.2,
        "log units",
        "mean of an exponential number by which the logarithm of activity is larger: a power tail of exponent 1 / this",
        "double Pareto-lognormal, the usual form of such counts; with the spread above set by the same quartiles",
        ge=0,
        le=2,
    )
    regularity: int = parameter(
        2,
        "-",
        "how regularly sessions come: each waits for so many arrivals of a Poisson process as many times as fast; 1: "
        "Poisson",
        "set with the spread above by the KuaiRec quartiles of plays per user-day",
        ge=1,
        le=4,
    )
    own_hours: float = parameter(
        1.5,
        "h",
        "spread of viewers' own hours: by how much each viewer's daily rhythm is shifted (chronotype)",
        "mid-sleep on free days differs between people by about 1.5 h (Munich chronotype surveys)",
        ge=0,
        le=6,
    )
    session_minutes: Positive = parameter(
        Weibull(kind="weibull", scale=19.0, shape=1.0),
        "min",
        "length of a session before dullness shortens it, drawn for each",
        "set by 100 minutes a user-day (Douyin 2021)",
    )
    patience: Positive = parameter(lognormal(1.0, 0.35), "-", "a viewer's factor on the length of all their sessions")
    rhythm: Hours = parameter(
        RHYTHM, "relative", "sessions by hour of the day, 24 weights: peak 20 to 23 h, a small one at noon"
    )
    bored_skip: float = parameter(
        0.35, "-", "share of due sessions skipped when everything recent was dull", ge=0, le=1
    )
    satisfaction_memory: float = parameter(
        100.0, "exposures", "how many exposures make up a viewer's satisfaction", ge=1, le=10_000
    )
    price_level: Positive = parameter(
        lognormal(80.0, 0.8),
        "yuan",
        "the price that a viewer is used to pay",
        "median order value 90 yuan (top hosts 2021)",
    )
    bargain_hunters: float = parameter(0.25, "share", "share of viewers who hunt bargains", ge=0, le=1)
    friends: int = parameter(
        12, "viewers", "a viewer's friends, to all of whom a room is shown that the viewer shares", ge=0, le=200
    )
    watching: Watching = section(Watching, "how long a video is watched")
    reacting: Reacting = section(Reacting, "likes, comments, shares, follows")
    in_room: InRoom = section(InRoom, "entering, staying and buying in live rooms")

    @model_validator(mode="after")
    def _in_order(self) -> "Viewers":
        if self.fewest_tastes > self.most_tastes:
            raise ValueError("fewest_tastes must not exceed most_tastes")
        if not sum(self.rhythm) > 0:
            raise ValueError("rhythm must have a positive weight")
        return self
