"""A world's state as arrays, saved at a refresh and put back: what is not here is known from the scenario alone."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Array
from sim.core.disk import put
from sim.core.state import Saved, under
from sim.scenario.scenario import Scenario

FORMAT = 7


class SaveError(Exception):
    """A file that is not a saved world; the message says so in one line."""


class SavedWorld(NamedTuple):
    """What a file holds."""

    scenario: Scenario
    story: dict[str, Any]  # what is text or a number: the time, the lives of rooms, what was saved beside the world
    arrays: dict[str, Array]  # by piece and name


def save(path: Path, scenario: Scenario, story: Mapping[str, Any], pieces: Mapping[str, Saved], videos: int) -> None:
    """Write a world of so many videos as it is between two refreshes; the file is there whole or not at all."""
    arrays = {f"{name}.{key}": array for name, piece in pieces.items() for key, array in piece.arrays(videos).items()}
    content = {"format": FORMAT, "scenario": scenario.model_dump(mode="json"), **story}
    arrays["story"] = np.frombuffer(json.dumps(content).encode(), np.uint8)
    arrays = {name: plain(np.asarray(array)) for name, array in arrays.items()}
    arrays["seal"] = seal(arrays)
    put(path, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


def restore(pieces: Mapping[str, Saved], arrays: Mapping[str, Array]) -> None:
    """Give pieces the state that they had; there must be capacity for the videos."""
    for name, piece in pieces.items():
        piece.restore(under(name, arrays))


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


def read(path: Path) -> SavedWorld:
    """What a file holds, once it is known to be as it was written."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        story = json.loads(arrays["story"].tobytes())
        if story["format"] != FORMAT:
            raise SaveError(f"{path}: saved by another version of wavepool")
        if not np.array_equal(arrays.pop("seal"), seal(arrays)):
            raise SaveError(f"{path}: not as it was saved")
        del arrays["story"]
        return SavedWorld(Scenario.model_validate(story["scenario"]), story, arrays)
    except (OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise SaveError(f"{path}: not a saved world ({' '.join(str(error).split())})") from None
