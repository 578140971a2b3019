"""Numba's cache of compiled functions: ours in our own folder, and never a reason to stop.

Numba takes its cache folder from a setting of the whole process, and fails where a file of the cache is damaged or the
disk is full. Here a function whose code cannot be read is compiled anew, and one whose code cannot be kept runs all
the same.
"""

import functools
import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core import caching

_numba: Any = caching  # which has no types


def keep_in(folder: Path | None, dispatcher: Any) -> Any:
    """Let numba keep below a folder what it compiles of one function; nowhere if the folder is None."""
    if folder is not None:
        with suppress(OSError, RuntimeError):  # a function without a source file
            dispatcher._cache = _Cache(dispatcher.py_func, folder)
    return dispatcher


class _Cache(_numba.FunctionCache):
    """A cache that is as good as empty where it cannot be read."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._impl_class = functools.partial(_Implementation, folder=folder)
        super().__init__(function)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # there is no telling what a damaged file is taken for
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(Exception):  # the function is compiled, whatever becomes of its file
            super().save_overload(sig, data)


class _Implementation(_numba.CompileResultCacheImpl):
    """What numba keeps of a function, in a place of ours."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._locator_classes = [_Places(folder)]
        super().__init__(function)
        if not isinstance(self.locator, _Place):
            raise RuntimeError("numba was told of other places, where the key of the sources does not stand")


class _Places:
    """Finds the place of a function; numba's name for it is a class of locators."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def from_function(self, function: Any, file: str) -> "_Place":
        return _Place(self.folder, function, file)


class _Place:
    """Where the code of one function is kept, and for which text of its module; numba's name for it is a locator."""

    def __init__(self, folder: Path, function: Any, file: str) -> None:
        self._py_file = file  # which numba names when it warns
        self._folder, self._line = folder / function.__module__, function.__code__.co_firstlineno
        self._stamp = _text_hash(file)

    def ensure_cache_path(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._stamp

    def get_disambiguator(self) -> str:
        return str(self._line)


@functools.cache
def _text_hash(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
