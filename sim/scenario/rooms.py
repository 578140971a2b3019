"""Parameters of live rooms that sell: catalogues, hosts, and scripts of their shows."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.scenario.distributions import NonNegative, Positive, Uniform, lognormal
from sim.scenario.parameters import Fields, Moment, parameter, section


class Segment(Fields):
    """One timed piece of a room's show."""

    do: Literal["chat", "pitch", "hold", "release"] = Field(
        description="chat; pitch the next product; hold a bait back (憋单); release it"
    )
    seconds: int = parameter(60, "s", "how long it lasts", ge=5, le=86_400)


PLAIN = (Segment(do="chat", seconds=60), Segment(do="pitch", seconds=240))
HOLD_AND_RELEASE = (
    Segment(do="hold", seconds=180),
    Segment(do="release", seconds=60),
    Segment(do="pitch", seconds=240),
)


class Learning(Fields):
    """Rooms that choose the show of each session by what shows have brought so far, and by who is placed above.

    A show is a script and, if breadth is learned, a narrow or a wide catalogue.
    """

    share: float = parameter(0.0, "share", "share of rooms that learn", ge=0, le=1)
    objective: Literal["profit", "gsv", "traffic"] = Field(
        "profit", description="what they go by: profit, sales that stay (GSV), or entries"
    )
    breadth: bool = parameter(
        False,
        "-",
        "whether they choose the breadth of their catalogue too: one category, or as many as a wide room has",
    )
    explore: float = parameter(0.1, "share of sessions", "sessions in which a room tries any show", ge=0, le=1)
    imitate: float = parameter(
        0.1,
        "share of sessions",
        "sessions in which it takes the show of the best-placed room of its category, if that is placed above it",
        ge=0,
        le=1,
    )
    memory: float = parameter(
        0.7, "-", "weight of what was before in what a room knows of a show, once there is more", ge=0, lt=1
    )

    @model_validator(mode="after")
    def _shares_of_one(self) -> "Learning":
        if self.explore + self.imitate > 1:
            raise ValueError("explore and imitate together must not exceed 1")
        return self


class Variation(Fields):
    """How much a room's days and sessions differ, in hours, form and goods; each resembles the one before."""

    memory: float = parameter(
        0.5, "-", "correlation of a room's day, or session, with the one before", "assumed", ge=0, le=0.95
    )
    opening_hours: float = parameter(0.5, "h", "spread of a day's opening around the usual hour", ge=0, le=6)
    length: float = parameter(
        0.6,
        "log units",
        "spread of a day's hours open",
        "assumed; with form set by sd 0.39 of log10 views a session within a host (top hosts 2021)",
        ge=0,
        le=2,
    )
    form: float = parameter(
        0.7, "log units", "spread of a host's form (状态) around their skill, by session", "assumed", ge=0, le=4
    )
    goods: float = parameter(
        1.2,
        "log units",
        "spread of the appeal of a session's goods (选品), all of them together",
        "with form set by sd 0.34 of log10 goods per entry within a host (top hosts 2021)",
        ge=0,
        le=4,
    )


class Adoption(Fields):
    """Rooms that take up a script at a date, whatever it brings: from their first session after it on."""

    share: float = parameter(0.5, "share of rooms", "how many take it up; no room does so twice", ge=0, le=1)
    at: Moment = Field(description="when: a moment such as day 14 00:00, or a date if there is `start`")
    script: str = Field(description="the script")


