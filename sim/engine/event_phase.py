"""What viewers did, reduced: orders are filled from stock, and events are counted."""

from dataclasses import dataclass

import numpy as np

from sim.core import event_log
from sim.core.arrays import Array
from sim.core.catalogue import Catalogue
from sim.engine.expected_sales import as_they_came, counts_as_it_came
from sim.engine.invitations import invitations
from sim.engine.order_outcomes import pay_and_return
from sim.engine.population import Population
from sim.scenario.scenario import Scenario
from sim.traffic import audit, event_counters
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.order_fulfilment import OrderOutcome, book, count_sources, settle
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.room_books import RoomBooks
from sim.traffic.run_totals import RunTotals


@dataclass
class EventPhase:
    """What the phase may touch."""

    scenario: Scenario
    catalogue: Catalogue
    platform: PlatformState
    books: RoomBooks
    boosts: BoostedWaves
    totals: RunTotals
    population: Population
    audits: bool

    def settle(self, policy: PolicyInForce) -> OrderOutcome:
        """Fill orders in the order of time as long as there is stock (先到先得)."""
        orders, counts, books = self.population.orders(), self.platform.counters.totals, self.books
        products = self.catalogue.products
        risky = self._expect() if self.scenario.records.expected_sales else None
        outcome = settle(orders, products)
        if len(orders):
            self._keep(outcome)
            book(outcome, products, self.totals.product_counts, books.margin_cents, books.bait_loss_cents)
            self.boosts.count_orders(self.platform.counters, policy, outcome)
            hosts = self.catalogue.rooms["host"][outcome.room]
            self.population.learn(orders, outcome.filled, products[orders["item"]], hosts)
            counts[event_log.T_ORDERS] = outcome.filled.sum()
            counts[event_log.T_REFUSED] = (~outcome.filled).sum()
            counts[event_log.T_GMV] = outcome.price.sum()
            counts[event_log.T_PAID] = outcome.paid.sum()
            counts[event_log.T_RETURNED] = outcome.returned.sum()
            counts[event_log.T_GSV] = outcome.gsv.sum()
            count_sources(outcome, counts)
            if risky is not None:
                self._expected[:] += as_they_came(outcome, risky)
        self._invite(policy)
        return outcome

    @property
    def _expected(self) -> Array:
        """Where the totals of a refresh have what was expected."""
        return self.platform.counters.totals[event_log.T_EXPECTED : event_log.T_EXPECTED + len(event_log.EXPECTED)]

    def _expect(self) -> Array:
        """Count what the refresh was expected to sell; returns the rooms whose orders are to count as they came."""
        risky = counts_as_it_came(self.catalogue.rooms, self.catalogue.products)
        self._expected[:] = self.population.expected_sales(self.books.closed_ms, risky)
        return risky

    def _keep(self, outcome: OrderOutcome) -> None:
        """Decide which orders are paid, and which of these come back."""
        s, orders = self.scenario, outcome.orders
        products, sessions = self.catalogue.products[orders["item"]], self.catalogue.rooms["session"][outcome.room]
        rates = s.rooms.payment_rate, np.array([category.return_rate for category in s.categories]), s.reactions
        pay_and_return(orders, outcome.filled, products, sessions, *rates, outcome.paid, outcome.returned)

    def _invite(self, policy: PolicyInForce) -> None:
        """Let friends know of the rooms that viewers have shared, where the platform passes this on."""
        shares = self.population.shares()
        if len(shares) and policy.rules.entrances.share and self.scenario.viewers.friends:
            self.population.invite(invitations(shares, self.catalogue.rooms["session"], self.scenario))

    def count(self, policy: PolicyInForce, outcome: OrderOutcome, now_ms: int) -> None:
        """Reduce the events to counters and budgets."""
        platform, rooms, counters = self.platform, self.catalogue.rooms, self.platform.counters
        delivered = self.population.delivered() if self.audits else (0, 0)
        shows = rooms, counters.rooms, self.boosts.aside
        event_counters.count_clicks(*shows, -1, self.totals.product_counts)
        if self.boosts:
            self.boosts.before_counting(platform, self.population.delivered_boosted() if self.audits else None)
        self.population.count(counters, platform.waves["delivered"], platform.levels["delivered"], rooms["online"])
        if self.boosts:
            self._count_boosted(policy, now_ms)
        event_counters.count_clicks(*shows, 1, self.totals.product_counts)
        event_counters.count_holding(rooms, counters.rooms, self.scenario.refresh_ms)
        if self.audits:
            inside = self.population.inside()
            audit.check(self.catalogue, platform, self.boosts, outcome, self.totals, delivered, inside)
        platform.decayed_totals += counters.totals
        shown = int(counters.totals[event_log.T_VIDEO])
        platform.video_exposures += shown
        platform.asked_of_stock += shown + policy.rules.feed.page * int(counters.totals[event_log.T_EMPTY])
        self.totals.exposures += shown + int(counters.totals[event_log.T_LIVE])

    def _count_boosted(self, policy: PolicyInForce, now_ms: int) -> None:
        """Put boosted events in their accounts, and keep what targets ask for."""
        self.boosts.count(self.catalogue, self.platform, policy, self.population.boosted())
        self.books.boost_cents += self.boosts.spent_on_rooms(policy)
        if self.boosts.needs_people:
            self.boosts.keep_people(self.catalogue.products, *self.population.won(now_ms))
