"""The manifest: what a results folder holds, and what it takes to repeat it.

No names of machines or people and no paths: folders are shared.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from simclinic.scenario import Scenario, scenario_hash, with_overrides
from simclinic.scenario.panel import Panel
from simclinic.store.errors import FolderError
from simclinic.store.whole import write_whole
from simclinic.version import VERSION

SCHEMA_VERSION = 1
NAME = "manifest.json"
PANEL = "panel"
"""Key of what is said of the panel that a study begins with."""
KEY_SCHEME = (
    "philox4x32-10, key sha256(seed, replication, kind, stream), counter (day, ordinal, episode, attempt)"
)
"""How luck follows from the seed; see :mod:`simclinic.sampling.streams`."""

_PACKAGES = ("numpy", "scipy", "simpy", "pydantic", "pandas", "pyarrow")
_KINDS = {
    "study": str,
    "scenario": str,
    "seed": int,
    "planned": int,
    "done": int,
    "failed": int,
    "parts": dict,
}
_DECIDING = ("scenario", "sampling", "model", "measures", "records.py")


@dataclass(frozen=True, slots=True)
class Beginning:
    """With which of today's patients a study begins; nothing of the patients themselves.

    Attributes
    ----------
    hash
        Of the panel, whatever the order of its rows.
    patients
        How many.
    as_of
        The first day simulated.
    uncertain
        Whether settings are drawn anew in each replication.
    """

    hash: str
    patients: int
    as_of: str
    uncertain: bool

    @classmethod
    def of(cls, scenario: Scenario, panel: Panel | None) -> Beginning | None:
        """Say how a scenario, set to begin with a panel, begins; None without one."""
        if panel is None:
            return None
        start = scenario.run.start.isoformat()
        return cls(panel.fingerprint, len(panel.patients), start, bool(scenario.uncertainty))


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a folder's results this study's: the same identity gives the same results.

    Attributes
    ----------
    study
        The command.
    scenario
        The scenario's name.
    fingerprint
        Hash of the resolved scenario, its data files and the seed; the number of replications apart.
    seed
        The experiment's seed.
    begins
        With which panel; the fingerprint holds it too.
    """

    study: str
    scenario: str
    fingerprint: str
    seed: int
    begins: Beginning | None = None

    @classmethod
    def of(cls, study: str, scenario: Scenario, panel: Panel | None = None) -> Identity:
        """Identify a study of one scenario, its seed being `run.seed`, and of today's patients if there are any."""
        fingerprint = scenario_hash(with_overrides(scenario, ["run.replications=1"]))
        if panel is not None:
            fingerprint = hashlib.sha256(f"{fingerprint} {panel.fingerprint}".encode()).hexdigest()
        return cls(study, scenario.name, fingerprint, scenario.run.seed, Beginning.of(scenario, panel))


