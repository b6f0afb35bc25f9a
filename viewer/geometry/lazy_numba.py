"""numba, imported when the first compiled function is called.

A window or a short command does not wait for the compiler's library: modules with kernels write
``from viewer.geometry import lazy_numba as nb`` and use `nb.njit` as they would numba's. While
nothing has called a kernel, `numba` is not in the process.

A window goes one step further: it calls `defer`, shows its first picture without what needs
kernels, then calls `load` on a worker thread. What can wait looks at `lazy_numba.deferred` (by
this name: `nb` becomes numba itself); what cannot calls its kernel all the same, and waits for it.
"""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

_LOCK = threading.RLock()
_deferred = threading.Event()

prange = range
"""Kernels are compiled with numba's; this one is what they name until then."""


def defer() -> None:
    """Ask whoever can do without kernels to wait until `load` is through."""
    if "numba" not in sys.modules:
        _deferred.set()


def deferred() -> bool:
    """True between `defer` and the end of `load`."""
    return _deferred.is_set()


def load() -> None:
    """Import numba and what it needs to run cached kernels. Takes a second; on any thread."""
    try:
        _touch(0)
    finally:
        _deferred.clear()


def njit(**options: Any) -> Any:  # noqa: ANN401 - numba's own decorator has no types either
    """As `numba.njit` with these options; compiles, or reads the cache, at the first call."""
    return lambda function: Kernel(function, options)


class Kernel:
    """A function that is compiled when it is first called, or when another kernel needs it."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._options = options
        self._compiled: Any = None

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - as the function
        compiled = self._compiled
        return (self.compiled() if compiled is None else compiled)(*arguments)

    def compiled(self) -> Any:  # noqa: ANN401 - numba's dispatcher
        """Return numba's dispatcher of the function."""
        with _LOCK:
            if self._compiled is None:
                import numba

                # Kernels name numba through this module; the compiler must see the real one.
                scope, stand_in = self._function.__globals__, sys.modules[__name__]
                for name in [name for name, value in scope.items() if value is stand_in]:
                    if name in ("nb", "numba"):
                        scope[name] = numba
                self._compiled = numba.njit(**self._options)(self._function)
            return self._compiled

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what the dispatcher has
        # `_numba_type_` is how numba recognises a kernel that another one calls.
        if name.startswith("__") or name == "_compiled":
            raise AttributeError(name)
        return getattr(self.compiled(), name)


@njit(cache=True, nogil=True)
def _touch(value: int) -> int:
    return value
