"""The compiled engine: where its machine code is kept, and how a process loads it.

The code is made once, by :mod:`~simclinic.model.fast.build`, and kept in a file of the user's cache. The file
belongs to everything on which the code depends: the source of the engine, Python, numba and the processor. So a
changed engine is compiled anew, and a damaged file counts as none.

The file is loaded by llvmlite, the part of numba that contains the compiler LLVM; numba itself takes several times
longer to import. What comes from it is Any: it need not be installed.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.kept import keep, read
from simclinic.model.fast.build import SOURCES, Progress, machine_code
from simclinic.model.fast.state import DRAW, World
from simclinic.sampling.streams import use

Words = npt.NDArray[np.uint64]

Run = Callable[[World], int]
"""Runs the engine on a state, of a clinic or of its past, and returns what ended that."""

_NEVER_CALLED = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)
"""In the place of numba's function that frees memory: the engine takes none."""

_KEPT_MEGABYTES, _LARGE_MEGABYTES = 64, 32
"""Of freed memory, what a process keeps; and arrays that get memory of their own, which it does not keep."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of parameters in malloc.h

_LOADED: dict[Path, tuple[Run, Any]] = {}
"""The engine of this process, with what keeps its machine code in memory."""


def available() -> bool:
    """Tell whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def cache_file() -> Path:
    """Return the file of the compiled engine; its folder is SIMCLINIC_CACHE, or the system's for caches."""
    return _cache() / f"engine-{_digest()[:16]}"


def _cache() -> Path:
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
    for path in SOURCES:
        digest.update(path.read_bytes())
    parts = [
        sys.version,
        importlib.metadata.version("numba"),
        importlib.metadata.version("llvmlite"),
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
    return available() and (cache_file() in _LOADED or is_kept())


def is_kept() -> bool:
    """Tell whether the engine is in the cache, undamaged."""
    return read(cache_file(), _digest()) is not None


def why_not_kept() -> str | None:
    """Say why the engine cannot be kept in the cache; None: it can."""
    folder = cache_file().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or str(error)


def compiled_run(progress: Progress | None = None) -> Run:
    """Return the compiled engine; if it is not in the cache, it is compiled, which takes about a minute.

    A folder that cannot be written does no harm here: the engine is then compiled for this process alone.

    Parameters
    ----------
    progress
        Called while it is compiled.

    Raises
    ------
    SimclinicError
        If it cannot be compiled.
    """
    file = cache_file()
    if file not in _LOADED:
        code = read(file, _digest())
        if code is not None:
            _LOADED[file] = _load(code)
        else:
            code = machine_code(progress)
            _LOADED[file] = _load(code)  # before it is kept: what cannot be loaded is not
            with contextlib.suppress(OSError):
                keep(file, _digest(), code)
    return _LOADED[file][0]


def keep_freed_memory() -> bool:
    """Have the C library keep memory that a run has freed for the next one; False where it cannot be told so.

    A run of some thousand patients takes 10 MB. Memory that comes from the system anew is cleared page by page when
    it is first used, which takes half as long as such a run.
    """
    if sys.platform != "linux":
        return False
    tell = getattr(ctypes.CDLL(None), "mallopt", None)  # of glibc; others have none
    return tell is not None and all(
        tell(parameter, megabytes << 20) == 1
        for parameter, megabytes in (
            (_MMAP_THRESHOLD, _LARGE_MEGABYTES),
            (_TRIM_THRESHOLD, _KEPT_MEGABYTES),
        )
    )


def _load(code: bytes) -> tuple[Run, Any]:
    """Load machine code.

    Parameters
    ----------
    code
        The name of the outermost function, a newline, and an object file.

    Returns
    -------
    run, owner
        The engine, and what keeps it in memory.
    """
    llvm: Any = importlib.import_module("llvmlite.binding")
    with contextlib.suppress(RuntimeError):  # needed up to llvmlite 0.44, refused from then on
        llvm.initialize()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    address = ctypes.cast(_NEVER_CALLED, ctypes.c_void_p).value
    llvm.add_symbol("NRT_MemInfo_call_dtor", address)
    name, _, content = code.partition(b"\n")
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    owner = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    owner.add_object_file(llvm.ObjectFileRef.from_data(content))
    owner.finalize_object()
    # As numba calls functions: addresses for the result and for an exception, then the arguments; 0: no exception.
    # Python's lock is released meanwhile, so several threads can simulate at once.
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    outermost = kind(owner.get_function_address(name.decode()))

    def do(what: int, addresses: Integers) -> int:
        result, exception = ctypes.c_int64(), ctypes.c_void_p()
        failed = outermost(ctypes.byref(result), ctypes.byref(exception), what, addresses.ctypes.data)
        if failed:
            raise RuntimeError(f"the compiled engine ended with status {failed}")
        return result.value

    def run(world: World) -> int:
        return do(world.what, world.addresses)

    def fill(keys: Words, which: Integers, parts: Sequence[Integers], drawn: Floats) -> None:
        arrays = *(np.ascontiguousarray(each) for each in (keys, which, *parts)), drawn
        sizes = *keys.shape[1:], *(len(each) for each in arrays[1:-1]), drawn.shape[1]
        do(DRAW, np.array([*(each.ctypes.data for each in arrays), *sizes]))

    use(fill)
    keep_freed_memory()
    return run, owner
