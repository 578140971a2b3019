import pytest

from sim.core.clock import DAY, HOUR, MINUTE, moment
from sim.scenario.campaigns import Campaign
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario, loads

WORLD = """
viewers: {count: 1000, fewest_tastes: 1, most_tastes: 2}
rooms: {count: 5}
categories: [{name: food}, {name: pets}, {name: cars}, {name: news}]
"""


def wrong(orders: str) -> str:
    """What is said of a world with such orders."""
    with pytest.raises(ScenarioError) as error:
        loads(f"{WORLD}campaigns: [{orders}]")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "ms"),
    [("day 0 00:00", 0), ("day 2 08:30", 2 * DAY + 8 * HOUR + 30 * MINUTE), ("day -1 23:59", -MINUTE)],
)
def test_a_moment_is_read(text: str, ms: int) -> None:
    assert moment(text) == ms


@pytest.mark.parametrize("text", ["08:00", "day 1", "day x 08:00", "day 0 08:00 sharp", "day 0 24:01", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a"):
        moment(text)


def test_an_order_has_defaults() -> None:
    order = Campaign.model_validate({"at": "day 0 20:00", "boosts": {"kind": "best"}})
    assert (moment(order.at), order.lasts_ms, order.budget_yuan) == (20 * HOUR, 6 * HOUR, 100.0)
    assert (order.boosts.count, order.target.kind, order.is_of_a_room) == (1, "everybody", False)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("{at: day 0 08:00, boosts: {kind: room, room: 5}}", "campaigns[0].boosts.room: there are rooms 0 to 4"),
        (
            "{at: day 0 08:00, boosts: {kind: post, creator: 999}}",
            "campaigns[0].boosts.creator: there are creators 0 to",
        ),
        (
            "{at: day 0 08:00, boosts: {kind: best}, target: {kind: tags, categories: [foot]}}",
            "campaigns[0].target.categories: unknown category 'foot'; did you mean 'food'?",
        ),
        (
            "{at: day 0 08:00, boosts: {kind: best}, target: {kind: lookalikes, of: buyers}}",
            "campaigns[0].target.of: only a room has buyers; a video has engagers",
        ),
        (
            "{at: noon, boosts: {kind: best}}",
            "campaigns[0].at: must be a moment such as day 7 00:00 or 2021-04-15 00:00, found 'noon'",
        ),
        ("{at: day 0 08:00, boosts: {kind: best}, hours: 1}", "campaigns[0].hours: must be greater than or equal to 2"),
        ("{at: day 0 08:00, boosts: {kind: best}, budget_yuan: 0}", "campaigns[0].budget_yuan: must be greater than 0"),
        (
            "{at: day 0 08:00, boosts: {kind: bst}}",
            "campaigns[0].boosts.kind: must be one of 'post', 'best', 'newest', 'room'",
        ),
        ("{at: day 0 08:00}", "campaigns[0].boosts: required, but not given"),
    ],
)
def test_a_wrong_order_gets_one_line(order: str, said: str) -> None:
    told = wrong(order)
    assert said in told
    assert told.startswith("<text>:")
    assert "\n" not in told


def test_every_wrong_order_is_named_at_once() -> None:
    told = wrong(", ".join(f"{{at: day 0 08:00, boosts: {{kind: room, room: {n}}}}}" for n in (5, 1, 7)))
    assert [line.split(": ")[1] for line in told.splitlines()] == [
        "campaigns[0].boosts.room",
        "campaigns[2].boosts.room",
    ]


def test_a_world_without_rooms_has_none_to_boost() -> None:
    with pytest.raises(ScenarioError, match="there are no rooms"):
        loads("rooms: {count: 0}\ncampaigns: [{at: day 0 08:00, boosts: {kind: room}}]")


def test_nothing_is_ordered_unless_it_is_said() -> None:
    assert Scenario.model_validate({}).campaigns == ()
