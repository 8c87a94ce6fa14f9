"""A panel file: today's patients, in whatever way a booking system or a spreadsheet writes them."""

import datetime as dt
import random

import pytest

from simclinic.errors import ScenarioError
from simclinic.sampling.draws import Sampler
from simclinic.scenario import baseline, from_toml, with_overrides
from simclinic.scenario.panel import COLUMNS, read_panel, scenario_contradictions, start_contradictions
from simclinic.studies.forecast import from_today

SCENARIO = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=4"])

GOOD = """\
patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
A-17,waiting,2025-12-20,twice-weekly,0,,0,
B-02,series,2025-11-29,twice-weekly,3,2026-01-02,0,2026-01-05
C-40,maintained,2025-06-11,twice-weekly,6,2025-12-11,4,
D-41,maintained,2025-06-11,thrice-weekly,6,2025-12-30,0,2026-01-07T09:30
"""


@pytest.fixture
def read(tmp_path):
    def made(text, scenario=SCENARIO):
        file = tmp_path / "panel.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_panel(file, scenario)

    return made


@pytest.fixture
def problems(read):
    def problems_of(text, scenario=SCENARIO):
        with pytest.raises(ScenarioError) as caught:
            read(text, scenario)
        return caught.value.problems

    return problems_of


def test_a_booster_can_be_asked_for_and_not_yet_booked(read, problems):
    head, *rows = GOOD.splitlines()
    with_it = "\n".join([f"{head},asked_on", f"{rows[2]},2026-01-03", *(f"{row}," for row in rows[:2])])
    panel = read(with_it)
    assert {patient.asked_on for patient in panel.patients} == {None, dt.date(2026, 1, 3)}
    assert panel.last_past == dt.date(2026, 1, 3)
    (message,) = start_contradictions(panel, dt.date(2026, 1, 3))
    assert message.startswith(
        "1 past dates in the panel lie on 2026-01-03, the first simulated day, or later"
    )
    assert (
        read("\n".join([f"{head},asked_on", *(f"{row}," for row in rows)])).fingerprint
        == read(GOOD).fingerprint
    )
    assert panel.fingerprint != read("\n".join([head, rows[2], *rows[:2]])).fingerprint
    wrong = [
        f"{rows[0]},2026-01-03",
        f"{rows[1]},2026-01-03",
        f"{rows[2]},2025-12-10",
        f"{rows[3]},2026-01-03",
    ]
    results = problems("\n".join([f"{head},asked_on", *wrong]))
    assert [(each.line, each.address) for each in results] == [(line, "asked_on") for line in (2, 3, 4, 5)]
    assert "must be empty for a patient of stage 'waiting'" in results[0].rule
    assert "must not lie before last_infusion_on" in results[2].rule
    assert "next_appointment" in results[3].rule


def test_a_patient_may_have_left_unseen(read, problems):
    head, *rows = GOOD.splitlines()
    panel = read("\n".join([f"{head},stays", f"{rows[2]},0.85", *(f"{row}," for row in rows[:2])]))
    assert sorted(patient.stays for patient in panel.patients) == [0.85, 1.0, 1.0]
    certain = read("\n".join([head, rows[2], *rows[:2]]))
    assert read("\n".join([f"{head},stays", *(f"{row},1" for row in (rows[2], *rows[:2]))])) == certain
    assert panel.fingerprint != certain.fingerprint
    assert panel.fingerprint != read("\n".join([f"{head},stays", f"{rows[2]},0.9", *rows[:2]])).fingerprint
    both = f"{rows[2].rsplit(',', 1)[0]},2026-01-09,"
    wrong = [
        *(
            f"{rows[2].replace('C-40', f'C-{at}')},{text}"
            for at, text in enumerate(("0", "1.1", "90 %", "-0.5"))
        ),
        f"{rows[0]},0.5",
        f"{rows[1]},0.5",
        f"{both}0.5",
    ]
    results = problems("\n".join([f"{head},stays", *wrong]))
    assert [(each.line, each.address) for each in results] == [(line, "stays") for line in range(2, 9)]
    assert all("a share above 0 and at most 1" in each.rule for each in results[:4])
    assert "must be empty for a patient of stage 'waiting'" in results[4].rule
    assert "must be empty if there is a next_appointment" in results[6].rule


def test_what_a_panel_says(read):
    panel = read(GOOD)
    assert [panel.count(stage) for stage in ("waiting", "series", "maintained")] == [1, 1, 2]
    assert panel.last_past == dt.date(2026, 1, 2)
    assert panel.unread == ()
    by_boosters = {(p.stage, p.boosters_done): p for p in panel.patients}
    four = by_boosters["maintained", 4]
    assert (four.protocol, four.infusions_done, four.last_infusion_on) == (
        "twice-weekly",
        6,
        dt.date(2025, 12, 11),
    )
    assert by_boosters["maintained", 0].next_appointment == dt.datetime(2026, 1, 7, 9, 30)
    series = by_boosters["series", 0]
    assert (series.infusions_done, series.next_appointment) == (3, dt.date(2026, 1, 5))
    assert type(series.next_appointment) is dt.date
    assert by_boosters["waiting", 0].referred_on == dt.date(2025, 12, 20)


