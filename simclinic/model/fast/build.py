"""Compiling the engine: numba makes machine code of the engine's functions, with other access to the state.

All functions of the engine are compiled together as one. What comes from numba is Any: it need not be installed,
and not all of it has types.
"""

from __future__ import annotations

import contextlib
import importlib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.model.fast.state import ARRAYS, dtype_of

SIMULATE, DRAW = range(2)
"""What the outermost function does: simulate, with the addresses of a `World`, or draw uniform numbers.

For the second the addresses of keys, counters and numbers to be filled are followed by the number of streams, and
of the keys and counters of each.
"""

MODULES = (
    "philox",
    "bits",
    "clock",
    "calendar",
    "plans",
    "open_day",
    "wide_book",
    "book",
    "requests",
    "waiting",
    "staff",
    "pools",
    "desk",
    "standby",
    "team",
    "days",
    "visit",
    "any_visit",
    "infusions",
    "consult",
    "programme",
    "pathway",
    "simulate",
)
"""The modules that are compiled, each after those whose functions it calls."""

_HERE = Path(__file__).parent
SOURCES = (*(_HERE / f"{name}.py" for name in (*MODULES, "state", "build")), _HERE.parents[1] / "records.py")
"""The files on which the machine code depends."""

FUNCTIONS = 370
"""About how many functions are compiled, access to the arrays included."""

Progress = Callable[[int, int], None]
"""Called with the number of compiled functions, and of all."""


def machine_code(progress: Progress | None = None) -> bytes:
    """Compile the engine, in a minute or more.

    Parameters
    ----------
    progress
        Called after each function.

    Returns
    -------
    bytes
        The name of the outermost function, a newline, and an object file that needs nothing of numba.
    """
    outermost = _outermost()
    with _settings(OPT=1), _listening(progress):  # twice the effort of the compiler gains nothing here
        outermost.compile((_numba().int64, _numba().int64))
    [result] = outermost.overloads.values()
    _, _, (code, _) = result.library.serialize_using_object_code()
    return str(result.fndesc.llvm_func_name).encode() + b"\n" + bytes(code)


def _numba(part: str = "") -> Any:  # noqa: ANN401
    """Import numba, or a part of it."""
    return importlib.import_module(f"numba{part}")


def _outermost() -> Any:  # noqa: ANN401
    """Put compiled functions in the place of those of the engine; nothing is compiled before it is called."""
    numba = _numba()
    inner = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    pointer = _pointer()
    access = types.ModuleType("access")
    for name in ARRAYS:
        setattr(access, name, inner(_accessor(name, pointer)))
    modules = [importlib.import_module(f"simclinic.model.fast.{name}") for name in MODULES]
    names: dict[str, Any] = {}
    for module in modules:
        functions = {
            name: each
            for name, each in vars(module).items()
            if isinstance(each, types.FunctionType) and each.__module__ == module.__name__
        }
        # Constants and functions of a module, those that it imports included; names that begin with _ are its own.
        own = {**vars(module), **{name: each for name, each in names.items() if name in vars(module)}}
        own["of"] = access
        for name, function in functions.items():
            own[name] = inner(_with_names(function, own))
        names.update({name: own[name] for name in functions if not name.startswith("_")})
    # No closure: numba would take that for another function.
    own = {
        **{name: names[name] for name in ("run", "uniform")},
        "carray": numba.carray,
        "pointer": pointer,
        "record": _record(),
        "word": np.uint64,
        "number": np.int64,
        "real": np.float64,
        "SIMULATE": SIMULATE,
    }
    return inner(_with_names(_do, own))


def _record() -> np.dtype[Any]:
    """Return the type of the record of addresses: of each array the address and the sizes, as in `World`."""
    return np.dtype([(f"{name}{part}", "i8") for name in ARRAYS for part in ("_at", "_0", "_1")], align=True)


@contextlib.contextmanager
def _settings(**settings: Any) -> Iterator[None]:  # noqa: ANN401
    """Change settings of numba for a while."""
    numba = _numba()
    before = {name: getattr(numba.config, name) for name in settings}
    for name, value in settings.items():
        setattr(numba.config, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(numba.config, name, value)


@contextlib.contextmanager
def _listening(progress: Progress | None) -> Iterator[None]:
    """Report each compiled function."""
    if progress is None:
        yield
        return
    event, report = _numba(".core.event"), progress
    count = 0

    class Listener(event.Listener):  # type: ignore[misc,name-defined]
        def on_start(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            pass

        def on_end(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            nonlocal count
            count += 1
            report(min(count, FUNCTIONS - 1), FUNCTIONS)

    with event.install_listener("numba:compile", Listener()):
        yield


def _with_names(function: Any, names: dict[str, Any]) -> types.FunctionType:  # noqa: ANN401
    """Return a function that finds its global names elsewhere."""
    changed = types.FunctionType(function.__code__, names, function.__name__)
    changed.__module__, changed.__qualname__ = function.__module__, function.__qualname__
    return changed


def _do(what: Any, address: Any) -> int:  # noqa: ANN401
    """Do one of two things, with the addresses at an address: the outermost function."""
    if what == SIMULATE:
        return run(carray(pointer(address), (1,), record)[0])  # type: ignore[name-defined,no-any-return] # noqa: F821
    task = carray(pointer(address), (6,), number)  # type: ignore[name-defined] # noqa: F821
    keys = carray(pointer(task[0]), (2, task[3], task[4]), word)  # type: ignore[name-defined] # noqa: F821
    counters = carray(pointer(task[1]), (4, task[5]), word)  # type: ignore[name-defined] # noqa: F821
    drawn = carray(pointer(task[2]), (task[3], task[5]), real)  # type: ignore[name-defined] # noqa: F821
    uniform(keys, counters, drawn)  # type: ignore[name-defined] # noqa: F821
    return 0


def _pointer() -> Any:  # noqa: ANN401
    """Return the compiled function that takes a number as an address."""
    cgutils, nt = _numba(".core.cgutils"), _numba(".core.types")

    def typed(context: Any, address: Any) -> Any:  # noqa: ANN401, ARG001 (as numba calls it)
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401, ARG001
            return builder.inttoptr(values[0], cgutils.voidptr_t)

        return nt.voidptr(nt.int64), generate

    return _numba(".extending").intrinsic(typed)


def _accessor(name: str, pointer: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return the function that finds an array of the state by its address."""
    carray = _numba().carray
    kind = dtype_of(name)
    at, first, second = f"{name}_at", f"{name}_0", f"{name}_1"

    if ARRAYS[name][1] == 1:

        def one(w: Any) -> Any:  # noqa: ANN401
            return carray(pointer(getattr(w, at)), (getattr(w, first),), kind)

        return one

    def two(w: Any) -> Any:  # noqa: ANN401
        return carray(pointer(getattr(w, at)), (getattr(w, first), getattr(w, second)), kind)

    return two
