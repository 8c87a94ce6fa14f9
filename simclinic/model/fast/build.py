"""Compiling the engine: numba makes machine code of the engine's functions, with other access to the state.

All functions of the engine are compiled together as one, by a process of its own, since numba works otherwise
there (see :func:`_link_once`). What comes from numba is Any: it need not be installed, and not all of it has types.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from simclinic.errors import SimclinicError
from simclinic.model.fast.past.state import Past
from simclinic.model.fast.state import LIVE, SIMULATE, World

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
PAST_MODULES = ("past.dates", "past.visits", "past.programme", "past.live")
"""The modules that are compiled, each after those whose functions it calls: those of the engine and of its past."""

_STATES = ((World, MODULES), (Past, PAST_MODULES))
_HERE = Path(__file__).parent
_NAMES = (*MODULES, *PAST_MODULES, "state", "past.state", "build")
SOURCES = (
    *(_HERE / f"{name.replace('.', '/')}.py" for name in _NAMES),
    *(_HERE.parents[1] / name for name in ("records.py", "past/codes.py")),
)
"""The files on which the machine code depends."""

FUNCTIONS = 990
"""About how many functions are compiled, access to the arrays and what numba adds included."""

Progress = Callable[[int, int], None]
"""Called with the number of compiled functions, and of all."""

_CODE = b"machine code\n"
"""What the process that compiles says before the code; before that, a line for each function."""

_SETTINGS = {"NUMBA_OPT": "1", "NUMBA_DISABLE_JIT": "0"}
"""Settings of numba: more effort of its compiler gains nothing here."""


def machine_code(progress: Progress | None = None) -> bytes:
    """Compile the engine, in about a minute.

    Parameters
    ----------
    progress
        Called after each function.

    Returns
    -------
    bytes
        The name of the outermost function, a newline, and an object file that needs nothing of numba.

    Raises
    ------
    SimclinicError
        If numba cannot be imported, or fails.
    """
    command = [sys.executable, "-c", f"from {__name__} import compile_into; compile_into(open(1, 'wb'))"]
    own = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **_SETTINGS}
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 (the program is above)
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env={**os.environ, **own}
    ) as process:
        assert process.stdout is not None
        try:
            for count, line in enumerate(process.stdout, start=1):
                if line == _CODE:
                    return process.stdout.read()
                if progress is not None:
                    progress(min(count, FUNCTIONS - 1), FUNCTIONS)
            assert process.stderr is not None
            said = process.stderr.read().decode(errors="replace").strip()
            [*_, why] = said.splitlines() or ["its process was ended"]
            raise SimclinicError(f"the engine cannot be compiled: {why}")
        finally:
            process.kill()


def compile_into(out: BinaryIO) -> None:
    """Compile the engine, and write what :func:`machine_code` reads."""
    numba = _numba()
    _tell_each(lambda: out.write(b"\n") and out.flush())
    link = _link_once()
    outermost = _outermost()
    outermost.compile((numba.int64, numba.int64))
    [result] = outermost.overloads.values()
    link(result.library)
    _, _, (code, _) = result.library.serialize_using_object_code()
    out.write(_CODE + str(result.fndesc.llvm_func_name).encode() + b"\n" + bytes(code))
    out.flush()


def _link_once() -> Callable[[Any], None]:
    """Have machine code made of the outermost function alone, which is handed to what is returned.

    Numba makes machine code of every function, each with all that it calls in it. Nobody calls the inner ones from
    Python, so two thirds of its work would be for nothing. Here a function that is compiled keeps its own
    intermediate code alone, and that of all functions is put together and optimized once. Nothing else can use
    numba in a process after that.
    """
    numba, codegen = _numba(), _numba(".core.codegen")
    # What numba needs itself is compiled with the first function, as a whole.
    numba.njit(_nothing).compile(())
    library = codegen.CPUCodeLibrary
    whole = library.finalize

    def wait(inner: Any) -> None:  # noqa: ANN401
        inner._finalized = True  # noqa: SLF001

    def link(outermost: Any) -> None:  # noqa: ANN401
        # A function is taken only where something calls it already, so callers come before what they call.
        order: dict[Any, None] = {}

        def callees_first(caller: Any) -> None:  # noqa: ANN401
            for called in caller._linking_libraries:  # noqa: SLF001
                if called not in order:
                    callees_first(called)
            order[caller] = None

        callees_first(outermost)
        outermost._finalized, outermost._linking_libraries = False, [*order][-2::-1]  # noqa: SLF001
        with _numba(".core.compiler_lock").global_compiler_lock:
            whole(outermost)
        missing = [each.name for each in outermost._final_module.functions if each.is_declaration]  # noqa: SLF001
        if any(name.startswith("_ZN") for name in missing):
            raise RuntimeError(f"numba left out {', '.join(missing)}")

    library.finalize = wait
    # An environment has the Python objects of a function: the engine has none, and its functions have no address.
    codegen.JITCPUCodegen.set_env = lambda *_: None
    return link


def _nothing() -> None:
    """Do nothing."""


def _numba(part: str = "") -> Any:  # noqa: ANN401
    """Import numba, or a part of it."""
    return importlib.import_module(f"numba{part}")


def _outermost() -> Any:  # noqa: ANN401
    """Put compiled functions in the place of those of the engine; nothing is compiled before it is called."""
    numba = _numba()
    inner = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    pointer = _pointer()
    compiled: dict[Any, Any] = {}
    for state, modules in _STATES:
        access = types.ModuleType("access")
        for name in state.kinds:
            setattr(access, name, inner(_accessor(name, state, pointer)))
        for module in (importlib.import_module(f"simclinic.model.fast.{name}") for name in modules):
            # Constants and functions of a module, those that it imports included.
            own = {
                name: compiled.get(each, each) if isinstance(each, types.FunctionType) else each
                for name, each in vars(module).items()
            }
            own["of"] = access
            for name, each in vars(module).items():
                if isinstance(each, types.FunctionType) and each.__module__ == module.__name__:
                    own[name] = compiled[each] = inner(_with_names(each, own))
    # No closure: numba would take that for another function.
    own = {
        "run": compiled[_function("simulate", "run")],
        "live": compiled[_function("past.live", "live")],
        "uniform": compiled[_function("philox", "uniform")],
        "carray": numba.carray,
        "pointer": pointer,
        "world": _record(World),
        "past": _record(Past),
        "word": np.uint64,
        "number": np.int64,
        "real": np.float64,
        "SIMULATE": SIMULATE,
        "LIVE": LIVE,
    }
    return inner(_with_names(_do, own))


def _function(module: str, name: str) -> Any:  # noqa: ANN401
    """Return a function of a module of the engine."""
    return getattr(importlib.import_module(f"simclinic.model.fast.{module}"), name)


def _record(state: type[World]) -> np.dtype[Any]:
    """Return the type of the record of addresses: of each array the address and the sizes, as in the state."""
    return np.dtype(
        [(f"{name}{part}", "i8") for name in state.kinds for part in ("_at", "_0", "_1")], align=True
    )


def _tell_each(tell: Callable[[], object]) -> None:
    """Call a function after each function that is compiled."""
    event = _numba(".core.event")

    class Listener(event.Listener):  # type: ignore[misc,name-defined]
        def on_start(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            pass

        def on_end(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            tell()

    event.register("numba:compile", Listener())


def _with_names(function: Any, names: dict[str, Any]) -> types.FunctionType:  # noqa: ANN401
    """Return a function that finds its global names elsewhere."""
    changed = types.FunctionType(function.__code__, names, function.__name__)
    changed.__module__, changed.__qualname__ = function.__module__, function.__qualname__
    return changed


def _do(what: Any, address: Any) -> int:  # noqa: ANN401
    """Do one of several things, with the addresses at an address: the outermost function.

    Uniform numbers are drawn with the addresses of keys, of the key of each counter, of its four parts, and of the
    numbers to be filled, followed by the number of streams, and the lengths of all of these.
    """
    if what == SIMULATE:
        return run(carray(pointer(address), (1,), world)[0])  # type: ignore[name-defined,no-any-return] # noqa: F821
    if what == LIVE:
        return live(carray(pointer(address), (1,), past)[0])  # type: ignore[name-defined,no-any-return] # noqa: F821
    task = carray(pointer(address), (15,), number)  # type: ignore[name-defined] # noqa: F821
    streams = task[7]
    uniform(  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[0]), (2, streams, task[8]), word),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[1]), (task[9],), number),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[2]), (task[10],), word),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[3]), (task[11],), word),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[4]), (task[12],), word),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[5]), (task[13],), word),  # type: ignore[name-defined] # noqa: F821
        carray(pointer(task[6]), (streams, task[14]), real),  # type: ignore[name-defined] # noqa: F821
    )
    return 0


def _pointer() -> Any:  # noqa: ANN401
    """Return the compiled function that takes a number as an address."""
    cgutils, nt = _numba(".core.cgutils"), _numba(".core.types")

    def typed(context: Any, address: Any) -> Any:  # noqa: ANN401, ARG001 (as numba calls it)
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401, ARG001
            return builder.inttoptr(values[0], cgutils.voidptr_t)

        return nt.voidptr(nt.int64), generate

    return _numba(".extending").intrinsic(typed)


def _accessor(name: str, state: type[World], pointer: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return the function that finds an array of the state by its address."""
    carray = _numba().carray
    kind, dimensions, _ = state.kinds[name]
    at, first, second = f"{name}_at", f"{name}_0", f"{name}_1"

    if dimensions == 1:

        def one(w: Any) -> Any:  # noqa: ANN401
            return carray(pointer(getattr(w, at)), (getattr(w, first),), kind)

        return one

    def two(w: Any) -> Any:  # noqa: ANN401
        return carray(pointer(getattr(w, at)), (getattr(w, first), getattr(w, second)), kind)

    return two
