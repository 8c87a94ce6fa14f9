"""Clinics as files of one folder: found, made from six answers, changed setting by setting, and taken back.

The files are those of the command line. Before a file is changed, its text is kept in `.simclinic/`, so that each
change can be undone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.scenario import Scenario, from_toml
from simclinic.scenario.addresses import address, address_parts
from simclinic.scenario.entries import COLLECTIONS, COMPLICATIONS, STEPS, TABLE_ENTRIES
from simclinic.scenario.hours import DAY, WEEKDAYS, Hours, Span, clock
from simclinic.scenario.overrides import parsed
from simclinic.scenario.parse import parse, read_text
from simclinic.scenario.tables import as_tables
from simclinic.scenario.visit import NURSE
from simclinic.store.atomic import write_atomically
from simclinic.store.names import slug
from simclinic.studies.template_file import write_new

if TYPE_CHECKING:
    from tomlkit.toml_document import TOMLDocument

MOST_CLINICS = 200
"""Files of a folder that are listed."""

KEPT = ".simclinic"
"""The subfolder with earlier texts."""

_HALF_HOUR = 30
_OF_ANSWERS = (
    "# A clinic from six answers, which are marked as such; everything else is as in the typical clinic."
)
_ANSWERS = (
    ("clinic", "chairs"),
    ("shifts", "day", "nurses"),
    ("shifts", "day", "days"),
    ("demand", "referrals_per_week"),
)
_STANDING = re.compile(r"(:[^()]*)?\([^()]*\)\s*$")
"""In a comment: what a default amounts to, and where it comes from."""
_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?", re.ASCII)
_EARLIER = re.compile(r"(\d{6})\.toml")


@dataclass(frozen=True, slots=True)
class ClinicFile:
    """A scenario file of the folder.

    Attributes
    ----------
    key
        Its name in addresses of the page: letters and digits that the file's name gives.
    path
        The file.
    """

    key: str
    path: Path

    def text(self) -> str:
        """Read the file.

        Raises
        ------
        ScenarioError
            If it cannot be read.
        """
        return read_text(self.path, self.path.name)


def unwritable(folder: Path) -> bool:
    """Tell whether nothing can be written into a folder, so that no change and no answer can be kept."""
    return not all(os.access(each, os.W_OK | os.X_OK) for each in (folder, folder / KEPT) if each.exists())


def clinic_files(folder: Path) -> list[ClinicFile]:
    """List the TOML files of a folder that are no study, by name; at most :data:`MOST_CLINICS`."""
    return list(islice((each for each in _files(folder) if not _is_study(each.path)), MOST_CLINICS))


def clinic_file(folder: Path, key: str) -> ClinicFile | None:
    """Find a file of a folder by its key; None if there is none. No path is made from the key."""
    return next((each for each in _files(folder) if each.key == key), None)


def _files(folder: Path) -> Iterator[ClinicFile]:
    for path in sorted(folder.glob("*.toml")):
        if not path.name.startswith(".") and path.is_file():
            yield ClinicFile(hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12], path)


def _is_study(path: Path) -> bool:
    try:
        tables = parse(read_text(path, path.name), path.name)
    except ScenarioError:
        return False  # a clinic with a problem, which its screen shows
    return "study" in tables


def read_clinic(clinic: ClinicFile, text: str) -> Scenario:
    """Read a clinic's scenario from a text.

    Raises
    ------
    ScenarioError
        With every problem.
    """
    return from_toml(text, folder=clinic.path.parent, name=str(clinic.path))


def new_clinic(
    folder: Path, *, name: str, chairs: str, nurses: str, days: Sequence[str], hours: str, referrals: str
) -> Path:
    """Write a clinic from six answers; everything else is as in the typical clinic.

    Parameters
    ----------
    folder
        Where.
    name, chairs, nurses, hours, referrals
        Answers as written: the name, numbers of chairs and of nurses on duty, opening hours (`08:00-17:00`, or
        `08:00-12:00, 13:00-17:00`), and new patients a week. Nurses are on duty from half an hour before the doors
        open to half an hour after they close.
    days
        Weekdays on which the clinic is open.

    Raises
    ------
    ScenarioError
        With every problem of the answers.
    SimclinicError
        If the file cannot be written.
    """
    text = resources.files("simclinic.studies").joinpath("scenario.toml").read_text(encoding="utf-8")
    overrides = [
        f"name={_quoted(name.strip())}",
        'description=""',
        f"clinic.chairs={chairs.strip() or _quoted('')}",
        f"shifts.day.nurses={nurses.strip() or _quoted('')}",
        f"demand.referrals_per_week={referrals.strip() or _quoted('')}",
        f"shifts.day.days={json.dumps([day for day in WEEKDAYS if day in days])}",
        *(f"clinic.hours.{day}={_quoted(hours.strip())}" for day in WEEKDAYS if day in days),
        *(f"clinic.hours.{day}=false" for day in WEEKDAYS[:5] if day not in days),
    ]
    try:
        opening = Hours.read(hours.strip())
    except ValueError:
        pass  # the problem of the hours says so
    else:
        duty = Span(max(opening.start - _HALF_HOUR, 0), min(opening.end + _HALF_HOUR, DAY))
        overrides.append(f"shifts.day.hours={_quoted(str(duty))}")
        middle = (duty.start + duty.end) // 2 // _HALF_HOUR * _HALF_HOUR
        if duty.minutes > 2 * _HALF_HOUR and not (duty.start <= 12 * 60 and duty.end >= 13 * 60):
            overrides.append(f"shifts.day.break={_quoted(f'{clock(middle)}-{clock(middle + _HALF_HOUR)}')}")
    text = changed_text(text, overrides, name=name.strip() or "the new clinic")
    return write_clinic(folder, name, _as_answered(text))


def _as_answered(text: str) -> str:
    """Say in the comments of a new clinic's file which figures are answers, and no longer the typical clinic's."""
    import tomlkit

    head, rest = text.split("\n\n", 1)
    legend = head.splitlines()[1:-1]  # what the typical clinic's file says of itself is left out
    document = tomlkit.parse("\n".join([_OF_ANSWERS, *legend, "", rest]))
    for path in (*_ANSWERS, *(("clinic", "hours", day) for day in _at(document, ("clinic", "hours")))):
        item: Any = _at(document, path[:-1]).value.item(path[-1])  # a bool is handed out without its comment
        means = _STANDING.sub("", item.trivia.comment.removeprefix("# ")).strip()
        space = item.trivia.comment_ws or "  "
        item.comment(f"{means} (your answer)".strip())
        item.trivia.comment_ws = space
    return tomlkit.dumps(document)


def copy_clinic(clinic: ClinicFile, overrides: Sequence[str] = ()) -> Path:
    """Write a copy of a clinic under a name of its own, with some settings changed.

    Parameters
    ----------
    clinic
        The clinic.
    overrides
        As of :func:`changed_text`; without one of the name it is "NAME, copy".

    Raises
    ------
    ScenarioError
        With every problem of the copy.
    SimclinicError
        If the file cannot express the change, or cannot be written.
    """
    text = clinic.text()
    named = [f"name={_quoted(f'{read_clinic(clinic, text).name}, copy')}", *overrides]
    text = changed_text(text, named, folder=clinic.path.parent, name=str(clinic.path))
    return write_clinic(clinic.path.parent, read_clinic(clinic, text).name, text)


def write_clinic(folder: Path, name: str, text: str) -> Path:
    """Write a new clinic into a folder; its file is named after it.

    Parameters
    ----------
    folder, name, text
        Where, the clinic's name, and the text of its file.

    Raises
    ------
    SimclinicError
        If the file cannot be written.
    """
    stem = slug(name)
    for number in range(1, MOST_CLINICS + 1):
        path = folder / (f"{stem}.toml" if number == 1 else f"{stem}-{number}.toml")
        if not os.path.lexists(path):
            write_new(path, text)
            return path
    raise SimclinicError(f"{folder} contains {MOST_CLINICS} clinics of that name already.")


def changed_text(text: str, overrides: Sequence[str], *, folder: Path | None = None, name: str) -> str:
    """Return the text of a scenario file with some settings changed; comments and order stay.

    Parameters
    ----------
    text
        The file's.
    overrides
        Texts `ADDRESS=VALUE`, as of `--set`.
    folder, name
        As in :func:`simclinic.scenario.from_toml`.

    Raises
    ------
    ScenarioError
        With every problem of the changed scenario.
    SimclinicError
        If the file cannot express the change.
    """
    import tomlkit

    wanted = from_toml(text, overrides, folder=folder, name=name)
    places = list(parsed(overrides))
    document = tomlkit.parse(text)
    for place, value in places:
        _put(document, tuple(map(str, place)), value)
    if _expresses(document, wanted, folder, name):
        return tomlkit.dumps(document)
    # A file that extends another, or the defaults, may not define the entry of a collection: then write all of it.
    document, tables = tomlkit.parse(text), as_tables(wanted)
    for place, value in places:
        path = tuple(map(str, place))
        around = next((path[:size] for size in (1, 2) if path[:size] in COLLECTIONS), None)
        if around is not None:
            whole = _at(tables, around)
            if value is False:  # drops an entry that a file below has
                whole[path[len(around)]] = False
        _put(document, path if around is None else around, value if around is None else whole)
        if around == STEPS and "complications" not in document["visit"]:
            # Steps of a file's own have no default complications.
            _put(document, COMPLICATIONS, _at(tables, COMPLICATIONS))
    if not _expresses(document, wanted, folder, name):
        raise SimclinicError(f"{name}: this change needs an editor; the page cannot write it into this file.")
    return tomlkit.dumps(document)


def _expresses(document: TOMLDocument, wanted: Scenario, folder: Path | None, name: str) -> bool:
    import tomlkit

    try:
        return from_toml(tomlkit.dumps(document), folder=folder, name=name) == wanted
    except ScenarioError:
        return False


def _at(tables: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 (tables hold anything)
    for part in path:
        tables = tables[part]
    return tables


def _put(document: Any, path: Sequence[str], value: object) -> None:  # noqa: ANN401 (tables hold anything)
    import tomlkit

    *above, last = path
    table = document
    for part in above:
        if part not in table:
            table[part] = tomlkit.table()
        table = table[part]
        if not isinstance(table, dict):
            return  # the text does not express it, and the whole collection is written
    if tuple(above[:-1]) == ("shifts",) and last == "nurses" and "number" in table:
        last = "number"  # the file's own word for it
    if value is False and last in table and (tuple(above) in TABLE_ENTRIES or tuple(above) == STARTS):
        del table[last]
        return
    item: Any = tomlkit.item(value)
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        item = tomlkit.array()  # `item` would write a table for each entry
        for each in value:
            entry: Any = each
            if isinstance(each, Mapping):
                entry = tomlkit.inline_table()
                entry.update(each)
            item.append(entry)
    elif isinstance(value, Mapping) and tuple(above) in TABLE_ENTRIES:
        item = tomlkit.table()
        item.update(value)
        item.add(tomlkit.nl())
    elif isinstance(value, Mapping) and tuple(path) not in COLLECTIONS:
        item = tomlkit.inline_table()
        item.update(value)
    table[last] = item


def _quoted(text: str) -> str:
    """Write a text as TOML."""
    import tomlkit

    return tomlkit.item(text).as_string()


def as_written(value: object) -> str:
    """Write a value as a field of the page shows it: text as it is, anything else as TOML."""
    import tomlkit

    if isinstance(value, str):
        return value
    plain: Any = _whole(value)
    if isinstance(value, Mapping):
        inner: Any = tomlkit.inline_table()
        inner.update({key: each for key, each in plain.items() if each is not None})
        return str(inner.as_string())
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return (
            f"[{', '.join(_quoted(each) if isinstance(each, str) else as_written(each) for each in value)}]"
        )
    item: Any = tomlkit.item(plain)
    return str(item.as_string())


def _whole(value: object) -> object:
    """Write numbers without a fraction as whole numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value


