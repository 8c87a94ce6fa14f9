"""The manifest: content of a results folder, and everything needed to repeat its study.

Folders are shared, so a manifest has no paths and no names of machines or people. It holds its own digest, which
reveals damage; an older manifest without a digest is accepted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simclinic import plugins
from simclinic.past.past import Competition
from simclinic.program import code_version, differing, versions
from simclinic.reading import NotReadError, parse_json, read_bounded
from simclinic.results.kinds import KINDS
from simclinic.scenario import Scenario, scenario_hash
from simclinic.scenario.panel import Panel
from simclinic.scenario.used import used
from simclinic.store import user_mark
from simclinic.store.atomic import write_atomically
from simclinic.store.errors import FolderError, OtherVersionError, as_folder_errors
from simclinic.store.manifest_schema import DIGEST, problems
from simclinic.store.tables import DamagedError, read_content, sha256

SCHEMA_VERSION = 1
_MOST = 64 << 20
NAME = "manifest.json"
PANEL = "panel"
"""Key of the description of the panel that a study begins with."""
OWN = "own"
"""Key of who supplies what a study uses of other packages and of scripts, by group and name."""
Suppliers = Mapping[str, Mapping[str, str]]
ENGINE = "engine"
"""Key of the engine that simulated; see :func:`simclinic.model.engines.engine_of`."""
PAST = "past"
"""Key of what competition added to the past of a steady start; see :class:`simclinic.past.past.Competition`."""
EFFECTS = "effects"
"""Key, in that, of the effects of each pilot run on the key figures; see :mod:`simclinic.experiment.pilot`."""
KEY_SCHEME = (
    "philox4x32-10, key sha256(seed, replication, kind, stream), counter (day, ordinal, episode, attempt)"
)
"""How random inputs follow from the seed; see :mod:`simclinic.sampling.streams`."""

FILES = "files"
"""Key of the digests of all files but part files."""
RESOLVED = "scenario.resolved.toml"
"""Name of the file with the resolved scenario: all settings, defaults included."""
MIXED = "mixed"
"""Key of the versions of packages with which a folder was resumed, if they differ from those that began it."""


@dataclass(frozen=True, slots=True)
class PanelIdentity:
    """Identifies the panel that a study begins with; holds nothing of the patients themselves.

    Attributes
    ----------
    hash
        Hash of the panel, independent of the order of its rows.
    patients
        Number of patients.
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
    def of(cls, scenario: Scenario, panel: Panel | None) -> PanelIdentity | None:
        """Return the identity of the panel that a scenario begins with; None without a panel."""
        if panel is None:
            return None
        start = scenario.run.start.isoformat()
        return cls(panel.fingerprint, len(panel.patients), start, bool(scenario.uncertainty))


@dataclass(frozen=True, slots=True)
class Identity:
    """Identifies a study: the same identity gives the same results.

    Attributes
    ----------
    study
        The command.
    scenario
        The scenario's name.
    fingerprint
        Hash of the resolved scenario, its data files and the seed, but not of the number of replications.
    seed
        The experiment's seed.
    begins
        The panel it begins with; part of the fingerprint, too.
    own
        Who supplies what its scenarios use of other packages and of scripts, by group and name.
    """

    study: str
    scenario: str
    fingerprint: str
    seed: int
    begins: PanelIdentity | None = None
    own: Suppliers = field(default_factory=dict)

    @classmethod
    def of(cls, study: str, scenario: Scenario, panel: Panel | None = None) -> Identity:
        """Return the identity of a study of one scenario, with seed `run.seed`, and of a panel if there is one."""
        fingerprint = scenario_hash(scenario, {"replications": 1})
        if panel is not None:
            fingerprint = hashlib.sha256(f"{fingerprint} {panel.fingerprint}".encode()).hexdigest()
        begins = PanelIdentity.of(scenario, panel)
        return cls(study, scenario.name, fingerprint, scenario.run.seed, begins, own_of([scenario]))


