"""Pieces of a world's state. A piece lists its own arrays, so that a saved world cannot forget a field."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, get_type_hints, runtime_checkable

import numpy as np

from sim.core.arrays import Array, fill


@runtime_checkable
class Saved(Protocol):
    """What a saved world can carry."""

    def arrays(self, videos: int) -> dict[str, Array]:
        """The state by name, of a world with so many videos."""

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state that `arrays` gave."""


class Note(NamedTuple):
    """How a field is saved, where it is not saved as it stands."""

    saved: bool = True
    resized: bool = False  # its length is part of the state
    by_video: tuple[str, ...] = ()  # its parts with a row a video; capacity for videos to come is not saved


NOT_SAVED = Note(saved=False)
"""For a field that follows from the scenario alone, or that the next refresh sets anew."""

RESIZED, BY_VIDEO = Note(resized=True), Note(by_video=("",))


class StatePiece:
    """A dataclass all of whose fields are saved, unless a `Note` in their annotation says otherwise.

    A field is an array, a named tuple of arrays, a number, or `Saved` itself.
    """

    def arrays(self, videos: int) -> dict[str, Array]:
        """The state by name, of a world with so many videos."""
        found = {}
        for name, note in self._notes().items():
            if note.saved:
                for part, array in self._parts(name, videos):
                    found[joined(name, part)] = array[:videos] if part in note.by_video else array
        return found

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state that `arrays` gave; there must be capacity for its videos."""
        for name, note in self._notes().items():
            value = getattr(self, name)
            if not note.saved:
                continue
            if isinstance(value, (int, float)):
                setattr(self, name, type(value)(arrays[name].item()))
            elif note.resized:
                setattr(self, name, arrays[name])
            elif isinstance(value, Saved):
                value.restore(under(name, arrays))
            else:
                for part, array in self._parts(name, 0):
                    saved = arrays[joined(name, part)]
                    fill(array[: len(saved)], saved)

    @classmethod
    def _notes(cls) -> dict[str, Note]:
        """How each field is saved."""
        found = {}
        for name, hint in get_type_hints(cls, include_extras=True).items():
            own = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Note)]
            found[name] = own[0] if own else Note()
        return found

    def _parts(self, name: str, videos: int) -> Iterator[tuple[str, Array]]:
        """The arrays of a field, each with its name within the field, which is empty if it is the whole field."""
        value: Any = getattr(self, name)
        if isinstance(value, np.ndarray):
            yield "", value
        elif isinstance(value, (int, float)):
            yield "", np.asarray(value)
        elif isinstance(value, Saved):
            yield from value.arrays(videos).items()
        elif isinstance(value, tuple) and hasattr(value, "_asdict"):
            yield from value._asdict().items()
        else:
            raise TypeError(f"{type(self).__name__}.{name}: {type(value).__name__} cannot be saved")


def joined(name: str, part: str) -> str:
    """The name of a part of a field; the whole field's own where there are no parts."""
    return f"{name}.{part}" if part else name


def under(name: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays whose names begin with a name and a point, by the rest of their names."""
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}
