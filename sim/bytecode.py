"""Where wavepool keeps what is compiled, and Python's own bytecode with it where Python was told to keep none.

Many containers set PYTHONDONTWRITEBYTECODE: each start would compile numba, pandas and the rest from their sources.
"""

import importlib.util
import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path


def cache_base(environ: Mapping[str, str]) -> Path:
    """The folder for all that is kept between starts."""
    own = environ.get("WAVEPOOL_CACHE") or Path(environ.get("XDG_CACHE_HOME") or "~/.cache") / "wavepool"
    return Path(own).expanduser()


def is_missing(environ: Mapping[str, str], library: str = "numpy") -> bool:
    """Whether bytecode beside the sources is forbidden, and a library has none there from its installation."""
    if not environ.get("PYTHONDONTWRITEBYTECODE") or environ.get("PYTHONPYCACHEPREFIX"):
        return False
    found = importlib.util.find_spec(library)
    return not (found and found.cached and Path(found.cached).exists())


def keep() -> None:
    """From now on keep bytecode in wavepool's own cache folder, if else there is none."""
    if not is_missing(os.environ):
        return
    folder = cache_base(os.environ) / f"bytecode-{zlib.crc32(sys.prefix.encode()):08x}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # the folders used last are the ones that stay
    except OSError:
        return
    sys.pycache_prefix, sys.dont_write_bytecode = str(folder), False