STARTS = ("booking", "starts")
"""Where starts are listed, by weekday."""
_OPTIONAL = (("booking", "convert_days"),)
"""Settings whose fields may be empty: there is none then."""


def as_override(address: str, written: str, before: object) -> str:
    """Return the override that a field of the page stands for.

    Parameters
    ----------
    address
        Of the setting.
    written
        What is in the field.
    before
        The setting's value; where this is text, the field is text, too. None: a weekday without hours.
    """
    written = written.strip()
    if address_parts(address)[:2] == ("clinic", "hours"):
        text = not written.startswith(("{", "["))
        return f"{address}={(_quoted(written) if text else written) if written else 'false'}"
    if address_parts(address)[0] == "shifts" and address_parts(address)[-1] == "break":
        return f"{address}={_quoted(written) if written else 'false'}"
    if not written and address_parts(address) in _OPTIONAL:
        return f"{address}=false"
    text = (isinstance(before, str) and not written.startswith("{")) or not written
    return f"{address}={_quoted(written) if text else written}"


def as_law(parts: Mapping[str, str]) -> str:
    """Return a distribution as TOML, from its numbers as fields of the page hold them.

    Parameters
    ----------
    parts
        The numbers by their names; `dist` is the family. Text that is no number stays text, which the scenario
        refuses beside its field.

    >>> as_law({"dist": "gamma", "mean": "15", "cv": "0.3"})
    '{dist = "gamma", mean = 15, cv = 0.3}'
    >>> as_law({"dist": "gamma", "mean": "15, cv = 1", "cv": "0.3"})
    '{dist = "gamma", mean = "15, cv = 1", cv = 0.3}'
    """
    written = (
        f"{name} = {text if name != 'dist' and _NUMBER.fullmatch(text) else _quoted(text)}"
        for name, text in parts.items()
    )
    return f"{{{', '.join(written)}}}"


