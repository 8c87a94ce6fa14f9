"""Headings of exports for each column, in plain English and in the systems that clinics use.

>>> roles("PAT_MRN_ID"), roles("Appt. Date"), roles("participant[0].actor.reference")
(('patient',), ('date',), ('patient',))

A heading is compared without capitals, blanks, dots and underscores. Some are ambiguous: `Scheduled Date` is
the day of the visit in one system and the day of booking in another. The cells of the column decide.
"""

from __future__ import annotations

import re
from functools import cache

from simclinic.calibration.text import plain, squeezed

NEEDED = ("patient", "date", "status")

NAMES: dict[str, tuple[str, ...]] = {
    "patient": (
        *(
            "patient",
            "patient id",
            "mrn",
            "medical record number",
            "patient mrn",
            "patient number",
            "patient no",
        ),
        *(
            "client id",
            "client",
            "chart number",
            "chart no",
            "chart",
            "chart id",
            "record number",
            "record no",
        ),
        *("person id", "person", "pid", "patient guid", "patient key", "patient uuid", "patient account"),
        *("patient acct no", "patient account number", "account number", "acct no", "acct", "client number"),
        *("client no", "client guid", "member id", "person number", "case number", "case no", "file number"),
        # Epic, Cerner, OpenEMR, VistA and its warehouse, HL7, FHIR
        *("pat mrn id", "pat mrn", "pat id", "patient durable key", "enterprise patient id", "epi", "empi"),
        *("pc pid", "patient sid", "patient icn", "icn", "dfn", "patient dfn", "patient ien", "ssn"),
        *("pid 3", "pid 3 1", "pid 2", "patient identifier list", "pid 3 patient identifier list"),
        *("participant actor reference", "subject reference", "participant actor identifier value"),
        *("patient reference", "patient identifier", "subject identifier value", "subject id", "subject"),
        *("patient name", "client name", "pat name", "full name", "customer", "customer id", "email"),
        *(
            "patient full name",
            "patientenr",
            "patienten nr",
            "dossier",
            "no dossier",
            "patientennummer",
            "paciente",
        ),
        *(
            "usager",
            "no usager",
            "nhs number",
            "historia clinica",
            "nº historia",
            "patient chart id",
            "person nbr",
        ),
        *(
            "id patient",
            "identifiant patient",
            "nom du patient",
            "nom",
            "patientennr",
            "paziente",
            "id paziente",
        ),
        *("patiëntnummer", "patiënt", "bsn", "prontuário", "id paciente", "nome do paciente", "personnummer"),
        *(
            "n patient",
            "numéro patient",
            "numéro de patient",
            "n dossier",
            "numéro de dossier",
            "n de dossier",
        ),
        *("patientnummer", "cpr", "id", "name"),
    ),
    "date": (
        *("date", "appointment date", "appt date", "visit date", "service date", "date of service", "dos"),
        *("appointment start", "appt start", "scheduled start", "start", "start date", "starts", "date time"),
        *("datetime", "appointment date time", "appt date time", "appointment start time", "scheduled date"),
        *(
            "scheduled for",
            "scheduled",
            "appointment",
            "appt",
            "begin",
            "when",
            "day",
            "start at",
            "starts at",
        ),
        *("appointment day", "appt day", "visit start", "visit date time", "date of visit", "encounter date"),
        *("date of appointment", "session date", "treatment date", "infusion date", "scheduled start time"),
        *(
            "scheduled date time",
            "scheduled time",
            "start date time",
            "appointment start date",
            "appt start date",
        ),
        *(
            "scheduled start date",
            "planned start",
            "appointment date and time",
            "date and time",
            "scheduled at",
        ),
        *(
            "start datetime",
            "event date",
            "event start",
            "booking date",
            "slot",
            "slot start",
            "scheduled day",
        ),
        # Epic, Cerner, athena, OpenEMR, VistA and its warehouse, HL7, FHIR
        *("appt dttm", "contact date", "appointment instant", "encounter start", "visit instant"),
        *(
            "beg dt tm",
            "appt dt tm",
            "begin dt tm",
            "begin dts",
            "sch beg dt tm",
            "appt beg dt tm",
            "start dt tm",
        ),
        *(
            "pc event date",
            "sch 11",
            "sch 11 4",
            "ais 4",
            "appointment timing quantity",
            "start date time instant",
        ),
        *("period start", "actual period start", "planned start date", "requested period start"),
        *(
            "datum",
            "date rdv",
            "rendez vous",
            "termin",
            "fecha",
            "fecha hora",
            "date heure",
            "visit",
            "session",
            "encounter",
        ),
        *(
            "fecha y hora",
            "fecha cita",
            "fecha de la cita",
            "fecha de cita",
            "data",
            "data visita",
            "data e ora",
        ),
        *(
            "data da consulta",
            "data e hora",
            "date de début",
            "date du rdv",
            "date du rendez vous",
            "afspraak",
        ),
        *("termindatum", "tidpunkt", "dato", "afspraakdatum", "appointment on"),
    ),
    "time": (
        *("time", "appointment time", "appt time", "start time", "visit time", "time of visit", "begin time"),
        *(
            "scheduled time",
            "time of appointment",
            "appt start time",
            "appointment start time",
            "hour",
            "slot time",
        ),
        *(
            "scheduled start time",
            "start hour",
            "session time",
            "time of day",
            "pc start time",
            "heure",
            "uhrzeit",
        ),
        *("time start", "event time", "from", "clock", "time slot", "beginn", "appt begin time"),
        *(
            "hora",
            "ora",
            "tijd",
            "tid",
            "heure de début",
            "hora inicio",
            "hora de inicio",
            "orario",
            "klockslag",
        ),
    ),
    "end": (
        *(
            "end",
            "end at",
            "end time",
            "end date",
            "ends",
            "ends at",
            "appointment end",
            "appt end",
            "scheduled end",
        ),
        *(
            "appointment end time",
            "appt end time",
            "visit end",
            "finish",
            "finish time",
            "end date time",
            "to",
        ),
        *(
            "until",
            "end dt tm",
            "pc end time",
            "period end",
            "actual period end",
            "end datetime",
            "scheduled end time",
        ),
        *(
            "slot end",
            "event end",
            "time end",
            "actual end",
            "actual end time",
            "finished",
            "finished at",
            "ended",
        ),
        *("encounter end", "infusion end", "treatment end"),
    ),
    "status": (
        *(
            "status",
            "appointment status",
            "appt status",
            "visit status",
            "stat",
            "state",
            "outcome",
            "attendance",
        ),
        *(
            "result",
            "attendance status",
            "booking status",
            "encounter status",
            "appt stat",
            "confirmation status",
        ),
        *(
            "event status",
            "current status",
            "status name",
            "status description",
            "disposition",
            "visit outcome",
        ),
        *("show status", "appointment outcome", "attended or did not attend", "attended", "appt outcome"),
        # Epic, Cerner, OpenEMR, VistA, HL7
        *("appt status c name", "appt status name", "appt status c", "visit status name"),
        *(
            "sch state meaning",
            "state meaning",
            "sch state disp",
            "sch state cd",
            "state of appointment meaning dsc",
        ),
        *("pc apptstatus", "pc appt status", "apptstatus", "cancel no show code", "cancellation no show"),
        *("sch 25", "sch 25 1", "filler status code", "appointment status code", "sch 25 filler status code"),
        *("slot status", "statut du rdv", "statut du rendez vous", "stato", "situação", "estado de la cita"),
        *("statut", "estado", "etat", "état", "no show", "noshow", "no show flag", "showed up", "showed"),
    ),
    "kind": (
        *(
            "kind",
            "type",
            "appointment type",
            "appt type",
            "visit type",
            "service type",
            "visit kind",
            "service",
        ),
        *("visit type name", "prc name", "treatment", "treatment name", "reason for visit", "visit reason"),
        *("appointment type name", "appointment reason", "appt type name", "session type", "event type"),
        *(
            "patient appointment type name",
            "appt type cd",
            "appt type disp",
            "appt synonym free",
            "purpose of visit",
        ),
        *(
            "pc title",
            "pc catname",
            "appointment type text",
            "service type text",
            "appointment type coding display",
        ),
        *("service type coding display", "sch 8", "appointment reason text", "procedure", "procedure name"),
        *(
            "procedure code",
            "cpt",
            "cpt code",
            "hcpcs",
            "hcpcs code",
            "service code",
            "billing code",
            "visit code",
        ),
        *(
            "appt type code",
            "appointment type code",
            "terminart",
            "leistung",
            "motif",
            "motif du rdv",
            "prestation",
        ),
        *(
            "tipo de cita",
            "tipo",
            "tipo visita",
            "afspraaktype",
            "prestazione",
            "tipo cita",
            "tipo de consulta",
        ),
        *("type de rdv", "type de rendez vous", "type de consultation", "afspraaksoort", "soort afspraak"),
        *("termintyp", "besuchsart", "besuchsgrund", "behandlungsart", "tipo di visita", "tipo appuntamento"),
        *("besökstyp", "visit category", "appointment category", "encounter type"),
    ),
    "checked_in": (
        *("checked in", "check in", "check in time", "checked in at", "arrived", "arrived at", "arrival"),
        *(
            "arrival time",
            "time in",
            "arrived time",
            "check in date time",
            "check in date",
            "check in datetime",
        ),
        *(
            "checkin dttm",
            "check in dttm",
            "checkin dt tm",
            "check in dt tm",
            "arrive dt tm",
            "arrived dt tm",
        ),
        *(
            "start check in",
            "stop check in",
            "appt check in date",
            "sign in time",
            "signin dttm",
            "signed in",
        ),
        *("begin checkin dttm", "check in instant", "arrival instant", "arrival date time", "pv1 44"),
        *("admit date time", "actual arrival", "check in at", "actual arrival time", "checked in time"),
    ),
    "started": (
        *("actual start", "actual start time", "started", "started at", "treatment start", "infusion start"),
        *(
            "infusion start time",
            "roomed",
            "roomed at",
            "roomed dttm",
            "in room",
            "room time",
            "seated",
            "seen at",
        ),
        *("infusion started", "treatment started", "time roomed", "in session", "actual begin", "chair time"),
        *("treatment start time", "seated at", "rooming time", "in room time", "time in chair"),
    ),
    "left": (
        *("left", "check out", "checked out", "check out time", "checked out at", "left at", "departed"),
        *(
            "departed at",
            "departure",
            "departure time",
            "discharged",
            "discharge time",
            "time out",
            "departed time",
        ),
        *("check out date time", "check out date", "check out datetime", "checkout dttm", "check out dttm"),
        *("checkout dt tm", "check out dt tm", "disch dt tm", "stop check out", "start check out", "pv1 45"),
        *("check out instant", "discharged at", "discharge date time", "departure instant", "visit end dttm"),
        *("check out at", "departed dt tm", "depart dt tm", "checked out time", "discharge"),
    ),
    "booked_on": (
        *("booked on", "booked at", "booking date", "booked", "made on", "date made", "made date", "created"),
        *(
            "created at",
            "created on",
            "created date",
            "date created",
            "creation date",
            "entered on",
            "entry date",
        ),
        *(
            "scheduled on",
            "scheduled date",
            "scheduled at",
            "date scheduled",
            "scheduled day",
            "schedule date",
        ),
        *(
            "appt made date",
            "appt made dttm",
            "appointment made date",
            "date appt made",
            "appointment made on",
        ),
        *("booked date", "date booked", "booking time", "created time", "made on date", "appt made on"),
        *("scheduled date time", "scheduled time", "pc time", "appt scheduled date", "reservation date"),
        *(
            "request date",
            "requested on",
            "appt made time",
            "appointment created",
            "order date",
            "referral date",
        ),
    ),
    "referred_on": (
        *("referred on", "date referred", "referral date", "date of referral", "referral", "referred"),
        *("referral received", "referral received on", "referral received date", "date referral received"),
        *("referral date time", "referral entry date", "referral created", "referral created date"),
        *("referral start date", "ref date", "referral dt tm", "referral dttm", "refd to doctor date"),
    ),
    "cancelled_on": (
        *("cancelled on", "canceled on", "cancelled at", "canceled at", "cancelled date", "canceled date"),
        *(
            "cancellation date",
            "cancelation date",
            "cancel date",
            "date cancelled",
            "date canceled",
            "appt canc date",
        ),
        *(
            "appt canc dttm",
            "appt cancel date",
            "cancelled date time",
            "canceled date time",
            "cancel date time",
        ),
        *(
            "appointment cancelled date time",
            "cancelled time",
            "canceled time",
            "cancelled dttm",
            "cancel dt tm",
        ),
        *("cancellation time", "cancelled datetime", "canceled datetime", "appt cancel dttm"),
        *("cancel time", "cancellation date time", "cancellation"),
    ),
    "birth": (
        *(
            "birth date",
            "date of birth",
            "dob",
            "birthday",
            "born",
            "birthdate",
            "birth",
            "patient dob",
            "birth dt tm",
        ),
        *("patient birth date", "pid 7", "geburtsdatum", "date de naissance", "client dob"),
    ),
    "location": (
        *(
            "location",
            "site",
            "clinic",
            "facility",
            "department",
            "department name",
            "location name",
            "branch",
        ),
        *(
            "office",
            "clinic name",
            "site name",
            "facility name",
            "pc facility",
            "location display",
            "sta3n",
            "practice",
        ),
        *("clinic location", "service location", "department id", "division"),
    ),
    "price": (
        *("price", "fee", "charge", "charges", "visit price", "visit fee", "session price", "session fee"),
        *("amount charged", "charge amount", "total charge", "total charges", "price charged"),
    ),
}
"""Headings of each column, the likeliest first."""