def other_order(text):
    head, *rows = text.splitlines()
    random.Random(3).shuffle(rows)
    return "\n".join([head, *rows]) + "\n"


def other_columns(text):
    rows = [line.split(",") for line in text.splitlines()]
    return "\n".join(",".join(reversed(row)) for row in rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n\n" + text.replace("\n", "\n\n"),
        lambda text: text.replace("patient,stage", " Patient , STAGE "),
        lambda text: text.replace("waiting", "Waiting").replace("series", " SERIES "),
        lambda text: "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()),
        lambda text: text.replace("T09:30", " 09:30:00"),
        lambda text: text.replace("2025-12-11", "20251211"),
        lambda text: text.replace("\n", ",,\n"),
        lambda text: text.replace("A-17,waiting,2025-12-20,twice-weekly,0,,0,", "A-17,waiting,2025-12-20"),
        lambda text: text + ",,,,\n",
        other_order,
        other_columns,
    ],
)  # fmt: skip
def test_every_spelling_is_the_same_panel(read, change):
    other = change(GOOD)
    assert other != GOOD
    panel, again = read(GOOD), read(other)
    assert again == panel
    assert again.fingerprint == panel.fingerprint
    one, two = (Sampler(SCENARIO, each).sample(5, 2) for each in (panel, again))
    assert repr(one.initial) == repr(two.initial)
    assert len(one.initial) == 4
    assert one.responder.tolist() == two.responder.tolist()
    assert repr(one.follows) == repr(two.follows)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("A-17", "A-18"),
        lambda text: text.replace("2025-12-11,4", "2025-12-11,5"),
        lambda text: text.replace("2025-12-11", "2025-12-12"),
        lambda text: text.replace("2025-12-11", "2025-12-11T00:00"),
        lambda text: text.replace("T09:30", "T09:45"),
        lambda text: text.replace("D-41,maintained,2025-06-11,thrice", "D-41,maintained,2025-06-11,twice"),
        lambda text: text + "E-1,waiting,,,,,,\n",
    ],
)
def test_every_other_panel_has_another_fingerprint(read, change):
    assert read(change(GOOD)).fingerprint != read(GOOD).fingerprint


def test_one_patient_more_leaves_the_luck_of_the_others(read):
    few, more = read(GOOD), read(GOOD + "E-1,maintained,,,6,2025-12-01,2,\n")
    one, two = (Sampler(SCENARIO, each).sample(5, 2) for each in (few, more))
    place = {patient.key: at for at, patient in enumerate(more.patients)}
    for at, patient in enumerate(few.patients):
        here, there = one.newcomers + at, two.newcomers + place[patient.key]
        assert one.weight[here] == two.weight[there]
        assert one.responder[here] == two.responder[there]
        assert repr(one.follows.get(here)) == repr(two.follows.get(there))
    assert one.newcomers == two.newcomers


def test_what_is_left_out_is_usual(read):
    panel = read("patient,stage,last_infusion_on,phone\n7,maintained,2025-12-30,555\n8,waiting,,\n")
    assert panel.unread == ("phone",)
    kept, waiting = sorted(panel.patients, key=lambda patient: patient.stage)
    assert (kept.infusions_done, kept.boosters_done, kept.protocol) == (6, 0, "twice-weekly")
    assert (waiting.infusions_done, waiting.referred_on) == (0, None)


def test_an_empty_panel_is_one(read):
    panel = read(",".join(COLUMNS) + "\n")
    assert panel.patients == ()
    assert panel.last_past is None
    assert from_today(SCENARIO, panel).run.start == SCENARIO.run.start


# -- what is wrong -------------------------------------------------------------------------------------------

ROW = {
    "patient": "SECRET-1",
    "stage": "maintained",
    "referred_on": "2025-06-11",
    "protocol": "twice-weekly",
    "infusions_done": "6",
    "last_infusion_on": "2025-12-11",
    "boosters_done": "4",
    "next_appointment": "",
    "asked_on": "",
    "stays": "",
}
IN_SERIES = {"stage": "series", "infusions_done": "3", "boosters_done": "0"}
WAITING = {"stage": "waiting", "infusions_done": "", "boosters_done": "", "last_infusion_on": ""}


def line(**cells):
    return ",".join((ROW | cells)[name] for name in COLUMNS)


def sheet(*rows):
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


