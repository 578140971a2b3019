"""Who lives in the world, and what a viewer should do in a day."""

from rich.console import RenderableType

from agents.creator import how_many
from sim.engine.initialisation import videos_a_day
from sim.reporting import forecast
from sim.reporting.explain.layout import histogram, table, words
from sim.reporting.number_format import count, lasting, time_of_day
from sim.scenario.scenario import Scenario

NAMES = {"seconds": "seconds per exposure", "videos": "videos shown", "live": "live rooms shown"}


def population(s: Scenario) -> list[RenderableType]:
    """Who lives in the world."""
    v, videos, creators = s.viewers, videos_a_day(s), how_many(s.creators, s.viewers.count)
    by_hour = forecast.open_rooms(s.rooms)
    rooms = (
        f"{s.rooms.count:,} live rooms, open {by_hour.sum() / s.rooms.count:.1f} h a day; {by_hour.max():.0f} of them "
        f"at once at most, about {time_of_day(int(by_hour.argmax()))}."
        if s.rooms.count
        else "No live rooms."
    )
    return [
        words(
            f"{v.count:,} viewers, each with {v.fewest_tastes} to {v.most_tastes} tastes out of {len(s.categories)} "
            f"categories; {v.bargain_hunters:.0%} hunt bargains.",
            f"{creators:,} creators publish {count(videos)} videos a day, {videos / creators:.2f} each on average; "
            f"{s.creators.narrow:.0%} keep to one topic.",
            rooms,
            f"Categories: {', '.join(f'{c.name} {c.zh}'.strip() for c in s.categories)}.",
        )
    ]


def a_day(s: Scenario) -> list[RenderableType]:
    """What an average viewer should do in a day."""
    first, dull, seen = forecast.viewer_day(s, dull=False), forecast.viewer_day(s, dull=True), forecast.watch(s)
    rhythm, viewers, room = s.viewers.rhythm, s.viewers.count, s.viewers.in_room
    peak = max(range(24), key=lambda hour: rhythm[hour])
    fields = forecast.ViewerDay._fields
    rows = [(NAMES.get(name, name), *(f"{getattr(one, name):,.2f}" for one in (first, dull))) for name in fields]
    return [
        words(
            f"Sessions by hour, 0 to 23: {histogram(rhythm)}  most at {time_of_day(peak)}, "
            f"{rhythm[peak] / sum(rhythm):.1%} of the day's.",
            f"A video of average fit is watched for {lasting(seen.seconds)}, {seen.ratio:.2f} of its length: "
            f"{seen.finished:.0%} are finished, {seen.skipped:.0%} skipped.",
            f"A room of average fit is entered {forecast.enter_rate(room):.1%} of the times it is shown, for "
            f"{lasting(forecast.stay_seconds(room))} on average.",
        ),
        table(["an average viewer's day", "at first", "with dullness"], rows, 2),
        words(
            "First estimates, as if every item were of average fit; the feedback of tags, waves and levels and "
            "overlapping sessions are not in them. With dullness: a skipped video costs "
            f"{s.viewers.watching.dull_seconds:g} s of the session, and up to {s.viewers.bored_skip:.0%} of due "
            "sessions are let go.",
            f"All viewers together: {count(dull.exposures * viewers)} exposures a day, "
            f"{count(forecast.exposures_in_all(s))} in the whole run; {count(dull.live * viewers)} live exposures and "
            f"{count(dull.entries * viewers)} entries a day.",
        ),
    ]
