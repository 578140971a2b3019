"""A Ctrl-C that falls where Python loses it stops a run at the next refresh."""

import signal
from pathlib import Path

import pytest

from sim.execution import interrupts, run
from sim.scenario.scenario import load
from sim.world import World


class Interrupted:
    """An object during whose deletion somebody presses Ctrl-C."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_is_stopped_by_an_interrupt_that_python_loses(tmp_path: Path) -> None:
    seen: list[int] = []

    def progress(world: World, _exposures: int) -> None:
        seen.append(world.refresh_index)
        if len(seen) == 3:
            thing = Interrupted()
            del thing

    with pytest.raises(KeyboardInterrupt):
        run.start(load("scenarios/tiny.yaml"), "x", tmp_path, progress=progress, pictures=False)
    assert len(seen) == 3  # the refresh after is not shown


def test_an_interrupt_that_is_raised_is_not_raised_again(tmp_path: Path) -> None:
    scenario = load("scenarios/tiny.yaml", ["days=0.01", "warm_up=0"])
    with pytest.raises(KeyboardInterrupt), interrupts.noted():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run.start(scenario, "x", tmp_path, pictures=False).is_dir()


def test_somebody_elses_handler_stays() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts.noted():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
