"""The one place that compiles.

With WAVEPOOL_COMPILE=0, or numba's own NUMBA_DISABLE_JIT=1, every rule and loop runs as plain Python, to the same
facts.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from sim.cache import compiled_folder

F = TypeVar("F", bound=Callable[..., object])

AHEAD = 16  # rows that a loop asks for before it comes to them
COMPILED = os.environ.get("WAVEPOOL_COMPILE", "1") != "0"
if COMPILED:
    import numba

    COMPILED = not cast(Any, numba.config).DISABLE_JIT

if COMPILED:
    import numba.extending
    from llvmlite import ir
    from numba.core.codegen import JITCodeLibrary
    from numba.core.compiler import Compiler
    from numba.np import arrayobj

    from sim.function_cache import keep_in

    CACHE = compiled_folder(Path(__file__).resolve().parents[__name__.count(".")], __name__)
    KERNELS = "_ZN3sim", "_ZN6agents"  # how compiled functions of these packages are called
    _OPTIONS: Any = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    _LIGHT: Any = {"_nrt": False}  # no counting of references, which costs more than the rules themselves

    _count_from_the_end: Any = arrayobj.fix_integer_index

    def _index(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        """An index in a kernel, where none counts from the end: numba would look at each for whether it does, which
        took an eighth of the time of a page.
        """
        if kind.signed and builder.function.name.startswith(KERNELS):
            return context.cast(builder, index, kind, numba.types.intp)
        return _count_from_the_end(context, builder, kind, index, size)

    arrayobj.fix_integer_index = _index

    _kept: Callable[[Any], Any] = functools.partial(keep_in, CACHE)

    def typed(signature: str) -> Callable[[F], F]:
        """Compile once for the types given, whatever a caller passes."""

        def compile_typed(function: F) -> F:
            made = _kept(numba.njit(**_OPTIONS, **_LIGHT)(function))
            made.compile(signature)
            made.disable_compile()
            return cast(F, made)

        return compile_typed

    def compiled(function: F) -> F:
        """Compile a function that may make arrays; it releases the interpreter, so that threads run side by side."""
        return cast(F, _kept(numba.njit(**_OPTIONS)(function)))

    def _widening(function: Any) -> Any:
        """Let compiled callers give whole numbers of any width as the widest: one function, not one for each width."""
        resolve, types = function.get_call_template, cast(Any, numba.types)

        def widened(given: Any) -> Any:
            plain = types.unliteral(given)
            return types.int64 if isinstance(plain, types.Integer) and plain != types.uint64 else plain

        function.get_call_template = lambda args, named: resolve([widened(one) for one in args], named)
        return function

    # up to `rule` this rests on the insides of numba, the same from 0.61 to 0.68; tests/test_jit.py holds it to account

    class _Part(JITCodeLibrary):
        """Code that callers copy and optimise with their own: by itself it is neither optimised nor made to run."""

        def _optimize_final_module(self) -> None:
            pass

        def _finalize_final_module(self) -> None:
            self._finalized = True

    class _PartCompiler(Compiler):
        """Numba's compiler, up to code that callers copy."""

        def __init__(self, types: Any, target: Any, library: Any, *rest: Any) -> None:
            part = library or cast(Any, _Part)(target.codegen(), "part")
            cast(Any, super()).__init__(types, target, part, *rest)
            # numba tells functions apart by what Python would call: here something new each time, which nobody calls
            self.state.targetctx.get_executable = lambda *_: [].append

    class _Rule:
        """A rule as compiled callers see it, and as plain Python calls it; neither is compiled before it is needed."""

        def __init__(self, function: Callable[..., object]) -> None:
            functools.update_wrapper(self, function)
            self.function = function

        @functools.cached_property
        def part(self) -> Any:
            options = _OPTIONS | _LIGHT | {"forceinline": True, "no_cpython_wrapper": True}
            return _widening(numba.njit(**options, pipeline_class=_PartCompiler)(self.function))

        @functools.cached_property
        def alone(self) -> Any:
            return _kept(numba.njit(**_OPTIONS, **_LIGHT)(self.function))

        @property
        def _numba_type_(self) -> Any:
            return self.part._numba_type_

        def __call__(self, *args: Any) -> Any:
            return self.alone(*args)

    def rule(function: F) -> F:
        """Compile a short function into whoever calls it, and only there: most of the time that compiling took went
        into code that nobody ran. It makes no arrays, and so pays nothing for counting references.
        """
        return cast(F, _Rule(function))

    def loop(function: F) -> F:
        """The same for a function that is too long to be copied into its callers."""
        return cast(F, _widening(_kept(numba.njit(**_OPTIONS, **_LIGHT)(function))))

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
    CACHE = None

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
def fetch_ahead(rows: Any, items: Any, n: int) -> None:
    """Ask for the row of an item to which a loop that is at the n-th comes a little later."""
    fetch(rows, items[min(n + AHEAD, len(items) - 1)])


def is_warm() -> bool:
    """Whether compiled code of these very sources is at hand."""
    return not COMPILED or (CACHE is not None and any(CACHE.rglob("*.act-*.nbc")))
