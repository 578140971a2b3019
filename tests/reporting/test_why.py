"""Why an item got its waves: the reviews as a table, and the last one in words."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console
from rich.table import Table

from sim.reporting.why import parse_item, why
from sim.results.run_folder import Run, RunError, Writer, open_run
from sim.results.table_schemas import schema

DEFAULTS = {pa.int64(): 0, pa.float64(): 0.0, pa.string(): "", pa.bool_(): False}
INF = float("inf")


def rows(table: str, told: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {field.name: [row.get(field.name, DEFAULTS.get(field.type)) for row in told] for field in schema(table, 3)}


def video(
    item: int, at_s: int, tier: int, score: float, verdict: str, delivered: int = 300, **more: Any
) -> dict[str, Any]:
    terms = {"dwell_term": score - 0.5, "interaction_term": score + 0.5, "dwell_weight": 1.0, "interaction_weight": 1.0}
    row = {
        "kind": "video",
        "item": item,
        "at_s": at_s,
        "tier": tier,
        "score": score,
        "verdict": verdict,
        "delivered": delivered,
    }
    return row | terms | {"budget": 300 * 10**tier, "up_at": 1.4, "down_at": 1.1} | more


def room(item: int, at_s: int, level: int, score: float, verdict: str, session: int = 1, **more: Any) -> dict[str, Any]:
    row = {"kind": "room", "item": item, "at_s": at_s, "session": session, "tier": level, "score": score}
    weights = {
        "dwell_weight": 1.0,
        "interaction_weight": 0.5,
        "entry_weight": 1.0,
        "conversion_weight": 0.25,
        "sales_weight": 0.0,
    }
    terms = {
        "dwell_term": 0.9,
        "interaction_term": 1.25,
        "entry_term": 1.0,
        "conversion_term": 12.5,
        "sales_term": 1.0,
        "average": 9.5,
        "to_hold": 8.0,
    }
    row |= {"verdict": verdict, "budget": 1200, "delivered": 1100, "up_at": 1.2, "down_at": 0.8}
    return row | weights | terms | more


REVIEWS = [
    video(0, 600, 0, 1.5, "promote"),
    video(0, 4200, 1, 0.71, "fade", delivered=2500),
    video(1, 630, 0, 1.2, "repeat", boosted=120),
    video(2, 700, 2, 1.6, "repeat"),
    video(3, 700, 0, 1.6, "promote"),
    video(4, 700, 0, 0.9, "repeat", delivered=20),
    video(5, 700, 0, 0.9, "fade", up_at=1.0, down_at=1.0),
    video(8, 3601, 0, 1.2, "repeat"),
    room(0, 300, 1, 1.3, "up"),
    room(0, 600, 2, 0.7, "down"),
    room(0, 90_000, 1, 1.0, "keep", session=2),
    room(1, 300, 3, 1.3, "keep"),
    room(2, 300, 0, 1.3, "keep"),
    room(3, 300, 0, 0.3, "keep"),
    room(4, 300, 1, 0.3, "keep"),
    room(5, 300, 1, 1.0, "keep", up_at=INF, down_at=-INF),
    room(6, 300, 1, 1.3, "up"),
    room(7, 300, 1, 0.7, "down", penalty=0.25),
]
OLD_S = 3600 - 7 * 86_400
ITEMS = [
    {"item": item, "tier": tier, "waves": 2, "published_s": OLD_S if item == 8 else 0}
    for item, tier in enumerate([-1, 0, 2, -1, 0, -1, 0, -1, -1])
]


BOOSTS = [
    {"kind": "video", "item": 1, "order": 4, "opened_s": 600, "at_s": at, "state": state, "budget": 500}
    | {"delivered": delivered, "target": "likers", "natural": 3 * delivered, "before": 40}
    for at, state, delivered in ((600, "open", 0), (3600, "over", 480))
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder: Path = tmp_path_factory.mktemp("runs") / "made" / "seed1-aaaaaaaaaa"
    write = Writer(folder, tiers=3)
    write("items", rows("items", ITEMS))
    write("reviews", rows("reviews", REVIEWS))
    write("campaigns", rows("campaigns", BOOSTS))
    write.finish(folder)
    waves = {"minimum_sample": 100, "promote": 0.2, "repeat": 0.15, "max_age_days": 7.0}
    rooms = {"minimum_sample": 20, "up": 0.3, "down": 0.3, "levels": [20, 50, 100, 250]}
    platform = {"waves": waves, "rooms": rooms, "boosts": {"counts": True}}
    scenario = {"viewers": {"count": 2000}, "rooms": {"count": 9}, "platform": platform}
    (folder / "scenario.json").write_text(json.dumps(scenario))
    (folder / "manifest.json").write_text("{}")
    return open_run(folder)


def printed(run: Run, item: int, kind: str) -> list[list[str]]:
    """Each part as printed in 120 characters, line by line."""
    parts = []
    for part in why(run, item, kind):
        console = Console(width=120)
        with console.capture() as capture:
            console.print(part)
        parts.append([line.rstrip() for line in capture.get().splitlines() if line.strip()])
    return parts


def test_a_video_has_a_row_a_review_with_every_term(run: Run) -> None:
    table, _ = printed(run, 0, "video")
    assert table[0].startswith("Reviews of video 0: each term over the peers' mean × its weight")
    assert table[1].split() == [
        *("reviewed", "tier", "budget", "delivered", "dwell", "interaction"),
        *("score", "promote", "at", "repeat", "at", "verdict"),
    ]
    first, second = (line.split() for line in table[3:])
    assert first == ["day", "0", "00:10:00", "0", "300", "300", "1.00×1", "2.00×1", "1.50", "1.40", "1.10", "promote"]
    assert second[3:6] == ["1", "3,000", "2,500"]


def test_a_room_has_a_table_a_session_that_fits_in_120_characters(run: Run) -> None:
    first, second, _ = printed(run, 0, "room")
    assert "room 0, session 1" in first[0]
    assert "room 0, session 2" in second[0]
    assert len(first) == 5  # title, head, rule, and a line a review: nothing is wrapped
    assert all("…" not in line for line in first)
    up = first[3].split()
    assert up[3:] == [
        "1",
        "1,200",
        "1,100",
        "9.5/8.0",
        "0.90×1",
        "1.25×0.5",
        "1.00×1",
        "12.50×0.25",
        "1.30",
        "1.20",
        "0.80",
        "up",
    ]


def test_a_penalty_has_a_column_where_there_was_one(run: Run) -> None:
    tables = [why(run, room, "room")[0] for room in (6, 7)]
    names = [[column.header for column in table.columns] for table in tables if isinstance(table, Table)]
    assert "penalty" not in names[0]
    assert names[1][names[1].index("penalty") + 1] == "score"


@pytest.mark.parametrize(
    ("kind", "item", "sentence"),
    [
        ("video", 0, "on day 0 01:10:00: faded: score 0.71 below 1.10, the best 35 % of its peers."),
        (
            "video",
            1,
            "score 1.20 reached 1.10, the best 35 % of its peers, but not 1.40, the best 20 %. Its wave 2, at tier 0",
        ),
        (
            "video",
            2,
            "given the same wave again: score 1.60 reached 1.40, the best 20 % of its peers, at the highest tier.",
        ),
        (
            "video",
            3,
            "its peers; no other wave followed: with another it could have had more exposures than there are viewers",
        ),
        ("video", 3, ": would have been promoted to tier 1: score 1.60 reached 1.40, the best 20 % of its peers"),
        ("video", 8, "but not 1.40, the best 20 %; no other wave followed: it was older than 7 days."),
        ("video", 4, "given the same wave once more: 20 exposures are too few to judge (100)."),
        ("video", 5, "faded: score 0.90 below 1.00, the average, while peers are few."),
        ("video", 6, "Its wave 2, at tier 0, is still open."),
        ("video", 7, "The waves of video 7 were before day 0, which is not recorded."),
        ("room", 0, "on day 1 01:00:00: kept at level 1: score 1.00 is between 0.80 and 1.20."),
        ("room", 1, "kept at level 3, the highest: score 1.30 reached 1.20, the best 30 % of its peers."),
        (
            "room",
            2,
            "reached 1.20, the best 30 % of its peers, but it has not held its level for long",
        ),
        (
            "room",
            3,
            "kept at level 0: score 0.30 below 0.80, the worst 30 % of its peers, but there is no lower level.",
        ),
        (
            "room",
            4,
            "kept at level 1: score 0.30 below 0.80, the worst 30 % of its peers, but it was in its opening push",
        ),
        ("room", 5, "kept at level 1: there were no peers to compare it with."),
        (
            "room",
            6,
            "the best 30 % of its peers, and it has held its level (9.5 people inside on average, 8.0 to be held)",
        ),
        ("room", 7, "down to level 0: score 0.70 (25 % taken off for false promises) below 0.80, the worst 30 %"),
    ],
)
def test_the_last_review_is_told_in_a_sentence(run: Run, kind: str, item: int, sentence: str) -> None:
    told = why(run, item, kind)[-1]
    assert isinstance(told, str)
    assert sentence in told


@pytest.mark.parametrize(
    ("kind", "item", "message"),
    [
        ("video", 9, "video 9 is not there; this run has videos 0 to 8"),
        ("room", 9, "room 9 is not there; this run has rooms 0 to 8"),
        ("room", 8, "room 8 was never reviewed"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(run: Run, kind: str, item: int, message: str) -> None:
    with pytest.raises(RunError, match=message):
        why(run, item, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", ("video", 12)), ("video:0", ("video", 0)), ("room:3", ("room", 3)), (" 7 ", ("video", 7))],
)
def test_items_are_read(text: str, expected: tuple[str, int]) -> None:
    assert parse_item(text) == expected


@pytest.mark.parametrize("text", ["", "room", "room:", "room:x", "-1", ":3", "creator:3", "1.5", "room:1:2", "٣"])
def test_what_is_no_item_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 120, which room, such as room:3, or which viewer, such as viewer:7"):
        parse_item(text)


# --- paid waves


def cells(run: Run, item: int) -> dict[str, list[str]]:
    """The table of a video, by column."""
    table = why(run, item, "video")[0]
    assert isinstance(table, Table)
    return {str(column.header): [str(cell) for cell in column.cells] for column in table.columns}


def test_a_boosted_video_tells_what_was_paid(run: Run) -> None:
    assert cells(run, 1)["boosted"] == ["120"]
    assert why(run, 1, "video")[-2] == (
        "Order 4 (DOU+, from day 0 00:10:00) paid for 480 of 500 exposures for likers and is over; natural exposures "
        "since: 1,440, before: 40. Reactions to boosted exposures counted in reviews."
    )


def test_a_natural_video_says_nothing_of_it(run: Run) -> None:
    assert "boosted" not in cells(run, 0)
    assert not any("DOU+" in str(part) for part in why(run, 0, "video"))


def test_a_viewers_tags_are_told_by_kind(tmp_path: Path) -> None:
    folder, write = tmp_path / "seed1-bbbbbbbbbb", Writer(tmp_path / "seed1-bbbbbbbbbb", tiers=3)
    tags = {"tag": [0.0, 0.8], "taste": [0.3, 1.0], "tag_videos": [-0.05, 0.12], "tag_rooms": [0.0, 0.01]}
    write("viewers", rows("viewers", [{"viewer": 7, **tags, "tag_purchases": [0.0, 0.02]}]))
    write.finish(folder)
    (folder / "scenario.json").write_text(json.dumps({"categories": [{"name": "food"}, {"name": "pets"}]}))
    (folder / "manifest.json").write_text("{}")
    (table,) = printed(open_run(folder), 7, "viewer")
    assert [line.split() for line in table[-2:]] == [
        ["pets", "+0.120", "+0.010", "+0.020", "0.80", "1.00"],
        ["food", "-0.050", "+0.000", "+0.000", "0.00", "0.30"],
    ]
    with pytest.raises(RunError, match="viewer 8 is not one of its 1 sampled viewers, such as 7"):
        why(open_run(folder), 8, "viewer")
