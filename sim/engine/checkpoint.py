"""A world's state as arrays, saved at a refresh and put back: what is not here is known from the scenario alone."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.arrays import Array, fill
from sim.core.clock import Clock
from sim.core.disk import put
from sim.engine import video_phase
from sim.scenario.scenario import Scenario

FORMAT = 4
ROWS = (
    "products", "rooms", "levels", "open_items", "sums",
    "session_counts", "peak", "session_peak", "closed_ms", "profit_cents", "bait_loss_cents", "takings", "ranking",
    "followers", "product_counts",
)  # fmt: skip
BY_VIDEO = ("videos", "waves", "before", "pull", "best_tier")
NUMBERS = ("turn", "published", "asked", "expected_live", "entries", "leavings", "exposures", "told")
ROOM_LIFE = (
    "script", "chosen", "session", "is_open", "day", "part", "opens_ms", "closes_ms", "shown", "pitched", "segment",
    "product", "segment_ends_ms",
)  # fmt: skip


class SaveError(Exception):
    """A file that is not a saved world; the message says so in one line."""


def save(world: Any, path: Path, **extra: Any) -> None:
    """Write a world's state as it is between two refreshes; the file is there whole or not at all."""
    n = world.published
    arrays: dict[str, Array] = {name: np.asarray(getattr(world, name)) for name in ROWS}
    arrays |= world.crowd.state()
    arrays |= {name: np.asarray(getattr(world, name)[:n]) for name in BY_VIDEO}
    arrays |= {"count_videos": world.counters.videos[:n], "count_rooms": world.counters.rooms}
    arrays |= {"count_matches": world.counters.matches, "newest": world.recall.newest}
    arrays |= {f"peers_{name}": array for name, array in world.peers._asdict().items()}
    arrays |= {"creator_next_ms": world.posting.next_ms, "creator_posts": world.posting.posts}
    if world.paid:
        arrays |= {f"paid_{name}": array for name, array in world.paid.state(n).items()}
    story = {
        "format": FORMAT,
        "scenario": world.scenario.model_dump(mode="json"),
        "now_ms": world.clock.now_ms,
        "numbers": {name: getattr(world, name) for name in NUMBERS},
        "precision": list(world.precision),
        "rooms": [{name: getattr(room, name) for name in ROOM_LIFE} for room in world.live_rooms],
        "collected": world.datacollector.model_vars,
        "steps": world.steps,
        "extra": extra,
    }
    arrays["story"] = np.frombuffer(json.dumps(story).encode(), np.uint8)
    arrays = {name: plain(array) for name, array in arrays.items()}
    arrays["seal"] = seal(arrays)
    put(path, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


def plain(array: Array) -> Array:
    """The array without its handles, which a file cannot carry."""
    return array.view(np.dtype((np.void, array.dtype))) if array.dtype.names else array


def seal(arrays: dict[str, Array]) -> Array:
    """SHA-256 of arrays with their names, types and shapes."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        for column in columns(array):
            digest.update(np.ascontiguousarray(column).reshape(-1).view(np.uint8).data)
    return np.frombuffer(digest.digest(), np.uint8)


def columns(array: Array) -> Iterator[Array]:
    """The columns of a table, each by itself, since what lies between them in memory means nothing."""
    if array.dtype.names:
        for name in array.dtype.names:
            yield from columns(array[name])
    else:
        yield array


def read(path: Path) -> tuple[Scenario, dict[str, Any], dict[str, Array]]:
    """The scenario, the story and the arrays of a saved world."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        story = json.loads(arrays["story"].tobytes())
        if story["format"] != FORMAT:
            raise SaveError(f"{path}: saved by another version of wavepool")
        if not np.array_equal(arrays.pop("seal"), seal(arrays)):
            raise SaveError(f"{path}: not as it was saved")
        del arrays["story"]
        return Scenario.model_validate(story["scenario"]), story, arrays
    except (OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise SaveError(f"{path}: not a saved world ({' '.join(str(error).split())})") from None


def put_back(world: Any, story: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Give a freshly founded world the state of a saved one; its lives are to be started anew."""
    for name, value in story["numbers"].items():
        setattr(world, name, value)
    n = world.published
    video_phase.hold(world, n)
    for name in ROWS:
        if name == "open_items":
            world.open_items = arrays[name]
        else:
            fill(getattr(world, name), arrays[name])
    world.crowd.put_back(arrays, story["now_ms"])
    for name in BY_VIDEO:
        fill(getattr(world, name)[:n], arrays[name])
    world.counters.videos[:n] = arrays["count_videos"]
    world.counters.rooms[:], world.counters.matches[:] = arrays["count_rooms"], arrays["count_matches"]
    world.recall.newest[:] = arrays["newest"]
    for name, array in world.peers._asdict().items():
        array[:] = arrays[f"peers_{name}"]
    world.posting.next_ms[:], world.posting.posts[:] = arrays["creator_next_ms"], arrays["creator_posts"]
    for room, fields in zip(world.live_rooms, story["rooms"], strict=True):
        for name, value in fields.items():
            setattr(room, name, value)
    if world.paid:
        world.paid.put_back(n, {name.removeprefix("paid_"): array for name, array in arrays.items()})
    world.precision = tuple(story["precision"])
    world.datacollector.model_vars.update(story["collected"])
    world.steps = story["steps"]
    world.clock = Clock(story["now_ms"])
