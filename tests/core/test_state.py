"""Pieces of state: whatever field is added, a saved world carries it, unless the field says that it need not."""

from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import pytest

from sim.core.arrays import Array
from sim.core.state import BY_VIDEO, NOT_SAVED, RESIZED, Note, Saved, StatePiece, under
from sim.world import World
from tests.worlds import small


class Pair(NamedTuple):
    """Two arrays, the first of which has a row a video."""

    videos: Array
    rooms: Array


class Own:
    """What saves itself."""

    def __init__(self) -> None:
        self.value = np.zeros(2)

    def arrays(self, _videos: int) -> dict[str, Array]:
        return {"value": self.value}

    def restore(self, arrays: Any) -> None:
        self.value = arrays["value"]


@dataclass
class Piece(StatePiece):
    """A field of every kind."""

    plain: Array
    grows: Annotated[Array, BY_VIDEO]
    items: Annotated[Array, RESIZED]
    counts: Annotated[Pair, Note(by_video=("videos",))]
    made_anew: Annotated[Array, NOT_SAVED]
    exposures: int
    expected: float
    own: Own


def piece(fill: int) -> Piece:
    """A piece full of one number, with room for four videos."""
    pair, own = Pair(np.full(4, fill), np.full(3, fill)), Own()
    own.value = np.full(2, fill)
    return Piece(np.full(5, fill), np.full(4, fill), np.full(fill, fill), pair, np.full(2, fill), fill, fill + 0.5, own)


def test_a_piece_lists_all_its_arrays_up_to_the_videos_that_there_are() -> None:
    found = {name: array.tolist() for name, array in piece(7).arrays(videos=2).items()}
    assert found == {
        "plain": [7] * 5,
        "grows": [7, 7],
        "items": [7] * 7,
        "counts.videos": [7, 7],
        "counts.rooms": [7, 7, 7],
        "exposures": 7,
        "expected": 7.5,
        "own.value": [7, 7],
    }


def test_a_restored_piece_is_as_the_saved_one_was() -> None:
    saved, other = piece(7).arrays(videos=2), piece(1)
    plain = other.plain
    other.restore(saved)
    assert {name: array.tolist() for name, array in other.arrays(2).items()} == {
        name: array.tolist() for name, array in saved.items()
    }
    assert other.plain is plain  # in place: viewers read it where it is
    assert other.grows.tolist() == [7, 7, 1, 1]
    assert other.made_anew.tolist() == [1, 1]
    assert (type(other.exposures), type(other.expected)) == (int, float)


@pytest.mark.parametrize("value", [None, "text", [1, 2], {"a": 1}, {1, 2}], ids=repr)
def test_what_cannot_be_saved_is_named(value: Any) -> None:
    kind = make_dataclass("Odd", [("oddity", Any)], bases=(StatePiece,))
    with pytest.raises(TypeError, match=r"Odd\.oddity: \w+ cannot be saved"):
        kind(value).arrays(0)


def test_arrays_under_a_name() -> None:
    assert under("a", {"a.b": 1, "a.b.c": 2, "ab.c": 3, "a": 4}) == {"b": 1, "b.c": 2}  # type: ignore[dict-item]


# --- in a world


def test_a_new_field_of_any_piece_is_carried_by_a_saved_world(tmp_path: Path) -> None:
    world = World(small())
    for name in ("catalogue", "truth", "platform", "books", "totals"):
        old = getattr(world, name)
        wider = make_dataclass("Wider", [("added", Array)], bases=(type(old),))
        values = {one.name: getattr(old, one.name) for one in fields(old)}
        setattr(world, name, wider(**values, added=np.arange(3)))
    world.save(tmp_path / "world.npz")
    with np.load(tmp_path / "world.npz") as file:
        added = [name for name in file.files if name.endswith(".added")]
    assert sorted(added) == [f"{name}.added" for name in ("books", "catalogue", "platform", "totals", "truth")]


def test_a_new_piece_is_carried_by_a_saved_world(tmp_path: Path) -> None:
    world = World(small())
    world.extra_piece = piece(3)
    assert isinstance(world.extra_piece, Saved)
    world.save(tmp_path / "world.npz")
    with np.load(tmp_path / "world.npz") as file:
        assert file["extra_piece.plain"].tolist() == [3] * 5


def test_all_that_changes_of_a_room_is_in_its_state() -> None:
    world = World(small())
    room = world.truth.live_rooms[0]
    room.added = 5  # type: ignore[attr-defined]
    assert room.state()["added"] == 5
    assert not {"model", "venue", "row", "unique_id"} & set(room.state())