@pytest.mark.parametrize(
    ("cells", "column", "rule", "value", "suggestion"),
    [
        ({"patient": " "}, "patient", "must not be empty", None, None),
        ({"stage": "maintainde"}, "stage", "waiting, series or maintained", "maintainde", "maintained"),
        ({"stage": ""}, "stage", "waiting, series or maintained", "", None),
        ({"protocol": "twice-weakly"}, "protocol", "must be a protocol", "twice-weakly", "twice-weekly"),
        ({"referred_on": "11.06.2025"}, "referred_on", "must be a date such as 2026-03-04", "11.06.2025", None),
        ({"referred_on": "2025-02-30"}, "referred_on", "must be a date", "2025-02-30", None),
        ({"referred_on": "2025-12-12"}, "referred_on", "must not lie after last_infusion_on", "2025-12-12", None),
        ({"referred_on": "1025-12-12"}, "referred_on", "must lie between 1900", "1025-12-12", None),
        ({"last_infusion_on": "9999-12-31"}, "last_infusion_on", "must lie between 1900", "9999-12-31", None),
        ({"last_infusion_on": ""}, "last_infusion_on", "must be given", None, None),
        ({"next_appointment": "tomorrow"}, "next_appointment", "must be a date", "tomorrow", None),
        ({"next_appointment": "2026-01-07T25:00"}, "next_appointment", "must be a date", "2026-01-07T25:00", None),
        ({"next_appointment": "2026-01-07T09:30Z"}, "next_appointment", "time zone", "2026-01-07T09:30Z", None),
        ({"infusions_done": "six"}, "infusions_done", "must be a whole number from 0 to 10,000", "six", None),
        ({"infusions_done": "-1"}, "infusions_done", "whole number", "-1", None),
        ({"infusions_done": "6.0"}, "infusions_done", "whole number", "6.0", None),
        ({"infusions_done": "0"}, "infusions_done", "must be at least 1", "0", None),
        ({"boosters_done": "10001"}, "boosters_done", "whole number", "10001", None),
        ({"boosters_done": "9" * 300}, "boosters_done", "whole number", "9" * 40, None),
        ({"boosters_done": "٣"}, "boosters_done", "whole number", "٣", None),
        (IN_SERIES | {"infusions_done": "6"}, "infusions_done", "must be from 1 to 5 in a series of 6", "6", None),
        (IN_SERIES | {"infusions_done": "0"}, "infusions_done", "must be from 1 to 5", "0", None),
        (IN_SERIES | {"infusions_done": ""}, "infusions_done", "must be from 1 to 5", None, None),
        (IN_SERIES | {"last_infusion_on": ""}, "last_infusion_on", "must be given", None, None),
        (IN_SERIES | {"boosters_done": "1"}, "boosters_done", "must be 0 for a patient of", "1", None),
        (WAITING | {"boosters_done": "1"}, "boosters_done", "must be 0 for a patient of", "1", None),
        (WAITING | {"infusions_done": "1"}, "infusions_done", "must be 0 for a patient who waits", "1", None),
        (WAITING | {"last_infusion_on": "2026-01-01"}, "last_infusion_on", "must be empty", "2026-01-01", None),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told(problems, cells, column, rule, value, suggestion):
    (problem,) = problems(sheet(line(patient="other"), line(**cells)))
    assert problem.file.endswith("panel.csv")
    assert (problem.line, problem.address) == (3, column)
    assert rule in problem.rule
    assert problem.value == (None if value is None else repr(value))
    assert problem.suggestion == suggestion
    assert "SECRET" not in str(problem)


def test_a_series_of_one_infusion_has_nobody_within_it(problems):
    scenario = from_toml('name = "once"\n[protocols.once]\ninfusions = 1\n[demand.protocol_mix]\nonce = 1\n')
    (problem,) = problems(sheet(line(**IN_SERIES, protocol="once")), scenario)
    assert problem.rule.startswith("a patient cannot be within a series of one infusion")


def test_everything_wrong_is_told_at_once(problems):
    messages = problems(
        sheet(
            line(stage="wating", referred_on="x", boosters_done="y"),
            line(patient="SECRET-2"),
            line(patient="SECRET-2", infusions_done="0"),
            line(patient="SECRET-3") + ",more",
            line(patient="SECRET-4", protocol="z"),
        )
    )
    assert [(problem.line, problem.address) for problem in messages] == [
        (2, "stage"),
        (2, "referred_on"),
        (2, "boosters_done"),
        (4, "patient"),
        (4, "infusions_done"),
        (5, ""),
        (6, "protocol"),
    ]
    assert messages[3].rule == "this patient is already in line 3"
    assert messages[5].rule == "has 11 cells for 10 columns"
    assert "SECRET" not in "\n".join(map(str, messages))


def test_a_wholly_wrong_file_is_told_briefly(problems):
    messages = problems(sheet(*(line(patient=f"SECRET-{k}", stage="?") for k in range(500))))
    assert len(messages) == 20


@pytest.mark.parametrize(
    ("head", "rule", "suggestion"),
    [
        ("patient,stag,referred_on", "is not a column of a panel", "stage"),
        ("patient", "this column is missing", None),
        ("stage,protocol", "this column is missing", None),
        ("patient,stage,stage", "this column is given twice", None),
        ("patient,stage,last_infusion", "is not a column of a panel", "last_infusion_on"),
    ],
)
def test_a_wrong_header_is_told(problems, head, rule, suggestion):
    messages = problems(head + "\nSECRET-1,waiting\n")
    assert messages[0].line == 1
    assert rule in messages[0].rule
    assert messages[0].suggestion == suggestion
    assert "SECRET" not in "\n".join(map(str, messages))


@pytest.mark.parametrize("name", ["SECRET-1", "patient-SECRET", "patientSECRET"])
def test_a_file_without_a_header_shows_no_cell(problems, name):
    (problem,) = problems(GOOD.split("\n", 1)[1].replace("A-17", name))
    assert problem.line == 1
    assert problem.rule.startswith("must name the columns: patient, stage")
    assert "SECRET" not in str(problem)


@pytest.mark.parametrize("head", ["stage,patient", "patient,stage"])
def test_a_line_that_is_cut_off(problems, head):
    (problem,) = problems(f"{head}\nwaiting\n" if head.startswith("stage") else f"{head}\nSECRET-1\n")
    assert problem.line == 2
    assert problem.address == head.rpartition(",")[2]
    assert "SECRET" not in str(problem)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "is empty: the first line must name the columns"),
        (b"\n \n", "is empty"),
        (GOOD.encode("utf-16"), "is in UTF-16"),
        ("patient,stage\nJosé,waiting\n".encode("latin-1"), "is not in UTF-8"),
        (b"patient,stage\n" + b"x" * 20_000_001, "is larger than"),
        (b'patient,stage\n"SECRET,waiting\n7,waiting\n', "is not a table"),
        (b'patient,stage\n"SEC"RET,waiting\n', "is not a table"),
        (b"patient,stage\n" + b"x" * 200_000 + b",waiting\n", "is not a table"),
    ],
)
def test_what_is_no_table_is_told(problems, content, rule):
    (problem,) = problems(content)
    assert rule in problem.rule
    assert "SECRET" not in str(problem)


