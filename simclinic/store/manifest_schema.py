"""The schema of a manifest: types and bounds of its keys, so that a manifest from anybody is safe to read.

Names of files and folders are relative to the folder and cannot lead out of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

DIGEST = "sha256"
"""Key of a manifest's own digest."""


def _moment(text: str) -> str:
    dt.datetime.fromisoformat(text)
    return text


_Strict = ConfigDict(strict=True, extra="allow")
_Text = Annotated[str, Field(max_length=1000)]
_Count = Annotated[int, Field(ge=0, le=10**15)]
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_SHA256, _FOLDER, _FILE = r"^[0-9a-f]{64}$", rf"^{_NAME}$", rf"^{_NAME}(/{_NAME})*$"
_DATE, _STUDY = r"^\d{4}-\d\d-\d\d$", r"^[a-z][a-z0-9-]{0,40}$"
_PATTERNS = {
    _SHA256: "is not a SHA-256",
    _FOLDER: "is not the name of a folder in it",
    _FILE: "is not the path of a file in it",
    _DATE: "is not a date such as 2026-01-05",
    _STUDY: "is not a kind of study",
}
"""What a text that breaks one of these patterns is not."""
_Sha256 = Annotated[str, Field(pattern=_SHA256)]
_Folder = Annotated[str, Field(pattern=_FOLDER, max_length=255)]
_File = Annotated[str, Field(pattern=_FILE, max_length=500)]
_Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]


class _Panel(BaseModel):
    """The panel that a study began with."""

    model_config = ConfigDict(strict=True, extra="forbid")
    hash: _Sha256
    patients: _Count
    as_of: Annotated[str, Field(pattern=_DATE)]
    uncertain: bool


class _Past(BaseModel):
    """What competition added to the past of a steady start."""

    model_config = ConfigDict(strict=True, extra="forbid")
    first_delay_days: float
    booster_delay_days: float
    turned_away: Annotated[float, Field(ge=0, le=1)]
    unsettled_days: float
    endless: bool = False
    consult_delay_days: Annotated[float, Field(ge=0)] = 0.0
    consult_turned_away: Annotated[float, Field(ge=0, le=1)] = 0.0
    effects: Annotated[dict[_Text, list[float]], Field(max_length=1000)] = {}
    """What each pilot run would have changed in each key figure; see :mod:`simclinic.experiment.pilot`."""


class _Fields(BaseModel):
    """Keys of a manifest; an older one lacks some."""

    model_config = _Strict
    study: Annotated[str, Field(pattern=_STUDY)] = "run"
    scenario: _Text = ""
    scenario_hash: _Text = ""
    overrides: list[str] = []
    seed: int = 0
    key_scheme: _Text = ""
    code_version: _Text = ""
    python: _Text = ""
    packages: dict[_Text, _Text] = {}
    mixed: list[dict[_Text, _Text]] = []
    arguments: dict[str, Any] = {}
    planned: _Count = 0
    done: _Count = 0
    failed: _Count = 0
    points: _Count = 0
    started: _Moment | None = None
    ended: _Moment | None = None
    panel: _Panel | None = None
    past: _Past | None = None
    own: dict[_Text, dict[_Text, _Text]] = {}
    scenarios: dict[str, _Folder] = {}
    parts: dict[_File, _Sha256] = {}
    files: dict[_File, _Sha256] = {}
    made: _Text = ""
    sha256: _Sha256 = "0" * 64


def problems(manifest: Mapping[str, Any]) -> list[str]:
    """Return what is invalid in a manifest, at most three messages."""
    try:
        _Fields.model_validate(dict(manifest))
    except ValidationError as error:
        return [_in_words(each) for each in error.errors(include_url=False, include_input=False)[:3]]
    return []


def _in_words(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    pattern = error.get("ctx", {}).get("pattern")
    if pattern in _PATTERNS:
        return f"{where} {_PATTERNS[pattern]}"
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}"
