"""What a manifest may say: which keys hold what, so that one that a stranger wrote can be read like one's own.

Names of files and folders are names inside the folder and never lead out of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

DIGEST = "sha256"
"""Key of a manifest's own digest."""


def _moment(text: str) -> str:
    dt.datetime.fromisoformat(text)
    return text


_Strict = ConfigDict(strict=True, extra="allow")
_Word = Annotated[str, Field(max_length=1000)]
_Count = Annotated[int, Field(ge=0, le=10**15)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_STEP = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_Room = Annotated[str, Field(pattern=rf"^{_STEP}$", max_length=255)]
_File = Annotated[str, Field(pattern=rf"^{_STEP}(/{_STEP})*$", max_length=500)]
_Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]


class _Panel(BaseModel):
    """With which of today's patients a study began."""

    model_config = ConfigDict(strict=True, extra="forbid")
    hash: _Sha256
    patients: _Count
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    uncertain: bool


class _Fields(BaseModel):
    """What a manifest may say; one of before says less."""

    model_config = _Strict
    study: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,40}$")] = "run"
    scenario: _Word = ""
    scenario_hash: _Word = ""
    overrides: list[str] = []
    seed: int = 0
    key_scheme: _Word = ""
    code_version: _Word = ""
    python: _Word = ""
    packages: dict[_Word, _Word] = {}
    mixed: list[dict[_Word, _Word]] = []
    arguments: dict[str, Any] = {}
    planned: _Count = 0
    done: _Count = 0
    failed: _Count = 0
    points: _Count = 0
    started: _Moment | None = None
    ended: _Moment | None = None
    panel: _Panel | None = None
    scenarios: dict[str, _Room] = {}
    parts: dict[_File, _Sha256] = {}
    files: dict[_File, _Sha256] = {}
    made: _Word = ""
    sha256: _Sha256 = "0" * 64


def problems(manifest: Mapping[str, Any]) -> list[str]:
    """Say what a manifest says that none may say; of many, the first three."""
    try:
        _Fields.model_validate(dict(manifest))
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, each['loc']))}: {each['msg'][0].lower()}{each['msg'][1:]}"
            for each in error.errors(include_url=False, include_input=False)[:3]
        ]
    return []
