"""Parameters of the platform, the rule set under study: feed, waves, levels of rooms, weights, tags."""

from typing import Annotated

from pydantic import Field, model_validator

from sim.core.clock import DAY
from sim.scenario.parameters import Fields, parameter, section
from sim.scenario.video_policy import FirstWave, Stock, Waves


class Feed(Fields):
    """Who sees what next: recall (召回), value (排序), spacing (打散)."""

    page: int = parameter(8, "items", "items ranked at once and then consumed", ge=2, le=16)
    live_share: float = parameter(
        0.10,
        "share",
        "share of places offered to live rooms",
        "Kuaishou: nine exposed videos to one live (arXiv 2408.05709)",
        ge=0,
        le=0.5,
    )
    live_response: float = parameter(
        0.5,
        "-",
        "power with which the share of live places follows what rooms together are worth against `reviews.expected`, "
        "from half to twice; 0: the share is fixed",
        "assumed: free traffic is there for whoever converts it (essay, M12)",
        ge=0,
        le=3,
    )
    live_random: float = parameter(
        0.2,
        "share of live places",
        "places for the next room in turn, whatever its value, so that every room can show what it is worth",
        ge=0,
        le=1,
    )
    tags: int = parameter(4, "categories", "a viewer's strongest tags by which items are recalled", ge=1, le=16)
    depth: int = parameter(3, "items", "items recalled for each tag and tier", ge=1, le=64)
    fresh: int = parameter(2, "items per page", "places for items in their first wave", ge=0, le=8)
    random: int = parameter(
        1,
        "items per page",
        "places for an item drawn at random",
        "each fetch adds one random item (Douyin's filing 1.1.2)",
        ge=0,
        le=4,
    )
    spacing: bool = parameter(
        True,
        "-",
        "no topic twice in a row",
        "official: same interest never consecutive (Douyin trust centre, article 15364)",
    )
    one_author: bool = parameter(
        True,
        "-",
        "a page shows no author twice; the host is a room's author",
        "official: frequency control at every stage (Douyin trust centre, article 15364)",
    )
    follow_bonus: float = parameter(2.0, "-", "factor on the value of a followed creator's new item", ge=0, le=100)
    price_match: float = parameter(
        0.3,
        "halvings per doubling",
        "how fast a room's value falls with the distance between its prices and those of the viewer",
        "assumed: about as fast as people order less of what is dearer (`viewers.in_room.price_response`)",
        ge=0,
        le=10,
    )
    use_tags: bool = parameter(True, "-", "rank and recall by the viewer's tags; off: as if all viewers were alike")


class RoomWaves(Fields):
    """Levels, five-minute reviews and opening push of live rooms."""

    review_minutes: float = parameter(
        5.0,
        "min",
        "time between reviews, and length of a room's wave",
        "five-minute reviews (trade press, June 2021)",
        gt=0,
        le=1440,
    )
    levels: tuple[Annotated[float, Field(gt=0, le=1e9)], ...] = parameter(
        (20, 50, 100, 250, 600, 1000, 1500, 2000),
        "viewers inside",
        "average concurrency (ACU) to be held at each level before a room goes up; exposures are shared out in "
        "proportion",
        "steps of concurrency 20-50-100-250-600-1000-1500-2000, hold a step and the next is pushed (fakutownee.cn, "
        "practitioners)",
        min_length=1,
        max_length=12,
    )
    level_density: float = parameter(
        2400.0,
        "viewers per room",
        "density of the platform that the levels are steps of; in a world of another density they are scaled to it",
        "600 M daily users to some 250,000 selling hosts (Douyin 2021)",
        gt=0,
        le=1e9,
    )
    held: int = parameter(
        2, "reviews", "reviews in a row in which a room holds its level before it can go up", "assumed", ge=1, le=100
    )
    start_level: int = parameter(1, "level, from 0", "level of a host's first session", ge=0, le=11)
    supply: float = parameter(1.3, "-", "exposures offered to rooms over exposures asked for", gt=0, le=10)
    up: float = parameter(0.30, "share", "best share of peers that goes up a level", ge=0, le=1)
    down: float = parameter(0.30, "share", "worst share of peers that goes down a level", ge=0, le=1)
    minimum_sample: int = parameter(20, "exposures", "fewest exposures on which a room is judged", ge=1, le=1_000_000)
    memory: float = parameter(0.5, "-", "share of the last review's counts that is kept for the next", ge=0, lt=1)
    sessions: int = parameter(
        3,
        "sessions",
        "past sessions whose level sets the next opening",
        "a blow-out session raises the next opening (trade press, June 2021)",
        ge=1,
        le=3,
    )
    opening_minutes: float = parameter(
        20.0, "min", "length of the opening push", "10 to 30 minutes (fakutownee.cn, practitioners)", ge=0, le=1440
    )
    opening_boost: float = parameter(2.0, "-", "factor on the budget during the opening push", ge=0, le=100)
    false_promise_penalty: float = parameter(
        0.0,
        "share of the score",
        "taken off the score of a room that holds baits back for too long, or refuses too many orders",
        "0: platforms brought in such rules later",
        ge=0,
        le=1,
    )
    most_held: float = parameter(0.3, "share of time", "holding that is not punished", ge=0, le=1)
    most_refused: float = parameter(0.5, "share of orders", "orders without stock that are not punished", ge=0, le=1)


