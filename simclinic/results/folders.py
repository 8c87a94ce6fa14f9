"""The document of `results`: the content of results folders."""

from __future__ import annotations

from typing import Any, TypedDict


class HeldPanel(TypedDict):
    """The panel that a folder's study begins with."""

    hash: str
    patients: int
    as_of: str
    uncertain: bool


class StoredDocument(TypedDict):
    """Content of one results folder.

    `damaged` names files, `problem` says why the folder cannot be read (else null), `summary` is the document of
    the study, `panel` is null for a study that begins without one.
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
    """Results of `results`."""

    schema_version: int
    study: str
    folders: list[StoredDocument]
