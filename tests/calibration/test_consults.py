"""Consults in an export: who is new, what became of them, and what the scenario says; by counting."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration import CalibrationResult, ExportError, Options, calibrate
from simclinic.calibration.likely_words import likely_kind
from simclinic.model import simulate
from simclinic.records import COMPLETED, DAY, KINDS, Records
from simclinic.sampling.draws import draw
from simclinic.scenario import Scenario, from_toml, load, resolved_toml, with_overrides
from simclinic.studies.calibrate import calibrated_scenario, scenario_text
from tests.calibration.test_types import settings
from tests.exports.export import clean

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MONDAY = dt.date(2024, 1, 1).toordinal()
WEEKS = 64
AS_OF = dt.date.fromordinal(MONDAY + 7 * WEEKS)
"""A new patient a week, with a first consult on Tuesday. Of the first 60 the next 28 days are known."""
Row = tuple[str, int, int, str, str, int]
"""Patient, day from 0, hour, status, kind, minutes."""


def world() -> list[Row]:
    """Make appointments of new patients, in groups of eight by the week of their first consult.

    The first of eight misses the consult and stays away, the second misses it and comes a week later. Of those who
    come, the third and fourth do not begin. The four others begin on the Monday 13 days after the consult, and
    the second 6 days after the one that took place, each with six infusions. The last of eight has a follow-up
    consult four weeks after the series.
    """
    made: list[Row] = []
    for number in range(WEEKS):
        who, tuesday, place = f"p{number}", 7 * number + 1, number % 8
        made.append(
            (who, tuesday, 9, "No Show" if place < 2 else "Completed", "New Consult", 40 + 10 * (number % 2))
        )
        if place == 1:
            made.append((who, tuesday + 7, 9, "Completed", "New Consult", 45))
        if place in (0, 2, 3):
            continue
        begin = tuesday + 13
        made += [(who, begin + day, 10, "Completed", "Ketamine", 100) for day in (0, 3, 7, 10, 14, 17)]
        if place == 7:
            made.append((who, begin + 45, 9, "Completed", "New Consult", 20))
    return made


def written(path: Path, rows: list[Row], head: str = "MRN,Date,Status,Type,Check in,Check out") -> Path:
    lines = [head]
    for who, day, hour, status, kind, minutes in sorted(rows, key=lambda row: row[1:3]):
        date = dt.date.fromordinal(MONDAY + day)
        times = f"{date} {hour:02d}:00,{date} {hour + minutes // 60:02d}:{minutes % 60:02d}"
        lines.append(f"{who},{date} {hour:02d}:00,{status},{kind},{times if status == 'Completed' else ','}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def usual() -> Scenario:
    return from_toml('name = "One"', name="one.toml")


def options(**more: object) -> Options:
    given: dict[str, object] = {"kinds": {"New Consult": "consult"}, "whole_history": True, "as_of": AS_OF}
    return Options(**given | more)  # type: ignore[arg-type]


def export(path: Path, rows: list[Row]) -> Path:
    """Write what an export made on the as-of day shows: what lies ahead is booked."""
    past = [row for row in rows if row[1] < 7 * WEEKS or row[3] == "Scheduled"]
    return written(path, past)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> CalibrationResult:
    return calibrate(export(tmp_path_factory.mktemp("export") / "visits.csv", world()), usual(), options())


def estimates(result: CalibrationResult) -> dict[str, tuple[float | None, int]]:
    return {each.parameter: (each.estimate, each.n) for each in result.findings.estimates}


def test_new_patients_are_counted_by_first_consults(learnt: CalibrationResult) -> None:
    assert estimates(learnt)["demand.referrals_per_week"] == (pytest.approx(1.0), 63)


def test_who_misses_every_consult(learnt: CalibrationResult) -> None:
    """Eight of 60; the eight who come to a second appointment have not missed the consult."""
    assert estimates(learnt)["intake.consult_no_show"] == (pytest.approx(8 / 60), 60)
    assert settings(learnt)["intake.consult_no_show"] == pytest.approx(8.5 / 61, rel=1e-4)
    # 64 first appointments, and eight second ones; 16 were missed. Follow-ups do not count.
    assert estimates(learnt)["appointments for consults that were missed"] == (pytest.approx(16 / 72), 72)


def test_conversion(learnt: CalibrationResult) -> None:
    """Of 52 who come, 36 begin: eight at the second appointment, and 28 others."""
    assert estimates(learnt)["intake.accepts"] == (pytest.approx(36 / 52), 52)
    assert settings(learnt)["intake.accepts"] == pytest.approx(36.5 / 53, rel=1e-4)
    assert settings(learnt)["intake.contraindicated"] == 0.0


def test_days_to_the_first_infusion(learnt: CalibrationResult) -> None:
    """28 begin after 13 days, on a Monday, and eight after 6.

    Infusions are on Mondays and Thursdays: a patient who begins on a Monday wished to after Thursday, so two days
    before on average.
    """
    observed = estimates(learnt)["days from consult to first infusion"]
    assert observed == (pytest.approx((28 * 13 + 8 * 6) / 36), 36)
    written_as = settings(learnt)["intake.days_to_decide"]
    assert written_as["mean"] == pytest.approx((28 * 11 + 8 * 4) / 36, rel=1e-3)  # type: ignore[index]
    assert settings(learnt)["booking.notice_days"] == settings(learnt)["intake.days_to_consult"] == 0


def test_infusions_have_their_own_attendance(learnt: CalibrationResult) -> None:
    """No infusion was missed."""
    assert estimates(learnt)["attendance.no_show"][0] == 0.0
    assert estimates(learnt)["attendance.no_show"][1] == learnt.export.visits.status.size
    assert estimates(learnt)["infusions of a series"][0] == 6


def test_the_consult_becomes_a_visit(learnt: CalibrationResult) -> None:
    """Lengths of first consults: 40 or 50 minutes, or 45; the follow-ups of 20 minutes do not count."""
    scenario = calibrated_scenario(scenario_text(learnt, usual()), 'name = "One"')
    assert scenario.intake.visit == "consult"
    step = scenario.visits["consult"].steps["talk"]
    of = [40 if number % 2 == 0 else 50 for number in range(WEEKS) if number % 8 > 1] + [45] * 8
    assert step.minutes.mean == pytest.approx(sum(of) / len(of), rel=1e-3)  # type: ignore[union-attr]
    assert scenario.places["consult-room"].number == 2
    assert any("does not show who holds the consults" in each for each in learnt.findings.cannot_tell)
    assert set(scenario.uncertainty) >= {"consult-no-show", "accepts", "days-to-decide"}


def test_follow_ups_are_named(learnt: CalibrationResult) -> None:
    notes = {note.what: note.count for note in learnt.export.quality.notes}
    assert notes["follow-up consults, of patients who are there already"] == 7
    assert estimates(learnt)["follow-up consults a week"] == (pytest.approx(7 * 7 / 447), 7)
    assert len(learnt.courses.all) == 38


def test_follow_ups_by_their_word(tmp_path: Path) -> None:
    """A follow-up of somebody without an infusion in the export is no new patient."""
    rows = [*world(), *((f"old{n}", 100 + n, 11, "Completed", "Check-up", 20) for n in range(20))]
    kinds = {"New Consult": "consult", "Check-up": "follow-up"}
    result = calibrate(export(tmp_path / "visits.csv", rows), usual(), options(kinds=kinds))
    assert estimates(result)["demand.referrals_per_week"][1] == 63
    assert estimates(result)["follow-up consults a week"][1] == 27
    assert any(warning.startswith("27 consults of 20 minutes") for warning in result.findings.warnings)


def test_the_time_that_follow_ups_take(tmp_path: Path) -> None:
    """Seven of 20 minutes and twenty of an hour: 22.3 hours in 447 days.

    Their number is a Poisson one, so that the variance of their hours is the sum of squares, which a Poisson number
    of equal lengths has whose effective count is (sum)² / sum of squares.
    """
    base = load(SCENARIOS / "consult-days.toml")
    rows = [*world(), *((f"old{n}", 100 + n, 11, "Completed", "Check-up", 60) for n in range(20))]
    kinds = {"New Consult": "consult", "Check-up": "follow-up"}
    result = calibrate(export(tmp_path / "visits.csv", rows), base, options(kinds=kinds))
    [hours] = [each for each in result.findings.estimates if each.parameter.startswith("hours of follow-up")]
    of = [20] * 7 + [60] * 20
    weeks, count = 447 / 7, sum(of) ** 2 / sum(each**2 for each in of)
    assert hours.estimate == pytest.approx(sum(of) / 60 / weeks)
    assert hours.n == 27
    low, high = stats.chi2.ppf([0.025, 0.975], [2 * count, 2 * count + 2]) / 2 / count
    assert (hours.low, hours.high) == pytest.approx((low * hours.estimate, high * hours.estimate))
    [says] = [each for each in result.findings.warnings if each.startswith("27 consults")]
    assert "27 consults of 50 minutes on average (0.4 a week, 0.3 hours)" in says
    assert "A break of as many hours in the shifts of prescriber keeps that time free" in says


def test_a_base_scenario_with_consults(tmp_path: Path) -> None:
    base = load(SCENARIOS / "consult-days.toml")
    result = calibrate(export(tmp_path / "visits.csv", world()), base, options())
    said = settings(result)
    assert said["visits.consult.steps.talk.minutes"]["mean"] == pytest.approx(45.0, abs=0.2)  # type: ignore[index]
    assert not {"intake.visit", "visits.consult.steps.talk.place", "places.consult-room.number"} & said.keys()


def test_an_export_without_consults_shows_too_few(tmp_path: Path) -> None:
    """Only patients who begin are in it; where the consult is no visit, nothing is to be said."""
    rows = [row for row in world() if row[4] == "Ketamine"]
    file = export(tmp_path / "visits.csv", rows)
    base = load(SCENARIOS / "consult-days.toml")
    for scenario, warned in ((base, 1), (usual(), 0)):
        result = calibrate(file, scenario, options(kinds=None))
        assert sum("consults are too few" in each for each in result.findings.warnings) == warned


def test_its_own_name_of_a_consult(tmp_path: Path) -> None:
    text = (SCENARIOS / "consult-days.toml").read_text().replace('"consult"', '"evaluation"')
    base = from_toml(text.replace("visits.consult.", "visits.evaluation."), folder=SCENARIOS, name="own.toml")
    file = export(tmp_path / "visits.csv", world())
    result = calibrate(file, base, options(kinds={"New Consult": "evaluation"}))
    assert "visits.evaluation.steps.talk.minutes" in settings(result)


def test_those_who_begin_without_a_consult(tmp_path: Path) -> None:
    """Ten more begin in week 10, six infusions each: they are new patients, too, and a warning says so."""
    rows = [
        *world(),
        *(
            (f"x{n}", 70 + day, 11 + n % 5, "Completed", "Ketamine", 100)
            for n in range(10)
            for day in (0, 3, 7, 10, 14, 17)
        ),
    ]
    result = calibrate(export(tmp_path / "visits.csv", rows), usual(), options())
    assert estimates(result)["demand.referrals_per_week"][1] == 73
    assert estimates(result)["intake.accepts"] == (pytest.approx(36 / 52), 52)
    said = settings(result)
    assert said["intake.accepts"] == pytest.approx(46.5 / 63, rel=1e-4)
    assert said["intake.consult_no_show"] == pytest.approx(8.5 / 71, rel=1e-4)
    # Of the 70 of whom it is known as many begin as in the export.
    assert pytest.approx(46) == 70 * (1 - 8 / 70) * 46 / 62
    assert any(
        warning.startswith("10 of 74 new patients began without") for warning in result.findings.warnings
    )


def test_consults_that_are_not_their_beginning(tmp_path: Path) -> None:
    """Most begin without a consult: new patients are counted by infusions, and the warnings say why."""
    rows = [row for row in world() if row[4] == "Ketamine" or int(row[0][1:]) % 8 in (4, 0)]
    result = calibrate(export(tmp_path / "visits.csv", rows), usual(), options())
    assert estimates(result)["demand.referrals_per_week"][1] == 38
    assert settings(result)["intake.accepts"] == 1.0
    assert "intake.visit" not in settings(result)
    assert any(
        "by their first infusion and not by their consults" in each for each in result.findings.warnings
    )


def test_without_times_the_consult_is_no_visit(tmp_path: Path) -> None:
    path = export(tmp_path / "visits.csv", world())
    path.write_text("\n".join(",".join(line.split(",")[:4]) for line in path.read_text().splitlines()))
    result = calibrate(path, usual(), options())
    assert "intake.visit" not in settings(result)
    assert settings(result)["intake.accepts"] == pytest.approx(36.5 / 53, rel=1e-4)
    assert any(each.startswith("intake.visit: the times of 0 consults") for each in result.findings.base_kept)
    assert calibrated_scenario(scenario_text(result, usual()), 'name = "One"').intake.visit is None


def test_days_from_referral(tmp_path: Path) -> None:
    """Every patient is referred five days before the first appointment."""
    path = export(tmp_path / "visits.csv", world())
    first, *rest = path.read_text().splitlines()
    asked: dict[str, str] = {}
    for line in rest:
        who, date = line.split(",")[:2]
        asked.setdefault(who, str(dt.date.fromisoformat(date[:10]) - dt.timedelta(days=5)))
    path.write_text(
        "\n".join([f"{first},Referral Date", *(f"{line},{asked[line.split(',')[0]]}" for line in rest)])
    )
    result = calibrate(path, usual(), options())
    assert estimates(result)["days from referral to consult"] == (pytest.approx(5.0), 64)
    assert settings(result)["intake.days_to_consult"] == pytest.approx(5.0)


def test_consults_ahead_are_new_patients_to_come(tmp_path: Path) -> None:
    rows = [
        *world(),
        *((f"next{n}", 7 * WEEKS + n, 9, "Scheduled", "New Consult", 40) for n in range(3)),
        ("p63", 7 * WEEKS + 1, 9, "Scheduled", "Ketamine", 100),
    ]
    result = calibrate(export(tmp_path / "visits.csv", rows), usual(), options())
    assert result.panel.left_out["booked for a consult: they are among the new patients to come"] == 3


def test_consults_alone_are_refused(tmp_path: Path) -> None:
    rows = [row for row in world() if row[4] == "New Consult"]
    with pytest.raises(ExportError, match="all are consults"):
        calibrate(export(tmp_path / "visits.csv", rows), usual(), options())


def test_prices_of_consults(tmp_path: Path) -> None:
    path = export(tmp_path / "visits.csv", world())
    first, *rest = path.read_text().splitlines()
    path.write_text(
        "\n".join([f"{first},Charge", *(f"{line},{300 if 'Consult' in line else 600}" for line in rest)])
    )
    said = settings(calibrate(path, usual(), options()))
    assert said["finance.price_consult"] == 300
    assert said["finance.price_per_infusion"] == 600


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *(("NP Consultation", "consult"), ("Erstgespräch", "consult"), ("Intakegesprek", "consult")),
        *(("Primera consulta", "consult"), ("Entretien initial", "consult"), ("90792", "consult")),
        *(("Spravato Consult", "consult"), ("Ketamine evaluation", "consult"), ("Psych Eval", "consult")),
        *(
            ("New patient infusion", "infusion"),
            ("Follow-up visit", "follow-up"),
            ("Verlaufsgespräch", "follow-up"),
        ),
        *(
            ("Spravato follow up", "esketamine"),
            ("Phone consult", "ignore"),
            ("99213", "follow-up"),
            ("Provider check-in", "follow-up"),
        ),
    ],
)
def test_likely_meanings(word: str, meaning: str) -> None:
    assert likely_kind(word, ["infusion", "esketamine"]) == meaning


def test_known_words_need_no_answer(tmp_path: Path) -> None:
    rows = [(*row[:4], row[4].replace("New Consult", "New Patient Consult"), row[5]) for row in world()]
    result = calibrate(export(tmp_path / "visits.csv", rows), usual(), options(kinds=None))
    assert estimates(result)["demand.referrals_per_week"] == (pytest.approx(1.0), 63)


def test_a_column_of_kinds_whose_heading_is_not_known_is_asked_about(tmp_path: Path) -> None:
    """Otherwise consults would count as infusions; of a column of rooms nothing is asked."""
    head = "MRN,Date,Status,Catégorie acte,Check in,Check out"
    path = written(tmp_path / "visits.csv", [row for row in world() if row[1] < 7 * WEEKS], head)
    with pytest.raises(ExportError, match='"kind=Catégorie acte" reads it so; --column kind= if'):
        calibrate(path, usual(), options(kinds=None))
    given = options(columns={"kind": "Catégorie acte"})
    assert estimates(calibrate(path, usual(), given))["demand.referrals_per_week"][1] == 63
    none = calibrate(path, usual(), options(columns={"kind": ""}, kinds=None))
    assert none.export.consults.day.size == 0
    path.write_text(path.read_text().replace("New Consult", "Room 1").replace("Ketamine", "Infusion 2"))
    assert calibrate(path, usual(), options(kinds=None)).export.consults.day.size == 0


@pytest.mark.long
def test_a_simulated_clinic_is_learnt_back(tmp_path: Path) -> None:
    """Four times two years of `consult-days`: patients by counting, shares within three standard errors.

    The clinic that is simulated from what was learnt has as many series for each consult as the one that made the
    export, within three standard errors, and as many days between, within half a day: waiting is learnt with the
    decision.
    """
    base = with_overrides(load(SCENARIOS / "consult-days.toml"), ["run.weeks=104", "run.warm_up_weeks=0"])
    missed, accepted, flows = np.zeros(2), np.zeros(2), []
    for seed in range(1, 5):
        records = simulate(base, draw(base, seed=seed, replication=0))
        export = clean(records, base, seed=seed, kind=True)
        export.write(tmp_path / "visits.csv")
        result = calibrate(tmp_path / "visits.csv", base, Options(whole_history=True, as_of=export.cut))
        consults = [row for row in export.rows if row.kind == "consult"]
        assert len(result.consults.days) == len({row.patient for row in consults})
        assert not result.consults.later.any()
        missed += result.consults.missed()
        accepted += result.consults.accepted()
        learnt = calibrated_scenario(scenario_text(result, base), resolved_toml(base))
        again = with_overrides(learnt, ["run.weeks=104", "demand.growth_per_year=0"])
        flows.append((_flow(records), _flow(simulate(again, draw(again, seed=seed + 100, replication=0)))))
    for (count, n), truth in ((missed, base.intake.consult_no_show), (accepted, base.intake.accepts)):
        assert count / n == pytest.approx(truth, abs=3 * math.sqrt(truth * (1 - truth) / n))
    (series, delays), (series_again, delays_again) = np.array(flows).transpose(1, 2, 0)
    difference = series - series_again
    assert abs(difference.mean()) <= 3 * difference.std(ddof=1) / math.sqrt(len(flows))
    assert delays_again.mean() == pytest.approx(delays.mean(), abs=0.5)


def _flow(records: Records) -> tuple[float, float]:
    """Return series begun for each consult, and mean days between."""
    visits = records.visits
    done = visits["outcome"] == COMPLETED
    consult = done & (visits["kind"] == KINDS.index("consult"))
    first = done & (visits["kind"] == KINDS.index("induction")) & (visits["number"] == 1)
    day = visits["appointment"] // DAY
    came = dict(zip(visits["patient"][consult].tolist(), day[consult].tolist(), strict=True))
    pairs = zip(visits["patient"][first].tolist(), day[first].tolist(), strict=True)
    delays = [begun - came[patient] for patient, begun in pairs if patient in came]
    return float(first.sum() / consult.sum()), float(np.mean(delays))