def new_shift(scenario: Scenario, name: str) -> tuple[str, str]:
    """Return the name of a new shift, and the override that defines it: as the last one of nurses, with one nurse.

    Parameters
    ----------
    scenario
        The clinic.
    name
        As written; its letters and digits are kept. Empty: one is made.

    Raises
    ------
    SimclinicError
        If there is such a shift.
    """
    if name.strip():
        given = slug(name)
        if given in scenario.shifts:
            raise SimclinicError(f"there is a shift {given} already")
    else:
        numbers = range(len(scenario.shifts) + 1, len(scenario.shifts) + MOST_CLINICS)
        given = next(made for number in numbers if (made := f"shift-{number}") not in scenario.shifts)
    tables: Any = as_tables(scenario)["shifts"]
    nurses = [name for name, shift in scenario.shifts.items() if shift.role == NURSE]
    settings = dict(tables[nurses[-1]]) if nurses else {"days": list(WEEKDAYS[:5]), "hours": "08:00-17:00"}
    return given, f"{address(('shifts', given))}={as_written(settings | {'nurses': 1})}"


def fingerprint(text: str) -> str:
    """Return a short hash of a file's text, by which a page notices that the file has changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(clinic: ClinicFile, text: str) -> None:
    """Write a clinic's file, and keep its text of before.

    Raises
    ------
    SimclinicError
        If it cannot be written.
    """
    before = clinic.text()
    if before == text:
        return
    place = _kept_in(clinic)
    try:
        place.mkdir(parents=True, exist_ok=True)
        number = max(_numbers(place), default=0) + 1
        write_atomically(place, f"{number:06d}.toml", before.encode())
        write_atomically(clinic.path.parent, clinic.path.name, text.encode())
    except OSError as error:
        raise SimclinicError(f"{clinic.path.name}: cannot be written ({error.strerror}).") from error


def undo(clinic: ClinicFile) -> bool:
    """Write the text before the last change; return whether there was one.

    Raises
    ------
    SimclinicError
        If it cannot be read or written.
    """
    place = _kept_in(clinic)
    numbers = _numbers(place)
    if not numbers:
        return False
    last = place / f"{max(numbers):06d}.toml"
    text = read_text(last, last.name)
    try:
        write_atomically(clinic.path.parent, clinic.path.name, text.encode())
        last.unlink()
    except OSError as error:
        raise SimclinicError(f"{clinic.path.name}: cannot be written ({error.strerror}).") from error
    return True


def changes_kept(clinic: ClinicFile) -> int:
    """Return how many changes can be undone."""
    return len(_numbers(_kept_in(clinic)))


def _kept_in(clinic: ClinicFile) -> Path:
    return clinic.path.parent / KEPT / clinic.path.name


def _numbers(place: Path) -> list[int]:
    if not place.is_dir() or place.is_symlink():
        return []
    return [int(match[1]) for entry in place.iterdir() if (match := _EARLIER.fullmatch(entry.name))]
