"""Types of visit in an export: whose rows they are, what is learnt of each, and what the scenario says of it."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from simclinic.calibration import CalibrationResult, ExportError, Options, calibrate
from simclinic.calibration.types import read_kind, visit_types
from simclinic.scenario import Scenario, from_toml
from simclinic.studies.calibrate import calibrated_scenario, scenario_text
from tests.calibration.clinic import open_day

BEGIN = dt.date(2024, 1, 1)
AS_OF = dt.date(2025, 1, 14)
WIDE = """
name = "Two types"
[demand.protocol_mix]
twice-weekly = 0.5
spray = 0.5
[protocols.twice-weekly]
infusions = 6
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[protocols.spray]
infusions = 8
gap_days = [3, 4]
permitted_gap_days = [2, 7]
visit = "spray"
booster_visit = "top-up"
[protocols.spray.boosters]
attrition = 0.1
[visits.spray.steps.dosing]
minutes = 10
[visits.spray.steps.watching]
minutes = 110
[visits.top-up.steps.watching]
minutes = 60
"""


SCHEDULED = 'policy = "scheduled"\nevery_weeks = [4]\nattrition = 0.1'


def wide() -> Scenario:
    return from_toml(WIDE, name="wide.toml")


def course(first: int, infusions: int, gap: int, boosters: list[int]) -> list[int]:
    days = [first + gap * number for number in range(infusions)]
    for after in boosters:
        days.append(open_day(days[-1] + after))
    return [open_day(day) for day in days]


def rows(spray: bool = True) -> list[tuple[str, int, str, int]]:
    """Make visits: patient, day, kind, minutes. Infusions return after 28 days, spray visits after seven."""
    made = []
    for number in range(40):
        first = open_day(BEGIN.toordinal() + 7 * number)
        for at, day in enumerate(course(first, 6, 4, [28, 28, 28])):
            made.append((f"iv{number}", day, "Ketamine", 100 + at % 3))
    for number in range(20 if spray else 0):
        first = open_day(BEGIN.toordinal() + 14 * number)
        days = course(first, 8, 3, [7] * 8)
        made += [
            (f"spray{number}", day, "Spravato" if at < 8 else "Touch-up", 130 + at % 3 if at < 8 else 70)
            for at, day in enumerate(days)
        ]
    return made


def written(path: Path, visits: list[tuple[str, int, str, int]]) -> Path:
    lines = ["MRN,Appointment Date,Status,Type,Check in,Check out"]
    for patient, day, kind, minutes in sorted(visits, key=lambda visit: (visit[1], visit[0])):
        date = dt.date.fromordinal(day)
        end = 540 + minutes
        lines.append(
            f"{patient},{date} 09:00,Completed,{kind},{date} 09:00,{date} {end // 60:02d}:{end % 60:02d}"
        )
    path.write_text("\n".join(lines))
    return path


KINDS = {"Spravato": "spray", "Touch-up": "top-up"}


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> CalibrationResult:
    file = written(tmp_path_factory.mktemp("export") / "visits.csv", rows())
    return calibrate(file, wide(), Options(kinds=KINDS, whole_history=True, as_of=AS_OF))


def settings(result: CalibrationResult) -> dict[str, object]:
    return {".".join(setting.address): setting.value for setting in result.findings.settings}


def test_meanings_of_kinds() -> None:
    types = visit_types(wide())
    assert types == {"infusion": "infusion", "spray": "spray", "top-up": "spray"}
    for meaning, expected in {
        "infusion": (0, 0),
        "induction": (1, 0),
        "spray": (0, 1),
        "spray induction": (1, 1),
        "spray booster": (2, 1),
        "top-up": (2, 2),  # given as a booster only
    }.items():
        assert read_kind(meaning, types) == expected, meaning


def test_series_and_lengths_by_type(learnt: CalibrationResult) -> None:
    said = settings(learnt)
    assert said["protocols.twice-weekly.infusions"] == 6
    assert said["protocols.spray.infusions"] == 8
    assert "visit.steps.recovery.minutes" in said
    # 130, 131 and 132 minutes in turn: (3 * 130 + 3 * 131 + 2 * 132) / 8 = 130.875, of which dosing takes 10
    assert said["visits.spray.steps.watching.minutes"]["mean"] == pytest.approx(120.9, abs=0.1)  # type: ignore[index]
    assert said["visits.top-up.steps.watching.minutes"]["mean"] == pytest.approx(70.0)  # type: ignore[index]


def test_new_patients_by_type(learnt: CalibrationResult) -> None:
    mix = settings(learnt)["demand.protocol_mix"]
    assert mix == {"spray": pytest.approx(1 / 3, abs=1e-4), "twice-weekly": pytest.approx(2 / 3, abs=1e-4)}


def test_laws_by_type(learnt: CalibrationResult) -> None:
    scenario = calibrated_scenario(scenario_text(learnt, wide()), WIDE)
    infusions, spray = scenario.laws["twice-weekly"], scenario.laws["spray"]
    days = np.array([20.0, 35.0])
    for fits, low, high in (("booster", 20.0, 35.0), ("spray/booster", 4.0, 10.0)):
        chosen = learnt.return_fits[fits].chosen
        assert chosen is not None
        assert chosen.away(np.array([low, high])) == pytest.approx([1.0, chosen.never], abs=0.05), days
    assert infusions.boosters.attrition == spray.boosters.attrition == 0.0
    assert spray.boosters.days != infusions.boosters.days
    uncertain = scenario.uncertainty["return-after-booster-spray"].settings
    assert all(address.startswith("protocols.spray.boosters.days.") for address in uncertain)


def test_a_schedule_of_the_base_scenario_is_learnt(tmp_path: Path) -> None:
    """Four weekly visits after the series, then every two weeks; of 20 patients each stops after eight boosters."""
    visits = rows(spray=False)
    for number in range(20):
        first = open_day(BEGIN.toordinal() + 7 * number)
        days = course(first, 8, 3, [7] * 4 + [14] * 4)
        visits += [(f"spray{number}", day, "Spravato", 130) for day in days]
    text = WIDE.replace("attrition = 0.1", SCHEDULED)
    base = from_toml(text, name="wide.toml")
    options = Options(kinds=KINDS, whole_history=True, as_of=AS_OF)
    result = calibrate(written(tmp_path / "visits.csv", visits), base, options)
    laws = calibrated_scenario(scenario_text(result, base), text).laws
    spray = laws["spray"].boosters
    assert (spray.policy, spray.every_weeks) == ("scheduled", (1, 1, 1, 1, 2))
    assert settings(result)["protocols.spray.infusions"] == 8
    assert spray.uptake == pytest.approx(1.0, abs=0.05)
    assert spray.attrition == pytest.approx(
        1 / 8, abs=0.02
    )  # of eight boosters the last has no other after it
    assert laws["twice-weekly"].boosters.policy == "as-needed"
    assert laws["spray"].relapse.days == base.laws["spray"].relapse.days
    told = [warning for warning in result.findings.warnings if "schedules their boosters so" in warning]
    assert len(told) == 1
    assert told[0].startswith("spray: ")


def test_who_has_left_a_schedule_is_none_of_todays_patients(tmp_path: Path) -> None:
    """Weekly for four visits, then every two weeks, until the eighth; one in five stops after the series.

    A patient more than a week late has left.
    """
    as_of = dt.date(2024, 7, 1)
    visits = rows(spray=False)
    last: dict[str, tuple[int, int]] = {}
    for number in range(24):
        first = open_day(BEGIN.toordinal() + 7 * number)
        days = course(first, 8, 3, [7] * 4 + [14] * 4)[: 8 if number % 5 == 1 else None]
        visits += [(f"spray{number}", day, "Spravato", 130) for day in days]
        past = [day for day in days if day < as_of.toordinal()]
        last[f"spray{number}"] = past[-1], len(past)
    text = WIDE.replace("attrition = 0.1", SCHEDULED)
    export = written(tmp_path / "visits.csv", [row for row in visits if row[1] < as_of.toordinal()])
    options = Options(kinds=KINDS, whole_history=True, as_of=as_of)
    result = calibrate(export, from_toml(text, name="wide.toml"), options)
    away = {who: as_of.toordinal() - 1 - day for who, (day, _) in last.items()}
    there = {
        who for who, (_, count) in last.items() if count >= 8 and away[who] <= (14 if count >= 12 else 7) + 7
    }
    assert 0 < len(there) < 15
    panel = [row for row in result.panel.rows if row["protocol"] == "spray"]
    assert len([row for row in panel if row["stage"] == "maintained"]) == len(there)
    assert sum(count for why, count in result.panel.left_out.items() if "late on the schedule" in why) == sum(
        count >= 8 for who, (_, count) in last.items() if who not in there
    )
    # No gap is off the schedule. Patients who are not late stay as often as after any booster, or after the series.
    [group] = [group for group in result.groups if group.type == "spray"]
    assert group.schedule is not None
    off = 0.5 / (group.schedule.of + 1)
    gone = {key: result.return_fits[f"spray/{key}"].chosen.never for key in ("series", "booster")}  # type: ignore[union-attr]
    expected = []
    for who in there:
        count = last[who][1]
        leaves = gone["booster" if count > 8 else "series"]
        # The last day with a visit is Friday, two days before the export ends.
        if away[who] - 2 > (14 if count >= 12 else 7) + 1 and leaves:
            leaves = leaves / (leaves + (1 - leaves) * off)
        expected.append(None if not leaves else f"{max(round(1 - leaves, 3), 0.001):g}")
    assert sorted(map(str, expected)) == sorted(
        str(row["stays"]) for row in panel if row["stage"] == "maintained"
    )
    assert any(row["stays"] is None for row in result.panel.rows if row["protocol"] != "spray")


def test_longer_visits_of_a_type_are_not_closed_automatically(tmp_path: Path) -> None:
    """Sprays of three hours at nine all end about noon; infusions take one hour."""
    visits = [
        (who, day, kind, 180 + number % 7 if kind == "Spravato" else 60)
        for number, (who, day, kind, _) in enumerate(rows())
    ]
    options = Options(kinds=KINDS, whole_history=True, as_of=AS_OF)
    result = calibrate(written(tmp_path / "visits.csv", visits), wide(), options)
    assert not [note.what for note in result.export.quality.notes if "automatic" in note.what]
    assert settings(result)["visits.spray.steps.watching.minutes"]["mean"] == pytest.approx(173, abs=0.5)  # type: ignore[index]


def test_long_visits_where_patients_wait_are_not_closed_automatically(tmp_path: Path) -> None:
    """One visit in 20 waits, and ends between noon and half past, after three hours instead of 100 minutes."""
    visits = [
        (who, day, kind, 185 + number % 20 if number % 20 == 0 else minutes)
        for number, (who, day, kind, minutes) in enumerate(rows(spray=False))
    ]
    result = calibrate(
        written(tmp_path / "visits.csv", visits), wide(), Options(whole_history=True, as_of=AS_OF)
    )
    assert not [note.what for note in result.export.quality.notes if "automatic" in note.what]


def test_panel_by_type(learnt: CalibrationResult) -> None:
    patients = learnt.panel.rows
    assert {row["protocol"] for row in patients} == {"twice-weekly", "spray"}
    assert sum(row["protocol"] == "spray" for row in patients) == 20
    assert {row["infusions_done"] for row in patients if row["protocol"] == "spray"} == {8}


def test_most_visits_decide(tmp_path: Path) -> None:
    visits = rows()
    changed = [
        (who, day, "Ketamine" if who == "spray3" and at % 3 == 0 else kind, minutes)
        for at, (who, day, kind, minutes) in enumerate(visits)
    ]
    export = written(tmp_path / "visits.csv", changed)
    result = calibrate(export, wide(), Options(kinds=KINDS, whole_history=True, as_of=AS_OF))
    assert sum(row["protocol"] == "spray" for row in result.panel.rows) == 20
    noted = [note.count for note in result.export.quality.notes if "several types" in note.what]
    assert noted == [1]


def test_patients_who_move_from_one_type_to_another_are_weighed(
    tmp_path: Path, learnt: CalibrationResult
) -> None:
    """Ten of twenty have infusions in place of the last six of sixteen visits: sprays are still most of them."""
    seen: dict[str, int] = {}
    changed = []
    for who, day, kind, minutes in sorted(rows(), key=lambda visit: visit[1]):
        seen[who] = seen.get(who, 0) + 1
        moves = who.startswith("spray") and int(who[5:]) % 2 == 0 and seen[who] > 10
        changed.append((who, day, "Ketamine" if moves else kind, minutes))
    export = written(tmp_path / "visits.csv", changed)
    result = calibrate(export, wide(), Options(kinds=KINDS, whole_history=True, as_of=AS_OF))
    [told] = [each for each in result.findings.warnings if "had another type" in each]
    assert told.startswith(
        "spray: 60 of the 320 visits of these patients had another type, since 10 patients have had several"
    )
    assert not [each for each in learnt.findings.warnings if "had another type" in each]


def test_other_types_keep_their_laws(tmp_path: Path) -> None:
    """Infusions alone are in the export: what is learnt of them does not reach the spray's patients."""
    export = written(tmp_path / "visits.csv", rows(spray=False))
    result = calibrate(export, wide(), Options(whole_history=True, as_of=AS_OF))
    scenario = calibrated_scenario(scenario_text(result, wide()), WIDE)
    before = wide().laws["spray"]
    after = scenario.laws["spray"]
    assert scenario.laws["twice-weekly"].boosters.days != before.boosters.days
    assert (after.response, after.relapse, after.boosters) == (
        before.response,
        before.relapse,
        before.boosters,
    )


