"""A scenario that names the date of day 0."""

import json
from pathlib import Path

import pytest

from sim.core.clock import DAY
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario, load, loads, with_fields

SWITCH = "set: {platform.weights.review.conversion: 0}"
MARCH = f"start: 2021-03-30\ndays: 4\nchanges: [{{at: AT, {SWITCH}}}]\n"


def refused(text: str, overrides: tuple[str, ...] = ()) -> str:
    with pytest.raises(ScenarioError) as error:
        loads(text, overrides, name="w.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    "at", ["2021-04-01", "'2021-04-01'", "2021-04-01 00:00", '"2021-04-01 00:00"', "2021-04-01 00:00:00", "day 2 00:00"]
)
def test_dates_may_be_bare_or_quoted_and_survive_saving(at: str) -> None:
    made = loads(MARCH.replace("AT", at))
    assert made.calendar.moment(made.changes[0].at) == 2 * DAY
    assert made.rules_after(2 * DAY).weights.review.conversion == 0
    assert made.rules_after(2 * DAY - 1).weights.review.conversion == 1
    again = Scenario.model_validate_json(json.dumps(made.model_dump(mode="json")))
    assert (again, again.digest()) == (made, made.digest())


def test_campaigns_and_adoptions_take_dates() -> None:
    made = loads(
        "start: '2021-03-30'\ndays: 4\ncampaigns: [{at: 2021-03-31 08:00, boosts: {kind: best}}]\n"
        "rooms: {adopt: [{at: 2021-04-02, script: plain}]}\n"
    )
    assert made.calendar.moment(made.campaigns[0].at) == DAY + DAY // 3
    assert made.calendar.moment(made.rooms.adopt[0].at) == 3 * DAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            MARCH.replace("AT", "2021-04-01").removeprefix("start: 2021-03-30\n"),
            (
                "w.yaml:2:16: changes[0].at: a date needs the date of day 0, such as start: 2021-04-01; without it a "
                "moment reads day 7 00:00, found '2021-04-01'"
            ),
        ),
        (
            MARCH.replace("AT", "2012-04-01"),
            (
                "w.yaml:3:16: changes[0].at: must lie inside the run, from 2021-03-29 00:00 on and before "
                "2021-04-03 00:00, found '2012-04-01'"
            ),
        ),
        (
            "start: 2021-03-30\ncampaigns: [{at: 2021-03-31, boosts: {kind: best}}]",
            (
                "w.yaml:2:18: campaigns[0].at: must lie inside the run, from 2021-03-29 00:00 on and before "
                "2021-03-31 00:00, found '2021-03-31'"
            ),
        ),
        (
            MARCH.replace("AT", "2021-04-31"),
            "w.yaml:3:16: changes[0].at: must be a date that there is; 2021-04 has 30 days, found '2021-04-31'",
        ),
        (
            "start: 2021-02-30",
            "w.yaml:1:8: start: must be a date that there is; 2021-02 has 28 days, found '2021-02-30'",
        ),
        ("start: 20210401", "w.yaml:1:8: start: must be a date such as 2021-04-01, found 20210401"),
        ("start: day 0", "w.yaml:1:8: start: must be a date such as 2021-04-01, found 'day 0'"),
    ],
)
def test_what_is_wrong_with_dates_is_told_in_a_line(text: str, said: str) -> None:
    assert refused(text) == said


def test_day_0_may_be_moved_on_the_command_line() -> None:
    made = loads(MARCH.replace("AT", "2021-04-01"), ["start=2021-03-31"])
    assert made.calendar.moment(made.changes[0].at) == DAY
    made = with_fields(made, {"changes.0.at": "2021-04-02", "start": "2021-04-01"})
    assert made.calendar.moment(made.changes[0].at) == DAY
    assert "changes[0].at: must lie inside the run" in refused(MARCH.replace("AT", "2021-04-01"), ("start=2022-01-01",))
    assert "a date needs the date of day 0" in refused(MARCH.replace("AT", "2021-04-01"), ("start=null",))


def test_a_file_may_extend_one_with_a_start(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("start: 2021-03-30\ndays: 4\n")
    (tmp_path / "b.yaml").write_text(f"extends: a.yaml\nchanges: [{{at: 2021-04-01, {SWITCH}}}]\n")
    made = load(tmp_path / "b.yaml")
    assert made.calendar.moment(made.changes[0].at) == 2 * DAY
