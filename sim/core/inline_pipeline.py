"""Numba's compiler, stopped where a function is ready to be copied into its callers.

Numba optimises each function by itself and makes machine code of it, though callers then copy and optimise it once
more; with short rules that nobody calls from Python, most of the time of the first start went there. What stands here
rests on the insides of numba, so only the versions that it was tested with get it (see the compiler module); plain
`njit` makes the same results in twice the time.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

import numba
import numba.extending
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

_types: Any = types


class InlinedRule:
    """A rule as compiled callers see it, and as plain Python calls it; neither is compiled before it is needed.

    Parameters
    ----------
    function
        The rule.
    compile_alone
        Compiles it for who calls it from Python.
    options
        Numba's options for what is copied into callers.
    """

    def __init__(
        self, function: Callable[..., object], compile_alone: Callable[[Any], Any], options: dict[str, Any]
    ) -> None:
        functools.update_wrapper(self, function)
        self._function, self._compile_alone, self._options = function, compile_alone, options

    @functools.cached_property
    def part(self) -> Any:
        """The rule as a part of its callers."""
        options = self._options | {"forceinline": True, "no_cpython_wrapper": True}
        return numba.njit(**options, pipeline_class=_PartCompiler)(self._function)

    @functools.cached_property
    def alone(self) -> Any:
        """The rule by itself."""
        return self._compile_alone(self._function)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes a rule for that compiled code calls."""
        return _RuleType(self.part)

    def __call__(self, *args: Any) -> Any:
        return self.alone(*args)


class _RuleType(_types.Dispatcher):
    """A rule in compiled code. It takes whole numbers of any width, constants among them, as the widest: there is one
    of it, not one for every combination that callers happen to have.
    """

    def get_call_type(self, context: Any, args: Any, named: Any) -> Any:
        return super().get_call_type(context, [_widened(one) for one in args], named)


_extending: Any = numba.extending
_extending.register_model(_RuleType)(_extending.models.OpaqueModel)


def _widened(given: Any) -> Any:
    plain = _types.unliteral(given)
    return _types.int64 if isinstance(plain, _types.Integer) and plain != _types.uint64 else plain


class _Part(JITCodeLibrary):
    """Code that callers copy and optimise with their own: by itself it is neither optimised nor made to run."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True


class _PartCompiler(Compiler):
    """Numba's compiler, up to code that callers copy."""

    def __init__(self, typing: Any, target: Any, library: Any, *rest: Any) -> None:
        part = library or cast(Any, _Part)(target.codegen(), "part")
        cast(Any, super()).__init__(typing, target, part, *rest)
        # numba tells functions apart by what Python would call: here something new each time, which nobody calls
        self.state.targetctx.get_executable = lambda *_: [].append