@cache
def code_version() -> str:
    """Tell which program makes the figures: its version, and a hash of the packages that decide results."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for name in _DECIDING:
        room = package / name
        for file in sorted(room.rglob("*.py")) if room.is_dir() else [room]:
            digest.update(f"{file.relative_to(package).as_posix()}\0".encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return f"{VERSION}+{digest.hexdigest()[:12]}"


def now() -> str:
    """Give the time, in universal time to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def new(identity: Identity, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a manifest."""
    return {
        "schema_version": SCHEMA_VERSION,
        "study": identity.study,
        "scenario": identity.scenario,
        "scenario_hash": identity.fingerprint,
        "overrides": list(arguments.get("set", ())),
        "seed": identity.seed,
        "key_scheme": KEY_SCHEME,
        "code_version": code_version(),
        "python": platform.python_version(),
        "packages": dict(_versions()),
        "arguments": dict(arguments),
        "planned": 0,
        "done": 0,
        "failed": 0,
        "started": now(),
        "ended": None,
        **({} if identity.begins is None else {PANEL: asdict(identity.begins)}),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue


def read(folder: Path) -> dict[str, Any] | None:
    """Read a folder's manifest; None if there is none.

    Raises
    ------
    FolderError
        If there is one that cannot be understood.
    """
    try:
        manifest = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        told = f"{folder}: its {NAME} cannot be read. Choose another folder with --out."
        raise FolderError(told) from error
    if not isinstance(manifest, dict) or manifest.get("schema_version") != SCHEMA_VERSION:
        raise FolderError(
            f"{folder}: its {NAME} is not of this version of simclinic. Choose another folder with --out."
        )
    sound = all(_fits(manifest[key], kind) for key, kind in _KINDS.items() if key in manifest)
    if not sound or not _is_beginning(manifest.get(PANEL)):
        raise FolderError(f"{folder}: its {NAME} is damaged. Choose another folder with --out.")
    return manifest


def _fits(value: object, kind: type) -> bool:
    """Tell whether a value of a manifest is what such a value is; parts are digests by file, inside the folder."""
    if kind is not dict:
        return isinstance(value, kind) and not isinstance(value, bool)
    return isinstance(value, dict) and all(
        isinstance(digest, str) and not Path(name).is_absolute() and ".." not in Path(name).parts
        for name, digest in value.items()
    )


def _is_beginning(value: object) -> bool:
    """Tell whether a value is what a manifest says of a panel, or nothing."""
    if value is None:
        return True
    kinds = {"hash": str, "patients": int, "as_of": str, "uncertain": bool}
    return (
        isinstance(value, dict)
        and value.keys() == kinds.keys()
        and all(type(value[key]) is kind for key, kind in kinds.items())
    )


def check(folder: Path, manifest: Mapping[str, Any], identity: Identity) -> None:
    """Make sure that a folder holds results of the same study.

    Raises
    ------
    FolderError
        If it does not, with what is different.
    """
    for what, here, wanted in (
        ("study", manifest.get("study"), identity.study),
        ("seed", manifest.get("seed"), identity.seed),
    ):
        if here != wanted:
            raise FolderError(
                f"{folder}: holds results of another {what} ({here}, not {wanted}). Choose another folder "
                "with --out."
            )
    if manifest.get("scenario_hash") != identity.fingerprint:
        _same_panel(folder, manifest, identity.begins)
        raise FolderError(
            f"{folder}: holds results of another scenario ({manifest.get('scenario')!r} with other settings). "
            "Choose another folder with --out."
        )
    if manifest.get("code_version") != code_version():
        raise FolderError(
            f"{folder}: holds results of another version of the program ({manifest.get('code_version')}, "
            f"this is {code_version()}): the two must not be mixed. Choose another folder with --out, or remove "
            "this one."
        )


def _same_panel(folder: Path, manifest: Mapping[str, Any], begins: Beginning | None) -> None:
    """Refuse by name what begins with other patients than the folder, or on another day.

    Raises
    ------
    FolderError
        If that is what is different.
    """
    here, wanted = manifest.get(PANEL) or {}, {} if begins is None else asdict(begins)
    if not here and (manifest.get("arguments") or {}).get("panel"):
        return  # a forecast of before this was written down
    differing = [key for key in Beginning.__slots__ if here.get(key) != wanted.get(key)]
    if not differing:
        return
    if not here:
        told = "was begun with an empty clinic, so it cannot go on with today's patients (--panel)"
    elif not wanted:
        told = (
            f"was begun with a panel of {here.get('patients')} patients as of {here.get('as_of')}, and goes on "
            "with --panel and the same file alone"
        )
    elif "hash" in differing:
        told = f"was begun with another panel ({here.get('patients')} patients, as of {here.get('as_of')})"
    elif "as_of" in differing:
        told = f"was begun on another day (--as-of {here.get('as_of')}, not {wanted['as_of']})"
    else:
        told = f"was begun {'with' if here.get('uncertain') else 'without'} --uncertain"
    raise FolderError(f"{folder}: {told}. Choose another folder with --out.")


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, whole."""
    write_whole(folder / NAME, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())
