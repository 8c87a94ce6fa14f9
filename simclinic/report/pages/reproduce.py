"""Instructions for repeating a study, from the manifest of its folder."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.report.text.words import counted
from simclinic.results.kinds import kind_of

_POSITIONAL = ("scenario", "scenarios", "study", "export")


def reproduce(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List command, seed, versions and hashes."""
    versions = ", ".join(f"{name} {version}" for name, version in (manifest.get("packages") or {}).items())
    return [
        ("command", command(manifest)),
        ("seed", str(manifest.get("seed"))),
        (
            "replications",
            f"{manifest.get('done')} of {manifest.get('planned')}, {manifest.get('failed')} failed",
        ),
        ("hash of scenario, data and seed", str(manifest.get("scenario_hash"))),
        *_panel(manifest),
        ("simclinic", str(manifest.get("code_version"))),
        ("Python and packages", f"Python {manifest.get('python')}, {versions}"),
        ("random numbers", str(manifest.get("key_scheme"))),
        ("started", str(manifest.get("started"))),
    ]


def _panel(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name the panel that a study begins with, by its hash: the folder keeps nothing else of it."""
    panel = manifest.get("panel")
    if panel:
        patients = counted(panel.get("patients"), "patient")
        yield "hash of the panel", f"{panel.get('hash')} ({patients} as of {panel.get('as_of')})"


def command(manifest: Mapping[str, Any]) -> str:
    """Write the command line that a manifest's arguments stand for."""
    arguments = dict(manifest.get("arguments") or {})
    kind = kind_of(manifest)
    words = ["simclinic", kind.command if kind else str(manifest.get("study", ""))]
    for name in _POSITIONAL:
        value = arguments.pop(name, None)
        words += [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
    for name, value in arguments.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, list):
            words += [part for each in value for part in (option, str(each))]
        elif value is not None and value is not False:
            words += [option, str(value)]
    return shlex.join(words)
