"""The engine compiled by numba: the same functions, with other access to the state.

All functions of the engine are compiled together as one, whose machine code is kept in a folder of the user's
cache. The name of the folder follows from everything on which that code depends: the source of the engine, Python,
numba and the processor. So a changed engine is compiled anew.

What comes from numba is Any, here and nowhere else: it need not be installed, and not all of it has types.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.model.fast.simulate import run
from simclinic.model.fast.state import ARRAYS, World, dtype_of

_MODULES = (
    "bits",
    "clock",
    "calendar",
    "book",
    "requests",
    "waiting",
    "pools",
    "desk",
    "standby",
    "team",
    "days",
    "visit",
    "infusions",
    "programme",
    "pathway",
    "simulate",
)
_WARM = "warm"  # the file that says that all is there


def available() -> bool:
    """Tell whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def cache_folder() -> Path:
    """Return the folder of the compiled engine."""
    return _cache_base() / f"engine-{_digest()[:16]}"


def _cache_base() -> Path:
    """Return the folder for caches: SIMCLINIC_CACHE, or where the system keeps a user's caches."""
    named = os.environ.get("SIMCLINIC_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "simclinic" / "Cache"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/simclinic").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "simclinic"


@functools.cache
def _digest() -> str:
    """Return a digest of everything on which the compiled code depends."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    parts = [
        sys.version,
        importlib.metadata.version("numba"),
        np.__version__,
        platform.machine(),
        _processor(),
    ]
    digest.update("\0".join(parts).encode())
    return digest.hexdigest()


def _processor() -> str:
    """Describe the processor, as far as the system tells without a further program."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                return line
    return platform.processor()


def is_warm() -> bool:
    """Tell whether the engine has been compiled on this machine, so that it is ready in a moment."""
    return available() and (cache_folder() / _WARM).is_file()


@functools.cache
def compiled_run() -> Callable[[World], int]:
    """Return the compiled engine; if it is not in the cache, it is compiled, which takes a minute or more."""
    folder = cache_folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    outermost, record = _build(folder if os.access(folder, os.W_OK) else None)

    def run_world(world: World) -> int:
        return int(outermost(_addresses(world, record)))

    with _settings(OPT=1):  # twice the effort of the compiler gains nothing here
        outermost.compile((_record_array(record),))
    with contextlib.suppress(OSError):
        (folder / _WARM).write_text("The compiled engine of simclinic.\n", encoding="utf-8")
    return run_world


def _numba(part: str = "") -> Any:  # noqa: ANN401
    """Import numba, or a part of it."""
    return importlib.import_module(f"numba{part}")


def _record_array(record: np.dtype[Any]) -> Any:  # noqa: ANN401
    return _numba().from_dtype(record)[::1]


def _record() -> np.dtype[Any]:
    """Return the type of the record of addresses: of each array the address and the sizes."""
    return np.dtype([(f"{name}{part}", "i8") for name in ARRAYS for part in ("_at", "_0", "_1")], align=True)


def _addresses(world: World, record: np.dtype[Any]) -> Any:  # noqa: ANN401
    """Write the addresses of the arrays of a state; the state keeps the arrays alive."""
    table = np.zeros(1, record)
    row = table[0]
    for name, (_, dimensions) in ARRAYS.items():
        array = world.array(name)
        row[f"{name}_at"] = array.ctypes.data
        row[f"{name}_0"] = array.shape[0]
        row[f"{name}_1"] = array.shape[1] if dimensions == 2 else 0
    return table


def _build(folder: Path | None) -> tuple[Any, np.dtype[Any]]:
    """Put compiled functions in the place of those of the engine; nothing is compiled before it is called."""
    numba = _numba()
    record = _record()
    options = {"nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    inner = numba.njit(**options)
    access = types.ModuleType("access")
    for name in ARRAYS:
        setattr(access, name, inner(_accessor(name)))
    modules = [importlib.import_module(f"simclinic.model.fast.{name}") for name in _MODULES]
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
    outermost = _with_names(
        _run_on, {"run": names["run"]}
    )  # no closure: numba would take that for another function
    outer = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")
    with _settings(**({} if folder is None else {"CACHE_DIR": str(folder)})):
        return outer(outermost), record


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


def _with_names(function: Any, names: dict[str, Any]) -> types.FunctionType:  # noqa: ANN401
    """Return a function that finds its global names elsewhere."""
    changed = types.FunctionType(function.__code__, names, function.__name__)
    changed.__module__, changed.__qualname__ = function.__module__, function.__qualname__
    return changed


def _run_on(records: Any) -> int:  # noqa: ANN401
    """Run the engine on one record of addresses: the outermost function, the only one whose code is kept."""
    return run(records[0])


def _accessor(name: str) -> Callable[[Any], Any]:
    """Return the function that finds an array of the state by its address."""
    cgutils, nt = _numba(".core.cgutils"), _numba(".core.types")
    carray, intrinsic = _numba().carray, _numba(".extending").intrinsic
    kind = dtype_of(name)
    at, first, second = f"{name}_at", f"{name}_0", f"{name}_1"

    def typed(context: Any, address: Any) -> Any:  # noqa: ANN401, ARG001 (as numba calls it)
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401, ARG001
            return builder.inttoptr(values[0], cgutils.voidptr_t)

        return nt.voidptr(nt.int64), generate

    pointer = intrinsic(typed)

    if ARRAYS[name][1] == 1:

        def one(w: Any) -> Any:  # noqa: ANN401
            return carray(pointer(getattr(w, at)), (getattr(w, first),), kind)

        return one

    def two(w: Any) -> Any:  # noqa: ANN401
        return carray(pointer(getattr(w, at)), (getattr(w, first), getattr(w, second)), kind)

    return two
