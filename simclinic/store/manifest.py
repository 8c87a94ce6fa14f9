"""The manifest: what a results folder holds, and what it takes to repeat it.

No names of machines or people and no paths: folders are shared. It holds its own digest, so that a bit of it
that has flipped is found; one of before, without a digest, is read as it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simclinic.program import code_version, differing, versions
from simclinic.reading import NotReadError, parse_json, read_bounded
from simclinic.results.kinds import kind_of
from simclinic.scenario import Scenario, scenario_hash
from simclinic.scenario.panel import Panel
from simclinic.store import origin
from simclinic.store.errors import FolderError, told
from simclinic.store.fields import DIGEST, problems
from simclinic.store.tables import Damaged, content_of, sha256
from simclinic.store.whole import write_whole

SCHEMA_VERSION = 1
_MOST = 64 << 20
NAME = "manifest.json"
PANEL = "panel"
"""Key of what is said of the panel that a study begins with."""
KEY_SCHEME = (
    "philox4x32-10, key sha256(seed, replication, kind, stream), counter (day, ordinal, episode, attempt)"
)
"""How luck follows from the seed; see :mod:`simclinic.sampling.streams`."""

FILES = "files"
"""Key of the digests of the files that are no parts."""
RESOLVED = "scenario.resolved.toml"
"""The scenario with everything that was left out of its file."""
MIXED = "mixed"
"""Key of the versions with which a folder was gone on with that was begun with others."""


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
        fingerprint = scenario_hash(scenario, {"replications": 1})
        if panel is not None:
            fingerprint = hashlib.sha256(f"{fingerprint} {panel.fingerprint}".encode()).hexdigest()
        return cls(study, scenario.name, fingerprint, scenario.run.seed, Beginning.of(scenario, panel))


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
        "python": versions()["Python"],
        "packages": {name: version for name, version in versions().items() if name != "Python"},
        "arguments": dict(arguments),
        "planned": 0,
        "done": 0,
        "failed": 0,
        "started": now(),
        "ended": None,
        "parts": {},
        FILES: {},
        **({} if identity.begins is None else {PANEL: asdict(identity.begins)}),
    }


def read(folder: Path) -> dict[str, Any] | None:
    """Read a folder's manifest; None if there is none.

    Raises
    ------
    FolderError
        If there is one that cannot be read, is damaged, or says what no manifest may say.
    """
    with told(folder):
        try:
            text = read_bounded(folder / NAME, _MOST)
        except FileNotFoundError:
            return None
        except NotReadError as error:
            raise FolderError(f"{folder}: its {NAME} {error}. Choose another folder with --out.") from error
    try:
        manifest = parse_json(text)
    except (NotReadError, ValueError) as error:
        raise FolderError(
            f"{folder}: its {NAME} cannot be read. Choose another folder with --out."
        ) from error
    if not isinstance(manifest, dict) or manifest.get("schema_version") != SCHEMA_VERSION:
        raise FolderError(
            f"{folder}: its {NAME} is not of this version of simclinic. Choose another folder with --out."
        )
    wrong = problems(manifest)
    if (DIGEST in manifest or FILES in manifest) and not wrong and _text(manifest) != text:
        wrong = ["it is not as it was written"]
    if wrong:
        raise FolderError(
            f"{folder}: its {NAME} is damaged ({'; '.join(wrong)}). Choose another folder with --out."
        )
    return manifest


def digests(folder: Path) -> dict[str, str] | None:
    """Give the digests of a folder's parts; None of a folder of before there were any, or without a manifest."""
    known = read(folder)
    return None if known is None else known.get("parts")


def made_here(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a run's folder was made by the same user, and its scenario is as it was written."""
    try:
        digest = sha256(content_of(folder / RESOLVED))
    except (Damaged, OSError):
        return False
    return origin.made_here(str(manifest.get("made", "")), digest)


def mix(manifest: dict[str, Any], *, allowed: bool) -> list[str]:
    """Take note of the versions that go on with a folder, if they are others than those that began it.

    Parameters
    ----------
    manifest
        Of the folder; gets the versions if they are allowed.
    allowed
        Whether somebody has said that they may be mixed.

    Returns
    -------
    list of str
        What differs and is not allowed.
    """
    began = {"Python": str(manifest.get("python")), **manifest.get("packages", {})}
    if not (found := differing(began)):
        return []
    if not allowed:
        return found
    if versions() not in manifest.setdefault(MIXED, []):
        manifest[MIXED].append(dict(versions()))
    return []


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
        kind = kind_of({"study": identity.study})
        if kind is not None and kind.of:
            raise FolderError(f"{folder}: holds {kind.of}. Choose another folder with --out.")
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
    """Write the manifest, whole, with its digest."""
    write_whole(folder, NAME, _text(manifest))


def _text(manifest: Mapping[str, Any]) -> bytes:
    """Lay a manifest out, its digest last."""
    content = {key: value for key, value in manifest.items() if key != DIGEST}
    return _json({**content, DIGEST: sha256(_json(content))})


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