class Expected(Fields):
    """What the platform expects of live rooms, all taken together."""

    dwell: float = parameter(95.0, "s per entry", "time stayed", "the baseline's own", gt=0, le=1e6)
    interaction: float = parameter(0.45, "per entry", "weighted interactions", "the baseline's own", gt=0, le=1e6)
    entry: float = parameter(0.17, "per exposure", "entries", "the baseline's own; trade norm 0.15", gt=0, le=1)
    conversion: float = parameter(0.0165, "goods per entry", "goods sold", "the baseline's own", gt=0, le=1e6)
    sales: float = parameter(1450.0, "yuan per 1,000 entries", "sales (GPM)", "the baseline's own", gt=0, le=1e9)


class Entrances(Fields):
    """How viewers come to a live room beside recommendation and boosts. None takes of a room's wave."""

    follow: bool = parameter(True, "-", "hosts whom a viewer follows are shown to them while they are live (关注)")
    follow_share: float = parameter(
        0.1, "share", "share of places offered to followed hosts who are live, at most one a page", gt=0, le=0.5
    )
    video: bool = parameter(True, "-", "the posts of a host who is live lead to the room, by the avatar (头像直播中)")
    share: bool = parameter(True, "-", "a room that a viewer shares is shown next to their friends (分享)")


class Reviews(Fields):
    """How live rooms are judged against their peers."""

    count_baits: bool = parameter(True, "-", "released baits (憋单款) count as goods sold; off: they are left out")
    maturity_orders: float = parameter(
        20.0,
        "orders",
        "orders remembered of a room at which conversion and sales have half their weight; the rest goes to the other "
        "terms until then",
        "the more mature the room the heavier the order group (trade press, June 2021); the number is assumed",
        ge=0,
        le=1e6,
    )
    fewest_peers: int = parameter(
        8, "rooms", "open rooms of a class and level with fewer are compared with more rooms", "assumed", ge=2, le=1000
    )
    expected: Expected = section(Expected, "what is expected of live rooms, all taken together")


class BoostRules(Fields):
    """Boosted waves beside natural ones (DOU+): their place in the feed and their prices."""

    share: float = parameter(
        0.05,
        "share",
        "share of places offered to boosted items, at most one a page; 0: boosted waves get nothing",
        ge=0,
        le=0.5,
    )
    counts: bool = parameter(
        True, "-", "reactions to boosted exposures count in the item's reviews and predictions, as natural ones do"
    )
    pacing: bool = parameter(
        True,
        "-",
        "a budget is spent evenly over its hours; off: as fast as viewers come",
        "spread over the order's hours (mr010.com)",
    )
    exposures_per_yuan: float = parameter(
        50.0, "exposures", "what a yuan buys of a video", "100 yuan buy some 5,000 (four sources)", gt=0, le=1e6
    )
    entries_per_yuan: float = parameter(
        1.2,
        "entries",
        "what a yuan buys of a room",
        "100 yuan buy 50 to 300 (dy.fanyaozu.com, 2020); the geometric mean",
        gt=0,
        le=1e6,
    )


class ReviewWeights(Fields):
    """What decides a video's next wave and a room's next step. Terms are relative to peers: 1 is average."""

    dwell: float = parameter(1.0, "-", "weight of dwell (观看时长)", ge=0, le=1000)
    interaction: float = parameter(1.0, "-", "weight of interaction (互动)", ge=0, le=1000)
    entry: float = parameter(1.0, "-", "weight of entering a live room (进入率)", ge=0, le=1000)
    conversion: float = parameter(
        1.0,
        "-",
        "conversion weight (商品转化权重): goods sold per entry to a room; 0 before April 2021",
        "essay, M4; the size is assumed",
        ge=0,
        le=1000,
    )
    sales: float = parameter(
        0.0,
        "-",
        "weight of a room's sales per thousand entries (GPM, 千次观看成交额)",
        "0: the essay speaks of goods; dashboards of later years look at it",
        ge=0,
        le=1000,
    )


