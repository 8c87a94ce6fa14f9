"""The program in a process of its own, watched, interrupted and killed; nothing here depends on how fast it is.

A test waits until something is there to be disturbed, never a fixed time, and gives the program more to do than any
machine finishes meanwhile.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ENDLESS = 100_000
"""Replications of the small clinic that take minutes on the fastest of machines."""

HEAVY = ("--set", "run.weeks=5200", "--set", "demand.referrals_per_week=40")
"""Each replication takes half a minute, and as long as a century."""

AT_ONCE = 2.0
"""Seconds within which Ctrl-C is obeyed, on a machine of one's own; held in the long tier, which has one."""

AT_ONCE_IN_A_CROWD = 15.0
"""The same where several tests share two processors, and a process may not be let in for seconds."""

ROOT = Path(__file__).parents[2]

OFTEN = "tests.faults.often"
"""The program, with what is finished put into the files at once: it can be disturbed as soon as it has begun."""

STARTED: list[subprocess.Popen[str]] = []


def start(
    *command: object, program: str = "simclinic", ignored: signal.Signals | None = None
) -> subprocess.Popen[str]:
    STARTED.append(_start(*command, program=program, ignored=ignored))
    return STARTED[-1]


def end_all() -> None:
    """End what a test that failed has left: it has work for minutes."""
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=60)


def _start(*command: object, program: str, ignored: signal.Signals | None) -> subprocess.Popen[str]:
    def prepare() -> None:
        # a test run in the background ignores Ctrl-C, and its children would too
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN if number == ignored else signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, "-m", program, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # a group of its own, as at a terminal: Ctrl-C reaches everyone in it
        process_group=0,
        preexec_fn=prepare,  # noqa: PLW1509
    )


def wait_for(condition, seconds: float = 60.0):
    """Wait until something holds, and give what it gives."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < end, "took too long"
        time.sleep(0.02)
    return result


def kept(folder: Path) -> int:
    """Count the replications that a study has put into its files so far."""
    with contextlib.suppress(OSError):
        return int(json.loads((folder / "manifest.json").read_text())["done"])
    return 0


def wait_until_kept(process: subprocess.Popen[str], folder: Path, count: int = 1) -> None:
    """Wait until a study has put replications into its files, and is still at it."""
    wait_for(lambda: kept(folder) >= count or process.poll() is not None)
    assert process.poll() is None, process.communicate()


def press(process: subprocess.Popen[str], times: int = 1, pause: float = 0.02) -> tuple[str, str, float]:
    """Press Ctrl-C; gives what was said to stdout and to stderr, and the seconds until the process was gone."""
    begun = time.monotonic()
    for again in range(times):
        if again:
            time.sleep(pause)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    output, err = process.communicate(timeout=60)
    return output, err, time.monotonic() - begun


def data(folder: Path) -> dict[str, bytes]:
    """Read everything in a folder that depends on the study alone."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and file.name not in ("manifest.json", ".lock", ".writer")
        and ".damaged-" not in file.name
    }


def _stat(process: int) -> list[str]:
    """Read what the system knows of a process, from its state on; OSError if there is none."""
    return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()


def below(process: int) -> set[int]:
    """Find the processes that descend from one."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = _stat(int(folder.name))[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(parent)
    result: set[int] = set()
    wanted = {process}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted}
        result |= wanted
    return result


def workers(process: int) -> set[int]:
    """Find the workers of a driver: they come from a server, beside a process that collects what others leave."""
    return {worker for child in below(process) for worker in below(child)}


def helpers(process: int) -> set[int]:
    """Find the server that starts a driver's workers."""
    return {
        child
        for child in below(process)
        if b"forkserver" in _command(child) and not _is_worker(child, process)
    }


def _command(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(process) / "cmdline").read_bytes()
    return b""


def _is_worker(process: int, driver: int) -> bool:
    """Workers have the server's command line, but another parent."""
    with contextlib.suppress(OSError):
        return int(_stat(process)[1]) != driver
    return True


def processor_time(process: int) -> float:
    """Tell how many seconds of a processor a process has used; 0 if it is gone."""
    with contextlib.suppress(OSError):
        return int(_stat(process)[11]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def alive(processes: set[int]) -> set[int]:
    results = set()
    for process in processes:
        with contextlib.suppress(OSError):
            if _stat(process)[0] != "Z":
                results.add(process)
    return results
