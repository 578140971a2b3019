"""The one place that compiles.

With WAVEPOOL_COMPILE=0, or numba's own NUMBA_DISABLE_JIT=1, every rule and loop runs as plain Python, to the same
facts. With WAVEPOOL_PIPELINE=plain, or with a version of numba that nothing here was tested with, numba compiles in its
own way, by documented options only: to the same facts too, but the first start takes longer.
"""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from sim.core.cache import compiled_folder

F = TypeVar("F", bound=Callable[..., object])

AHEAD = 16  # rows that a loop asks for before it comes to them
COMPILED = os.environ.get("WAVEPOOL_COMPILE", "1") != "0"
if COMPILED:
    import numba

    COMPILED = not cast(Any, numba.config).DISABLE_JIT

TESTED_WITH = ("0.61", "0.62", "0.63", "0.64", "0.65", "0.66", "0.67", "0.68")
"""Versions of numba whose insides `inline_pipeline` was tested with."""


def is_pipelined(version: str, environ: Mapping[str, str]) -> bool:
    """Whether rules are compiled by our own pipeline, given numba's version."""
    return ".".join(version.split(".")[:2]) in TESTED_WITH and environ.get("WAVEPOOL_PIPELINE") != "plain"


if COMPILED:
    import numba.extending
    from llvmlite import ir

    from sim.core.function_cache import keep_in

    PIPELINED = is_pipelined(numba.__version__, os.environ)
    _ROOT = Path(__file__).resolve().parents[__name__.count(".")]
    CACHE = compiled_folder(_ROOT, __name__, "" if PIPELINED else "-plain")
    _OPTIONS: Any = {"nogil": True, "error_model": "numpy"} | ({"no_cfunc_wrapper": True} if PIPELINED else {})
    # no counting of references, which costs more than the rules themselves
    _LIGHT: Any = {"_nrt": False} if PIPELINED else {}

    _kept: Callable[[Any], Any] = functools.partial(keep_in, CACHE)

    def typed(signature: str) -> Callable[[F], F]:
        """Compile once for the types given, whatever a caller passes."""

        def compile_typed(function: F) -> F:
            made: Any = loop(function)
            made.compile(signature)
            made.disable_compile()
            return cast(F, made)

        return compile_typed

    def compiled(function: F) -> F:
        """Compile a function that may make arrays; it releases the interpreter, so that threads run side by side."""
        return cast(F, _kept(numba.njit(**_OPTIONS)(function)))

    def loop(function: F) -> F:
        """The same for a function that makes no arrays, and so need not count references to them."""
        return cast(F, _kept(numba.njit(**_OPTIONS, **_LIGHT)(function)))

    if PIPELINED:
        from sim.core.inline_pipeline import InlinedRule

        def rule(function: F) -> F:
            """Compile a short function that makes no arrays into whoever calls it, and only there."""
            return cast(F, InlinedRule(function, loop, _OPTIONS | _LIGHT))

    else:
        rule = loop

    def _fetching(most: int) -> Callable[[Any, int], None]:
        """A function that asks for up to so many bytes of a row."""

        def fetch(_typing: Any, rows: Any, _i: Any) -> Any:
            def ask(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                kinds, byte, line, word = signature.args[0], ir.IntType(8), ir.IntType(32), ir.IntType(64)
                array = context.make_array(kinds)(context, builder, values[0])
                step = builder.extract_value(array.strides, 0)
                row = builder.gep(builder.bitcast(array.data, byte.as_pointer()), [builder.mul(values[1], step)])
                kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), line, line, line])
                prefetch = builder.module.declare_intrinsic("llvm.prefetch", (byte.as_pointer(),), kind)
                size = min(context.get_abi_sizeof(context.get_data_type(kinds.dtype)), most)
                end = builder.sub(step, word(1)) if kinds.ndim > 1 else word(size - 1)  # a row of numbers is short
                for start in [word(start) for start in range(0, size, 64)] + [end]:
                    builder.call(prefetch, [builder.gep(row, [start]), line(0), line(3), line(1)])
                return context.get_dummy_value()

            return numba.types.void(rows, numba.types.int64), ask

        intrinsic: Any = numba.extending.intrinsic
        return cast(Callable[[Any, int], None], intrinsic(fetch))

    fetch = _fetching(most=1 << 20)
    """Ask for one row ahead of its use, so that memory is there when it is needed."""

    fetch_beginning = _fetching(most=128)
    """Ask for the first two cache lines of a row."""

else:
    CACHE, PIPELINED = None, False

    def fetch(rows: Any, i: int) -> None:
        """Plain Python waits for memory."""

    fetch_beginning = fetch

    def compiled(function: F) -> F:
        """Leave the function as it is: plain Python."""
        return function

    rule = loop = compiled

    def typed(signature: str) -> Callable[[F], F]:
        """Leave the function as it is: plain Python."""
        return compiled


@rule
def unsigned(i: int) -> Any:
    """An index that does not count from the end: numba looks at every signed one for whether it does.

    For indexing only: with other whole numbers it would become a float.
    """
    return np.uint64(i)


@rule
def fetch_ahead(rows: Any, items: Any, place: int) -> None:
    """Ask for the row of an item to which a loop that is at the n-th comes a little later."""
    fetch(rows, items[min(place + AHEAD, len(items) - 1)])


def is_warm() -> bool:
    """Whether compiled code of these very sources is at hand."""
    return not COMPILED or (CACHE is not None and any(CACHE.rglob("*.act-*.nbc")))