class RankWeights(Fields):
    """What a viewer's feed is ranked by (排序): predicted terms, relative to the average of what is open."""

    dwell: float = parameter(1.0, "-", "weight of dwell (观看时长)", ge=0, le=1000)
    interaction: float = parameter(1.0, "-", "weight of interaction (互动)", ge=0, le=1000)
    entry: float = parameter(1.0, "-", "weight of entering a live room (进入率)", ge=0, le=1000)
    conversion: float = parameter(
        0.0, "-", "weight of goods sold per entry to a room", "0: the essay speaks of reviews", ge=0, le=1000
    )
    sales: float = parameter(
        0.0,
        "-",
        "weight of a room's sales per thousand entries (GPM)",
        "0: the essay speaks of reviews",
        ge=0,
        le=1000,
    )


class Weights(Fields):
    """What counts in reviews, in ranking, and within interaction."""

    review: ReviewWeights = section(ReviewWeights, "weights in the reviews of videos and rooms")
    rank: RankWeights = section(RankWeights, "weights in ranking")
    like: float = parameter(1.0, "-", "a like within interaction", ge=0, le=1000)
    comment: float = parameter(2.0, "-", "a comment within interaction", ge=0, le=1000)
    share: float = parameter(3.0, "-", "a share within interaction", ge=0, le=1000)
    follow: float = parameter(3.0, "-", "a follow within interaction", ge=0, le=1000)
    prior: float = parameter(100.0, "exposures", "weight of the peers' mean in an item's predicted rates", ge=0, le=1e6)


class TagRules(Fields):
    """How evidence becomes interest tags (兴趣标签)."""

    short_half_life: float = parameter(
        3.0, "days", "half-life of evidence from videos", "2 to 7 days is common practice", gt=0.01, le=1000
    )
    long_half_life: float = parameter(
        30.0,
        "days",
        "half-life of evidence from rooms and purchases",
        "30 to 60 days is common practice",
        gt=0.01,
        le=10_000,
    )
    videos: float = parameter(
        1.0, "-", "factor on the learnt weight of what was watched; 0 switches the kind off", ge=0, le=100
    )
    rooms: float = parameter(1.0, "-", "the same of rooms that were entered, stayed in or passed by", ge=0, le=100)
    purchases: float = parameter(1.0, "-", "the same of orders", ge=0, le=100)
    reaction: float = parameter(
        0.5, "of the video", "how much more watched a like, a comment, a share or a follow counts as", ge=0, le=100
    )
    clicked_price: float = parameter(
        0.25, "-", "how far a click takes the viewer's price band towards the price of the product", ge=0, le=1
    )
    ordered_price: float = parameter(0.5, "-", "the same for an order that follows", ge=0, le=1)
    prior: float = parameter(
        0.05, "share of a video", "surprise at which a viewer's strongest tag has half its height", gt=0, le=1e4
    )


class Platform(Fields):
    """The rule set under study (平台)."""

    refresh: int = parameter(
        30,
        "s",
        "time between two published snapshots",
        "rankings rest on counters seconds to minutes old",
        ge=1,
        le=3600,
    )
    shards: int = parameter(
        8, "shards", "parts of the population over which budgets are sliced inside a refresh", ge=1, le=64
    )
    feed: Feed = section(Feed, "recall, ranking and spacing")
    waves: Waves = section(Waves, "waves of videos")
    first_wave: FirstWave = section(FirstWave, "what a new video's first wave is made of")
    stock: Stock = section(Stock, "videos whose waves are over")
    rooms: RoomWaves = section(RoomWaves, "waves of live rooms")
    reviews: Reviews = section(Reviews, "how live rooms are judged")
    weights: Weights = section(Weights, "weights in reviews and ranking")
    entrances: Entrances = section(Entrances, "entrances to live rooms")
    boosts: BoostRules = section(BoostRules, "boosted waves (DOU+)")
    tags: TagRules = section(TagRules, "interest tags")

    @model_validator(mode="after")
    def _fits(self) -> "Platform":
        if DAY % (self.refresh * 1000):
            raise ValueError("refresh must divide a day")
        if self.rooms.review_minutes * 60 % self.refresh:
            raise ValueError("rooms.review_minutes must be a whole number of refreshes")
        if self.rooms.start_level >= len(self.rooms.levels):
            raise ValueError("rooms.start_level must be one of the levels")
        if self.feed.fresh + self.feed.random > self.feed.page:
            raise ValueError("feed.fresh and feed.random together must fit on a page")
        if self.stock.part_minutes * 60 % self.refresh:
            raise ValueError("stock.part_minutes must be a whole number of refreshes")
        return self