OFFICIAL = {
    "first name": "first",
    "given name": "first",
    "patient first name": "first",
    "client first name": "first",
    "last name": "last",
    "family name": "last",
    "surname": "last",
    "patient last name": "last",
    "client last name": "last",
}
"""Headings of names in two columns, which identify a patient where no identifier does."""
HALVES = {squeezed(heading): half for heading, half in OFFICIAL.items()}

_KEYS = {
    role: {squeezed(name): rank for rank, name in reversed(list(enumerate(names)))}
    for role, names in NAMES.items()
}
_LESS = 100
_GENERIC = {
    "id",
    "name",
    "date",
    "status",
    "type",
    "start",
    "end",
    "time",
    "code",
    "state",
    "day",
    "to",
    "from",
}


@cache
def ranks(heading: str) -> dict[str, int]:
    """Return the roles that a heading can have, with ranks: 0 is the likeliest."""
    for less, spelling in enumerate(_spellings(heading)):
        if ranks_by_role := {
            role: keys[spelling] + _LESS * less for role, keys in _KEYS.items() if spelling in keys
        }:
            return ranks_by_role
    return {}


def roles(heading: str) -> tuple[str, ...]:
    """Return the roles that a heading can have."""
    return tuple(ranks(heading))


def _spellings(heading: str) -> list[str]:
    """Return the spellings under which to look a heading up, the most specific first."""
    spellings = [squeezed(heading)]
    bare = re.sub(r"\([^)]*\)", " ", heading)
    words = [word for word in plain(bare).split() if word not in ("utc", "gmt", "local", "nbr", "num")]
    spellings.append("".join(words))
    spellings.append("".join(word for word in words if not word.isdigit()))
    parts = [part for part in map(squeezed, re.split(r"[.\]\[/:]+", bare)) if part and not part.isdigit()]
    if parts[:1] in (["resource"], ["entry"], ["appointment"]) and len(parts) > 1:
        spellings.append("".join(parts[parts.index("resource") + 1 if "resource" in parts[:2] else 1 :]))
    spellings += [tail for at in range(1, len(parts)) if (tail := "".join(parts[at:])) not in _GENERIC]
    return [spelling for spelling in dict.fromkeys(spellings) if spelling]


def in_universal_time(heading: str) -> bool:
    """Return whether a heading says that its times are in UTC: `start_utc`."""
    return bool({"utc", "gmt", "zulu"} & set(plain(heading).split()))
