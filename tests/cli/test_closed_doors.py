"""Hours paid while the doors are closed, as `check`, `run` and the report tell them."""

import json

SUNDAY_TOO = 'shifts.day.days=["mon", "tue", "wed", "thu", "fri", "sun"]'
TOLD = (
    "nurses are paid for 20 hours a week while the doors are closed, which cost 1,170 USD a week: shift 'day' on "
    "sun, when the clinic does not open (20 hours). 30 minutes before opening and after closing are not counted"
)


def flat(text):
    return " ".join(text.split())


def test_check_and_run_and_the_report_tell_them(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    assert TOLD in flat(simclinic("check", scenario, "--set", SUNDAY_TOO).out)
    folder = tmp_path / "out"
    result = simclinic("run", scenario, "--set", SUNDAY_TOO, "--out", folder)
    assert result.status == 0
    assert TOLD in flat(result.out)
    assert TOLD.replace("'", "&#39;") in (folder / "report.html").read_text(encoding="utf-8")
    again = simclinic("run", scenario, "--set", SUNDAY_TOO, "--out", folder, "--json", "--no-report")
    assert TOLD in json.loads(again.out)["warnings"]


def test_the_typical_clinic_has_none(simclinic, scenario, tmp_path):
    assert "doors are closed" not in simclinic("check", scenario).out
    assert "doors are closed" not in simclinic("run", scenario, "--out", tmp_path / "out", "--no-report").out
