"""What the figures draw: numbers of the tables, units on the axes, and the same bytes for the same run."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.core.event_log import ROOM_SOURCES
from sim.reporting.figures import boosted_waves, draw, rooms, style, traffic_curves, videos, wave_tiers
from sim.results.run_folder import Run, RunError, Writer, open_run
from sim.results.table_schemas import schema

HOUR_S = 3600
DEFAULTS = {pa.int64(): 0, pa.float64(): 0.0, pa.string(): "", pa.bool_(): False}


def rows(table: str, n: int, **columns: object) -> dict[str, list[object]]:
    """Rows of a table in which all that is not given is nothing."""
    filled = {}
    for field in schema(table, 2):
        value = columns.get(field.name, DEFAULTS.get(field.type))
        filled[field.name] = list(value) if isinstance(value, list | range | np.ndarray) else [value] * n
    return filled


SERIES_S = range(30, 12 * HOUR_S + 1, 30)
N = len(SERIES_S)
# video 0 is promoted and fades; 1 is repeated and still in its second wave; 2 began its life before day 0
REVIEWS = {
    "at_s": [600, 4200, 1200, 3600, 7200],
    "kind": ["video"] * 5,
    "item": [0, 0, 1, 2, 2],
    "tier": [0, 1, 0, 1, 1],
    "wave": [1, 2, 1, 3, 4],
    "opened_s": [0, 600, 300, -7200, 3600],
    "budget": [300, 3000, 300, 3000, 3000],
    "delivered": [300, 1700, 300, 900, 800],
    "verdict": ["promote", "fade", "repeat", "repeat", "repeat"],
}
ROOM = {
    "at_s": [300, 600, 900, 40_000, 40_300],
    "room": [1] * 5,
    "session": [1, 1, 1, 2, 2],
    "level": [1, 2, 2, 3, 2],
    "budget": [50, 100, 100, 200, 150],
    "shown": [40, 100, 90, 200, 10],
    "entered": [10, 20, 20, 50, 0],
    "entered_recommended": [5, 15, 20, 30, 0],
    "entered_video": [5, 5, 0, 20, 0],
    "average": [1.5, 2.5, 2.0, 4.5, 0.25],
    "peak": [3, 4, 4, 7, 1],
    "gmv_cents": [0, 5_000, 1_000, 20_000, 0],
    "gsv_cents": [0, 4_000, 500, 16_000, 0],
}


def make(
    out: Path, name: str = "made", seed: int = 1, digest: str = "aaaaaaaaaa", paid: int = 0, rooms: bool = True
) -> Run:
    """A finished run of three videos and two rooms, of which one was open."""
    folder = out / name / f"seed{seed}-{digest}"
    write = Writer(folder, tiers=2)
    videos = np.arange(N) % 7 + 10
    write(
        "series",
        rows(
            "series",
            N,
            at_s=SERIES_S,
            video_exposures=videos,
            tier_0=videos - 4,
            tier_1=[4] * N,
            live_exposures=[3] * N,
            boosted_exposures=[paid] * N,
            online=np.arange(N) % 5,
            gmv_cents=[250] * N,
        ),
    )
    items = {"item": [0, 1, 2], "published_s": [0, 300, -90_000], "shown": [2000, 420, 9000]}
    write("items", rows("items", 3, **items, tier=[-1, 0, 1], waves=[2, 2, 5], best_tier=[1, 0, 1]))
    write("reviews", rows("reviews", 5, **REVIEWS))
    if rooms:
        write("rooms", rows("rooms", 5, **ROOM))
    write.finish(folder)
    scenario = {
        "viewers": {"count": 5000},
        "rooms": {"count": 2 if rooms else 0},
        "platform": {
            "waves": {"ladder": [300, 3000, 13_000]},
            "rooms": {"review_minutes": 5.0, "levels": [20, 50, 100, 250]},
        },
    }
    (folder / "scenario.json").write_text(json.dumps(scenario))
    (folder / "manifest.json").write_text(json.dumps({"seed": seed}))
    return open_run(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make(tmp_path_factory.mktemp("runs"))


def lines(ax: Axes) -> list[tuple[list[float], list[float]]]:
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]


def markers(ax: Axes) -> dict[str, int]:
    """How many of each marker are on the axes."""
    return {str(line.get_marker()): len(line.get_xdata()) for line in ax.lines if line.get_marker() != "None"}


def ticks(ax: Axes) -> list[str]:
    ax.figure.canvas.draw()
    return [label.get_text() for label in ax.get_xticklabels()]


def y_labels(figure: Figure) -> list[str]:
    return [ax.get_ylabel().replace("\n", " ") for ax in figure.axes]


# --- changes of rules


def test_a_change_of_rules_is_a_line_down_all_panels(run: Run) -> None:
    change = {"at": "day 0 06:00", "set": {"platform.weights.review.conversion": 1.0, "platform.feed.tags": 3}}
    scenario = {**run.scenario, "changes": [change, {"at": "day 3 00:00", "set": {"platform.feed.tags": 4}}]}
    changed, plain = traffic_curves.traffic([run._replace(scenario=scenario)]), traffic_curves.traffic([run])
    for ax, other in zip(changed.axes, plain.axes, strict=True):
        assert len(ax.lines) == len(other.lines) + 1
        assert list(ax.lines[-1].get_xdata()) == [6 * HOUR_S] * 2
    assert [text.get_text() for text in changed.axes[0].texts] == ["weights.review.conversion: 1.0\nfeed.tags: 3"]
    assert not any(ax.texts for ax in changed.axes[1:])
    both = traffic_curves.traffic([run._replace(scenario=scenario), run])
    assert len(both.axes[0].lines) == 3


# --- paid waves

BOOSTS = {
    "kind": ["video", "video", "video"], "item": [0, 0, 1], "boost": [0, 0, 1], "state": ["open", "over", "over"],
    "opened_s": [600, 600, 600], "at_s": [HOUR_S, 2 * HOUR_S, 2 * HOUR_S],
    "natural": [30, 90, 10], "exposures": [50, 100, 40],
}  # fmt: skip


def boosted(tmp_path: Path) -> Run:
    """The run with two boosts, of video 0 and of video 1."""
    made = make(tmp_path, paid=2)
    pq.write_table(pa.table(rows("campaigns", 3, **BOOSTS), schema("campaigns", 2)), made.folder / "campaigns.parquet")
    return made


def test_natural_and_paid_exposures_of_boosted_items_are_drawn_by_hours_since_the_boost(tmp_path: Path) -> None:
    figure = boosted_waves.boosted([boosted(tmp_path)])
    natural, paid = (lines(ax)[0] for ax in figure.axes)
    assert natural[0] == paid[0] == [0, 1]
    # after an hour: 30 + 60 x 600 / 3600 of the one, 10 x 3600 / 6600 of the other
    assert natural[1] == pytest.approx([0, (40 + 10 * 36 / 66) / 2])
    assert paid[1] == pytest.approx([0, (50 + 50 / 6 + 40 * 36 / 66) / 2])


def test_a_boosted_video_has_a_curve_of_what_was_paid(tmp_path: Path) -> None:
    run = boosted(tmp_path)
    above = videos.item_curve(run, 0).axes[0]
    assert ([600, HOUR_S, 2 * HOUR_S], [0, 50, 100]) in lines(above)
    assert "boosted exposures" in [text.get_text() for text in above.get_legend().get_texts()]


def test_paid_exposures_are_a_band_of_their_own_above_the_tiers(tmp_path: Path) -> None:
    both, plain = (
        wave_tiers.waves(run).axes[0].get_legend() for run in (boosted(tmp_path), make(tmp_path, name="plain"))
    )
    assert [text.get_text() for text in both.get_texts()][:-1] == [text.get_text() for text in plain.get_texts()]


def test_only_runs_with_boosts_get_the_picture(tmp_path: Path) -> None:
    drawn = [draw([run], tmp_path / "out", formats=["svg"]) for run in (boosted(tmp_path), make(tmp_path, "no"))]
    assert ["boosted.svg" in [file.name for file in files] for files in drawn] == [True, False]


# --- traffic


def test_traffic_draws_the_numbers_of_the_series(run: Run) -> None:
    figure = traffic_curves.traffic([run])
    series = run.table("series")
    assert y_labels(figure) == [
        "videos (exposures per minute)",
        "live rooms (exposures per minute)",
        "people in live rooms (viewers)",
        "GMV, dotted GSV so far (yuan)",
    ]
    video, live, online, sales = (lines(ax)[0] for ax in figure.axes)
    width = traffic_curves.bin_s(series)
    assert width == 300
    assert video[0] == list(range(width, 12 * HOUR_S + 1, width))
    assert sum(video[1]) * width / 60 == pytest.approx(series["video_exposures"].sum())
    assert video[1][0] == series["video_exposures"][:10].sum() / 5
    assert set(live[1]) == {6.0}
    assert online[1][3] == series["online"][30:40].mean()
    assert sales[1][-1] == pytest.approx(series["gmv_cents"].sum() / 100)


def test_time_is_told_as_days_and_hours(run: Run) -> None:
    shown = ticks(traffic_curves.traffic([run]).axes[-1])
    assert "day 0 06:00" in shown
    assert len(shown) <= 10


def test_time_is_told_in_dates_where_all_runs_have_the_same(run: Run) -> None:
    dated = run._replace(scenario=run.scenario | {"start": "2021-04-01"})
    switch = {"at": "2021-04-01 06:00", "set": {"platform.feed.tags": 3}}
    axes = traffic_curves.traffic([dated._replace(scenario=dated.scenario | {"changes": [switch]})]).axes
    assert "Thu 1 Apr\n06:00" in ticks(axes[-1])
    assert axes[-1].get_xlabel().endswith(", 2021")
    assert [int(np.ravel(line.get_xdata())[0]) for line in axes[0].lines][-1] == 6 * HOUR_S
    assert "day 0 06:00" in ticks(traffic_curves.traffic([run, dated]).axes[-1])


def test_paid_exposures_have_curves_of_their_own_only_if_there_are_any(tmp_path: Path) -> None:
    figure = traffic_curves.traffic([make(tmp_path, paid=2)])
    assert y_labels(figure)[2:4] == [
        "natural, both kinds (exposures per minute)",
        "boosted, both kinds (exposures per minute)",
    ]
    video, live, natural, paid = (np.array(lines(ax)[0][1]) for ax in figure.axes[:4])
    assert paid == pytest.approx(4.0)
    assert natural == pytest.approx(video + live - paid)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([{"seed": 2}], ["seed 1", "seed 2"]),
        ([{"name": "other", "digest": "bbbbbbbbbb"}], ["made", "other"]),
        ([{"seed": 2}, {"name": "other"}], ["made (seed 1)", "made (seed 2)", "other (seed 1)"]),
        ([{"digest": "bbbbbbbbbb"}], ["made (seed 1, aaaaaaa)", "made (seed 1, bbbbbbb)"]),
    ],
)
def test_legend_tells_runs_apart_by_what_differs(
    tmp_path: Path, others: list[dict[str, str]], expected: list[str]
) -> None:
    runs = [make(tmp_path), *(make(tmp_path, **other) for other in others)]
    figure = traffic_curves.traffic(runs)
    (legend,) = figure.legends
    assert [text.get_text().split(":")[0] for text in legend.get_texts()] == expected
    *others_of, sales = (len(ax.lines) for ax in figure.axes)
    assert (set(others_of), sales) == ({len(runs)}, 2 * len(runs))  # GMV and GSV
    assert len({(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines}) == len(runs)


# --- videos


def test_a_videos_curve_passes_through_the_ends_of_its_waves(run: Run) -> None:
    above, below = videos.item_curve(run, 0).axes
    assert lines(above)[0] == ([0, 600, 4200], [0, 300, 2000])
    assert markers(above) == {"^": 1, "X": 1}
    assert [bar.get_height() for bar in below.patches] == [300, 1700]
    assert ticks(below) == ["wave 1\ntier 0\npromote", "wave 2\ntier 1\nfade"]
    assert [text.get_text() for text in below.texts] == ["300", "3k"]
    assert below.get_yscale() == "log"
    assert above.get_title(loc="left").endswith("2,000 exposures:\n2 waves up to tier 1, until it faded on day 0 01:10")


def test_an_open_wave_is_drawn_with_what_was_shown_so_far(run: Run) -> None:
    above, below = videos.item_curve(run, 1).axes
    assert lines(above)[0] == ([300, 1200, 12 * HOUR_S], [0, 300, 420])
    assert markers(above) == {"o": 1, "D": 1}
    assert [bar.get_height() for bar in below.patches] == [300, 120]


def test_exposures_before_day_0_are_not_given_to_an_open_wave(run: Run) -> None:
    above, below = videos.item_curve(run, 2).axes
    assert lines(above)[0] == ([-7200, 3600, 7200], [7300, 8200, 9000])
    assert below.get_title(loc="left").endswith("?: not recorded apart from what was before day 0")
    assert [text.get_text() for text in below.texts] == ["3k", "3k", "3k", "?"]


def test_the_best_videos_are_those_whose_whole_life_is_recorded(run: Run) -> None:
    assert videos.best_items(run, 5) == [0, 1]
    figure = videos.top_items(run, 2)
    (ax,) = figure.axes
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["video 0: 2k", "video 1: 420", "promote", "repeat", "fade", "open"]
    curve = dict(zip(*lines(ax)[0], strict=True))
    assert (curve[600], curve[4200]) == (300, 2000)
    assert ax.get_yscale() == "log"


# --- rooms


def test_a_rooms_sessions_stand_side_by_side(run: Run) -> None:
    figure = rooms.room_curve(run, 1)
    grid = np.array(figure.axes[:10]).reshape(5, 2)
    assert [ax.get_title(loc="left") for ax in grid[0]] == ["session 1\n00:00 to 00:15", "session 2\n11:01 to 11:11"]
    assert [ax.get_ylabel().replace("\n", " ") for ax in grid[:, 0]] == [
        "people inside (viewers)",
        "exposures (per 5 min)",
        "entries (per 5 min)",
        "sales (yuan per 5 min)",
        "GPM so far (yuan per 1,000 entries)",
    ]
    average, peak = lines(grid[0, 0])
    assert average == ([150, 450, 750], [1.5, 2.5, 2.0])
    assert peak[1] == [3, 4, 4]
    on_top = {patch.get_label(): patch.get_data() for patch in grid[2, 0].patches}
    assert list(on_top) == [f"entries: {source}" for source in ROOM_SOURCES]
    assert list(on_top["entries: recommended"].values) == [5, 15, 20]
    assert list(on_top["entries: video"].baseline) == [5, 15, 20]
    assert list(on_top["entries: boosted"].values) == [10, 20, 20]  # all entries
    assert [bar.get_height() for bar in grid[3, 0].patches] == [0, 50, 10, 0, 40, 5]  # GMV, then GSV
    assert lines(grid[4, 0])[0][1] == pytest.approx([0, 50_000 / 30, 60_000 / 50])
    levels = [ax for ax in figure.axes[10:] if ax.patches]
    assert [list(ax.patches[0].get_data().values) for ax in levels] == [[1, 2, 2], [3, 2]]
    assert "260 yuan (205 paid and kept) to 100 entries in 2 sessions" in figure.get_suptitle()


def test_best_room_sells_most(run: Run, tmp_path: Path) -> None:
    assert rooms.best_room(run) == 1
    assert rooms.best_room(make(tmp_path, rooms=False)) is None


# --- all waves


def test_waves_are_drawn_by_tier_and_verdict(run: Run) -> None:
    flow, verdicts, reach = wave_tiers.waves(run).axes
    assert [text.get_text() for text in flow.get_legend().get_texts()] == [
        "tier 0: waves of 300",
        "tier 1: waves of 3k",
    ]
    top = flow.collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(traffic_curves.binned(run.table("series"), 300)["video"].max())
    shares = {c.get_label(): [bar.get_width() for bar in c] for c in verdicts.containers}
    assert shares["promote"] == [50, 0]
    assert shares["repeat"] == pytest.approx([50, 200 / 3])
    assert shares["fade"] == pytest.approx([0, 100 / 3])
    assert [bar.get_height() for bar in reach.patches] == pytest.approx([100, 200 / 3])
    assert reach.get_title(loc="left").endswith("those of the warm-up included")


# --- files


def test_one_run_gets_traffic_waves_best_video_and_best_room(run: Run, tmp_path: Path) -> None:
    files = draw([run], tmp_path, item=1, top=2, formats=["svg"])
    assert [file.name for file in files] == [
        "traffic.svg",
        "waves.svg",
        "video-0.svg",
        "video-1.svg",
        "room-1.svg",
        "top-2.svg",
    ]


def test_several_runs_get_traffic_and_what_was_asked_for(run: Run, tmp_path: Path) -> None:
    other = make(tmp_path / "runs", seed=2)
    files = draw([run, other], tmp_path, room=1, formats=["png"])
    assert [file.name for file in files] == [
        "traffic.png",
        "room-1.made-seed1-aaaaaaaaaa.png",
        "room-1.made-seed2-aaaaaaaaaa.png",
    ]


def test_the_same_run_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    once = draw([run], tmp_path / "once")
    twice = draw([run], tmp_path / "twice")
    assert [file.read_bytes() for file in once] == [file.read_bytes() for file in twice]
    assert {file.suffix for file in once} == {".png", ".svg"}


def test_places_of_axes_are_the_same_to_the_last_digit(tmp_path: Path) -> None:
    figure = rooms.room_curve(make(tmp_path), 1)
    before = [ax.get_position().extents.tolist() for ax in figure.axes]
    figure.draw_without_rendering()
    after = [ax.get_position().extents.tolist() for ax in figure.axes]
    assert before != after
    assert after == np.round(after, 9).tolist()
    assert all(ax.get_in_layout() for ax in figure.axes)


@pytest.mark.parametrize("form", style.FORMATS)
def test_pictures_name_no_date_and_no_version(run: Run, tmp_path: Path, form: str) -> None:
    rooms.room_curve(run, 1).savefig(tmp_path / "room", format=form, metadata=style.FORMATS[form])
    written = (tmp_path / "room").read_bytes()
    assert not any(word in written for word in (b"<dc:date>", b"CreationDate", b"Matplotlib v", b"Matplotlib version"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"item": 3}, "video 3 is not there; this run has videos 0 to 2"),
        ({"room": 2}, "room 2 is not there; this run has rooms 0 to 1"),
        ({"room": 0}, "room 0 was never open"),
        ({"formats": ["gif"]}, "gif: not a format for pictures; use png, svg, pdf"),
    ],
)
def test_what_is_not_there_is_told_in_one_line_before_anything_is_written(
    run: Run, tmp_path: Path, asked: dict[str, int], message: str
) -> None:
    with pytest.raises(RunError, match=message) as told:
        draw([run], tmp_path / "pictures", **asked)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "pictures").exists()


def test_a_run_without_rooms_has_no_room_to_draw(tmp_path: Path) -> None:
    bare = make(tmp_path, rooms=False)
    assert [file.name for file in draw([bare], tmp_path / "out", formats=["svg"])] == [
        "traffic.svg",
        "waves.svg",
        "video-0.svg",
    ]
    with pytest.raises(RunError, match="this run has no rooms"):
        rooms.room_curve(bare, 0)


@pytest.mark.parametrize(("count", "expected"), [(0, "0"), (300, "300"), (13_000, "13k"), (2_500_000, "2.5M")])
def test_counts_are_short(count: int, expected: str) -> None:
    assert style.short(count) == expected
