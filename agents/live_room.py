"""A live room (直播间): a host, a catalogue with prices and stock, opening hours, and a show that follows a script."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import mesa

from agents.numbered_agent import NumberedAgent
from agents.room_day import form_of, hours_of
from agents.scripts import (
    ADOPTED,
    DO,
    GIVEN,
    adoption,
    choose,
    next_product,
    pieces_released,
    segment,
    shows_bait,
)
from sim.core.arrays import Array
from sim.core.catalogue import CLOSED
from sim.core.clock import DAY, HOUR, MINUTE, SECOND, Clock, Life
from sim.core.compiler import compiled
from sim.core.randomness import (
    ADOPT,
    HOST,
    HOST_TOPICS,
    LEARN,
    PRODUCT,
    STOCK_TRAITS,
    TEASER,
    draw,
    normal,
    pick,
    sample,
)
from sim.core.run_calendar import Calendar
from sim.scenario.distributions import Distribution
from sim.scenario.scenario import Adoption
from sim.scenario.scenario import Rooms as RoomRules


def drawn(distribution: Distribution, u: float, v: float) -> float:
    """One value of a scenario's distribution."""
    kind, a, b = distribution.kernel_args()
    return sample(kind, a, b, u, v)


class RoomTruth(NamedTuple):
    """What is true of rooms and products, and unseen by the platform."""

    skill: Array  # of each host, in log units
    appeal: Array  # of each product, as a factor


class RoomParameters(NamedTuple):
    """What `draw_rooms` needs beside the seed."""

    narrow: float
    widest: int
    products: int
    price: tuple[int, float, float]
    usual: float
    between: float
    appeal: float
    skill: float
    margin: float
    bait_cents: int
    bait_cost_cents: int


def room_parameters(rules: RoomRules) -> RoomParameters:
    """The scenario's rooms as plain numbers."""
    return RoomParameters(
        rules.narrow,
        rules.widest,
        rules.products,
        rules.price_yuan.kernel_args(),
        max(drawn(rules.price_yuan, 0.5, 0.25), 0.01),
        rules.price_spread,
        rules.appeal,
        rules.skill,
        rules.margin,
        round(rules.bait_price_yuan * 100),
        round(rules.bait_cost_yuan * 100),
    )


@compiled
def draw_topics(topics: Array, seed: int, r: int, breadth: int, popularity: Array) -> int:
    """Give a room so many categories, each with the same share of the catalogue; returns the main one."""
    categories = len(popularity)
    topics[:] = 0.0
    u, _, _, _ = draw(seed, HOST_TOPICS, r, 0, 0)
    main = pick(popularity, u)
    for k in range(breadth):
        u, _, _, _ = draw(seed, HOST_TOPICS, r, k, 1)
        c = main if k == 0 else pick(popularity, u)
        while topics[c] > 0.0:
            c = (c + 1) % categories
        topics[c] = 1.0 / breadth
    return main


@compiled
def lay_out(products: Array, first: int, last: int, topics: Array) -> None:
    """Let the products of rows `first` to before `last` take the room's categories in turn."""
    n = 0
    for p in range(first, last):
        while topics[n % len(topics)] == 0.0:
            n += 1
        products[p].topic = n % len(topics)
        n += 1


@compiled
def draw_rooms(
    rooms: Array,
    products: Array,
    room_truth: RoomTruth,
    seed: int,
    rules: RoomParameters,
    popularity: Array,
    hosts: int,
) -> None:
    """Draw hosts, categories and catalogues. A room's rows of products lie together; the last one is its bait."""
    each, categories = rules.products + 1, len(popularity)
    for r in range(len(rooms)):
        u, v, w, x = draw(seed, HOST, r, 0, 0)
        room_truth.skill[r] = rules.skill * normal(u, v)
        rooms[r].host = min(int((r + w) / len(rooms) * hosts), hosts - 1)
        breadth = (
            1 if x < rules.narrow else 2 + int((x - rules.narrow) / max(1.0 - rules.narrow, 1e-9) * (rules.widest - 1))
        )
        breadth = max(1, min(breadth, rules.widest, categories))
        rooms[r].main = draw_topics(rooms[r].topics, seed, r, breadth, popularity)
        lay_out(products, r * each, (r + 1) * each, rooms[r].topics)
        u, v, _, _ = draw(seed, STOCK_TRAITS, r, 0, 0)
        level = sample(rules.price[0], rules.price[1], rules.price[2], u, v)
        for k in range(each):
            p = r * each + k
            u, v, w, x = draw(seed, PRODUCT, r, k, 0)
            own = sample(rules.price[0], rules.price[1], rules.price[2], u, v)
            products[p].room = r
            price = (
                rules.usual
                * (level / rules.usual) ** (rules.between**0.5)
                * (own / rules.usual) ** ((1.0 - rules.between) ** 0.5)
            )
            products[p].price_cents = int(100.0 * min(max(price, 0.1), 1e6))
            products[p].cost_cents = int(products[p].price_cents * (1.0 - rules.margin))
            room_truth.appeal[p] = math.exp(rules.appeal * normal(w, x) - 0.5 * rules.appeal**2)
        bait = r * each + rules.products
        products[bait].bait, products[bait].price_cents = 1, rules.bait_cents
        products[bait].cost_cents, room_truth.appeal[bait] = rules.bait_cost_cents, 1.0


