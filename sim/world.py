"""The world: a Mesa model whose step is one refresh of the platform, told in the order in which things happen."""

from pathlib import Path
from typing import Any

from agents.creator import Posts
from sim.core.arrays import Array
from sim.core.clock import Clock, Life
from sim.core.state import Saved
from sim.engine import checkpoint, initial_stock, initialisation
from sim.engine.event_phase import EventPhase
from sim.engine.mesa_adapter import MesaModel
from sim.engine.observed_rows import Observed
from sim.engine.observer import Observer, Recorder, no_records
from sim.engine.population import LocalPopulation, Population, PopulationFactory, published
from sim.engine.room_phase import RoomPhase
from sim.engine.venue import RoomVenue
from sim.engine.video_phase import VideoPhase
from sim.engine.viewer_view import Viewers
from sim.scenario.scenario import Scenario, resolved
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.policy_in_force import PolicyInForce, policy_at


class World(MesaModel):
    """Viewers, creators, live rooms and a platform on one clock; `step()` is one refresh.

    Parameters
    ----------
    scenario
        A scenario, or the path of a scenario file.
    seed
        The seed of all draws; the scenario's own if not given.
    threads
        Threads for the viewers' loop; results do not depend on it.
    audit
        Check the books after every refresh.
    record
        Takes each table's new rows; by default nothing is kept.
    population
        Who holds the viewers; by default this process.
    **changes
        Scenario fields by dotted path, e.g. `**{"platform.feed.live_share": 0.2}`, as `mesa.batch_run` passes them.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        seed: int | None = None,
        *,
        threads: int = 1,
        audit: bool = False,
        record: Recorder = no_records,
        population: PopulationFactory = LocalPopulation,
        **changes: Any,
    ) -> None:
        s = resolved(scenario, seed, changes)
        super().__init__(s)
        self.clock, self.refresh_index, self.running = Clock(s.start_ms), 0, True
        self.policy = policy_at(s, s.start_ms)
        self.catalogue, self.truth = initialisation.initial_catalogue_and_truth(s)
        self.population: Population = population(s, self.catalogue.creators, threads)
        self.platform = initialisation.initial_platform(s, self.catalogue, len(self.policy.ladder))
        self.platform.counters.followers[:] = self.population.followers_at_start()
        self.books, self.boosts = initialisation.empty_books(s), BoostedWaves(s)
        self.totals = initialisation.empty_totals(self.catalogue)
        seen = Observed(self.catalogue, self.truth, self.platform, self.books, self.boosts, self.totals)
        self.observer = Observer(s, seen, self.population, record)
        money = self.books, self.boosts, self.totals, self.population
        self.event_phase = EventPhase(s, self.catalogue, self.platform, *money, audit)
        self.video_phase = VideoPhase(s, self.catalogue, self.truth, self.platform)
        self.room_phase = RoomPhase(s, *seen[:5], self.observer)
        self.posts: Posts | None = None  # since the last refresh
        self.viewers = Viewers(s, self.population, self._moment)
        self.reserve(initialisation.videos_of_the_run(s))
        initial_stock.begin(s, self.policy, self.catalogue, self.truth, self.platform)
        breadths = (self.catalogue.rooms["topics"] > 0).sum(axis=1)
        venue = RoomVenue(s, self.catalogue, self.platform, self.books, self.truth.live_rooms, self.truth.posting)
        self.truth.live_rooms += initialisation.initial_live_rooms(self, venue, s, breadths)
        self.start_lives()
        self.video_phase.turn_stock(self.policy, s.start_ms)
        self.publish()

    def _moment(self) -> tuple[int, PolicyInForce, Array]:
        """The time, the policy in force, and the weights of evidence."""
        return self.clock.now_ms, self.policy, self.platform.snapshot.usual.weights

    # --- the story

    def step(self) -> None:
        """Let one refresh go by."""
        self.clock.run(self.clock.now_ms + self.scenario.refresh_ms)
        self.running = self.clock.now_ms < self.scenario.end_ms

    def refresh(self) -> None:
        """Everything that a refresh is, in order."""
        now_ms, policy = self.clock.now_ms, self.policy
        self.population.act(self.refresh_index, now_ms)  # viewers, on their own timelines, against the last snapshot
        self.outcome = outcome = self.event_phase.settle(policy)  # orders against stock
        self.event_phase.count(policy, outcome, now_ms)  # events to counters
        self.admit()  # new posts get their first wave
        if (reviews := self.video_phase.review(policy, now_ms)) is not None:  # waves that are spent or out of time
            self.observer.video_reviews(reviews, policy, now_ms)
        if now_ms % policy.part_ms == 0 and (reviews := self.video_phase.turn_stock(policy, now_ms)) is not None:
            self.observer.video_reviews(reviews, policy, now_ms)  # of the part of the stock whose turn it is
        self.room_phase.open_sessions(policy, now_ms)
        if now_ms % policy.review_ms == 0:
            self.room_phase.review(policy, now_ms)
        self.boosts.begin_and_end(self.catalogue, self.platform, policy, self.population, now_ms)
        self.observer.refresh(outcome, policy, now_ms)
        self.datacollector.collect(self)
        self.platform.decay(now_ms)
        if any(self.scenario.calendar.moment(change.at) == now_ms for change in self.scenario.changes):
            self.change_policy(now_ms)
        self.refresh_index += 1
        self.publish()  # the next snapshot

    def admit(self) -> None:
        """Take in what was published since the last refresh."""
        if self.posts is not None and len(self.posts.creator):
            self.reserve(self.catalogue.published + len(self.posts.creator))
            self.video_phase.admit(self.posts, self.policy, self.clock.now_ms)

    def change_policy(self, now_ms: int) -> None:
        """Put in force the rules of the platform that hold from now on."""
        self.policy = policy_at(self.scenario, now_ms)
        self.population.change_rules(now_ms)

    def publish(self) -> None:
        """Set up the snapshot that viewers see until the next refresh."""
        self.video_phase.publish(self.policy, self.clock.now_ms, self.refresh_index)
        self.room_phase.publish(self.policy, self.refresh_index)
        if self.boosts:
            self.boosts.publish(self.policy, self.clock.now_ms, self.refresh_index)
        self.platform.begin_interval()

    def end(self) -> None:
        """Record the tables that show the state at the end."""
        self.observer.end(self.policy, self.clock.now_ms)

    # --- lives on the clock

    def start_lives(self) -> None:
        """Let every life run from the state that it is in."""
        # creators first: of two lives that wait for just before the same moment the first to begin goes first
        self.clock.start(self.truth.posting.life(self.clock, self.scenario.refresh_ms, self.take))
        self.clock.start(self.platform_life())
        for room in self.truth.live_rooms:
            self.clock.start(room.life(self.clock))

    def take(self, posts: Posts) -> None:
        """Creators have published; the platform looks at it at the refresh that is due."""
        self.posts = posts

    def platform_life(self) -> Life:
        """The platform as a process: it refreshes, again and again."""
        while True:
            yield self.clock.before(self.clock.now_ms + self.scenario.refresh_ms)
            if self.clock.failed is None:  # a life that was cut short has left things half done
                self.refresh()

    # --- memory and saving

    def reserve(self, videos: int) -> None:
        """Reserve capacity for so many videos, and show the viewers where everything is."""
        if self.video_phase.reserve(videos):
            self.boosts.reserve(len(self.catalogue.videos))
            self.population.look(published(self.catalogue, self.truth, self.platform, self.boosts))

    def save(self, path: str | Path, **extra: Any) -> None:
        """Save the world as it is between two refreshes; `extra` comes back from `load`."""
        story = {name: getattr(self, name) for name in ("refresh_index", "steps")}
        story |= {"now_ms": self.clock.now_ms, "row": self.observer.row, "extra": extra}
        story |= {"rooms": [room.state() for room in self.truth.live_rooms]}
        story |= {"collected": self.datacollector.model_vars}
        checkpoint.save(Path(path), self.scenario, story, self.pieces(), self.catalogue.published)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        threads: int = 1,
        record: Recorder = no_records,
        population: PopulationFactory = LocalPopulation,
    ) -> tuple["World", dict[str, Any]]:
        """A saved world, which goes on as if it had never stopped, and what was saved with it."""
        saved = checkpoint.read(Path(path))
        world = cls(saved.scenario, threads=threads, record=record, population=population)
        world.reserve(int(saved.arrays["catalogue.published"]))
        checkpoint.restore(world.pieces(), saved.arrays)
        for room, state in zip(world.truth.live_rooms, saved.story["rooms"], strict=True):
            room.restore(state)
        world.refresh_index, world.steps = saved.story["refresh_index"], saved.story["steps"]
        world.observer.row = saved.story["row"]
        world.datacollector.model_vars.update(saved.story["collected"])
        world.clock = Clock(saved.story["now_ms"])
        world.policy = policy_at(world.scenario, world.clock.now_ms)
        world.population.take_rules(world.clock.now_ms)
        world.platform.changed_rooms.update(range(len(world.catalogue.rooms)))
        world.start_lives()
        world.publish()
        return world, saved.story["extra"]

    def pieces(self) -> dict[str, Saved]:
        """All that a saved world must carry, by name: whatever says that it can be saved."""
        return {name: piece for name, piece in vars(self).items() if isinstance(piece, Saved)}
