"""The commands that a person types. Whatever is wrong with the input is a line each, with exit status 2."""

import typer

from sim.cli.calibrate import calibrate
from sim.cli.check import check
from sim.cli.claims import claims
from sim.cli.compare import compare
from sim.cli.estimate import estimate
from sim.cli.explain import explain
from sim.cli.new import new
from sim.cli.plot import plot
from sim.cli.response import response
from sim.cli.resume import resume
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.sweep import sweep
from sim.cli.validate import validate
from sim.cli.why import why
from sim.core.garbage_collection import rare_collection

app = typer.Typer(
    name="wavepool",
    help="Simulate how a short-video platform hands out traffic: viewers, creators and live rooms on one clock.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for command in (
    run, resume, plot, why, check, calibrate, compare, sweep, response, claims, explain, estimate, validate,
    schema, new,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """Entry point of the command `wavepool`."""
    with rare_collection():  # which took a tenth of a start
        app()