class Venue(Protocol):
    """What the world does for a room."""

    @property
    def seed(self) -> int: ...
    @property
    def rules(self) -> RoomRules: ...
    @property
    def calendar(self) -> Calendar: ...

    def restock(self, room: int, session: int) -> None:
        """Fill the shelves for a session."""

    def inside(self, room: int) -> int:
        """People inside, as last published."""

    def release(self, product: int, pieces: int) -> None:
        """Put pieces of a bait on the shelf."""

    def notice(self, room: int) -> None:
        """Let the platform know that the show goes on to something else."""

    def announce(self, room: int, session: int, at_ms: list[int]) -> None:
        """Let the host post teasers of a session at these times."""

    def earned(self, room: int) -> list[float]:
        """What each show has brought the room; NaN for none."""

    def show_above(self, room: int) -> int | None:
        """The show of the best-placed room of the same category, if it is placed above this one."""


def teaser_times(
    room: int, session: int, opens_ms: int, closes_ms: int, now_ms: int, seed: int, rules: RoomRules
) -> list[int]:
    """When the host of a room posts the teasers of a session (引流短视频): one in each equal part of the time from a
    little before the opening to the close, or of what is left of it.
    """
    begins_ms = max(opens_ms - int(rules.post_lead_minutes * MINUTE), now_ms)
    part_ms = max(closes_ms - begins_ms, 0) / max(rules.posts_per_show, 1)
    count = rules.posts_per_show if part_ms > 0 else 0
    return [begins_ms + int((k + draw(seed, TEASER, room, session, k)[0]) * part_ms) for k in range(count)]


