"""Small studies for tests of reports; every name and text in them contains markup."""

import datetime as dt
from pathlib import Path

from simclinic.calibration import Options
from simclinic.report.pages.track import track_page_html
from simclinic.scenario import from_toml, load, with_overrides
from simclinic.scenario.panel import read_panel
from simclinic.studies.bottleneck import bottleneck
from simclinic.studies.calibrate import calibrate
from simclinic.studies.compare import compare, sides
from simclinic.studies.folders.report import report
from simclinic.studies.forecast import forecast, from_today
from simclinic.studies.intake import intake
from simclinic.studies.plan import plan
from simclinic.studies.plan_space import space_of
from simclinic.studies.run import run
from simclinic.studies.run_options import RunOptions
from simclinic.studies.study_file import load_study
from simclinic.studies.sweep import sweep
from simclinic.studies.template import template
from simclinic.studies.track import track
from tests.calibration.clinic import export, rows

STUDIES = (
    *("run", "compare", "sweep", "forecast", "calibrate"),
    *("bottleneck", "intake", "plan", "template", "track"),
)

EVIL = """</script><script>window.hurt=1</script><img src=x onerror='window.hurt=1'><b>bold</b>"""
"""What somebody might call a clinic."""

AS_OF = dt.date(2024, 10, 7)
"""Monday of the forecast that is tracked."""

WIDE = (
    *('targets.balked_share="<= 0.9"', 'targets.overtime_day_share="<= 0.9"'),
    *('targets.access_days_mean="<= 100"', 'targets.booster_wait_days="<= 100"'),
)

SMALL = f'''
name = """{EVIL}"""
description = """{EVIL} Is this text?"""
[run]
begin = "empty"
warm_up_weeks = 8
weeks = 9
replications = 4
[finance]
currency = "USD"
'''

PANEL = """patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
<script>window.hurt=1</script>,series,2026-01-29,twice-weekly,3,2026-03-02,0,2026-03-05
B,maintained,2025-06-11,twice-weekly,6,2026-02-11,4,
C,waiting,2026-02-20,,,,,
"""


def make(study: str, place: Path) -> Path:
    """Make a study's results folder and its report."""
    place.mkdir(parents=True)
    clinic, out = from_toml(SMALL), place / "out"
    if study == "run":
        run(clinic, out=out)
    elif study == "compare":
        compare(sides([clinic], ["twice-weekly", "thrice-weekly"]), out=out)
    elif study == "sweep":
        (place / "clinic.toml").write_text(SMALL)
        (place / "study.toml").write_text(
            f'name = """{EVIL}"""\nscenario = "clinic.toml"\nreplications = 2\ndesign = "grid"\n'
            '[factors]\n"clinic.chairs" = [2, 3]\n"shifts.day.nurses" = [1, 2]\n'
        )
        sweep(load_study(place / "study.toml"), out=out)
    elif study == "forecast":
        (place / "panel.csv").write_text(PANEL)
        panel = read_panel(place / "panel.csv", clinic)
        forecast(from_today(clinic, panel, weeks=6, replications=5), panel, out=out)
    elif study == "bottleneck":
        bottleneck(clinic, options=RunOptions(out=out))
    elif study == "intake":
        intake(clinic, at_most=20, options=RunOptions(out=out))
    elif study == "plan":
        # With limits so wide that few replications show a plan to keep them, so that the page has an answer.
        wide = with_overrides(clinic, WIDE)
        plan(wide, space_of(wide, ["clinic.chairs=2:3"]), at_most=20, options=RunOptions(out=out))
    elif study == "template":
        template(clinic, every=30, slack="0,20", at_most=20, options=RunOptions(out=out))
    elif study == "track":
        return tracked(place, out)
    else:
        (place / "visits.csv").write_text(export(rows(60, 3.0, 1)))
        (place / "base.toml").write_text(SMALL)
        calibrate(place / "visits.csv", base=place / "base.toml", out=out)
    return report(out)


def tracked(place: Path, out: Path) -> Path:
    """Forecast a clinic from the first half of its export, and write the page that tracks it by the second."""
    (place / "visits.csv").write_text(export(rows(60, 3.0, 1)))
    (place / "base.toml").write_text(SMALL)
    learnt = place / "learnt"
    calibrate(place / "visits.csv", Options(as_of=AS_OF), base=place / "base.toml", out=learnt)
    scenario = load(learnt / "scenario.toml")
    panel = read_panel(learnt / "panel.csv", scenario)
    forecast(from_today(scenario, panel, weeks=13, as_of=AS_OF, replications=20), panel, out=out)
    page = place / "track.html"
    page.write_text(track_page_html(track(out, place / "visits.csv")), encoding="utf-8")
    return page