def test_no_file_and_a_folder(tmp_path):
    for path, rule in ((tmp_path / "none.csv", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(ScenarioError, match=rule):
            read_panel(path, SCENARIO)


# -- the day it is taken up -----------------------------------------------------------------------------------


def test_a_forecast_begins_after_the_panels_past(read):
    panel = read(GOOD)
    assert from_today(SCENARIO, panel).run.start == dt.date(2026, 1, 5)  # the Monday after a Friday
    assert start_contradictions(panel, dt.date(2026, 1, 3)) == []
    assert start_contradictions(panel, dt.date(2026, 1, 5)) == []
    (late,) = start_contradictions(panel, dt.date(2026, 1, 2))
    assert late.startswith("1 past dates in the panel lie on 2026-01-02, the first simulated day, or later")
    (early,) = start_contradictions(panel, dt.date(2026, 1, 6))
    assert early.startswith("1 next appointments lie before 2026-01-06")


def test_the_last_day_there_is(read):
    panel = read("patient,stage,last_infusion_on\n1,maintained,2199-12-31\n")
    assert from_today(SCENARIO, panel).run.start == dt.date(2200, 1, 1)


# -- in other scenarios than the one it was read with ---------------------------------------------------------


def test_a_scenario_without_a_protocol_of_the_panel_is_refused_by_name(read):
    panel = read(GOOD)
    assert scenario_contradictions(SCENARIO, panel) == []
    lacking = with_overrides(
        SCENARIO,
        [
            'name="Without"',
            'demand.protocol_mix={"thrice-weekly"=1.0}',
            "protocols.twice-weekly=false",
        ],
    )
    [message] = scenario_contradictions(lacking, panel)
    assert message.startswith("'Without' has no protocol 'twice-weekly', the protocol of ")
    assert "(it has thrice-weekly" in message


def test_a_series_that_would_be_over_is_refused(read):
    panel = read(
        "patient,stage,infusions_done,last_infusion_on\n1,series,4,2026-01-02\n2,series,3,2026-01-02\n"
    )
    shorter = with_overrides(
        SCENARIO, ["protocols.twice-weekly.infusions=4", "response.drop_out=[0.1, 0.1, 0.1]"]
    )
    [message] = scenario_contradictions(shorter, panel)
    assert "has 4 infusions, but 1 of the panel's patients in this series have had as many or more" in message
