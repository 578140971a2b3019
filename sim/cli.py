"""The door: the commands that a person types. Whatever is wrong with the input is a line each, with exit status 2."""

import gc

import typer

from sim.commands import calibrating, checking, claiming, comparing, estimating, running, sweeping, writing

app = typer.Typer(
    name="wavepool",
    help="Simulate how a short-video platform hands out traffic: viewers, creators and live rooms on one clock.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for command in (
    running.run, running.resume, running.plot, running.why, checking.check, calibrating.calibrate,
    comparing.compare, sweeping.sweep, claiming.claims,
    writing.explain, estimating.estimate, writing.validate, writing.schema, writing.new,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """Entry point of the command `wavepool`."""
    gc.set_threshold(50_000)  # loading and compiling make much and keep it: looking for garbage took a tenth of a start
    app()
