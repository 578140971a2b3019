"""Stopwatches within the viewers' loop: cycles and calls of chosen functions, on one thread.

A function is replaced by one that reads the processor's cycle counter before and after every 61st call: a reading costs
as much as a short function, and so rarely it is no burden to whoever calls it. The replacement must happen before the
loop is compiled, and what is compiled then must not be kept: it writes to an address of this process.
"""

import importlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sim.core.compiler import COMPILED

EVERY = 61  # a prime, so that it falls in step with nothing
LONGEST = 100_000  # ticks; whatever takes longer was interrupted, and is not counted
CELLS = np.zeros((64, 4), np.int64)  # the last row is nobody's
"""Of each stopwatch: ticks, calls that they are of, calls since a reading, readings. A tick is a cycle, in plain Python
a nanosecond.
"""

if COMPILED:
    import numba
    from llvmlite import ir
    from numba import extending
    from numba.core import types

    intrinsic: Any = extending.intrinsic
    njit: Any = numba.njit

    def declared(builder: Any, returns: Any, name: str) -> Any:
        """One of LLVM's own functions, without arguments."""
        known = builder.module.globals.get(name)
        return known or ir.Function(builder.module, ir.FunctionType(returns, []), name)

    @intrinsic
    def ticks(_context: Any) -> Any:
        """Read the cycle counter."""

        def emit(_context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
            return builder.call(declared(builder, ir.IntType(64), "llvm.readcyclecounter"), [])

        return types.int64(), emit

    @intrinsic
    def add(_context: Any, where: Any, amount: Any) -> Any:
        """Add to the whole number that stands at an address; returns the sum."""

        def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            cell = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
            total = builder.add(builder.load(cell), args[1])
            builder.store(total, cell)
            return total

        return types.int64(types.int64, types.int64), emit

    @intrinsic
    def reach(_context: Any, _row: Any) -> Any:
        """Read something of each cache line of a row; returns what it was, so that it is read indeed."""

        def emit(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            start, total = builder.bitcast(args[0], ir.IntType(8).as_pointer()), ir.Constant(ir.IntType(64), 0)
            for offset in range(0, signature.args[0].size, 64):
                cell = builder.gep(start, [ir.Constant(ir.IntType(64), offset)])
                total = builder.add(total, builder.zext(builder.load(cell), ir.IntType(64)))
            return total

        return types.int64(_row), emit

    @intrinsic
    def wait(_context: Any) -> Any:
        """Wait until whatever was read has come."""

        def emit(_context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
            builder.call(declared(builder, ir.VoidType(), "llvm.x86.sse2.lfence"), [])
            return _context.get_dummy_value()

        return types.void(), emit

    _inline: Any = njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)

    def timed(function: Callable[..., Any], cell: int) -> Callable[..., Any]:
        """The same function with a stopwatch."""
        spent, times, passed, rounds = (int(CELLS.ctypes.data) + 8 * (4 * cell + n) for n in range(4))

        @_inline
        def watched(*args):  # type: ignore[no-untyped-def]
            now = add(passed, 1) == EVERY
            began = ticks() if now else 0
            found = function(*args)
            if now:
                took = ticks() - began
                if took < LONGEST:
                    add(spent, took)
                    add(times, 1)
                add(passed, -EVERY)
                add(rounds, 1)
            return found

        return watched

    def reaching(function: Callable[..., Any], cell: int) -> Callable[..., Any]:
        """The same function, with a stopwatch on how long its first three rows take to come from memory."""
        spent, times, passed, rounds = (int(CELLS.ctypes.data) + 8 * (4 * cell + n) for n in range(4))
        sink = int(CELLS.ctypes.data) + 8 * (4 * len(CELLS) - 1)

        @_inline
        def watched(a, b, c, *rest):  # type: ignore[no-untyped-def]
            if add(passed, 1) == EVERY:
                wait()
                began = ticks()
                read = reach(a) + reach(b) + reach(c)
                wait()
                took = ticks() - began
                add(sink, read)
                if took < LONGEST:
                    add(spent, took)
                    add(times, 1)
                add(passed, -EVERY)
                add(rounds, 1)
            return function(a, b, c, *rest)

        return watched

    @_inline
    def nothing() -> None:
        """Do nothing."""

    read_ticks: Callable[[], int] = njit(lambda: ticks())

else:
    read_ticks = time.perf_counter_ns

    def timed(function: Callable[..., Any], cell: int) -> Callable[..., Any]:
        """The same function with a stopwatch."""

        def watched(*args: Any) -> Any:
            began = time.perf_counter_ns()
            found = function(*args)
            ended = time.perf_counter_ns()
            CELLS[cell, 2] += 1
            if CELLS[cell, 2] == EVERY:
                CELLS[cell] += (ended - began, 1, -EVERY, 1)
            return found

        return watched

    reaching = timed

    def nothing() -> None:
        """Do nothing."""


class Watch(NamedTuple):
    """A function with a stopwatch: what it does in words, and the watch within which it mostly runs."""

    module: str
    name: str
    what: str
    within: str
    reaches: bool = False  # not the function itself, but what reaching its first three rows takes


def attach(watches: list[Watch]) -> list[Watch]:
    """Replace the functions that exist by ones with a stopwatch; returns those that do, cell by cell."""
    found: list[Watch] = []
    for watch in watches:
        home = importlib.import_module(watch.module)
        if hasattr(home, watch.name):
            kind = reaching if watch.reaches else timed
            setattr(home, watch.name, kind(getattr(home, watch.name), len(found)))
            found.append(watch)
    return found


def calls(cell: int) -> int:
    """How often a function with a stopwatch was called."""
    return int(CELLS[cell, 3]) * EVERY + int(CELLS[cell, 2])


def ticks_a_call(cell: int) -> float:
    """Mean ticks of a call, a reading included."""
    return float(CELLS[cell, 0]) / max(int(CELLS[cell, 1]), 1)


def ticks_a_reading() -> float:
    """Ticks that a stopwatch shows for a function that does nothing."""
    cell = len(CELLS) - 2
    idle = timed(nothing, cell)

    def repeat(count: int) -> None:
        for _ in range(count):
            idle()

    CELLS[cell] = 0
    (njit(repeat) if COMPILED else repeat)(EVERY * 2_000)
    return ticks_a_call(cell)
