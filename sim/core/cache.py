"""Where wavepool keeps compiled code between starts."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sim.core.source_key import module_files, source_key, text_digest

KEPT = 10  # folders of compiled code, each for one state of the sources


def cache_base(environ: Mapping[str, str]) -> Path | None:
    """The folder for all that is kept between starts; None for a user without a home who names none."""
    own = environ.get("WAVEPOOL_CACHE") or Path(environ.get("XDG_CACHE_HOME") or "~/.cache") / "wavepool"
    try:
        return Path(own).expanduser()
    except RuntimeError:
        return None


def compiled_folder(root: Path, compiler: str, variant: str = "") -> Path | None:
    """Where compiled code is kept between starts; None where nothing can be kept.

    Parameters
    ----------
    root : Path
        The folder that holds the packages `sim` and `agents`.
    compiler : str
        The dotted name of the module that compiles.
    variant : str
        Tells apart what is compiled in different ways from the same sources.
    """
    base = cache_base(os.environ)
    if base is None:
        return None
    try:
        folder = keyed_folder(base, root, compiler, variant)
    except OSError:
        return None
    with suppress(OSError):
        os.utime(folder)
        forget_all_but_the_latest(base)
    return folder


def keyed_folder(base: Path, root: Path, compiler: str, variant: str = "") -> Path:
    """The folder below `base` for what is compiled from these very sources; made if need be.

    To follow imports takes half a second, so the folder remembers which texts had its key.
    """
    remembered = f"{text_digest(module_files(root))}{variant}.sources"
    known = next(base.glob(f"*/{remembered}"), None)
    if known:
        return known.parent
    folder = base / f"{source_key(root, compiler)}{variant}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / remembered).touch()
    return folder


def forget_all_but_the_latest(base: Path, kept: int = KEPT) -> None:
    """Delete the folders of compiled code used longest ago. Whatever else is below `base` stays."""
    own = {one.parent for one in base.glob("*/*.sources")}
    for old in sorted(own, key=lambda one: one.stat().st_mtime)[:-kept]:
        shutil.rmtree(old, ignore_errors=True)