class Rooms(Fields):
    """Live rooms that sell (带货直播间)."""

    count: int = parameter(
        200,
        "rooms",
        "number of rooms",
        "assumed: enough rooms to compete; Douyin 2021 had some 250,000 selling hosts to 600 M users",
        ge=0,
        le=1_000_000,
    )
    opens: NonNegative = parameter(Uniform(kind="uniform", low=6.0, high=22.0), "hour of the day", "when a room opens")
    hours_open: Positive = parameter(
        lognormal(4.0, 0.6),
        "h",
        "how long it stays open",
        "4 h is the accepted minimum, 5 to 8 h advised (2021); the spread is assumed",
    )
    sessions_per_day: int = parameter(
        1, "sessions", "parts in which the hours of a day are sold, each a session of its own", ge=1, le=12
    )
    break_minutes: float = parameter(30.0, "min", "closed time between two sessions of a day", ge=10, le=720)
    narrow: float = parameter(0.6, "share", "share of rooms that sell one category only (垂直)", ge=0, le=1)
    widest: int = parameter(6, "categories", "most categories in the catalogue of a wide room", ge=1, le=16)
    products: int = parameter(24, "products", "size of a catalogue", ge=1, le=1000)
    price_yuan: Positive = parameter(
        lognormal(85.0, 1.62),
        "yuan",
        "listed prices",
        "36.1 % up to 50 yuan, 54.1 % up to 100, 77.1 % up to 300 (Spring Festival 2021): here 37, 54 and 78 %",
    )
    price_spread: float = parameter(
        0.1, "share", "share of the price's spread that lies between rooms, not within", "assumed", ge=0, le=1
    )
    appeal: float = parameter(
        0.8, "log units", "how unequal products are in appeal", "88 % of one room's sales from 10 products", ge=0, le=4
    )
    stock: NonNegative = parameter(lognormal(400.0, 0.8), "pieces", "stock of a product for one session")
    margin: float = parameter(0.3, "share of the price", "what a room earns on a sale", ge=0, le=1)
    skill: float = parameter(
        0.4,
        "log units",
        "how unequal hosts are in holding and selling",
        "set by mean stays of 121 s in top hosts' rooms (2021)",
        ge=0,
        le=4,
    )
    bait_price_yuan: float = parameter(9.9, "yuan", "price of a bait", "9.9-yuan bait items (2021)", gt=0, le=100_000)
    bait_share: float = parameter(
        0.1,
        "of the people inside",
        "pieces that a release puts out, at least one; hosts announce it",
        "assumed: so few that most who wait go without",
        ge=0,
        le=10,
    )
    bait_cost_yuan: float = parameter(25.0, "yuan", "what a bait costs the room", ge=0, le=100_000)
    payment_rate: float = parameter(
        0.8, "share", "orders that are paid (支付率)", "trade norms 2021: 70 to 90 %", ge=0, le=1
    )
    scripts: dict[str, tuple[Segment, ...]] = Field(
        {"plain": PLAIN, "hold_and_release": HOLD_AND_RELEASE},
        description="named scripts: segments that repeat until the room closes",
        min_length=1,
    )
    posts_per_show: int = parameter(
        24,
        "videos",
        "posts by which a host announces a session, shortly before it and during it (引流短视频)",
        ge=0,
        le=100,
    )
    post_lead_minutes: float = parameter(
        30.0, "min", "how long before the opening the first of them may be posted", ge=0, le=1440
    )
    script: str | None = parameter(
        None, "-", "the one script that all rooms run; short for script_shares with that name alone"
    )
    script_shares: dict[str, Annotated[float, Field(ge=0, le=1000)]] = parameter(
        {"plain": 1.0}, "relative weight", "which share of the rooms runs which script; learning rooms begin with it"
    )
    variation: Variation = section(Variation, "how a room's days and sessions differ")
    learning: Learning = section(Learning, "rooms that learn which show pays")
    adopt: tuple[Adoption, ...] = Field(
        (), description="scripts that some rooms take up at a date; each share is of other rooms", max_length=100
    )

    @model_validator(mode="after")
    def _fit_in_a_day(self) -> "Rooms":
        if (self.sessions_per_day - 1) * (self.break_minutes / 60 + 0.25) > 22.75:
            raise ValueError("sessions_per_day with breaks of break_minutes do not fit in a day")
        return self

    @model_validator(mode="before")
    @classmethod
    def _one_for_all(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("script") is not None:
            return given | {"script": None, "script_shares": {str(given["script"]): 1.0}}
        return given

    @model_validator(mode="after")
    def _known_scripts(self) -> "Rooms":
        for name in self.script_shares:
            if name not in self.scripts:
                raise ValueError(f"script_shares names an unknown script {name!r}; known: {', '.join(self.scripts)}")
        for one in self.adopt:
            if one.script not in self.scripts:
                raise ValueError(f"adopt names an unknown script {one.script!r}; known: {', '.join(self.scripts)}")
        if sum(one.share for one in self.adopt) > 1 + 1e-9:
            raise ValueError("the shares of adopt must not add up to more than 1")
        if any(not segments for segments in self.scripts.values()):
            raise ValueError("a script needs at least one segment")
        if not sum(self.script_shares.values()) > 0:
            raise ValueError("script_shares must have a positive weight")
        return self
