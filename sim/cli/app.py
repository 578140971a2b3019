"""The door: the commands that a person types. Whatever is wrong with the input is a line each, with exit status 2."""

import gc

import typer

from sim.cli import calibrate, check, claims, compare, estimate, explain, run, sweep

app = typer.Typer(
    name="wavepool",
    help="Simulate how a short-video platform hands out traffic: viewers, creators and live rooms on one clock.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for command in (
    run.run, run.resume, run.plot, run.why, check.check, calibrate.calibrate,
    compare.compare, sweep.sweep, claims.claims,
    explain.explain, estimate.estimate, explain.validate, explain.schema, explain.new,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """Entry point of the command `wavepool`."""
    gc.set_threshold(50_000)  # loading and compiling make much and keep it: looking for garbage took a tenth of a start
    app()
