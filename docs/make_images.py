"""Make the pictures of the README and of the user guide again: `uv run python docs/make_images.py`."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from sim.cli.app import main; main()",
                "run",
                "scenarios/baseline.yaml",
                "--out",
                out,
            ],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        print(done.stdout)
        folder = Path(done.stdout.splitlines()[-1])
        for name in ("traffic", "waves", "video", "room"):
            picture = next(folder.glob(f"{name}*.png"))
            shutil.copy(picture, IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
