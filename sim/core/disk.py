"""The way to the disk: a file is there whole or not at all, and it is there before whatever is written after it."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

ASIDE = ".tmp"  # ends the name of a file that is being written

Fingerprint = dict[str, int | str]
"""Length in bytes and SHA-256 of a file."""


def put(file: Path, write: Callable[[IO[bytes]], Any]) -> Path:
    """Let `write` fill a file, which then takes the place of what bore its name; a power cut takes nothing back."""
    aside = file.with_name(file.name + ASIDE)
    try:
        with aside.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(file)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    sync(file.parent)
    return file


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where a system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, a folder with all that is in it, or a link; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fingerprint(file: Path) -> Fingerprint:
    """What tells a file from every other."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"bytes": stream.tell(), "sha256": digest}


def damage(folder: Path, files: Mapping[str, Fingerprint]) -> str | None:
    """What is wrong with the first file that is not as it was written; None if all are."""
    for name, written in files.items():
        try:
            if fingerprint(folder / name) != written:
                return f"{name} is not as it was written"
        except OSError as error:
            return f"{name} cannot be read ({(error.strerror or str(error)).lower()})"
    return None
