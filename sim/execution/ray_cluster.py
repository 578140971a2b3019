"""Ray: starting it on this machine, or joining a cluster. Needs the extra `cluster`."""

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.results.run_folder import RunError

PLACE = "ray"
SET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # tells nobody what runs here
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # workers start in this very environment, not by another `uv run`
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the newer way, without a warning
}
SET_ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # listen on 127.0.0.1 only, on any system
    "RAY_AUTH_MODE": "token",  # whoever else is on this machine is not let in
}
"""Settings of Ray's processes, which it reads when it is imported; what a person has set stays."""


def check(on: str) -> None:
    """Refuse a place that is neither `ray` nor `ray:ADDRESS`, and any of them where Ray is missing."""
    name, colon, address = on.partition(":")
    if name != PLACE or (colon and not address.strip()):
        raise RunError(f"--on: must be local, ray or ray:ADDRESS, found {on!r}")
    if importlib.util.find_spec("ray") is None:
        raise RunError("--on: Ray is not installed; it comes with the extra `cluster`: uv run --extra cluster wavepool")


def settings(address: str) -> dict[str, str]:
    """Settings for a Ray that is started here, or joined at an address. A Ray that was started where there is a token
    asks for it, and who joins shows it only if told to.
    """
    if not address:
        return SET | SET_ALONE
    given = {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys()
    return SET | ({"RAY_AUTH_MODE": "token"} if given or (Path.home() / ".ray" / "auth_token").is_file() else {})


@contextlib.contextmanager
def joined(on: str, cpus: int | None = None) -> Iterator[Any]:
    """Ray, started for as long as this lasts (`ray`), or joined where it runs (`ray:ADDRESS`, `ray:auto`). If this
    process is in a Ray already, that is used and left as it is.

    Started here it has `cpus` processors (the machine's, if not given), no dashboard, and listens to this machine only.
    """
    check(on)
    address = on.partition(":")[2].strip()
    for name, value in settings(address).items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        yield ray
        return
    asked: dict[str, Any] = {"address": address} if address else {"address": "local", "num_cpus": cpus}
    if not address:
        asked |= {"include_dashboard": False}
    try:
        ray.init(**asked, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        token = "; is Ray there, and has this machine its token (ray get-auth-token)?" if address else ""
        raise RunError(f"--on: cannot join {on}: {' '.join(str(error).split())[:200]}{token}") from None
    try:
        yield ray
    finally:
        ray.shutdown()