def test_only_earlier_patients_of_a_type(tmp_path: Path) -> None:
    """Patients who were there before the export begins are no new ones, so the type has no new patients."""
    visits = [visit for visit in rows() if not visit[0].startswith("spray")]
    for number in range(5):
        days = course(open_day(BEGIN.toordinal() + number), 1, 1, [21] * 12)
        visits += [(f"old{number}", day, "Spravato", 130) for day in days]
    result = calibrate(written(tmp_path / "visits.csv", visits), wide(), Options(kinds=KINDS, as_of=AS_OF))
    assert settings(result)["demand.protocol_mix"] == {"twice-weekly": 1.0}
    assert any("has no new patients of this type" in warning for warning in result.findings.warnings)
    assert sum(row["protocol"] == "spray" for row in result.panel.rows) == 5


def test_unknown_types_are_told(tmp_path: Path) -> None:
    export = written(tmp_path / "visits.csv", rows())
    with pytest.raises(ExportError) as error:
        calibrate(export, wide(), Options(kinds={"Spravato": "spay", "Touch-up": "top-up"}))
    assert [problem.suggestion for problem in error.value.problems] == ["spray"]
    with pytest.raises(ExportError, match="must be that of a protocol: give a scenario that has one"):
        calibrate(export, from_toml('name = "One"', name="one.toml"), Options(kinds=KINDS, as_of=AS_OF))


