"""What `results` found: what results folders hold."""

from __future__ import annotations

from typing import Any, TypedDict


class HeldPanel(TypedDict):
    """What a folder keeps of the panel that its study begins with."""

    hash: str
    patients: int
    as_of: str
    uncertain: bool


class HeldDocument(TypedDict):
    """What one results folder holds.

    `damaged` names files, `problem` says why nothing of the folder can be told (else null), `summary` is what the
    study found, `panel` is null of a study that begins with an empty clinic.
    """

    folder: str
    study: str
    scenario: str
    seed: int
    planned: int
    done: int
    failed: int
    started: str | None
    ended: str | None
    damaged: list[str]
    problem: str | None
    panel: HeldPanel | None
    summary: dict[str, Any] | None


class ResultsDocument(TypedDict):
    """What `results` found."""

    schema_version: int
    study: str
    folders: list[HeldDocument]
