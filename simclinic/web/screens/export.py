"""An export that was dropped: its columns and words are confirmed, it is learnt from, and kept or forgotten.

The export itself stays in memory (:mod:`simclinic.web.exports`); addresses name it by a random key.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from fastapi.responses import RedirectResponse, Response

from simclinic.calibration import Options
from simclinic.calibration.dates import ORDERS
from simclinic.calibration.day_counts import SINCE
from simclinic.calibration.headings import NEEDED
from simclinic.calibration.look import Look, Word
from simclinic.calibration.periods import parse_period
from simclinic.calibration.questions import MOST
from simclinic.calibration.vocabulary import meanings
from simclinic.errors import SimclinicError
from simclinic.report.text.learnt import learnt_lines, read_line, today_line
from simclinic.studies.clinic_files import ClinicFile, clinic_file, clinic_files, fingerprint, read_clinic
from simclinic.studies.learnt import keep_in, keep_new
from simclinic.web.answering import CONFLICT, INVALID, NOT_FOUND, SEE_OTHER, Asked, Form, Place, Route, page
from simclinic.web.exports import Held
from simclinic.web.reading import sentence
from simclinic.web.screens.tabs import tabs

ROLES: Mapping[str, tuple[str, str]] = {
    "patient": ("Patient", "A number or a name that is always the same for the same patient."),
    "date": ("Day of the appointment", "With or without the time of day."),
    "time": ("Time of day", "Only if it is not in the column of the day."),
    "status": ("What became of it", "Completed, no-show, cancelled, or still booked."),
    "kind": (
        "Kind of visit",
        "Induction or booster. Without it the gaps between visits distinguish the two.",
    ),
    "checked_in": ("Arrival", ""),
    "started": ("Start of the treatment", ""),
    "left": ("Departure", ""),
    "cancelled_on": ("Day of the cancellation", "Distinguishes a late cancellation from one in time."),
    "location": ("Site", ""),
    "price": ("Price", "What was charged for the visit, in a row for each visit."),
}
"""Columns that are asked for: what each is called, and what it is."""

MEANT = {
    "completed": "completed",
    "no-show": "no-show",
    "cancelled": "cancelled late",
    "booked": "booked, still to come",
    "induction": "induction: an infusion of a series",
    "booster": "booster",
    "infusion": "an infusion: series or booster, by the gaps",
    "consult": "a consult: a new patient's, or a follow-up after an infusion",
    "follow-up": "a follow-up: a consult of a patient who is there already",
    "ignore": "leave these rows out",
}
"""Meanings of words, in words."""

_CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "dates": [("", "as recognised"), *(ORDERS | SINCE).items()],
    "blank_patients": [
        ("", "not asked"),
        ("above", "of the patient above"),
        ("nobody", "of nobody: leave them out"),
    ],
    "same_number": [
        ("", "not asked"),
        ("same-patient", "the same patient, at several sites"),
        ("by-site", "different patients: each site has numbers of its own"),
    ],
}
"""Statements that are chosen from a list."""

_LOOKED = ("sheet", "dates", "timezone", "blank_patients", "same_number")
_LEARNT = ("as_of", "whole_history", "learn_clinic", "infusions", "leave_out", "only")
_GONE = (
    "This export is not in memory any more: it is forgotten after half an hour, when others are dropped, and when "
    "the server ends. Drop it again."
)

_WORDS = (
    (r'--column "(\w+)=([^"]+)"', r"“\2” as the \1"),
    (r"name it with --column \w+=HEADING", "choose it in the list"),
    (r", or name another column with --column \w+=HEADING", ", or choose another column"),
    (
        r"[Nn]ame the patients' column with --column patient=HEADING",
        "Choose the patients' column in the list",
    ),
    (r"give the column's number, --column \w+=#\d+ for example", "choose one in the list"),
    (r"give the columns' numbers: --column patient=#1 .*", "choose the columns by their numbers"),
    (r"\(--column date=HEADING\)", "(choose it in the list)"),
    (r"--column kind= if", "or say that there is no column for the kind if"),
    (r"[Uu]se --dates 1900 or --dates 1904", f"Choose “{SINCE['1900']}” or “{SINCE['1904']}”"),
    (r"--dates (dmy|mdy|ymd)", lambda match: ORDERS[match[1]]),
    (r"\(--dates\)", "(the order of the dates)"),
    (r'--status "([^"]*)=([\w-]+)"', r"“\1” means \2"),
    (r"(with )?--as-of (DATE|\d{4}-\d\d-\d\d)", lambda match: f"as the day of the export{_day(match[2])}"),
    (r"--as-of", "the day of the export"),
    (r"--timezone as-written", "“as-written”"),
    (r"with --timezone", "as the time zone"),
    (r"--timezone", "time zone"),
    (r"use --blank-patients (above|nobody)", r"choose “\1”"),
    (r"--blank-patients (above|nobody)", r"“\1”"),
    (r"use --same-number ([\w-]+)", r"choose “\1”"),
    (r"--same-number ([\w-]+)", r"“\1”"),
    (r"choose --sheet NAME or --sheet all", "choose one below"),
    (r"use --learn-clinic", "tick “Learn days, hours and chairs, too”"),
    (r"--learn-clinic", "“Learn days, hours and chairs, too”"),
    (r"with --infusions", "as the number of infusions"),
    (r"--leave-out (\S+)", r"leave out \1"),
    (
        r"; --whole-history if it begins with the clinic's first patient",
        "; or say that it begins with the first one",
    ),
    (r"--whole-history", "“The export begins with the clinic's first patient”"),
    (r"mark them with “word” means ignore", "leave the rows with their word out"),
    (r"these are the base scenario's", "these stay as they were"),
    (r"\b[Tt]he base scenario", "the clinic's file"),
    (r"--panel", "a forecast"),
    (r"--(\w[\w-]*)", lambda match: match[1].replace("-", " ")),
)
"""Options of the command line, and what they are called on the page."""


def _day(written: str) -> str:
    return "" if written == "DATE" else f" {written}"


def in_page_words(line: str) -> str:
    """Say with the words of the page what a message of the command line says."""
    for pattern, words in _WORDS:
        line = re.sub(pattern, words, line)
    return f"{line[:1].upper()}{line[1:]}"


class Choice(NamedTuple):
    """An entry of a list: its value and its words."""

    value: str
    words: str


class Asking(NamedTuple):
    """A field: its name, label, explanation, value and entries."""

    name: str
    label: str
    hint: str
    value: str
    choices: Sequence[Choice]
    effect: str = ""


def show(place: Place, asked: Asked) -> Response:
    """Show the step at which an export is; with `?step=` an earlier one."""
    held = place.exports.get(asked.key)
    if held is None:
        return _gone()
    wanted = asked.query.get("step", [""])[-1]
    steps = ("columns", "words", "learnt")
    if wanted in steps and steps.index(wanted) < steps.index(held.step):
        held.step, held.lines = wanted, []
    return _shown(place, held)


def _gone() -> Response:
    return page("problem.html.j2", NOT_FOUND, title="Not in memory", lines=[_GONE])


def columns(place: Place, asked: Asked) -> Response:
    """Take over which column is which; go on to the words if nothing is open."""
    held = place.exports.get(asked.key)
    if held is None:
        return _gone()
    options = _with_columns(held, asked.form)
    looked: dict[str, Any] = {
        name: asked.last(name).strip() or None for name in _LOOKED if name in asked.form
    }
    options = replace(options, **looked)
    held.step, held.lines = "columns", []
    seen = bool(held.look.columns)
    try:
        place.exports.look(held, options)
    except SimclinicError as error:
        held.lines = list(error.lines)
        return _shown(place, held, INVALID)
    if held.look.problems or not held.look.words:
        return _shown(place, held, INVALID)
    if seen:
        held.step = "words"
    return RedirectResponse(f"/export/{held.key}", SEE_OTHER)


def _with_columns(held: Held, form: Form) -> Options:
    """Return the statements with those on columns that differ from what was recognised."""
    named = dict(held.options.columns or {})
    for role in ROLES:
        if f"column-{role}" not in form:
            continue
        chosen = form[f"column-{role}"][-1]
        places = [int(part) for part in chosen.split("+") if part.isdecimal()]
        places = [at for at in places if at < len(held.look.columns)]
        if tuple(places) == held.look.found.get(role, ()):
            continue
        if places or role not in NEEDED:
            named[role] = "+".join(held.look.columns[at].named for at in places)
    return replace(held.options, columns=named)


def words(place: Place, asked: Asked) -> Response:
    """Take over what the words mean, and learn."""
    held = place.exports.get(asked.key)
    if held is None:
        return _gone()
    held.lines = []
    given: dict[str, dict[str, str]] = {}
    types = _types(_clinic(place, held))
    for what in ("status", "kind"):
        given[what] = {}
        for number, word in enumerate(_listed(held.look, what)):
            meaning = asked.last(f"{what}-{number}")
            if meaning not in meanings(what, types):
                if word.meaning is None:
                    held.lines.append(f"Say what “{word.pattern}” means.")
            elif meaning != word.meaning:
                given[what][word.pattern] = meaning
        if len(held.look.words.get(what, ())) > len(_listed(held.look, what)):
            heading = _heading(held.look, what)
            held.lines.append(f"More words of “{heading}” are not known: is it the right column?")
    more, problems = _more(asked.form)
    held.lines += problems
    held.options = replace(held.options, statuses=given["status"], kinds=given["kind"], **more)
    if held.lines:
        return _shown(place, held, INVALID)
    clinic = _clinic(place, held)
    held.version = "" if clinic is None else fingerprint(clinic.text())
    try:
        place.exports.learn(held, None if clinic is None else clinic.path.name)
    except SimclinicError as error:
        held.lines = list(error.lines)
        return _shown(place, held, INVALID)
    held.step = "learnt"
    return RedirectResponse(f"/export/{held.key}", SEE_OTHER)


def _listed(look: Look, what: str) -> Sequence[Word]:
    found = look.words.get(what, ())
    unknown = [word for word in found if word.meaning is None]
    return [*unknown[:MOST], *(word for word in found if word.meaning is not None)]


def _heading(look: Look, role: str) -> str:
    return " + ".join(look.columns[at].shown for at in look.found.get(role, ()))


def _more(form: Form) -> tuple[dict[str, Any], list[str]]:
    """Read the other statements, and list what is wrong with them."""
    problems: list[str] = []
    found: dict[str, Any] = {
        "whole_history": "whole_history" in form,
        "learn_clinic": "learn_clinic" in form,
        "as_of": None,
        "infusions": None,
        "leave_out": (),
        "only": (),
    }
    given = {name: form.get(name, [""])[-1].strip() for name in _LEARNT}
    if given["as_of"]:
        try:
            found["as_of"] = dt.date.fromisoformat(given["as_of"])
        except ValueError:
            problems.append(f"The day of the export: {given['as_of']!r} is not a date such as 2026-03-14.")
    if given["infusions"]:
        number = int(given["infusions"]) if given["infusions"].isdecimal() else 0
        if 1 <= number <= 100:
            found["infusions"] = number
        else:
            problems.append("The number of infusions of a series must be a whole number from 1 to 100.")
    if given["leave_out"]:
        try:
            found["leave_out"] = tuple(parse_period(part) for part in given["leave_out"].split())
        except ValueError as error:
            problems.append(f"Periods to leave out: {error}.")
    if given["only"]:
        pairs = [part.partition("=") for part in given["only"].split(",")]
        if all(equals and before.strip() for before, equals, _ in pairs):
            found["only"] = tuple((before.strip(), after.strip()) for before, _, after in pairs)
        else:
            problems.append("Only some rows: write COLUMN=VALUE, such as location=North.")
    return found, problems


def keep(place: Place, asked: Asked) -> Response:
    """Write what was learnt into the clinic or as a new one, and forget the export."""
    held = place.exports.get(asked.key)
    if held is None:
        return _gone()
    if held.step != "learnt":
        return RedirectResponse(f"/export/{held.key}", SEE_OTHER)
    folder = place.folder / held.folder
    clinic = _clinic(place, held)
    if asked.last("where") == "here" and clinic is not None:
        if fingerprint(clinic.text()) != held.version:
            held.lines = [
                "The clinic has changed since this was learnt, so nothing was written. Learn again."
            ]
            held.step = "words"
            return _shown(place, held, CONFLICT)
        keep_in(clinic, folder)
        key = clinic.key
    else:
        path = keep_new(place.folder, asked.last("name").strip(), folder)
        key = next(each.key for each in clinic_files(place.folder) if each.path.name == path.name)
    place.exports.forget(held.key)
    return RedirectResponse(f"/clinic/{key}/patients", SEE_OTHER)


def forget(place: Place, asked: Asked) -> Response:
    """Forget an export."""
    held = place.exports.get(asked.key)
    place.exports.forget(asked.key)
    clinic = None if held is None else _clinic(place, held)
    return RedirectResponse("/" if clinic is None else f"/clinic/{clinic.key}/patients", SEE_OTHER)


def _clinic(place: Place, held: Held) -> ClinicFile | None:
    """Find the clinic for which an export was dropped; None if it is for a new one, or the clinic has gone."""
    if held.file is None:
        return None
    found = [each.key for each in clinic_files(place.folder) if each.path.name == held.file]
    return clinic_file(place.folder, found[0]) if found else None


def _shown(place: Place, held: Held, status: int = 200) -> Response:
    clinic = _clinic(place, held)
    common = {
        "held": held,
        "clinic": clinic,
        "lines": [in_page_words(line) for line in held.lines],
        **({} if clinic is None else {"tabs": tabs(clinic.key, "patients")}),
    }
    if held.step == "learnt":
        document = json.loads(held.answer)
        return page(
            "learnt.html.j2",
            status,
            title="What was learnt",
            read=read_line(document),
            today=today_line(document),
            six=learnt_lines(document),
            unknown=[in_page_words(each) for each in (*document["cannot_tell"], *document["kept"])],
            warnings=[in_page_words(each) for each in document["warnings"]],
            called=document["scenario"],
            command=_command(held, clinic),
            folder=held.folder,
            **common,
        )
    look = held.look
    if held.step == "columns":
        problems = [in_page_words(sentence(problem)) for problem in look.problems]
        return page(
            "columns.html.j2",
            status,
            title="Step 1 of 2: which column is which?",
            fields=_columns(look),
            details=_details(held),
            open=any(
                f"--{name.replace('_', '-')}" in text
                for name in _LOOKED
                for text in (*held.lines, *(problem.rule for problem in look.problems))
            ),
            problems=problems,
            look=look,
            **common,
        )
    return page(
        "words.html.j2",
        status,
        title="Step 2 of 2: what do the words mean?",
        groups=_words_asked(held, _types(clinic)),
        options=held.options,
        said={name: _said(held.options, name) for name in ("leave_out", "only")},
        open=any(f"--{name.replace('_', '-')}" in text for name in _LEARNT for text in held.lines),
        look=look,
        **common,
    )


def _columns(look: Look) -> list[Asking]:
    listed = [
        Choice(str(at), f"{column.shown} ({column.different:,} different)")
        for at, column in enumerate(look.columns)
    ]
    fields = []
    for role, (label, hint) in ROLES.items():
        found = look.found.get(role, ())
        value = "+".join(map(str, found))
        none = Choice("", "choose one" if role in NEEDED else "no such column")
        several = [Choice(value, _heading(look, role))] if len(found) > 1 else []
        fields.append(Asking(f"column-{role}", label, hint, value, [none, *several, *listed]))
    return fields


def _details(held: Held) -> list[Asking]:
    """Return the other questions of the first step."""
    options = held.options
    sheets = [name for name in held.look.sheets if name]
    fields = []
    if len(sheets) > 1:
        entries = [
            Choice("", "as recognised"),
            *(Choice(name, name) for name in sheets),
            Choice("all", "all"),
        ]
        fields.append(Asking("sheet", "Sheet", "", options.sheet or "", entries))
    for name, label in (
        ("dates", "Order of day, month and year"),
        ("blank_patients", "Rows without a patient are"),
        ("same_number", "The same number at two sites is"),
    ):
        entries = [Choice(*each) for each in _CHOICES[name]]
        if name == "dates" and held.look.dates:
            entries[0] = Choice("", f"as recognised: {held.look.dates}")
        fields.append(Asking(name, label, "", getattr(options, name) or "", entries))
    hint = "Such as America/New_York, if the times are in universal time; as-written if they are local."
    fields.append(Asking("timezone", "Time zone of the clinic", hint, options.timezone or "", []))
    return fields


def _types(clinic: ClinicFile | None) -> Sequence[str]:
    """Return the types of visit that a kind may mean: those of the clinic for which the export was dropped."""
    if clinic is None:
        return ()
    try:
        scenario = read_clinic(clinic, clinic.text())
        return tuple(kind for kind in scenario.visit_types if kind != scenario.intake.visit)
    except SimclinicError:  # the answer to the page says what is wrong with it
        return ()


def _meant(meaning: str) -> str:
    if meaning in MEANT:
        return MEANT[meaning]
    name, _, kind = meaning.partition(" ")
    return f"{name}: {kind or 'series or booster, by the gaps'}"


def _words_asked(held: Held, types: Sequence[str]) -> list[tuple[str, list[Asking]]]:
    """Return the words of each column: those that are not known first."""
    look, options = held.look, held.options
    groups = []
    for what, given in (("status", options.statuses), ("kind", options.kinds)):
        fields = []
        for number, word in enumerate(_listed(look, what)):
            offered = list(meanings(what, types))
            if word.likely in offered:
                offered.insert(0, offered.pop(offered.index(word.likely)))
            choices = [Choice(meaning, _meant(meaning)) for meaning in offered]
            value = (given or {}).get(word.pattern, word.meaning or "")
            if word.meaning is None:
                choices.insert(0, Choice("", "choose a meaning"))
            shown = word.pattern[:80] or "(empty)"
            hint = f"{word.rows:,} row{'' if word.rows == 1 else 's'}"
            if word.different > 1:
                hint += f", {word.different:,} spellings" if word.meaning else f", {word.different:,} words"
            fields.append(Asking(f"{what}-{number}", shown, hint, value, choices, word.effect))
        if fields:
            groups.append((_heading(look, what), fields))
    return groups


def _said(options: Options, name: str) -> str:
    if name == "leave_out":
        return " ".join(f"{first}/{last}" for first, last in options.leave_out)
    return ", ".join(f"{column}={wanted}" for column, wanted in options.only)


def _command(held: Held, clinic: ClinicFile | None) -> str:
    base = [] if clinic is None else ["--scenario", clinic.path.name]
    return shlex.join(["simclinic", "calibrate", Path(held.export.name).name, *base, *held.options.words()])


ROUTES: tuple[Route, ...] = (
    ("GET", "/export/{key}", show),
    ("POST", "/export/{key}/columns", columns),
    ("POST", "/export/{key}/words", words),
    ("POST", "/export/{key}/keep", keep),
    ("POST", "/export/{key}/forget", forget),
)
