"""Ctrl-C that Python would lose: what is raised while an object is being deleted is printed, and not raised further."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_seen = threading.Event()


@contextmanager
def noted() -> Iterator[None]:
    """Note each Ctrl-C, beside raising KeyboardInterrupt as usual; where somebody else handles it, do nothing."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        _seen.set()
        signal.default_int_handler(number, frame)

    _seen.clear()
    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def raise_if_noted() -> None:
    """Raise the KeyboardInterrupt that was lost, if one was."""
    if _seen.is_set():
        _seen.clear()
        raise KeyboardInterrupt