class LiveRoom(NumberedAgent):
    """A room's life on the clock. Whoever knows its state can enter that life again at any time."""

    def __init__(self, world: mesa.Model, venue: Venue, row: int, script: str, breadth: int) -> None:
        super().__init__(world, row + 1)
        self._fixed = {*vars(self), "_fixed", "venue", "row", "own_breadth"}  # what no saved world need carry
        self.venue, self.row, self.script, self.chosen = venue, row, script, GIVEN
        self.own_breadth = self.breadth = breadth  # categories of the catalogue, at first and now
        self.form = self.goods = 0.0  # how this session differs from the usual ones, in log units
        self.session = 0  # sessions opened so far
        self.is_open = False
        self.day = self.part = 0  # which session of which day is planned, or is going on
        self.opens_ms = self.closes_ms = 0
        self.shown = self.pitched = 0  # segments shown and products pitched in this session
        self.segment, self.product = CLOSED, -1
        self.segment_ends_ms = 0

    def state(self) -> dict[str, Any]:
        """All that changes of the room in its life, as numbers and words."""
        return {name: value for name, value in vars(self).items() if name not in self._fixed}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take the state that `state` gave."""
        for name, value in state.items():
            setattr(self, name, value)

    def plan(self, day: int, rules: RoomRules, seed: int, part: int = 0) -> None:
        """Set the hours of one of the sessions of a day's show, which begins on `day`."""
        self.day, self.part = day, part
        u, v, w, x = draw(seed, HOST, self.row, 1, 0)
        later, longer = hours_of(seed, self.row, day, rules.variation)
        hour = min(max(drawn(rules.opens, u, v) + later, 0.0), 23.9)
        n, pause = rules.sessions_per_day, rules.break_minutes / 60.0
        lasts = min(max(drawn(rules.hours_open, w, x) * longer / n, 0.25), (23.0 - (n - 1) * pause) / n)
        self.opens_ms = day * DAY + int(hour * HOUR) + part * int((lasts + pause) * HOUR)
        self.closes_ms = self.opens_ms + int(lasts * HOUR)

    def announce(self, now_ms: int) -> None:
        """Let the host announce the session that is planned."""
        session, times = self.session + 1, (self.opens_ms, self.closes_ms, now_ms)
        found = teaser_times(self.row, session, *times, self.venue.seed, self.venue.rules)
        self.venue.announce(self.row, session, found)

    def life(self, clock: Clock) -> Life:
        """Open, show one segment after another, close; again the next day."""
        while True:
            if not self.is_open:
                yield clock.at(self.opens_ms)
                self.open()
            yield clock.at(min(self.segment_ends_ms, self.closes_ms))
            if clock.now_ms >= self.closes_ms:
                self.close()
            else:
                self.show_next(clock.now_ms)

    def open(self) -> None:
        self.is_open, self.session = True, self.session + 1
        self.shown = self.pitched = 0
        self.choose_show()
        self.form, self.goods = form_of(self.venue.seed, self.row, self.session, self.venue.rules.variation)
        self.venue.restock(self.row, self.session)
        self.show_next(self.opens_ms)

    @property
    def learns(self) -> bool:
        """Whether the room chooses its shows, for good or for ill, by what they have brought."""
        return draw(self.venue.seed, LEARN, self.row, 0, 0)[0] < self.venue.rules.learning.share

    @property
    def adopts(self) -> Adoption | None:
        """The script that the room takes up at a date, if any."""
        return adoption(self.venue.rules.adopt, draw(self.venue.seed, ADOPT, self.row, 0, 0)[0])

    @property
    def adopts_ms(self) -> int | None:
        """When it does."""
        return self.venue.calendar.moment(self.adopts.at) if self.adopts else None

    @property
    def breadths(self) -> tuple[int, ...]:
        """The breadths among which the room chooses: one category or several, if it learns that, else its own."""
        rules = self.venue.rules
        if not rules.learning.breadth:
            return (self.own_breadth,)
        return 1, self.own_breadth if self.own_breadth > 1 else rules.widest

    @property
    def show(self) -> int:
        """The number of the show that the room runs, among all scripts with all breadths."""
        breadths = self.breadths
        return list(self.venue.rules.scripts).index(self.script) * len(breadths) + breadths.index(self.breadth)

    def choose_show(self) -> None:
        """Choose the show of a session that opens: what the room takes up, else by what shows have brought.

        The first show of a room that learns, before any has brought something, is given.
        """
        rules, taken_up, earned = self.venue.rules, self.adopts, self.venue.earned(self.row)
        if taken_up is not None and self.venue.calendar.moment(taken_up.at) <= self.opens_ms:
            self.script, self.chosen = taken_up.script, ADOPTED
        elif self.learns and not all(math.isnan(one) for one in earned):
            u, v, _, _ = draw(self.venue.seed, LEARN, self.row, self.session, 1)
            number, self.chosen = choose(earned, self.venue.show_above(self.row), rules.learning, u, v)
            script, breadth = divmod(number, len(self.breadths))
            self.script, self.breadth = list(rules.scripts)[script], self.breadths[breadth]

    def show_next(self, now_ms: int) -> None:
        """Begin the script's next segment."""
        rules = self.venue.rules
        piece = segment(rules.scripts[self.script], self.shown)
        first = self.row * (rules.products + 1)
        self.segment, self.product = DO[piece.do], -1
        if piece.do == "pitch":
            self.product = next_product(first, first + rules.products, self.pitched)
            self.pitched += 1
        if shows_bait(piece.do):
            self.product = first + rules.products
        if piece.do == "release":
            self.venue.release(self.product, pieces_released(self.venue.inside(self.row), rules.bait_share))
        self.shown += 1
        self.segment_ends_ms = now_ms + piece.seconds * SECOND
        self.venue.notice(self.row)

    def close(self) -> None:
        self.is_open, self.segment, self.product = False, CLOSED, -1
        self.venue.notice(self.row)
        rules, closed_ms = self.venue.rules, self.closes_ms
        while self.opens_ms <= closed_ms:
            days, part = divmod(self.part + 1, rules.sessions_per_day)
            self.plan(self.day + days, rules, self.venue.seed, part)
        self.announce(closed_ms)