def own_of(scenarios: Sequence[Scenario]) -> Suppliers:
    """Return who supplies what scenarios use of other packages and of scripts, by group and name.

    Raises
    ------
    PluginError
        If something is absent.
    """
    found: dict[str, dict[str, str]] = {}
    for scenario in scenarios:
        for group, name in used(scenario):
            found.setdefault(group, {})[name] = plugins.supplier(group, name)
    return found


def require_own(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check that everything is here that a folder uses of other packages and of scripts.

    Raises
    ------
    FolderError
        If something is absent; the message names the package that supplied it.
    """
    for group, supplied in manifest.get(OWN, {}).items():
        for name, supplier in supplied.items():
            if group not in plugins.WHAT or not plugins.known(group, name):
                what = plugins.WHAT.get(group, group)
                raise FolderError(
                    f"{folder}: uses the {what} {name!r} of {supplier}, which is neither installed here nor "
                    "registered by this script. Install the package, or use a script that registers it"
                )


def now() -> str:
    """Return the time in UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def new(identity: Identity, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of a new folder."""
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
        **({OWN: dict(identity.own)} if identity.own else {}),
    }


def competition(manifest: Mapping[str, Any]) -> Competition | None:
    """Return what competition added to the past of a steady start; None without one."""
    stored = manifest.get(PAST)
    return (
        None if stored is None else Competition(**{name: stored[name] for name in stored if name != EFFECTS})
    )


def pilot_effects(manifest: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
    """Return what each pilot run would have changed in each key figure; empty without pilot runs."""
    return {name: tuple(values) for name, values in manifest.get(PAST, {}).get(EFFECTS, {}).items()}


ELSEWHERE = " Choose another folder with --out."
"""Advice to a command that would write into a folder."""


def read(folder: Path, *, advice: str = "") -> dict[str, Any] | None:
    """Read a folder's manifest; None if it has none.

    Parameters
    ----------
    folder
        The results folder.
    advice
        What to do if it cannot be read, for the message: a command that writes there can write elsewhere.

    Raises
    ------
    FolderError
        If the manifest cannot be read, is damaged or is invalid.
    """
    with as_folder_errors(folder):
        try:
            text = read_bounded(folder / NAME, _MOST)
        except FileNotFoundError:
            return None
        except NotReadError as error:
            raise FolderError(f"{folder}: its {NAME} {error}.{advice}") from error
    try:
        manifest = parse_json(text)
    except (NotReadError, ValueError) as error:
        raise FolderError(f"{folder}: its {NAME} cannot be read.{advice}") from error
    if not isinstance(manifest, dict) or manifest.get("schema_version") != SCHEMA_VERSION:
        raise FolderError(f"{folder}: its {NAME} is not of this version of simclinic.{advice}")
    wrong = problems(manifest)
    signed = DIGEST in manifest or FILES in manifest
    if signed and not wrong and sha256(text) not in _AS_WRITTEN and _text(manifest) != text:
        wrong = ["it is not as it was written"]
    if wrong:
        raise FolderError(f"{folder}: its {NAME} is damaged ({'; '.join(wrong)}).{advice}")
    if signed:
        _note(text)
    return manifest


_AS_WRITTEN: set[str] = set()
"""Digests of manifests that are as they were written: to encode one again takes longer than to read it."""
_MOST_KNOWN = 1000


def _note(text: bytes) -> None:
    """Note that a manifest is as it was written."""
    if len(_AS_WRITTEN) >= _MOST_KNOWN:
        _AS_WRITTEN.clear()
    _AS_WRITTEN.add(sha256(text))


def digests(folder: Path) -> dict[str, str] | None:
    """Return the digests of a folder's part files; None for an older folder without digests or a manifest."""
    stored = read(folder)
    return None if stored is None else stored.get("parts")


def made_here(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether this user made a run's folder, and its scenario is unchanged."""
    try:
        digest = sha256(read_content(folder / RESOLVED))
    except (DamagedError, OSError):
        return False
    return user_mark.made_here(str(manifest.get("made", "")), digest)


def note_versions(manifest: dict[str, Any], *, allowed: bool) -> list[str]:
    """Record the versions of packages that resume a folder, if they differ from those that began it.

    Parameters
    ----------
    manifest
        Manifest of the folder; changed in place if `allowed`.
    allowed
        Whether versions may be mixed.

    Returns
    -------
    list of str
        Versions that differ and are not allowed.
    """
    began = {"Python": str(manifest.get("python")), **manifest.get("packages", {})}
    if not (changes := differing(began)):
        return []
    if not allowed:
        return changes
    if versions() not in manifest.setdefault(MIXED, []):
        manifest[MIXED].append(dict(versions()))
    return []


def check(folder: Path, manifest: Mapping[str, Any], identity: Identity) -> None:
    """Check that a folder holds results of the same study.

    Raises
    ------
    FolderError
        If it does not; the message names the difference.
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
        kind = KINDS.get(identity.study)
        if kind is not None and kind.other:
            raise FolderError(f"{folder}: holds {kind.other}. Choose another folder with --out.")
        raise FolderError(
            f"{folder}: holds results of another scenario ({manifest.get('scenario')!r} with other settings). "
            "Choose another folder with --out."
        )
    _same_own(folder, manifest.get(OWN, {}), identity.own)
    if manifest.get("code_version") != code_version():
        raise OtherVersionError(
            folder,
            f"{folder}: holds results of another version of the program ({manifest.get('code_version')}, "
            f"this is {code_version()}): the two must not be mixed. Choose another folder with --out, or remove "
            "this one.",
        )


def _same_own(folder: Path, here: Suppliers, wanted: Suppliers) -> None:
    """Check that what comes from other packages and scripts is the same as in the folder.

    Raises
    ------
    FolderError
        If it is not; the message names the difference.
    """
    for group, supplied in wanted.items():
        for name, supplier in supplied.items():
            before = here.get(group, {}).get(name, "nobody")
            if before != supplier:
                what = plugins.WHAT.get(group, group)  # type: ignore[call-overload]
                raise FolderError(
                    f"{folder}: was made with the {what} {name!r} of {before}, and this is that of {supplier}: the "
                    "two must not be mixed. Choose another folder with --out."
                )


def _same_panel(folder: Path, manifest: Mapping[str, Any], begins: PanelIdentity | None) -> None:
    """Check that a study begins with the same panel as the folder, on the same day.

    Raises
    ------
    FolderError
        If it does not; the message names the difference.
    """
    here, wanted = manifest.get(PANEL) or {}, {} if begins is None else asdict(begins)
    if not here and (manifest.get("arguments") or {}).get("panel"):
        return  # an older forecast, whose manifest does not identify its panel
    differing = [key for key in PanelIdentity.__slots__ if here.get(key) != wanted.get(key)]
    if not differing:
        return
    if not here:
        difference = "was begun without a panel, so it cannot be continued with today's patients (--panel)"
    elif not wanted:
        difference = (
            f"was begun with a panel of {here.get('patients')} patients as of {here.get('as_of')}, and can only be "
            "continued with --panel and the same file"
        )
    elif "hash" in differing:
        difference = (
            f"was begun with another panel ({here.get('patients')} patients, as of {here.get('as_of')})"
        )
    elif "as_of" in differing:
        difference = f"was begun on another day (--as-of {here.get('as_of')}, not {wanted['as_of']})"
    else:
        difference = f"was begun {'with' if here.get('uncertain') else 'without'} --uncertain"
    raise FolderError(f"{folder}: {difference}. Choose another folder with --out.")


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest atomically, with its digest."""
    text = _text(manifest)
    write_atomically(folder, NAME, text)
    _note(text)


def _text(manifest: Mapping[str, Any]) -> bytes:
    """Encode a manifest; its digest comes last."""
    text = _json({key: value for key, value in manifest.items() if key != DIGEST})
    # As if it were encoded again with its digest, which would take as long.
    return text.removesuffix(b"\n}\n") + f',\n  "{DIGEST}": "{sha256(text)}"\n}}\n'.encode()


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
