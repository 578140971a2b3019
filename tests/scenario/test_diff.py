from pathlib import Path

from sim.scenario.diff import Change, changes, parent_of
from sim.scenario.scenario import Scenario, load, source_of

DEFAULTS = Scenario.model_validate({})


def differing(path: Path, overrides: tuple[str, ...] = ()) -> tuple[str, list[Change]]:
    source = source_of(path)
    name, parent = parent_of(source)
    return name, list(changes(load(path, overrides), parent))


def test_a_file_is_held_against_the_file_it_extends(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text("viewers: {count: 700}\ndays: 2\n")
    (tmp_path / "child.yaml").write_text("extends: parent.yaml\ntitle: a child\nviewers: {count: 700}\ndays: 3\n")
    assert differing(tmp_path / "child.yaml") == ("parent.yaml", [Change("days", "3.0", "2.0", "days", "assumed")])


def test_a_file_without_a_parent_is_held_against_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("rooms: {count: 4}\n")
    name, found = differing(tmp_path / "one.yaml")
    assert name == "the defaults"
    assert [(one.field, one.here, one.parent, one.unit) for one in found] == [("rooms.count", "4", "200", "rooms")]
    assert found[0].source.startswith("assumed: enough rooms to compete")


def test_overrides_count_as_changes(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("seed: 1\n")
    _, found = differing(tmp_path / "one.yaml", ("platform.weights.review.conversion=0",))
    assert [(one.field, one.here, one.parent) for one in found] == [
        ("platform.weights.review.conversion", "0.0", "1.0")
    ]


def test_lists_distributions_and_scripts_are_one_change_each(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(
        """
        platform: {waves: {ladder: [20, 60]}}
        rooms:
          opens: {kind: constant, value: 9}
          scripts: {plain: [{do: chat, seconds: 30}]}
        """
    )
    _, found = differing(tmp_path / "one.yaml")
    assert [(one.field, one.here) for one in found] == [
        ("rooms.opens", "constant value 9.0"),
        ("rooms.scripts", "plain: chat 30 s"),
        ("platform.waves.ladder", "20, 60"),
    ]


def test_nothing_differs_from_itself() -> None:
    assert list(changes(DEFAULTS, DEFAULTS)) == []
    assert parent_of(None) == ("the defaults", DEFAULTS)