def weekly(weeks: range, boosters: list[int], who: str, kind: str) -> list[tuple[str, int, str, int]]:
    """Make visits of a new patient a week: eight infusions three days apart, then boosters."""
    return [
        (f"{who}{week}", day, kind, 100)
        for week in weeks
        for day in course(open_day(BEGIN.toordinal() + 7 * week), 8, 3, boosters)
    ]


def test_new_patients_are_counted_over_one_period(tmp_path: Path) -> None:
    """A patient a week of either type is a half of each, though some are known to be new only later."""
    weeks = range(40)
    visits = weekly(weeks, [21] * 3, "iv", "Ketamine") + weekly(weeks, [63] * 3, "spray", "Spravato")
    result = calibrate(written(tmp_path / "visits.csv", visits), wide(), Options(kinds=KINDS))
    since = {group.type: group.courses.since for group in result.groups}
    assert since["spray"] > since["infusion"] + 21
    assert settings(result)["demand.protocol_mix"] == {"spray": 0.5, "twice-weekly": 0.5}
    assert not [warning for warning in result.findings.warnings if "new patients before" in warning]


def test_a_type_that_ended_is_told(tmp_path: Path) -> None:
    """The spray's last new patient comes in the 15th of 40 weeks."""
    visits = weekly(range(40), [28], "iv", "Ketamine") + weekly(range(15), [28], "spray", "Spravato")
    options = Options(kinds=KINDS, whole_history=True, as_of=AS_OF)
    result = calibrate(written(tmp_path / "visits.csv", visits), wide(), options)
    # Of 55 patients the 28th, in order, comes on 1 April, in week 13: both patients of that week count as late.
    told = [warning for warning in result.findings.warnings if "new patients before" in warning]
    (sentence,) = told
    assert sentence.startswith(
        "spray: 13 of the 26 new patients before 2024-04-01 had this type of visit, and 2 of the 29 from then on"
    )


def test_visits_at_any_time_are_no_series(tmp_path: Path) -> None:
    visits = rows(spray=False)
    for number in range(20):
        days = course(open_day(BEGIN.toordinal() + 7 * number), 1, 1, [20] * 10)
        visits += [(f"spray{number}", day, "Spravato", 130) for day in days]
    options = Options(kinds=KINDS, whole_history=True, as_of=AS_OF)
    result = calibrate(written(tmp_path / "visits.csv", visits), wide(), options)
    told = [warning for warning in result.findings.warnings if "no series is seen" in warning]
    assert len(told) == 1
    assert told[0].startswith("spray: no series is seen in these visits: 20 of 20 new patients stayed away")
